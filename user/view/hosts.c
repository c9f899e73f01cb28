// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Sources, targets and senders: one shape, three tables. A table can hold
 * more rows than anybody reads, so a heap as big as the answer picks the ones
 * with the most messages. What is said of the table as a whole is said of all
 * its interfaces and codes, whatever rows were asked for: they share its room.
 */
#include <errno.h>
#include <stdlib.h>

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

/* A row that was asked for, and how many of its messages were. */
struct pick {
	uint64_t messages;
	const struct host_row *row;
};

/* The picks so far, least on top, so that it is the one that gives way. */
struct picks {
	struct pick *heap;
	size_t count;
	size_t room;
};

/* Most messages first; among equals by address, so that an answer can be told again. */
static int by_rank(const void *left, const void *right)
{
	const struct pick *a = left, *b = right;
	int order;

	if (a->messages != b->messages)
		return a->messages > b->messages ? -1 : 1;
	order = memcmp(&a->row->key.addr, &b->row->key.addr, sizeof(a->row->key.addr));
	if (order)
		return order;
	return a->row->key.slot < b->row->key.slot ? -1 : a->row->key.slot > b->row->key.slot;
}

static void swap(struct pick *a, struct pick *b)
{
	struct pick was = *a;

	*a = *b;
	*b = was;
}

static void sift_up(struct picks *p, size_t i)
{
	for (; i && by_rank(&p->heap[i], &p->heap[(i - 1) / 2]) > 0; i = (i - 1) / 2)
		swap(&p->heap[i], &p->heap[(i - 1) / 2]);
}

static void sift_down(struct picks *p)
{
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < p->count; i = child) {
		if (child + 1 < p->count && by_rank(&p->heap[child + 1], &p->heap[child]) > 0)
			child++;
		if (by_rank(&p->heap[child], &p->heap[i]) <= 0)
			break;
		swap(&p->heap[i], &p->heap[child]);
	}
}

static void pick_add(struct picks *p, const struct pick *pick)
{
	if (p->count < p->room) {
		p->heap[p->count] = *pick;
		sift_up(p, p->count++);
	} else if (p->room && by_rank(pick, &p->heap[0]) < 0) {
		p->heap[0] = *pick;
		sift_down(p);
	}
}

static const struct tally *tally_of(const struct model *model, uint32_t slot)
{
	unsigned int i;

	for (i = 0; i < model->count; i++)
		if (model->interfaces[i].slot == slot)
			return &model->interfaces[i];
	return NULL;
}

/* "" where the slot's interface is not there: counted before, not watched now. */
static const char *interface_of(const struct model *model, const struct host_row *row)
{
	const struct tally *t = tally_of(model, row->key.slot);

	return t ? t->name : "";
}

/* How many of a row's messages the question wants; 0: not this row. */
static uint64_t wanted(const struct model *model, const struct query *query,
		       const struct host_row *row)
{
	if (query->interface && !show_selected(query, interface_of(model, row)))
		return 0;
	if (query->code >= 0)
		return row->value.messages[query->code];
	return hosts_messages(&row->value);
}

/* Fills `p`, best first; the caller frees the heap. 0 or -ENOMEM. */
static int pick_rows(struct picks *p, const struct hosts *hosts, const struct model *model,
		     const struct query *query)
{
	size_t i;

	p->count = 0;
	p->room = query->rows && query->rows < hosts->count ? query->rows : hosts->count;
	p->heap = calloc(p->room ? p->room : 1, sizeof(*p->heap));
	if (!p->heap)
		return -ENOMEM;
	for (i = 0; i < hosts->count; i++) {
		struct pick pick = { wanted(model, query, &hosts->rows[i]), &hosts->rows[i] };

		if (pick.messages)
			pick_add(p, &pick);
	}
	qsort(p->heap, p->count, sizeof(*p->heap), by_rank);
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
	const struct unreach_host *host = &pick->row->value;

	writer_object(w, NULL);
	writer_string(w, "interface", interface_of(model, pick->row));
	writer_addr(w, "address", &pick->row->key.addr);
	writer_u64(w, "messages", pick->messages);
	show_codes(w, query, host);
	show_time(w, "first_seen", model, host->first);
	show_time(w, "last_seen", model, host->last);
	if (table == UNREACH_SOURCES)
		show_owed(w, host);
	writer_end_object(w);
}

static void show_reasons(struct writer *w, const struct unreach_attribution *a)
{
	writer_object(w, "unattributed_by");
	writer_u64(w, "admission", a->unattributed[UNREACH_UNATTRIBUTED_ADMISSION]);
	writer_u64(w, "table", a->unattributed[UNREACH_UNATTRIBUTED_TABLE]);
	writer_end_object(w);
}

void show_table(struct writer *w, const struct hosts *hosts)
{
	const struct unreach_attribution *a = &hosts->attribution;

	writer_u64(w, "attributed", a->attributed);
	writer_u64(w, "unattributed",
		   a->unattributed[UNREACH_UNATTRIBUTED_ADMISSION] +
			   a->unattributed[UNREACH_UNATTRIBUTED_TABLE]);
	writer_u64(w, "evicted", hosts_evicted(hosts));
	writer_u64(w, "entries", hosts->count);
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
	free(picks.heap);
	return 0;
}

static int view_hosts(struct writer *w, const struct model *model, enum unreach_table table,
		      const struct query *query)
{
	struct hosts hosts = {};
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
