// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The path-MTU table: who told which host of ours what MTU for which
 * destination, and whether it was heeded. The pairs of hosts between which
 * large packets vanish in silence have no messages to go by, are few, and stand
 * first. A row's verdict rests on what it holds.
 */
#include <errno.h>

#include "base/clock.h"
#include "state/links.h"
#include "unreach/flow_judge.h"
#include "view/pick.h"
#include "view/show.h"

/* So often over so long quoted, a UDP sender is a prober (RFC 8899), or does not listen. */
#define UDP_EPISODES 20
#define UDP_NS (30 * NS_PER_SEC)

const char *const show_verdict_names[PATH_VERDICTS] = {
	[PATH_TOLD] = "told",
	[PATH_IGNORED] = "ignored",
	[PATH_INVALID] = "invalid",
	[PATH_SILENT] = "silent",
};

static int by_key(const void *left, const void *right)
{
	const struct path_row *a = left, *b = right;

	return memcmp(&a->key, &b->key, sizeof(a->key));
}

static bool is_recent(const struct model *model, uint64_t at)
{
	return at && model->now < at + ALERT_QUIET_NS;
}

/* Echoes are honest by themselves; whether they do harm only the detector can tell. */
static bool is_harmful_echo(const struct model *model, const struct path_row *row)
{
	size_t i;

	for (i = 0; i < alerts_firing(model->alerts); i++) {
		const struct finding *f = &alerts_get(model->alerts, i)->lead;

		if (f->class == UNREACH_CLASS_ECHO &&
		    !memcmp(&f->reporter, &row->key.reporter, sizeof(f->reporter)))
			return true;
	}
	return false;
}

static enum path_verdict verdict_of(const struct model *model, const struct path_row *row)
{
	const struct unreach_path *path = &row->value;

	if (is_recent(model, path->ignored) || (path->alarmed && is_recent(model, path->late_last)))
		return PATH_IGNORED;
	if (path->flags & (UNREACH_FLAG_IMPOSSIBLE | UNREACH_FLAG_TINY))
		return PATH_INVALID;
	if (path->flags & UNREACH_FLAG_ECHO && is_harmful_echo(model, row))
		return PATH_INVALID;
	return path->usable || !(path->flags & ~(uint32_t)UNREACH_FLAG_ECHO) ? PATH_TOLD
									     : PATH_INVALID;
}

/* A list; for people in one word, so that a row stays a line. */
static void show_flags(struct writer *w, uint32_t flags)
{
	struct buf words = {};
	const char *name;
	unsigned int bit;

	if (!writer_is_text(w))
		writer_array(w, "flags");
	for (bit = 0; (name = event_flag_name(bit)); bit++) {
		if (!(flags & 1U << bit))
			continue;
		if (!writer_is_text(w))
			writer_string(w, NULL, name);
		else
			buf_printf(&words, "%s%s", words.len ? "," : "", name);
	}
	if (!writer_is_text(w)) {
		writer_end_array(w);
		return;
	}
	buf_char(&words, 0);
	writer_string(w, "flags", words.failed ? NULL : words.data);
	buf_free(&words);
}

/* For people under shorter headings, so that a row fits a line. */
static void show_lengths(struct writer *w, uint64_t longer, uint32_t quoted)
{
	bool json = !writer_is_text(w);

	writer_u64(w, json ? "longer_than_told" : "longer", longer);
	writer_u64(w, json ? "quoted_length" : "quoted", quoted);
}

static void show_row(struct writer *w, const struct model *model, const struct path_row *row)
{
	const struct unreach_path *path = &row->value;

	writer_object(w, NULL);
	writer_string(w, "interface", show_interface_name(model, row->key.slot));
	writer_addr(w, "src", &row->key.orig_src);
	writer_addr(w, "dst", &row->key.orig_dst);
	writer_addr(w, "reporter", &row->key.reporter);
	writer_u64(w, "mtu", path->mtu);
	writer_u64(w, "messages", path->messages);
	show_lengths(w, path->longer, path->quoted_length);
	show_time(w, "first_seen", model, path->first);
	show_time(w, "last_seen", model, path->last);
	writer_string(w, "link", link_by_mtu(path->mtu));
	writer_string(w, "verdict", show_verdict_names[verdict_of(model, row)]);
	show_flags(w, path->flags);
	if (path->udp_episodes >= UDP_EPISODES && path->udp_last >= path->udp_first + UDP_NS)
		writer_string(w, "note", "udp-goes-on");
	writer_end_object(w);
}

static const char *interface_of(const struct model *model)
{
	const struct flow_watch *f = model->flow_watch ? model->flow_watch(model->context) : NULL;

	return f ? f->inside : "";
}

/* Since when the flow is stuck, as far as is certain; 0: it is not. */
static uint64_t since(const struct unreach_flow *f)
{
	if (f->confirmed)
		return f->confirmed;
	return f->probable ? f->probable : f->suspect;
}

static enum alert_level level_of(const struct unreach_flow *f)
{
	if (f->confirmed)
		return LEVEL_CONFIRMED;
	return f->probable ? LEVEL_PROBABLE : LEVEL_SUSPECT;
}

/* A flow whose large segments vanish: nobody reports, and no MTU is told. */
static void show_silent(struct writer *w, const struct model *model, const struct flow_row *row)
{
	const struct unreach_flow *f = &row->value;

	writer_object(w, NULL);
	writer_string(w, "interface", interface_of(model));
	writer_addr(w, "src", &row->key.host);
	writer_addr(w, "dst", &row->key.peer);
	writer_string(w, "reporter", NULL);
	writer_string(w, "mtu", NULL);
	writer_u64(w, "messages", 0);
	show_lengths(w, 0, 0);
	show_time(w, "first_seen", model, since(f));
	show_time(w, "last_seen", model, f->sent[0] > since(f) ? f->sent[0] : since(f));
	writer_string(w, "link", NULL);
	writer_string(w, "verdict", show_verdict_names[PATH_SILENT]);
	show_flags(w, 0);
	writer_string(w, "level", alert_level_name(level_of(f)));
	writer_u64(w, "passes", f->confirmed ? f->proved : f->arrived < f->stuck ? f->arrived : 0);
	writer_u64(w, "stuck", f->stuck);
	writer_end_object(w);
}

/* Of each pair of hosts one flow is shown. */
struct silent_row {
	struct unreach_addr host, peer; /* the key */
	struct flow_row flow;
};

#define SILENT_TABLE                                                                               \
	{                                                                                          \
		.key_size = 2 * sizeof(struct unreach_addr), .row_size = sizeof(struct silent_row) \
	}

static int by_pair(const void *left, const void *right)
{
	return memcmp(left, right, offsetof(struct silent_row, flow));
}

/* The evidence_fn: takes the rows over, as far as they are asked for. */
struct taking {
	const struct model *model;
	const struct query *query;
	struct table rows;
	uint64_t entries; /* all there are of these */
	struct table silent; /* all */
	struct picks told_picks, silent_picks;
	bool failed;
};

static void take_row(void *context, const void *key, const void *value)
{
	struct taking *t = context;
	struct path_row row = { *(const struct unreach_path_key *)key,
				*(const struct unreach_path *)value };

	t->entries++;
	if (show_selected(t->query, show_interface_name(t->model, row.key.slot)) &&
	    table_append(&t->rows, &row))
		t->failed = true;
}

/* The evidence_fn of flows: the gravest of each pair. */
static void take_flow(void *context, const void *key, const void *value)
{
	struct flow_row row = { *(const struct unreach_flow_key *)key,
				*(const struct unreach_flow *)value };
	struct taking *t = context;
	struct silent_row *pair;

	unreach_flow_wait(&row.value, t->model->now);
	if (!since(&row.value) ||
	    !(is_recent(t->model, row.value.sent[0]) || is_recent(t->model, since(&row.value))))
		return;
	pair = table_make(&t->silent, &row.key); /* its first bytes are the pair */
	if (!pair)
		t->failed = true;
	else if (!since(&pair->flow.value) || level_of(&row.value) > level_of(&pair->flow.value))
		pair->flow = row;
}

struct unreach_attribution show_evidence_sum(const struct model *model, enum unreach_evidence which)
{
	struct unreach_attribution sum = {};
	unsigned int i, reason;

	for (i = 0; i < model->count; i++) {
		const struct unreach_attribution *a =
			&model->interfaces[i].counters.evidence[which];

		sum.attributed += a->attributed;
		for (reason = 0; reason < UNREACH_UNATTRIBUTED_REASONS; reason++)
			sum.unattributed[reason] += a->unattributed[reason];
	}
	return sum;
}

/* The rows with the most messages, and the gravest of the silent ones; 0 or -ENOMEM. */
static int pick_rows(struct taking *t)
{
	size_t i;
	int rc = picks_open(&t->told_picks, t->query->rows, t->rows.count, by_key);

	if (!rc)
		rc = picks_open(&t->silent_picks, t->query->rows, t->silent.count, by_pair);
	if (rc)
		return rc;
	for (i = 0; i < t->rows.count; i++) {
		const struct path_row *row = table_row(&t->rows, i);

		picks_add(&t->told_picks, row->value.messages, row);
	}
	for (i = 0; i < t->silent.count; i++) {
		const struct silent_row *row = table_row(&t->silent, i);

		if (show_selected(t->query, interface_of(t->model)))
			picks_add(&t->silent_picks, 1 + (uint64_t)level_of(&row->flow.value), row);
	}
	picks_sort(&t->told_picks);
	picks_sort(&t->silent_picks);
	return 0;
}

static void show_rows(struct writer *w, const struct taking *t)
{
	const struct picks *told = &t->told_picks, *silent = &t->silent_picks;
	size_t i, most = t->query->rows ? t->query->rows : SIZE_MAX;

	writer_array(w, "rows");
	for (i = 0; i < silent->count; i++)
		show_silent(w, t->model, &((const struct silent_row *)silent->heap[i].row)->flow);
	for (i = 0; i < told->count && silent->count + i < most; i++)
		show_row(w, t->model, told->heap[i].row);
	writer_end_array(w);
}

static void show_paths(struct writer *w, const struct taking *t)
{
	const struct unreach_attribution sum = show_evidence_sum(t->model, UNREACH_PATHS);

	writer_object(w, NULL);
	writer_string(w, "view", "paths");
	show_time(w, "time", t->model, t->model->now);
	show_attribution(w, &sum);
	writer_u64(w, "entries", t->entries + t->silent.count);
	show_rows(w, t);
	show_reasons(w, &sum);
	writer_end_object(w);
}

/* The evidence_fn that counts by verdict. */
struct counting {
	const struct model *model;
	uint64_t *counts;
};

static void count_path(void *context, const void *key, const void *value)
{
	const struct counting *c = context;
	const struct path_row row = { *(const struct unreach_path_key *)key,
				      *(const struct unreach_path *)value };

	c->counts[verdict_of(c->model, &row)]++;
}

int show_count_verdicts(const struct model *model, uint64_t counts[PATH_VERDICTS])
{
	const struct evidence_source *evidence = &model->evidence;
	struct counting c = { model, counts };
	struct taking t = { .model = model, .silent = SILENT_TABLE };
	int rc;

	memset(counts, 0, PATH_VERDICTS * sizeof(*counts));
	rc = evidence->walk(evidence->context, UNREACH_PATHS, count_path, &c);
	if (!rc)
		rc = evidence->walk(evidence->context, UNREACH_FLOWS, take_flow, &t);
	if (!rc && t.failed)
		rc = -ENOMEM;
	counts[PATH_SILENT] = t.silent.count;
	table_free(&t.silent);
	return rc;
}

int view_paths(struct writer *w, const struct model *model, const struct query *query)
{
	struct taking t = { .model = model,
			    .query = query,
			    .rows = { .key_size = sizeof(struct unreach_path_key),
				      .row_size = sizeof(struct path_row) },
			    .silent = SILENT_TABLE };
	int rc = model->evidence.walk(model->evidence.context, UNREACH_PATHS, take_row, &t);

	if (!rc)
		rc = model->evidence.walk(model->evidence.context, UNREACH_FLOWS, take_flow, &t);
	if (!rc)
		rc = t.failed ? -ENOMEM : pick_rows(&t);
	if (!rc)
		show_paths(w, &t);
	picks_close(&t.told_picks);
	picks_close(&t.silent_picks);
	table_free(&t.rows);
	table_free(&t.silent);
	return rc;
}
