// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From typed values to the few calls that a form of output has to know. */
#include "base/writer.h"

#include "base/addr.h"
#include "base/writer_ops.h"

int writer_finish(struct writer *w)
{
	return w ? w->ops->finish(w) : 0;
}

void writer_object(struct writer *w, const char *key)
{
	w->ops->begin(w, key, false);
}

void writer_end_object(struct writer *w)
{
	w->ops->end(w, false);
}

void writer_array(struct writer *w, const char *key)
{
	w->ops->begin(w, key, true);
}

void writer_end_array(struct writer *w)
{
	w->ops->end(w, true);
}

static void write_value(struct writer *w, const char *key, enum value_kind kind, struct buf *b)
{
	if (b->failed)
		w->out->failed = true;
	w->ops->value(w, key, kind, b->data, b->len);
}

void writer_string(struct writer *w, const char *key, const char *value)
{
	if (value)
		w->ops->value(w, key, VALUE_STRING, value, strlen(value));
	else
		w->ops->value(w, key, VALUE_WORD, "null", 4);
}

void writer_u64(struct writer *w, const char *key, uint64_t value)
{
	char room[32];
	struct buf b = { .data = room, .cap = sizeof(room) };

	buf_u64(&b, value);
	write_value(w, key, VALUE_NUMBER, &b);
}

void writer_float(struct writer *w, const char *key, double value)
{
	struct buf b = {};

	buf_printf(&b, "%.1f", value);
	write_value(w, key, VALUE_NUMBER, &b);
	buf_free(&b);
}

void writer_bool(struct writer *w, const char *key, bool value)
{
	w->ops->value(w, key, VALUE_WORD, value ? "true" : "false", value ? 4 : 5);
}

void writer_addr(struct writer *w, const char *key, const struct unreach_addr *value)
{
	struct buf b = {};

	addr_format(&b, value);
	write_value(w, key, VALUE_STRING, &b);
	buf_free(&b);
}

void writer_time(struct writer *w, const char *key, uint64_t unix_ns)
{
	w->ops->time(w, key, unix_ns);
}
