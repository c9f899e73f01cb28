// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * JSON (RFC 8259) as it comes, without a tree. Only what is open is kept, so
 * that the document is valid whatever the calls: a key stands where one must
 * and nowhere else, and what is left open is closed at the end.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/writer_ops.h"

#define DEPTH_MAX 64

struct json {
	struct writer writer;
	unsigned int depth; /* objects and arrays that are open */
	uint64_t arrays; /* a bit a level, the innermost lowest: it is an array */
	bool first; /* nothing stands in the innermost, or in the document, yet */
};

/* What comes before a value; false where no more can come, after the outermost. */
static bool put_key(struct json *j, const char *key)
{
	struct buf *b = j->writer.out;

	if (!j->depth && !j->first)
		return false;
	if (!j->first)
		buf_char(b, ',');
	j->first = false;
	if (j->depth && !(j->arrays & 1)) {
		buf_char(b, '"');
		buf_str(b, key ? key : "");
		buf_mem(b, "\":", 2);
	}
	return true;
}

static void json_begin(struct writer *w, const char *key, bool array)
{
	struct json *j = (struct json *)w;

	if (j->depth == DEPTH_MAX)
		w->out->failed = true;
	if (w->out->failed || !put_key(j, key))
		return;
	buf_char(w->out, array ? '[' : '{');
	j->depth++;
	j->arrays = j->arrays << 1 | array;
	j->first = true;
}

static void json_end(struct writer *w)
{
	struct json *j = (struct json *)w;

	if (!j->depth)
		return;
	buf_char(w->out, j->arrays & 1 ? ']' : '}');
	j->depth--;
	j->arrays >>= 1;
	j->first = false;
}

static void json_value(struct writer *w, const char *key, enum value_kind kind, const char *text,
		       size_t length)
{
	if (!put_key((struct json *)w, key))
		return;
	if (kind == VALUE_NULL) {
		buf_str(w->out, "null");
	} else if (kind == VALUE_STRING) {
		buf_char(w->out, '"');
		buf_json_mem(w->out, text, length);
		buf_char(w->out, '"');
	} else {
		buf_mem(w->out, text, length);
	}
}

static void json_time(struct writer *w, const char *key, uint64_t unix_ns)
{
	if (!put_key((struct json *)w, key))
		return;
	buf_char(w->out, '"');
	clock_format_rfc3339(w->out, unix_ns);
	buf_char(w->out, '"');
}

static int json_finish(struct writer *w)
{
	struct json *j = (struct json *)w;
	int rc;

	while (j->depth)
		json_end(w);
	if (j->first)
		json_value(w, NULL, VALUE_NULL, "", 0);
	buf_char(w->out, '\n');
	rc = w->out->failed ? -ENOMEM : 0;
	free(j);
	return rc;
}

static const struct writer_ops json_ops = {
	.begin = json_begin,
	.end = json_end,
	.value = json_value,
	.time = json_time,
	.finish = json_finish,
};

struct writer *writer_json(struct buf *out)
{
	struct json *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	*j = (struct json){ .writer = { .ops = &json_ops, .out = out }, .first = true };
	return &j->writer;
}
