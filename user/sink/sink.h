/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where events and alerts go. A sink takes them into its buffer, and writes them out
 * at the end of a batch: all of them or, said by -errno, none (a regular file
 * is cut back to where the batch began). The pipeline knows sinks by this
 * structure alone.
 */
#ifndef UNREACH_SINK_SINK_H
#define UNREACH_SINK_SINK_H

#include "state/alert.h"
#include "state/event.h"

struct sink;

struct sink_ops {
	void (*write)(struct sink *sink, const struct event *ev);
	/* The same for an alert; NULL: alerts are nothing for it. */
	void (*alert)(struct sink *sink, const struct alert *a, int64_t to_wall);
	/* 0, or -errno where the batch was not accepted. */
	int (*flush)(struct sink *sink);
	/* Opens the file anew (SIGHUP); 0 or -errno with the old one kept. NULL: nothing to reopen.
	 */
	int (*reopen)(struct sink *sink);
	void (*close)(struct sink *sink);
};

struct sink {
	const struct sink_ops *ops;
	const char *path; /* for messages: "-" is stdout */
	bool failing; /* said once; the pipeline keeps it */
};

/*
 * Could a sink write to the path, as far as can be told without a trace: 0 or
 * -errno, EWOULDBLOCK as below. A pipe's reader is not asked for.
 */
int sink_check(const char *path);
/*
 * Event log, NDJSON. "-" is stdout. A regular file is locked (refused with
 * -EWOULDBLOCK where another daemon writes it) and cut back to its last
 * newline. `patient`: where a pipe's reader is slow, wait for it as any filter
 * does; a daemon does not. NULL with errno.
 */
struct sink *sink_eve_open(const char *path, bool patient);
/* Text lines on stdout. */
struct sink *sink_text_open(bool patient);
/*
 * pcapng: one interface block an interface (name, link type, nanoseconds), one
 * packet block a message with our verdict as comment. A new file each time it
 * is opened; "-" is stdout. `snaplen` is what is kept of each frame.
 */
struct sink *sink_pcapng_open(const char *path, uint32_t snaplen);

#endif
