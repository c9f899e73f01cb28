/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Detectors: evidence -> findings. Each is a file and a row of `detectors`; it
 * gets every row of the tables that it has a function for, at each look, and
 * reports what it finds, again and again, to state/alerts. Detectors keep no
 * counts of their own, so a restart or a capture comes to the same findings.
 */
#ifndef UNREACH_DETECT_DETECT_H
#define UNREACH_DETECT_DETECT_H

#include "state/alerts.h"
#include "state/evidence.h"

/* What the machine that we run on knows itself. */
struct local {
	/* Is it a TCP connection of this machine? False where it can't be told. */
	bool (*has_flow)(void *context, const struct unreach_flow_key *flow);
	/* Does this machine know that the path to `dst` takes no more than `mtu`? True where it
	 * can't be told. */
	bool (*has_learned)(void *context, const struct unreach_addr *src,
			    const struct unreach_addr *dst, uint32_t mtu);
	void *context;
};

/* One look at the evidence. */
struct look {
	struct alerts *alerts;
	const struct local *local; /* NULL: a capture, nobody to ask */
	uint64_t now; /* timeline ns */
	struct table echoes; /* invalid.c: the adverts that quote echoes, by destination */
	struct table flows; /* silent.c: what it found of single flows */
};

struct detector {
	evidence_fn on[EVIDENCE_WALKS]; /* context: struct look; NULL: does not care */
	void (*done)(struct look *look); /* all rows were shown; NULL: no matter */
};

extern const struct detector detectors[];
extern const unsigned int detector_count;

/*
 * Looks at all there is at the time `now`, and lets alerts fire and resolve.
 * The tables are walked in the order in which detectors can use them: adverts,
 * then paths, heads, flows, floods and scans. 0 or -errno, where a table could not be read.
 */
int detect_look(const struct evidence_source *source, struct alerts *alerts,
		const struct local *local, uint64_t now);

/* The one row each (in detectors[]). */
void ignored_head(void *look, const void *key, const void *value);
void ignored_path(void *look, const void *key, const void *value);
void invalid_advert(void *look, const void *key, const void *value);
/* What a look begins with in `echoes`. */
struct table invalid_echoes(void);
void invalid_path(void *look, const void *key, const void *value);
void invalid_done(struct look *look);
/* What a look begins with in `flows`. */
struct table silent_flows(void);
void silent_flow(void *look, const void *key, const void *value);
void silent_done(struct look *look);
void flood_row(void *look, const void *key, const void *value);
void scan_row(void *look, const void *key, const void *value);

#endif
