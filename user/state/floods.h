/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What comes too fast: messages of one source, or of one code, above a rate
 * for ten seconds. Found by comparing counts that are there anyway, the
 * interfaces' and, while an interface is busy at all, the table of sources.
 * Time is a parameter; what a flood means is the detectors' matter.
 */
#ifndef UNREACH_STATE_FLOODS_H
#define UNREACH_STATE_FLOODS_H

#include "base/table.h"
#include "state/evidence.h"
#include "state/tally.h"

/* Counts are compared over so long, ns. */
#define FLOOD_PERIOD_NS 10000000000ULL
/* Floods that are remembered; further ones wait until one has been over for ALERT_QUIET_NS. */
#define FLOODS_MOST 1024
/* Messages a second that are a flood, where nothing else was asked for: see docs/detectors.md. */
#define FLOOD_SOURCE_RATE 100
#define FLOOD_CODE_RATE 1000

/* Messages a second; 0: never a flood. */
struct flood_rates {
	uint32_t source; /* of one source */
	uint32_t code; /* of one code, beside what flooding sources bring of it */
};

/* flood_key.code of what is a source's flood. */
#define FLOOD_OF_SOURCE UINT32_MAX

struct flood_key {
	struct unreach_addr source; /* zero: a code's */
	uint32_t slot;
	uint32_t code;
};

struct flood {
	uint64_t messages; /* in periods that were above the rate */
	uint64_t first; /* when the first of them began */
	uint64_t last; /* when the last of them ended */
	uint64_t at; /* when the first of them ended */
	uint32_t peak; /* messages a second in the worst of them */
};

struct flood_row {
	struct flood_key key;
	struct flood value;
};

/* Gives each row of the table of sources (struct unreach_host_key and unreach_host) to `row`. */
struct flood_sources {
	int (*walk)(void *context, evidence_fn row, void *row_context);
	void *context;
};

struct floods {
	uint64_t noted; /* floods of all periods so far: where it stands still, nothing is new */
	/* The rest is floods.c's. */
	struct flood_rates rates;
	struct table rows;
	struct table before; /* counts at the beginning of the period */
	uint64_t began; /* of the period; 0: nothing is busy */
};

struct floods floods_none(struct flood_rates rates);
/*
 * To be called about once a second, with counters as they stand at `now`
 * (timeline ns). Reads the sources at the beginning and end of a period only.
 * 0 or -errno, where they could not be read; then neither this period's sources
 * are known nor the next one's.
 */
int floods_second(struct floods *f, const struct tally *tallies, unsigned int count,
		  const struct flood_sources *sources, uint64_t now);
/* The same for the last time: judges the period as far as it has come. */
int floods_end(struct floods *f, const struct tally *tallies, unsigned int count,
	       const struct flood_sources *sources, uint64_t now);
/* Gives each flood, present or past, to `fn`: struct flood_key and struct flood. */
void floods_walk(const struct floods *f, evidence_fn fn, void *context);
void floods_free(struct floods *f);

#endif
