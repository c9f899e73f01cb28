// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What is exported: a table of families, and for each the function that knows
 * its samples. First everything is read, then it is written, so that a document
 * is whole or an error. Each family shows all its rows from the start, those
 * that are zero too: a rate over a row that was not there misses its beginning.
 */
#include "view/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/exposition.h"
#include "unreach/codes.h"
#include "view/show.h"

#define TABLES (UNREACH_TABLES + UNREACH_EVIDENCES)
#define SEVERITIES (SEVERITY_CRITICAL + 1)

struct table_fill {
	const char *name;
	uint64_t entries;
	uint64_t unattributed;
};

/* All that the families show. */
struct reading {
	const struct model *model;
	struct identity *ids; /* of each interface */
	struct table_fill tables[TABLES];
	uint64_t paths[PATH_VERDICTS];
	uint64_t alerts[ALERT_KINDS][SEVERITIES];
};

static uint64_t unattributed(const struct unreach_attribution *a)
{
	uint64_t sum = 0;
	unsigned int reason;

	for (reason = 0; reason < UNREACH_UNATTRIBUTED_REASONS; reason++)
		sum += a->unattributed[reason];
	return sum;
}

static int read_hosts(struct table_fill *fill, const struct model *model, enum unreach_table table)
{
	struct hosts_count count = {};
	int rc = model->count_hosts(model->context, table, &count);

	*fill = (struct table_fill){ show_table_name(table), count.entries,
				     unattributed(&count.attribution) };
	return rc;
}

static int read_evidence(struct table_fill *fill, const struct model *model,
			 enum unreach_evidence which)
{
	const struct unreach_attribution sum = show_evidence_sum(model, which);

	*fill = (struct table_fill){ show_evidence_name(which), 0, unattributed(&sum) };
	return show_evidence_entries(model, which, &fill->entries);
}

static int read_tables(struct reading *r)
{
	struct table_fill *fill = r->tables;
	unsigned int i;
	int rc = 0;

	for (i = 0; i < UNREACH_TABLES && !rc; i++)
		rc = read_hosts(fill++, r->model, (enum unreach_table)i);
	for (i = 0; i < UNREACH_EVIDENCES && !rc; i++)
		rc = read_evidence(fill++, r->model, (enum unreach_evidence)i);
	return rc;
}

static void read_alerts(struct reading *r)
{
	const struct alerts *alerts = r->model->alerts;

	for (size_t i = 0; i < alerts_firing(alerts); i++) {
		const struct finding *f = &alerts_get(alerts, i)->lead;

		r->alerts[f->kind][f->severity]++;
	}
}

/* The counters last, so that all of them are of one moment; 0 or -errno. */
static int read_all(struct reading *r)
{
	int rc = read_tables(r);

	if (!rc)
		rc = show_count_verdicts(r->model, r->paths);
	if (rc)
		return rc;
	read_alerts(r);
	return show_judge(r->model, r->ids);
}

/* Figures of an interface. The ledger is of the same moment as the counters. */
struct interface {
	const struct tally *tally;
	const struct unreach_counters *counters;
	const struct ledger *ledger;
	bool holds;
};

static struct interface interface_of(const struct reading *r, unsigned int i)
{
	const struct tally *t = &r->model->interfaces[i];

	return (struct interface){ t, &t->counters, &r->ids[i].after, r->ids[i].holds };
}

static uint64_t seen(const struct interface *i)
{
	return i->counters->seen;
}

static uint64_t unassigned(const struct interface *i)
{
	return i->counters->unassigned[UNREACH_IPV4].messages;
}

static uint64_t bad_checksum(const struct interface *i)
{
	return i->counters->bad_checksum[UNREACH_IPV4].messages;
}

static uint64_t delivered(const struct interface *i)
{
	return i->ledger->delivered;
}

static uint64_t pending(const struct interface *i)
{
	return i->ledger->pending;
}

static uint64_t holds(const struct interface *i)
{
	return i->holds;
}

/* One figure an interface. */
static void put_figures(struct exposition *e, const struct reading *r,
			uint64_t (*figure)(const struct interface *i))
{
	for (unsigned int i = 0; i < r->model->count; i++) {
		const struct interface one = interface_of(r, i);
		const struct label labels[] = { { "interface", one.tally->name }, {} };

		exposition_sample(e, labels, figure(&one));
	}
}

/* The sixteen of each interface: messages, or bytes. */
static void put_codes(struct exposition *e, const struct reading *r, bool bytes)
{
	char number[4];

	for (unsigned int i = 0; i < r->model->count; i++) {
		const struct interface one = interface_of(r, i);

		for (unsigned int code = 0; code < UNREACH_CODES; code++) {
			const struct unreach_tally *row = &one.counters->codes[UNREACH_IPV4][code];
			const struct label labels[] = { { "interface", one.tally->name },
							{ "code", number },
							{ "name", unreach_code_name(code) },
							{} };

			snprintf(number, sizeof(number), "%u", code);
			exposition_sample(e, labels, bytes ? row->bytes : row->messages);
		}
	}
}

static void put_messages(struct exposition *e, const struct reading *r)
{
	put_codes(e, r, false);
}

static void put_bytes(struct exposition *e, const struct reading *r)
{
	put_codes(e, r, true);
}

/* What an interface has by reason. */
static void put_reasons(struct exposition *e, const struct tally *t, const char *const *reasons,
			const uint64_t *values, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		const struct label labels[] = { { "interface", t->name },
						{ "reason", reasons[i] },
						{} };

		exposition_sample(e, labels, values[i]);
	}
}

static void put_unclassified(struct exposition *e, const struct reading *r)
{
	for (unsigned int i = 0; i < r->model->count; i++) {
		const struct interface one = interface_of(r, i);
		uint64_t values[UNREACH_UNCLASSIFIED];

		for (unsigned int reason = 0; reason < UNREACH_UNCLASSIFIED; reason++)
			values[reason] = one.counters->unclassified[UNREACH_IPV4][reason];
		put_reasons(e, one.tally, show_unclassified_names, values, UNREACH_UNCLASSIFIED);
	}
}

static void put_suppressed(struct exposition *e, const struct reading *r)
{
	for (unsigned int i = 0; i < r->model->count; i++) {
		const struct interface one = interface_of(r, i);

		put_reasons(e, one.tally, show_suppressed_names, one.ledger->suppressed,
			    UNREACH_SUPPRESSED_REASONS);
	}
}

static void put_lost(struct exposition *e, const struct reading *r)
{
	static const char *const reasons[] = { "ring", "sink" };

	for (unsigned int i = 0; i < r->model->count; i++) {
		const struct interface one = interface_of(r, i);
		const uint64_t values[] = { one.ledger->lost_ring, one.ledger->lost_sink };

		put_reasons(e, one.tally, reasons, values, 2);
	}
}

static void put_unattributed(struct exposition *e, const struct reading *r)
{
	for (unsigned int i = 0; i < TABLES; i++) {
		const struct label labels[] = { { "table", r->tables[i].name }, {} };

		exposition_sample(e, labels, r->tables[i].unattributed);
	}
}

static void put_entries(struct exposition *e, const struct reading *r)
{
	for (unsigned int i = 0; i < TABLES; i++) {
		const struct label labels[] = { { "table", r->tables[i].name }, {} };

		exposition_sample(e, labels, r->tables[i].entries);
	}
}

static void put_alerts(struct exposition *e, const struct reading *r)
{
	for (int kind = 0; kind < ALERT_KINDS; kind++) {
		for (int severity = 0; severity < SEVERITIES; severity++) {
			const struct label labels[] = {
				{ "kind", alert_kind_name((enum alert_kind)kind) },
				{ "severity", alert_severity_name((enum alert_severity)severity) },
				{}
			};

			exposition_sample(e, labels, r->alerts[kind][severity]);
		}
	}
}

static void put_paths(struct exposition *e, const struct reading *r)
{
	for (unsigned int i = 0; i < PATH_VERDICTS; i++) {
		const struct label labels[] = { { "verdict", show_verdict_names[i] }, {} };

		exposition_sample(e, labels, r->paths[i]);
	}
}

static void put_attach(struct exposition *e, const struct reading *r)
{
	for (unsigned int i = 0; i < r->model->count; i++) {
		const struct tally *t = &r->model->interfaces[i];
		const struct label labels[] = { { "interface", t->name }, { "mode", t->mode }, {} };

		exposition_sample(e, labels, 1);
	}
}

static void put_build(struct exposition *e, const struct reading *r)
{
	const struct label labels[] = { { "version", r->model->version }, {} };

	exposition_sample(e, labels, 1);
}

/* In this order. Either one figure an interface, or what a function puts. */
static const struct {
	struct metric metric;
	uint64_t (*figure)(const struct interface *i);
	void (*put)(struct exposition *e, const struct reading *r);
} families[] = {
	{ { "unreach_seen", METRIC_COUNTER, "Destination Unreachable messages that came in." },
	  .figure = seen },
	{ { "unreach_messages", METRIC_COUNTER, "Messages by code." }, .put = put_messages },
	{ { "unreach_bytes", METRIC_COUNTER, "IP total lengths of messages by code." },
	  .put = put_bytes },
	{ { "unreach_unassigned", METRIC_COUNTER, "Messages with a code above 15." },
	  .figure = unassigned },
	{ { "unreach_bad_checksum", METRIC_COUNTER, "Messages with a wrong ICMP checksum." },
	  .figure = bad_checksum },
	{ { "unreach_unclassified", METRIC_COUNTER, "ICMP packets whose type cannot be read." },
	  .put = put_unclassified },
	{ { "unreach_events_delivered", METRIC_COUNTER, "Events that every sink has accepted." },
	  .figure = delivered },
	{ { "unreach_events_pending", METRIC_GAUGE, "Events that stand in the rings." },
	  .figure = pending },
	{ { "unreach_events_suppressed", METRIC_COUNTER, "Messages that gave no event." },
	  .put = put_suppressed },
	{ { "unreach_events_lost", METRIC_COUNTER, "Events that found no room or no sink." },
	  .put = put_lost },
	{ { "unreach_identity_holds", METRIC_GAUGE,
	    "1 where seen is delivered, pending, suppressed and lost together." },
	  .figure = holds },
	{ { "unreach_unattributed", METRIC_COUNTER, "Messages that got no row of the table." },
	  .put = put_unattributed },
	{ { "unreach_table_entries", METRIC_GAUGE, "Rows of the table." }, .put = put_entries },
	{ { "unreach_alerts", METRIC_GAUGE, "Alerts that are firing." }, .put = put_alerts },
	{ { "unreach_paths", METRIC_GAUGE, "Paths of the path MTU table by verdict." },
	  .put = put_paths },
	{ { "unreach_attach", METRIC_INFO,
	    "How an interface is watched; none while it is waited for." },
	  .put = put_attach },
	{ { "unreach_build", METRIC_INFO, "The daemon's version." }, .put = put_build },
};

static void put_all(struct exposition *e, const struct reading *r)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		exposition_family(e, &families[i].metric);
		if (families[i].figure)
			put_figures(e, r, families[i].figure);
		else
			families[i].put(e, r);
	}
	exposition_end(e);
}

int view_metrics(struct buf *out, const struct model *model, bool openmetrics)
{
	struct exposition e = { .out = out, .openmetrics = openmetrics };
	struct reading r = { .model = model };
	int rc;

	r.ids = calloc(model->count ? model->count : 1, sizeof(*r.ids));
	rc = r.ids ? read_all(&r) : -ENOMEM;
	if (!rc) {
		put_all(&e, &r);
		rc = out->failed ? -ENOMEM : 0;
	}
	free(r.ids);
	return rc;
}
