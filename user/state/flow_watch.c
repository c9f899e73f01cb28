// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Counters of the flow watcher -> whether silent black holes can be found at present. */
#include "state/flow_watch.h"

#include "base/clock.h"

/* Counters are judged so often, if enough large segments came in between; else a bit later. */
#define PAUSE_NS NS_PER_SEC
#define ENOUGH 20
#define LATEST_NS (5 * NS_PER_SEC)
/* More than one large segment in so many is longer than the MTU: that is no stray one. */
#define SHARE 20
/* Large segments after which an answer should have come. */
#define PATIENCE 1000

static enum flow_watch_state judge(const struct flow_watch *w)
{
	uint64_t sent = w->stats.sent - w->judged.sent;
	uint64_t too_long = w->stats.too_long - w->judged.too_long;

	if (too_long * SHARE > sent)
		return FLOW_WATCH_OFFLOAD;
	if (w->stats.sent >= PATIENCE && !w->stats.answered)
		return FLOW_WATCH_ONE_DIRECTION;
	return FLOW_WATCH_WORKS;
}

void flow_watch_update(struct flow_watch *w, const struct unreach_flow_stats *stats, uint64_t now)
{
	uint64_t sent = stats->sent - w->judged.sent;

	w->stats = *stats;
	if (!w->judged_at)
		w->judged_at = now;
	if (!sent || now < w->judged_at + (sent < ENOUGH ? LATEST_NS : PAUSE_NS))
		return;
	w->state = judge(w);
	w->judged = *stats;
	w->judged_at = now;
}
