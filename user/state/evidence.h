/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What messages leave behind, as rows: of adverts (code 4) read out of the
 * kernel's tables (source/counters.c), or kept here for a capture, by the same
 * rules (unreach/path.h); of what comes in numbers kept in floods.c and
 * scans.c. What a row means is the detectors' matter.
 */
#ifndef UNREACH_STATE_EVIDENCE_H
#define UNREACH_STATE_EVIDENCE_H

#include <stdbool.h>

#include "base/table.h"
#include "unreach/abi.h"

struct path_row {
	struct unreach_path_key key;
	struct unreach_path value;
};

struct head_row {
	struct unreach_head_key key;
	struct unreach_head value;
};

struct advert_row {
	struct unreach_advert_key key;
	struct unreach_advert value;
};

struct flow_row {
	struct unreach_flow_key key;
	struct unreach_flow value;
};

/* What can be walked: enum unreach_evidence and UNREACH_FLOWS, and behind them: */
enum evidence_walk {
	EVIDENCE_FLOODS = UNREACH_WALKS, /* floods.h */
	EVIDENCE_SCANS, /* scans.h */
	EVIDENCE_WALKS,
};

/* Takes one row: a key and a value of the table that was asked for. They live as long as the call.
 */
typedef void (*evidence_fn)(void *context, const void *key, const void *value);

/*
 * Where rows come from. `walk` gives each row of one table, in any order; 0 or
 * -errno. Rows can change, come and go meanwhile.
 */
struct evidence_source {
	int (*walk)(void *context, unsigned int which, evidence_fn fn, void *fn_context);
	void *context;
};

/* The tables of a capture. */
struct evidence {
	struct table tables[UNREACH_EVIDENCES];
	uint64_t *cells; /* in front of the heads */
	uint64_t seed;
	bool failed; /* memory was out for a row: it is missing */
};

/* 0 or -ENOMEM. */
int evidence_open(struct evidence *e);
/* Takes in one message that came at `now` (timeline ns); 0 or -ENOMEM. */
int evidence_take(struct evidence *e, const struct unreach_event *ev, uint32_t slot, uint64_t now);
/* Its rows. */
struct evidence_source evidence_source(struct evidence *e);
void evidence_close(struct evidence *e);

#endif
