// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* JSON (RFC 8259) as it comes, without a tree: only commas need memory. */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/writer_ops.h"

struct json {
	struct writer writer;
	bool first; /* nothing stands in the innermost object or array yet */
};

static void put_string(struct buf *b, const char *text, size_t length)
{
	buf_char(b, '"');
	buf_json_mem(b, text, length);
	buf_char(b, '"');
}

static void put_key(struct json *j, const char *key)
{
	struct buf *b = j->writer.out;

	if (!j->first)
		buf_char(b, ',');
	j->first = false;
	if (!key)
		return;
	buf_char(b, '"');
	buf_str(b, key);
	buf_mem(b, "\":", 2);
}

static void json_begin(struct writer *w, const char *key, bool array)
{
	struct json *j = (struct json *)w;

	put_key(j, key);
	buf_char(w->out, array ? '[' : '{');
	j->first = true;
}

static void json_end(struct writer *w, bool array)
{
	buf_char(w->out, array ? ']' : '}');
	((struct json *)w)->first = false;
}

static void json_value(struct writer *w, const char *key, enum value_kind kind, const char *text,
		       size_t length)
{
	put_key((struct json *)w, key);
	if (kind == VALUE_STRING)
		put_string(w->out, text, length);
	else
		buf_mem(w->out, text, length);
}

static void json_time(struct writer *w, const char *key, uint64_t unix_ns)
{
	put_key((struct json *)w, key);
	if (!unix_ns) {
		buf_str(w->out, "null");
		return;
	}
	buf_char(w->out, '"');
	clock_format_rfc3339(w->out, unix_ns);
	buf_char(w->out, '"');
}

static int json_finish(struct writer *w)
{
	int rc;

	buf_char(w->out, '\n');
	rc = w->out->failed ? -ENOMEM : 0;
	free(w);
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

bool writer_is_json(const struct writer *w)
{
	return w->ops == &json_ops;
}
