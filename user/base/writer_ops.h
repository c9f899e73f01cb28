/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a form of output implements; writer.c calls it and nobody else knows. */
#ifndef UNREACH_BASE_WRITER_OPS_H
#define UNREACH_BASE_WRITER_OPS_H

#include "base/writer.h"

/* What a single value is: how JSON quotes it, and to which side text puts it. */
enum value_kind {
	VALUE_STRING,
	VALUE_NUMBER,
	VALUE_WORD, /* true, false */
	VALUE_NULL,
};

struct writer_ops {
	void (*begin)(struct writer *w, const char *key, bool array);
	/* Ends the innermost object or array, whichever it is. */
	void (*end)(struct writer *w);
	/* `text` of `length` bytes, not terminated; nothing with VALUE_NULL */
	void (*value)(struct writer *w, const char *key, enum value_kind kind, const char *text,
		      size_t length);
	/* Unix ns, not 0 */
	void (*time)(struct writer *w, const char *key, uint64_t unix_ns);
	/* Completes the output and frees the writer. */
	int (*finish)(struct writer *w);
};

/* The first member of each form's own structure. */
struct writer {
	const struct writer_ops *ops;
	struct buf *out;
};

#endif
