/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the sinks that write to a file have in common: a buffer that takes a
 * batch, and its way out, all or nothing. Knows bytes and files; what stands
 * in the bytes is the sinks' own matter.
 */
#ifndef UNREACH_SINK_OUT_H
#define UNREACH_SINK_OUT_H

#include <sys/types.h>

#include "sink/sink.h"

enum out_kind {
	OUT_LINES, /* goes on behind the last newline of what is there */
	OUT_FRESH, /* begins anew */
};

/* The first member of each such sink. */
struct out {
	struct sink sink;
	struct buf buf; /* the batch; behind what is owed */
	enum out_kind kind;
	void (*start)(struct out *o); /* puts what a new file begins with; NULL: nothing */
	int fd;
	bool regular;
	bool append;
	bool is_stdout;
	bool patient; /* waits for its reader for as long as it takes, as any filter does */
	bool stalled; /* a pipe's reader is behind; it was waited for once */
	bool taken; /* the last batch is written, or on its way */
	size_t owed; /* bytes left of a batch that a pipe took in part */
	off_t torn; /* where to cut the file before anything is added, -1: all is well */
};

/*
 * Opens the path ("-": stdout), which must outlive the sink, and writes what
 * start() puts. `o` comes zeroed from calloc (NULL is passed on) and belongs
 * to the sink. A regular file is locked for as long as it is open. Returns
 * NULL with errno: EWOULDBLOCK where another process has the file.
 */
struct sink *out_open(struct out *o, const struct sink_ops *ops, enum out_kind kind,
		      void (*start)(struct out *o), const char *path);

/*
 * These three are sink_ops. A regular file that can't take the whole batch is
 * cut back to where that began. A pipe or socket keeps what it took: then the
 * rest of the batch is owed and goes out before anything else, so that nothing
 * is ever torn, though the batch counts as not accepted (-EAGAIN).
 */
int out_flush(struct sink *sink);
/* Does nothing where the path still is the file that is open. */
int out_reopen(struct sink *sink);
void out_close(struct sink *sink);

#endif
