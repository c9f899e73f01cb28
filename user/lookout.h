/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The daemon's looks at the evidence: when, and what becomes of the alerts.
 * Each change goes to stderr, to the pipeline's sinks (again and again until
 * they have it) and to the program of --alert-exec.
 */
#ifndef UNREACH_LOOKOUT_H
#define UNREACH_LOOKOUT_H

#include "base/loop.h"
#include "detect/detect.h"
#include "pipeline.h"

struct lookout_options {
	struct pipeline *pipeline;
	struct evidence_source evidence;
	/* What was taken into the tables so far: where it stands still, so do they. */
	uint64_t (*adverts)(void *context);
	/* The name of a slot's interface, "" where it has none. */
	const char *(*interface)(void *context, uint32_t slot);
	struct local local; /* zeroed: nobody to ask */
	const char *alert_exec; /* NULL: no program */
	void *context;
};

struct lookout;

/* NULL with errno. Looks from now on, in the loop. */
struct lookout *lookout_open(struct loop *loop, const struct lookout_options *options);
const struct alerts *lookout_alerts(const struct lookout *w);
/* One look now, whether it is time or not. */
void lookout_look(struct lookout *w);
/* The program that still runs is ended. NULL-safe. */
void lookout_close(struct lookout *w);

#endif
