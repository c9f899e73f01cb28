/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The counters of one interface, summed over CPUs: filled from the kernel's
 * maps (source/counters.c) or message by message from a capture. Rates are
 * over the last ten seconds of the timeline.
 */
#ifndef UNREACH_STATE_TALLY_H
#define UNREACH_STATE_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "unreach/abi.h"

#define TALLY_SECONDS 10
/* Longer than UNREACH_NAME_LEN: captures of other systems name interfaces at length. */
#define TALLY_NAME_LEN 64

struct tally_history {
	uint64_t at[TALLY_SECONDS + 1]; /* timeline ns of each snapshot, 0: none yet */
	uint64_t messages[TALLY_SECONDS + 1][UNREACH_FAMILIES][UNREACH_CODES];
	unsigned int next;
};

struct tally {
	char name[TALLY_NAME_LEN]; /* empty: a capture that does not tell */
	uint32_t slot;
	const char *mode; /* "native", "generic", "capture", "none" while it waits */
	bool waiting; /* for its device, or for another program to leave it */
	uint32_t program_id; /* 0 for a capture */
	bool frags;
	struct unreach_counters counters;
	struct unreach_ack_state acked; /* summed over the rings */
	struct tally_history history;
};

/* Counts one frame of a capture as the kernel's program would. `ev` is read with UNREACH_OK only.
 */
void tally_frame(struct tally *t, enum unreach_outcome outcome, const struct unreach_event *ev,
		 uint64_t now);
/* Adds one CPU's counters. */
void tally_add(struct unreach_counters *sum, const struct unreach_counters *cpu);
/* Takes a snapshot for the rates; call about once a second of the timeline. */
void tally_tick(struct tally *t, uint64_t now);
/* Messages a second of one code over the last ten seconds, or over what there is of them. */
double tally_rate(const struct tally *t, enum unreach_family family, unsigned int code,
		  uint64_t now);

#endif
