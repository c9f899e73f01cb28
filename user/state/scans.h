/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which hosts of ours are told of many different targets, within a minute,
 * that they can't be reached. Taken from single messages, since no table links
 * a sender to its targets: where events are budgeted, or a sender has no room,
 * what is counted is less than what was. Time is the messages' own.
 */
#ifndef UNREACH_STATE_SCANS_H
#define UNREACH_STATE_SCANS_H

#include "state/evidence.h"

/* Targets are counted over so many seconds. */
#define SCAN_SECONDS 60
/* Targets that are a scan, where nothing else was asked for: see docs/detectors.md. */
#define SCAN_TARGETS 50
/* Most that can be asked for. */
#define SCAN_TARGETS_MOST 10000

struct scan {
	uint64_t messages; /* at least */
	uint64_t first, last; /* last: when there were enough targets for the last time */
	uint64_t at; /* when there were enough for the first time; 0: never */
	uint32_t targets; /* most within SCAN_SECONDS: at least */
};

struct scans;

/*
 * Scans are so many targets or more; 0: nothing is one. The seed decides which
 * targets beyond the threshold find no room: a random one (table_seed), or one
 * that is the same in every run. NULL: out of memory.
 */
struct scans *scans_new(uint32_t targets, uint64_t seed);
/* Takes a message that came in at `now` (timeline ns). */
void scans_take(struct scans *s, const struct unreach_event *e, uint32_t slot, uint64_t now);
/* Scans of all seconds so far: where it stands still, nothing is new. */
uint64_t scans_noted(const struct scans *s);
/* Gives each scan that is remembered to `fn`: the sender's unreach_host_key and struct scan. */
void scans_walk(const struct scans *s, evidence_fn fn, void *context);
/* NULL-safe. */
void scans_free(struct scans *s);

#endif
