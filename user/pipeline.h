/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way of an event in user space: state, detectors, sinks. The same for a
 * daemon and for a capture. Sources call pipeline_event for each message of a
 * batch and pipeline_flush at its end; only then is the batch safe.
 */
#ifndef UNREACH_PIPELINE_H
#define UNREACH_PIPELINE_H

#include "sink/sink.h"
#include "state/recent.h"
#include "state/scans.h"

#define PIPELINE_SINKS 4

struct pipeline {
	struct sink *sinks[PIPELINE_SINKS];
	unsigned int count;
	struct recent *recent; /* NULL: nobody asks */
	struct scans *scans; /* NULL: nobody looks for them */
	bool pending; /* events since the last flush */
};

/* Takes the sink over; 0 or -ENOSPC. */
int pipeline_add(struct pipeline *p, struct sink *sink);
void pipeline_event(struct pipeline *p, const struct event *ev);
/* Gives every sink that wants it an alert; it goes out with the next flush. */
void pipeline_alert(struct pipeline *p, const struct alert *a, int64_t to_wall);
/* Writes the batch out: 0 where every sink accepted it, else the last -errno. Says each failure
 * once. */
int pipeline_flush(struct pipeline *p);
/* The two as a source calls them. */
struct event_taker pipeline_taker(struct pipeline *p);
/* Opens the files of all sinks anew; failures are said. 0 or the last -errno. */
int pipeline_reopen(struct pipeline *p);
void pipeline_close(struct pipeline *p);

#endif
