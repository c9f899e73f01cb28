// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Sources, targets and senders: one shape, three tables. A table can hold
 * more rows than anybody reads: those with the most messages are shown. What is said of the table
 * as a whole is said of all its interfaces and codes, whatever rows were asked for: they share its
 * room.
 */
#include <errno.h>

#include "view/pick.h"
#include "view/show.h"

static const char *const table_names[UNREACH_TABLES] = {
	[UNREACH_SOURCES] = "sources",
	[UNREACH_TARGETS] = "targets",
	[UNREACH_SENDERS] = "senders",
};

static const char *const code_keys[UNREACH_CODES + 1] = {
	"0", "1",  "2",	 "3",  "4",  "5",  "6",	 "7",	       "8",
	"9", "10", "11", "12", "13", "14", "15", "unassigned",
};

/* By address, then by interface. */
static int by_address(const void *left, const void *right)
{
	const struct host_row *a = left, *b = right;
	int order = memcmp(&a->key.addr, &b->key.addr, sizeof(a->key.addr));

	return order ? order : (a->key.slot > b->key.slot) - (a->key.slot < b->key.slot);
}

/* How many of a row's messages the question wants; 0: not this row. */
static uint64_t wanted(const struct model *model, const struct query *query,
		       const struct host_row *row)
{
	if (query->interface && !show_selected(query, show_interface_name(model, row->key.slot)))
		return 0;
	if (query->code >= 0)
		return row->value.messages[query->code];
	return hosts_messages(&row->value);
}

/* Fills `p`, best first; the caller closes it. 0 or -ENOMEM. */
static int pick_rows(struct picks *p, const struct hosts *hosts, const struct model *model,
		     const struct query *query)
{
	size_t i;

	if (picks_open(p, query->rows, hosts_entries(hosts), by_address))
		return -ENOMEM;
	for (i = 0; i < hosts_entries(hosts); i++)
		picks_add(p, wanted(model, query, hosts_row(hosts, i)), hosts_row(hosts, i));
	picks_sort(p);
	return 0;
}

static void show_codes(struct writer *w, const struct query *query, const struct unreach_host *host)
{
	int code;

	writer_object(w, "codes");
	for (code = 0; code <= UNREACH_CODES; code++)
		if (host->messages[code] && (query->code < 0 || query->code == code))
			writer_u64(w, code_keys[code], host->messages[code]);
	writer_end_object(w);
}

/* Only sources have a budget, so only they can owe. */
static void show_owed(struct writer *w, const struct unreach_host *host)
{
	writer_u64(w, "suppressed", host->suppressed);
	writer_u64(w, "owed", host->suppressed > host->told ? host->suppressed - host->told : 0);
}

static void show_row(struct writer *w, const struct model *model, enum unreach_table table,
		     const struct query *query, const struct pick *pick)
{
	const struct host_row *row = pick->row;
	const struct unreach_host *host = &row->value;

	writer_object(w, NULL);
	writer_string(w, "interface", show_interface_name(model, row->key.slot));
	writer_addr(w, "address", &row->key.addr);
	writer_u64(w, "messages", pick->weight);
	show_codes(w, query, host);
	show_time(w, "first_seen", model, host->first);
	show_time(w, "last_seen", model, host->last);
	if (table == UNREACH_SOURCES)
		show_owed(w, host);
	writer_end_object(w);
}

void show_reasons(struct writer *w, const struct unreach_attribution *a)
{
	writer_object(w, "unattributed_by");
	writer_u64(w, "admission", a->unattributed[UNREACH_UNATTRIBUTED_ADMISSION]);
	writer_u64(w, "table", a->unattributed[UNREACH_UNATTRIBUTED_TABLE]);
	writer_end_object(w);
}

void show_attribution(struct writer *w, const struct unreach_attribution *a)
{
	writer_u64(w, "attributed", a->attributed);
	writer_u64(w, "unattributed",
		   a->unattributed[UNREACH_UNATTRIBUTED_ADMISSION] +
			   a->unattributed[UNREACH_UNATTRIBUTED_TABLE]);
}

void show_table(struct writer *w, const struct hosts *hosts)
{
	show_attribution(w, &hosts->attribution);
	writer_u64(w, "evicted", hosts_evicted(hosts));
	writer_u64(w, "entries", hosts_entries(hosts));
	writer_u64(w, "size", hosts->size);
}

const char *show_table_name(enum unreach_table table)
{
	return table_names[table];
}

static int show_hosts(struct writer *w, const struct model *model, enum unreach_table table,
		      const struct query *query, const struct hosts *hosts)
{
	struct picks picks;
	size_t i;
	int rc = pick_rows(&picks, hosts, model, query);

	if (rc)
		return rc;
	writer_object(w, NULL);
	writer_string(w, "view", table_names[table]);
	show_time(w, "time", model, model->now);
	show_table(w, hosts);
	writer_array(w, "rows");
	for (i = 0; i < picks.count; i++)
		show_row(w, model, table, query, &picks.heap[i]);
	writer_end_array(w);
	show_reasons(w, &hosts->attribution);
	writer_end_object(w);
	picks_close(&picks);
	return 0;
}

static int view_hosts(struct writer *w, const struct model *model, enum unreach_table table,
		      const struct query *query)
{
	struct hosts hosts = hosts_none();
	int rc = model->load_hosts(model->context, table, &hosts);

	if (!rc)
		rc = show_hosts(w, model, table, query, &hosts);
	hosts_free(&hosts);
	return rc;
}

int view_sources(struct writer *w, const struct model *model, const struct query *query)
{
	return view_hosts(w, model, UNREACH_SOURCES, query);
}

int view_targets(struct writer *w, const struct model *model, const struct query *query)
{
	return view_hosts(w, model, UNREACH_TARGETS, query);
}

int view_senders(struct writer *w, const struct model *model, const struct query *query)
{
	return view_hosts(w, model, UNREACH_SENDERS, query);
}
