/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The interfaces of captures that are read as one, each with its tally, and
 * the timeline that they share. Views take the array as it is.
 */
#ifndef UNREACH_CLI_TALLIES_H
#define UNREACH_CLI_TALLIES_H

#include "state/tally.h"

struct tallies {
	struct tally *interfaces; /* the slot is the place here */
	unsigned int count, room;
	unsigned int latest; /* interface of the last frame: mostly of the next one too */
	uint64_t now, ticked; /* timeline: Unix ns; 0: no frame yet */
	void (*second)(void *context, uint64_t now); /* told of each tick; NULL: nobody is */
	void *context;
};

/*
 * Takes the timeline on to `now`, never back, ticking at each second that has
 * passed; of a gap in which nothing changes, the beginning and the end. To be
 * called for a frame before it is counted.
 */
void tallies_advance(struct tallies *t, uint64_t now);
/* The tally of the interface of that name ("": not told), made at need; NULL where memory is out.
 */
struct tally *tallies_of(struct tallies *t, const char *name);
void tallies_free(struct tallies *t);

#endif
