/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What captures leave behind as evidence, of adverts, of flows and of what
 * comes in numbers, and the looks of the detectors at it in the captures' own
 * time. Knows neither options nor views.
 */
#ifndef UNREACH_CLI_LOOKS_H
#define UNREACH_CLI_LOOKS_H

#include "cli/inside.h"
#include "cli/tallies.h"
#include "pipeline.h"
#include "state/alerts.h"
#include "state/evidence.h"
#include "state/floods.h"
#include "state/hosts.h"
#include "state/scans.h"

struct looks {
	struct alerts *alerts; /* NULL: not open */
	struct evidence evidence;
	struct inside inside; /* the same, where an inside is named */
	struct hosts sources; /* as the kernel's table */
	struct floods floods;
	struct scans *scans;
	uint64_t noted; /* of floods and scans, at the last look */
	int failed; /* -errno of a second's floods */
	struct pipeline *pipeline; /* takes the alerts */
	struct tallies *tallies; /* know the interfaces' names */
	uint64_t looked; /* timeline: when the evidence was looked at last */
	bool fresh; /* an advert or a segment came since */
};

/* `inside` as for inside_open, NULL: none. 0 or -errno, which is said. */
int looks_open(struct looks *l, const char *inside, struct pipeline *pipeline,
	       struct tallies *tallies);
/*
 * Takes both sides of the border on to this frame, which came at `now`
 * (timeline), and looks if it is time; 0 or -errno.
 */
int looks_frame(struct looks *l, const struct frame *frame, uint64_t now);
/* Takes the message for evidence, as bpf/paths.h and bpf/attribute.h do; 0 or -ENOMEM. */
int looks_message(struct looks *l, const struct unreach_event *e, struct tally *t, uint64_t now);
/*
 * Takes in what is left of the inside, and looks for the last time; 0 or
 * -errno, which is said. Does nothing to what is zeroed.
 */
int looks_end(struct looks *l);
/* Adverts and flows. */
struct evidence_source looks_source(struct looks *l);
/* Is an inside named that is no file, nor an interface of which a frame came? */
bool looks_miss_inside(const struct looks *l);
/* Does nothing to what is zeroed. */
void looks_close(struct looks *l);

#endif
