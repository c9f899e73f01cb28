/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flow watcher as a whole: where it is, what it saw, and whether that is
 * enough to say anything of silent black holes.
 */
#ifndef UNREACH_STATE_FLOW_WATCH_H
#define UNREACH_STATE_FLOW_WATCH_H

#include <stdint.h>

#include "state/tally.h"
#include "unreach/abi.h"

struct flow_watch {
	char inside[TALLY_NAME_LEN]; /* interface towards our own hosts; empty: there is none */
	const char *mode; /* "native", "generic" */
	uint32_t program_id;
	uint32_t table; /* flows, and peers, that can be remembered */
	uint32_t sample; /* one flow in so many is watched */
	struct unreach_flow_stats stats; /* summed over CPUs */
};

enum flow_watch_state {
	FLOW_WATCH_WORKS,
	FLOW_WATCH_OFFLOAD, /* packets are put together before XDP: their sizes are not real */
	FLOW_WATCH_ONE_DIRECTION, /* peers' answers don't come in where they are looked for */
};

/* Large segments after which an answer should have come. */
#define FLOW_WATCH_PATIENCE 1000

static inline enum flow_watch_state flow_watch_state(const struct flow_watch *w)
{
	if (w->stats.too_long)
		return FLOW_WATCH_OFFLOAD;
	if (w->stats.sent >= FLOW_WATCH_PATIENCE && !w->stats.answered)
		return FLOW_WATCH_ONE_DIRECTION;
	return FLOW_WATCH_WORKS;
}

#endif
