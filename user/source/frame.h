/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One frame of a capture, and what the core makes of it on the host: the same
 * decoded bytes as in the kernel, in a record such as the kernel would write.
 */
#ifndef UNREACH_SOURCE_FRAME_H
#define UNREACH_SOURCE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "unreach/classify.h"
#include "unreach/segment.h"

/* What a capture holds of one frame; all of it lives as long as the callback runs. */
struct frame {
	const uint8_t *bytes;
	uint32_t captured; /* bytes that are there */
	uint32_t length; /* bytes on the wire */
	uint64_t time; /* Unix ns */
	uint64_t number; /* in its file, from 1 */
	const char *interface; /* NULL: the capture doesn't tell */
	enum unreach_link link;
};

/* Takes one frame; anything but 0 ends the reading. */
typedef int (*frame_fn)(void *context, const struct frame *frame);

/*
 * Translates a link type of capture files (LINKTYPE_ of tcpdump.org) into
 * *link; false where it is one that the core doesn't read.
 */
bool frame_link(uint32_t linktype, enum unreach_link *link);

/* The unreach_sum_fn of the host. */
int frame_sum(struct unreach_cursor *c, uint32_t offset, uint32_t length, uint32_t *sum);

/*
 * Decodes a frame. With UNREACH_OK the record is filled but for number and
 * slot, which are the caller's to give, and with no bytes kept; with any other
 * outcome it is untouched.
 */
enum unreach_outcome frame_decode(const struct frame *frame, struct unreach_record *record);

/* The frame as a TCP segment, with the cursor over it; false where it is none. */
bool frame_segment(const struct frame *frame, struct unreach_cursor *c, struct unreach_segment *s);

#endif
