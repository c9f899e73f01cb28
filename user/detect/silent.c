// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pmtud-silent: large segments vanish and nobody says so (RFC 2923, 2.1). How
 * sure a single flow is stands in its row (unreach/flow.h); here flows of one
 * peer are put together, since two that are stuck for the same reason are no
 * chance. A flow without evidence is a suspect: `paths` lists it, no alert.
 */
#include "base/clock.h"
#include "detect/detect.h"
#include "unreach/path.h"

/* Two probable flows within so long confirm each other. */
#define TOGETHER_NS (300 * NS_PER_SEC)

struct peer_row {
	struct unreach_addr peer; /* the key */
	struct finding finding; /* of the flow that was certain first */
	uint64_t probable[2]; /* the first two flows, earlier one first */
};

struct table silent_peers(void)
{
	return (struct table){ .key_size = sizeof(struct unreach_addr),
			       .row_size = sizeof(struct peer_row) };
}

/* What the flow is; `confirmed`: by a shorter head that got through, else by what arrives or
 * speaks. */
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
		.src = key->host,
		.dst = key->peer,
		.flow = unreach_mix((uint64_t)key->host_port << 16 | key->peer_port, 1),
		.messages = confirmed && f->probable ? 0 : f->resends + 1, /* once a flow */
		.first = at,
		/* Once a shorter one got through, what is sent is no evidence any more. */
		.last = !confirmed && !f->confirmed && f->sent[0] > at ? f->sent[0] : at,
		.at = at,
		.episodes = f->resends,
		.passes = confirmed ? f->proved : 0,
		.stuck = f->stuck,
	};
}

/* Keeps the moments at which the first two flows were probable. */
static void keep_moment(struct peer_row *row, uint64_t at)
{
	uint64_t *p = row->probable;

	if (!p[0] || at < p[0]) {
		p[1] = p[0];
		p[0] = at;
	} else if (!p[1] || at < p[1]) {
		p[1] = at;
	}
}

/* Keeps the finding for its peer, and reports it. */
static void take(struct look *look, const struct finding *f)
{
	struct peer_row *row;

	/* What is long over confirms nothing. */
	if (!f->at || look->now >= f->last + ALERT_QUIET_NS)
		return;
	row = table_make(&look->peers, &f->dst);
	if (!row)
		return;
	keep_moment(row, f->at);
	if (!row->finding.at || f->severity > row->finding.severity ||
	    (f->severity == row->finding.severity && f->at < row->finding.at))
		row->finding = *f;
	alerts_report(look->alerts, f, look->now);
}

/* A flow that is confirmed was probable before, maybe: both are told, as they happened. */
void silent_flow(void *context, const void *key, const void *value)
{
	const struct finding probable = finding_of(key, value, false),
			     confirmed = finding_of(key, value, true);

	take(context, &probable);
	take(context, &confirmed);
}

/* Two probable flows make a confirmed one: the peer's, from the second on. */
void silent_done(struct look *look)
{
	size_t i;

	for (i = 0; i < look->peers.count; i++) {
		struct peer_row *row = table_row(&look->peers, i);
		struct finding *f = &row->finding;

		if (f->level == LEVEL_CONFIRMED || !row->probable[1] ||
		    row->probable[1] > row->probable[0] + TOGETHER_NS)
			continue;
		f->level = LEVEL_CONFIRMED;
		f->severity = SEVERITY_CRITICAL;
		f->at = row->probable[1];
		f->messages = 0; /* counted already */
		alerts_report(look->alerts, f, look->now);
	}
}
