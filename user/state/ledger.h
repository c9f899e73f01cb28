/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The loss identity: seen = delivered + pending + suppressed + lost, and seen
 * = codes + unassigned + bad checksum. Computed from one interface's tally or
 * from several added up.
 */
#ifndef UNREACH_STATE_LEDGER_H
#define UNREACH_STATE_LEDGER_H

#include <stdbool.h>

#include "base/clock.h"
#include "state/tally.h"

/* A CPU may stop in the middle of a message for as long as its hypervisor likes: this long is
 * believed. */
#define LEDGER_REST_NS (100 * NS_PER_MSEC)

struct ledger {
	uint64_t seen;
	uint64_t rows; /* codes + unassigned + bad checksum */
	uint64_t delivered;
	uint64_t pending;
	uint64_t suppressed[UNREACH_SUPPRESSED_REASONS];
	uint64_t told;
	uint64_t lost_ring;
	uint64_t lost_sink;
	uint64_t last; /* when a message last came, timeline ns */
	uint64_t drained; /* 1: the rings held nothing, so that nothing can be pending */
};

/* Adds what the tally says to the ledger, all but `drained`, which no tally knows. */
void ledger_add(struct ledger *l, const struct tally *t);
uint64_t ledger_suppressed(const struct ledger *l);
uint64_t ledger_lost(const struct ledger *l);
/*
 * Does the identity hold? `before` and `after` are two readings, the second
 * begun when the first was complete, at the time `now`. At rest (nothing moved
 * in between, and no message came for LEDGER_REST_NS) it must be exact, and
 * what is pending must stand in a ring; else sums lie between what was seen
 * before and after, within one message a CPU.
 */
bool ledger_at_rest(const struct ledger *before, const struct ledger *after, uint64_t now);
bool ledger_holds(const struct ledger *before, const struct ledger *after, uint64_t now,
		  unsigned int cpus);

#endif
