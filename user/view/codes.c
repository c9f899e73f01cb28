// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The sixteen codes of each interface and the ledger's other rows. Everything
 * comes from the tally; nothing is counted here but the sum of the sixteen.
 */
#include "unreach/codes.h"
#include "view/show.h"

const char *const show_unclassified_names[UNREACH_UNCLASSIFIED] = {
	"truncated",
	"bad-header",
	"fragment",
};

static void show_code(struct writer *w, const struct model *model, const struct tally *t,
		      unsigned int code)
{
	const struct unreach_tally *row = &t->counters.codes[UNREACH_IPV4][code];

	writer_object(w, NULL);
	writer_u64(w, "code", code);
	writer_string(w, "name", unreach_code_name(code));
	writer_u64(w, "messages", row->messages);
	writer_u64(w, "bytes", row->bytes);
	writer_float(w, "rate", tally_rate(t, UNREACH_IPV4, code, model->now));
	show_time(w, "last_seen", model, row->last);
	writer_end_object(w);
}

static void show_sums(struct writer *w, const struct unreach_counters *c)
{
	uint64_t messages = 0, bytes = 0;
	unsigned int code;

	for (code = 0; code < UNREACH_CODES; code++) {
		messages += c->codes[UNREACH_IPV4][code].messages;
		bytes += c->codes[UNREACH_IPV4][code].bytes;
	}
	writer_u64(w, "seen", c->seen);
	writer_u64(w, "messages", messages);
	writer_u64(w, "bytes", bytes);
}

static void show_unclassified(struct writer *w, const struct unreach_counters *c)
{
	unsigned int i;

	writer_object(w, "unclassified");
	for (i = 0; i < UNREACH_UNCLASSIFIED; i++)
		writer_u64(w, show_unclassified_names[i], c->unclassified[UNREACH_IPV4][i]);
	writer_end_object(w);
}

static void show_interface(struct writer *w, const struct model *model, const struct tally *t,
			   const struct query *query)
{
	unsigned int code;

	writer_object(w, NULL);
	writer_string(w, "name", t->name);
	writer_string(w, "mode", t->mode);
	show_sums(w, &t->counters);
	writer_array(w, "codes");
	for (code = 0; code < UNREACH_CODES; code++)
		if (query->code < 0 || query->code == (int)code)
			show_code(w, model, t, code);
	writer_end_array(w);
	writer_u64(w, "unassigned", t->counters.unassigned[UNREACH_IPV4].messages);
	writer_u64(w, "bad_checksum", t->counters.bad_checksum[UNREACH_IPV4].messages);
	show_unclassified(w, &t->counters);
	writer_end_object(w);
}

int view_codes(struct writer *w, const struct model *model, const struct query *query)
{
	unsigned int i;

	writer_object(w, NULL);
	writer_string(w, "view", "codes");
	show_time(w, "time", model, model->now);
	writer_array(w, "interfaces");
	for (i = 0; i < model->count; i++)
		if (show_selected(query, model->interfaces[i].name))
			show_interface(w, model, &model->interfaces[i], query);
	writer_end_array(w);
	writer_end_object(w);
	return 0;
}
