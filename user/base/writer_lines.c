// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Lines for a program that would rather not parse: each value stands on a line
 * of its own, after all the keys that lead to it: "rows.0.codes.3<TAB>12".
 * Places in arrays count from 0, times are Unix ns, null is nothing at all. An
 * empty line ends the document: what lacks it is not whole.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/writer_ops.h"

#define DEPTH_MAX 16
#define PATH_MAX_BYTES 256

/* An object or array that is open. */
struct level {
	size_t length; /* of the path that leads to it */
	uint64_t items; /* in it so far */
	bool array;
};

struct lines {
	struct writer writer;
	unsigned int depth;
	struct level levels[DEPTH_MAX];
	char path[PATH_MAX_BYTES];
	size_t length; /* of the path of what is open */
};

/* Makes the path of the next item; false where there is no room for it. */
static bool extend(struct lines *l, const char *key)
{
	struct level *open = l->depth ? &l->levels[l->depth - 1] : NULL;
	size_t room = sizeof(l->path) - l->length;
	const char *dot = l->length ? "." : "";
	int n = 0;

	if (open && open->array)
		n = snprintf(l->path + l->length, room, "%s%llu", dot,
			     (unsigned long long)open->items);
	else if (open)
		n = snprintf(l->path + l->length, room, "%s%s", dot, key && *key ? key : "-");
	if ((size_t)n >= room) {
		l->writer.out->failed = true;
		return false;
	}
	if (open)
		open->items++;
	l->length += (size_t)n;
	return true;
}

static void lines_begin(struct writer *w, const char *key, bool array)
{
	struct lines *l = (struct lines *)w;
	size_t length = l->length;

	if (l->depth == DEPTH_MAX)
		w->out->failed = true;
	if (w->out->failed || !extend(l, key))
		return;
	l->levels[l->depth++] = (struct level){ .length = length, .array = array };
}

static void lines_end(struct writer *w)
{
	struct lines *l = (struct lines *)w;

	if (l->depth)
		l->length = l->levels[--l->depth].length;
}

static void lines_value(struct writer *w, const char *key, enum value_kind kind, const char *text,
			size_t length)
{
	struct lines *l = (struct lines *)w;
	size_t before = l->length;

	if (w->out->failed || !extend(l, key))
		return;
	buf_mem(w->out, l->path, l->length);
	buf_char(w->out, '\t');
	for (size_t i = 0; kind != VALUE_NULL && i < length; i++)
		buf_char(w->out, text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	buf_char(w->out, '\n');
	l->length = before;
}

static void lines_time(struct writer *w, const char *key, uint64_t unix_ns)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%llu", (unsigned long long)unix_ns);

	lines_value(w, key, VALUE_NUMBER, text, (size_t)length);
}

static int lines_finish(struct writer *w)
{
	int rc;

	buf_char(w->out, '\n');
	rc = w->out->failed ? -ENOMEM : 0;
	free(w);
	return rc;
}

static const struct writer_ops lines_ops = {
	.begin = lines_begin,
	.end = lines_end,
	.value = lines_value,
	.time = lines_time,
	.finish = lines_finish,
};

struct writer *writer_lines(struct buf *out)
{
	struct lines *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->writer = (struct writer){ .ops = &lines_ops, .out = out };
	return &l->writer;
}
