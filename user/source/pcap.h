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

struct pcap; /* libpcap's pcap_t */
struct pcapng;

/* A reading, and what became of it. Zeroed is ready for capture_open. */
struct capture {
	uint64_t frames; /* read whole */
	uint64_t skipped; /* of these, not given on: their link type isn't read */
	uint32_t skipped_link; /* the first such type */
	bool cut; /* the file ends in the middle of frame `frames` + 1 */
	char error[CAPTURE_ERROR_SIZE];
	/* The rest is the readers'. */
	const char *name; /* for messages */
	FILE *file;
	char *chunk; /* of the file */
	struct pcap *pcap; /* one of the two */
	struct pcapng *pcapng;
	uint32_t linktype;
};

/*
 * Opens a file ("-" is stdin); the path must outlive the reading. 0, or -errno
 * with one line in c->error where it can't be opened or is no capture.
 */
int capture_open(struct capture *c, const char *path);
/* The same with a stream, which belongs to the reading then; `name` is for messages. */
int capture_open_stream(struct capture *c, FILE *file, const char *name);
/*
 * The next frame; its bytes are good until the next call. 1, or 0 at the end,
 * be it in the middle of a frame, or -errno with one line in c->error where the
 * file can't be read or is damaged.
 */
int capture_next(struct capture *c, struct frame *frame);
/* Ends the reading; what was counted stays. */
void capture_close(struct capture *c);
/*
 * Gives each frame to fn, in order, and closes the reading. Returns 0 at the
 * end, what fn returned where that ended the reading, or -errno as above; the
 * frames before damage were given on.
 */
int capture_each(struct capture *c, frame_fn fn, void *context);
/* Opens the file, and all its frames to fn. */
int capture_read(struct capture *c, const char *path, frame_fn fn, void *context);

/* For the readers of the formats: says what is wrong in capture->error, returns `status`. */
int capture_fail(struct capture *capture, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
#endif
