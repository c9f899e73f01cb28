// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * How the monitor itself is doing: what is watched and how, whether each
 * message that was seen is accounted for, how full tables and rings are. The
 * identity needs two readings of the counters, one right after the other; what
 * is shown is the first, the one that was judged.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "view/show.h"

const char *const show_suppressed_names[UNREACH_SUPPRESSED_REASONS] = {
	[UNREACH_SUPPRESSED_BUDGET] = "budget",
	[UNREACH_SUPPRESSED_OFF] = "off",
	[UNREACH_SUPPRESSED_NO_CONSUMER] = "no-consumer",
};

static const char *const evidence_names[UNREACH_EVIDENCES] = {
	[UNREACH_PATHS] = "paths",
	[UNREACH_HEADS] = "heads",
	[UNREACH_ADVERTS] = "adverts",
};

static void judge(struct identity *id, const struct model *model)
{
	id->at_rest = ledger_at_rest(&id->before, &id->after, model->now);
	id->holds = ledger_holds(&id->before, &id->after, model->now, model->cpus);
}

/* 1 where the rings hold nothing; 0 also where that is not known. */
static uint64_t drained(const struct model *model)
{
	struct fill *fills = calloc(model->cpus ? model->cpus : 1, sizeof(*fills));
	unsigned int i, count = 0;
	uint64_t used = 0;

	if (fills && model->ring_fills)
		count = model->ring_fills(model->context, fills, model->cpus);
	for (i = 0; i < count; i++)
		used += fills[i].used;
	free(fills);
	return count && !used;
}

int show_judge(const struct model *model, struct identity *ids)
{
	unsigned int i;
	uint64_t empty;
	int rc;

	for (i = 0; i < model->count; i++)
		ledger_add(&ids[i].before, &model->interfaces[i]);
	rc = model->refresh ? model->refresh(model->context) : 0;
	if (rc)
		return rc;
	empty = drained(model);
	for (i = 0; i < model->count; i++) {
		ledger_add(&ids[i].after, &model->interfaces[i]);
		ids[i].before.drained = ids[i].after.drained = empty;
		judge(&ids[i], model);
	}
	return 0;
}

/* The whole holds where each part does: what one lacks another must not hide. */
static struct identity in_total(const struct model *model, const struct query *query,
				const struct identity *ids)
{
	struct identity total = { .at_rest = true, .holds = true };
	unsigned int i, reason;

	for (i = 0; i < model->count; i++) {
		const struct ledger *part = &ids[i].before;

		if (!show_selected(query, model->interfaces[i].name))
			continue;
		total.before.seen += part->seen;
		total.before.delivered += part->delivered;
		total.before.pending += part->pending;
		for (reason = 0; reason < UNREACH_SUPPRESSED_REASONS; reason++)
			total.before.suppressed[reason] += part->suppressed[reason];
		total.before.told += part->told;
		total.before.lost_ring += part->lost_ring;
		total.before.lost_sink += part->lost_sink;
		total.at_rest &= ids[i].at_rest;
		total.holds &= ids[i].holds;
	}
	return total;
}

static void show_identity(struct writer *w, const struct identity *id)
{
	const struct ledger *l = &id->before;
	unsigned int reason;

	writer_object(w, "identity");
	writer_u64(w, "seen", l->seen);
	writer_u64(w, "delivered", l->delivered);
	writer_u64(w, "pending", l->pending);
	writer_u64(w, "suppressed", ledger_suppressed(l));
	writer_object(w, "suppressed_by");
	for (reason = 0; reason < UNREACH_SUPPRESSED_REASONS; reason++)
		writer_u64(w, show_suppressed_names[reason], l->suppressed[reason]);
	writer_end_object(w);
	writer_u64(w, "told", l->told);
	writer_u64(w, "lost", ledger_lost(l));
	writer_object(w, "lost_by");
	writer_u64(w, "ring", l->lost_ring);
	writer_u64(w, "sink", l->lost_sink);
	writer_end_object(w);
	writer_bool(w, "at_rest", id->at_rest);
	writer_bool(w, "holds", id->holds);
	writer_end_object(w);
}

static void show_interface(struct writer *w, const struct tally *t, const struct identity *id)
{
	writer_object(w, NULL);
	writer_string(w, "name", t->name);
	writer_u64(w, "slot", t->slot);
	writer_string(w, "state", t->waiting ? "waiting" : "attached");
	writer_string(w, "mode", t->mode);
	writer_u64(w, "program_id", t->program_id);
	writer_bool(w, "frags", t->frags);
	show_identity(w, id);
	writer_end_object(w);
}

/* The evidence_fn that counts. */
static void count_row(void *context, const void *key, const void *value)
{
	uint64_t *entries = context;

	(void)key;
	(void)value;
	++*entries;
}

int show_evidence_entries(const struct model *model, enum unreach_evidence which, uint64_t *entries)
{
	*entries = 0;
	return model->evidence.walk(model->evidence.context, which, count_row, entries);
}

const char *show_evidence_name(enum unreach_evidence which)
{
	return evidence_names[which];
}

/* What adverts leave behind. What counts there are messages that a row was looked for. */
static int show_evidence(struct writer *w, const struct model *model)
{
	unsigned int which;
	int rc = 0;

	for (which = 0; which < UNREACH_EVIDENCES && !rc; which++) {
		const struct unreach_attribution sum =
			show_evidence_sum(model, (enum unreach_evidence)which);
		uint64_t entries;

		rc = show_evidence_entries(model, (enum unreach_evidence)which, &entries);
		writer_object(w, NULL);
		writer_string(w, "name", evidence_names[which]);
		show_attribution(w, &sum);
		writer_u64(w, "entries", entries);
		writer_end_object(w);
	}
	return rc;
}

static int show_tables(struct writer *w, const struct model *model)
{
	unsigned int table;
	int rc = 0;

	writer_array(w, "tables");
	for (table = 0; table < UNREACH_TABLES && !rc; table++) {
		struct hosts hosts = hosts_none();

		rc = model->load_hosts(model->context, (enum unreach_table)table, &hosts);
		writer_object(w, NULL);
		writer_string(w, "name", show_table_name((enum unreach_table)table));
		show_table(w, &hosts);
		writer_end_object(w);
		hosts_free(&hosts);
	}
	if (!rc)
		rc = show_evidence(w, model);
	writer_end_array(w);
	return rc;
}

/* The flow watcher, where there is one. */
static void show_flows(struct writer *w, const struct model *model)
{
	static const char *const states[] = {
		[FLOW_WATCH_WORKS] = "works",
		[FLOW_WATCH_OFFLOAD] = "offload",
		[FLOW_WATCH_ONE_DIRECTION] = "one-direction",
	};
	const struct flow_watch *f = model->flow_watch ? model->flow_watch(model->context) : NULL;

	if (!f)
		return;
	writer_object(w, "flows");
	writer_string(w, "inside", f->inside);
	writer_string(w, "mode", f->mode);
	writer_string(w, "state", states[flow_watch_state(f)]);
	writer_u64(w, "program_id", f->program_id);
	writer_u64(w, "size", f->table);
	writer_u64(w, "sample", f->sample);
	writer_u64(w, "sent", f->stats.sent);
	writer_u64(w, "answered", f->stats.answered);
	writer_u64(w, "refused", f->stats.refused);
	writer_u64(w, "too_long", f->stats.too_long);
	writer_end_object(w);
}

/* One ring a CPU. */
static int show_rings(struct writer *w, const struct model *model)
{
	struct fill *fills = calloc(model->cpus ? model->cpus : 1, sizeof(*fills));
	unsigned int i, count;

	if (!fills)
		return -ENOMEM;
	count = model->ring_fills ? model->ring_fills(model->context, fills, model->cpus) : 0;
	writer_array(w, "rings");
	for (i = 0; i < count; i++) {
		writer_object(w, NULL);
		writer_string(w, "name", fills[i].name);
		writer_u64(w, "used", fills[i].used);
		writer_u64(w, "size", fills[i].size);
		writer_end_object(w);
	}
	writer_end_array(w);
	free(fills);
	return 0;
}

static int show_status(struct writer *w, const struct model *model, const struct query *query,
		       const struct identity *ids)
{
	struct identity total = in_total(model, query, ids);
	unsigned int i;
	int rc;

	writer_object(w, NULL);
	writer_string(w, "view", "status");
	writer_string(w, "version", model->version);
	writer_float(w, "uptime", (double)(model->now - model->started) / NS_PER_SEC);
	writer_array(w, "interfaces");
	for (i = 0; i < model->count; i++)
		if (show_selected(query, model->interfaces[i].name))
			show_interface(w, &model->interfaces[i], &ids[i]);
	writer_end_array(w);
	show_identity(w, &total);
	show_flows(w, model);
	rc = show_tables(w, model);
	if (!rc)
		rc = show_rings(w, model);
	writer_end_object(w);
	return rc;
}

int view_status(struct writer *w, const struct model *model, const struct query *query)
{
	struct identity *ids = calloc(model->count ? model->count : 1, sizeof(*ids));
	int rc;

	if (!ids)
		return -ENOMEM;
	rc = show_judge(model, ids);
	if (!rc)
		rc = show_status(w, model, query, ids);
	free(ids);
	return rc;
}
