/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Capture files as a source of frames: classic pcap in micro- and nanoseconds
 * and either byte order, and pcapng. Which of them it is, the first byte tells.
 */
#ifndef UNREACH_SOURCE_PCAP_H
#define UNREACH_SOURCE_PCAP_H

#include <stdio.h>

#include "source/frame.h"

#define CAPTURE_ERROR_SIZE 512

/* A reading: who takes the frames, and what became of them. */
struct capture {
	frame_fn fn;
	void *context;

	uint64_t frames; /* read whole */
	uint64_t skipped; /* of these, not given on: their link type isn't read */
	uint32_t skipped_link; /* the first such type */
	bool cut; /* the file ends in the middle of frame `frames` + 1 */
	char error[CAPTURE_ERROR_SIZE];
};

/*
 * Gives each frame of the file ("-" is stdin) to capture->fn, in order; the
 * rest of *capture is set here. Returns 0 at the end, be it in the middle of a
 * frame; what fn returned where it ended the reading; -errno with one line in
 * capture->error where the file can't be opened or read, is no capture, or is
 * damaged: the frames before the damage were given on.
 */
int capture_read(struct capture *capture, const char *path);
/* The same from a stream, which gets closed; `name` is for messages. */
int capture_read_stream(struct capture *capture, FILE *file, const char *name);

/* For the readers of the formats: says what is wrong in capture->error, returns `status`. */
int capture_fail(struct capture *capture, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* For the readers of the formats: counts a frame that was read whole, and gives it on. */
int capture_frame(struct capture *capture, uint32_t linktype, struct frame *frame);

#endif
