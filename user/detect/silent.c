// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pmtud-silent: large segments vanish and nobody says so (RFC 2923, 2.1). How
 * sure a single flow is stands in its row (unreach/flow.h); here flows of one
 * peer are put together, since two that are stuck for the same reason are no
 * chance. A flow without evidence is a suspect: `paths` lists it, no alert.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "detect/detect.h"
#include "unreach/flow_judge.h"

/* Two probable flows within so long confirm each other. */
#define TOGETHER_NS (300 * NS_PER_SEC)
/* So many are put together at a look; where there are more, these are enough. */
#define FLOWS_MOST 8192

/* A flow that is probable. */
struct stuck {
	struct finding finding;
	uint64_t confirmed; /* when it was, by itself; 0: it was not */
};

struct table silent_flows(void)
{
	return (struct table){ .row_size = sizeof(struct stuck) };
}

/* What the flow is; `confirmed`: by another form of the head that got through, else by what arrives
 * or speaks. */
static struct finding finding_of(const struct unreach_flow_key *key, const struct unreach_flow *f,
				 bool confirmed)
{
	uint64_t at = confirmed ? f->confirmed : f->probable;

	return (struct finding){
		.kind = ALERT_SILENT,
		.basis = confirmed ? BASIS_SHORTER : BASIS_STUCK,
		.class = UNREACH_CLASS_NONE,
		.severity = confirmed ? SEVERITY_CRITICAL : SEVERITY_WARNING,
		.level = confirmed ? LEVEL_CONFIRMED : LEVEL_PROBABLE,
		.slot = f->slot,
		.src = key->host,
		.dst = key->peer,
		.flow = unreach_mix((uint64_t)key->host_port << 16 | key->peer_port, 1),
		.messages = confirmed && f->probable ? 0 : f->resends + 1, /* once a flow */
		.first = at,
		/* Once another form got through, what is sent is no evidence any more. */
		.last = !confirmed && !f->confirmed && f->sent[0] > at ? f->sent[0] : at,
		.at = at,
		.episodes = f->resends,
		.passes = confirmed ? f->proved : 0,
		.stuck = f->stuck,
	};
}

/* Reports what is not long over; was it? */
static bool report(struct look *look, const struct finding *f)
{
	if (!f->at || look->now >= f->last + ALERT_QUIET_NS)
		return false;
	alerts_report(look->alerts, f, look->now);
	return true;
}

/* A flow that is confirmed was probable before, maybe: both are told, as they happened. */
void silent_flow(void *context, const void *key, const void *value)
{
	struct unreach_flow flow = *(const struct unreach_flow *)value;
	struct look *look = context;
	struct finding confirmed;
	struct stuck stuck;

	unreach_flow_wait(&flow, look->now);
	stuck = (struct stuck){ finding_of(key, &flow, false), flow.confirmed };
	confirmed = finding_of(key, &flow, true);
	report(look, &confirmed);
	if (report(look, &stuck.finding) && look->flows.count < FLOWS_MOST)
		table_append(&look->flows, &stuck);
}

static bool same_peer(const struct stuck *a, const struct stuck *b)
{
	return unreach_same_addr(&a->finding.dst, &b->finding.dst);
}

/* By peer, then by time; equals by flow, so that the order of rows does not matter. */
static int by_peer(const void *left, const void *right)
{
	const struct finding *a = &((const struct stuck *)left)->finding,
			     *b = &((const struct stuck *)right)->finding;
	int order = memcmp(&a->dst, &b->dst, sizeof(a->dst));

	if (order)
		return order;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return a->flow < b->flow ? -1 : a->flow > b->flow;
}

/*
 * Two probable flows of a peer, one soon after the other, make it confirmed,
 * whatever was before. What is told is of the first one, unless that was
 * confirmed by itself meanwhile, which tells more.
 */
static void report_pair(struct look *look, const struct stuck *first, const struct stuck *second)
{
	struct finding pair = first->finding;
	uint64_t at = second->finding.at;

	if (!same_peer(first, second) || at > pair.at + TOGETHER_NS ||
	    (first->confirmed && first->confirmed <= at))
		return;
	pair.level = LEVEL_CONFIRMED;
	pair.severity = SEVERITY_CRITICAL;
	pair.at = at;
	pair.messages = 0; /* counted already */
	alerts_report(look->alerts, &pair, look->now);
}

void silent_done(struct look *look)
{
	size_t i, count = look->flows.count;

	if (!count)
		return;
	qsort(table_row(&look->flows, 0), count, sizeof(struct stuck), by_peer);
	for (i = 1; i < count; i++)
		report_pair(look, table_row(&look->flows, i - 1), table_row(&look->flows, i));
}
