/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flow watcher as a whole: where it is, what it saw, and whether that is
 * enough to say anything of silent black holes. Knows no maps and no devices.
 */
#ifndef UNREACH_STATE_FLOW_WATCH_H
#define UNREACH_STATE_FLOW_WATCH_H

#include <stdint.h>

#include "state/tally.h"
#include "unreach/abi.h"

enum flow_watch_state {
	FLOW_WATCH_WORKS,
	FLOW_WATCH_OFFLOAD, /* packets are put together before XDP: their sizes are not real */
	FLOW_WATCH_ONE_DIRECTION, /* peers' answers don't come in where they are looked for */
};

struct flow_watch {
	char inside[TALLY_NAME_LEN]; /* interface towards our own hosts; empty: there is none */
	const char *mode; /* "native", "generic", "none" while it waits */
	uint32_t program_id;
	uint32_t table; /* flows, and peers, that can be remembered */
	uint32_t sample; /* one flow in so many is watched */
	struct unreach_flow_stats stats; /* summed over CPUs, from the start on */
	/* flow_watch.c's */
	struct unreach_flow_stats judged; /* what they were at the last judgement */
	uint64_t judged_at; /* timeline ns */
	enum flow_watch_state state;
};

/* Takes in what was counted until `now` (timeline ns), and judges it about once a second. */
void flow_watch_update(struct flow_watch *w, const struct unreach_flow_stats *stats, uint64_t now);

static inline enum flow_watch_state flow_watch_state(const struct flow_watch *w)
{
	return w->state;
}

#endif
