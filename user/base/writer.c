// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * From typed values to the few calls that a form of output has to know. What
 * is written alike in all forms (numbers, addresses) is made here; how it is
 * quoted, parted and laid out is the forms' own matter.
 */
#include "base/writer.h"

#include <math.h>

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
	w->ops->end(w);
}

void writer_array(struct writer *w, const char *key)
{
	w->ops->begin(w, key, true);
}

void writer_end_array(struct writer *w)
{
	w->ops->end(w);
}

static void write_null(struct writer *w, const char *key)
{
	w->ops->value(w, key, VALUE_NULL, "", 0);
}

/* Writes what was made in `b`, and frees that. */
static void write_made(struct writer *w, const char *key, enum value_kind kind, struct buf *b)
{
	if (b->failed)
		w->out->failed = true;
	else
		w->ops->value(w, key, kind, b->data, b->len);
	buf_free(b);
}

void writer_string(struct writer *w, const char *key, const char *value)
{
	if (value)
		w->ops->value(w, key, VALUE_STRING, value, strlen(value));
	else
		write_null(w, key);
}

void writer_u64(struct writer *w, const char *key, uint64_t value)
{
	struct buf b = {};

	buf_u64(&b, value);
	write_made(w, key, VALUE_NUMBER, &b);
}

void writer_float(struct writer *w, const char *key, double value)
{
	struct buf b = {};

	if (!isfinite(value)) { /* JSON has no word for it */
		write_null(w, key);
		return;
	}
	buf_printf(&b, "%.1f", value);
	write_made(w, key, VALUE_NUMBER, &b);
}

void writer_bool(struct writer *w, const char *key, bool value)
{
	w->ops->value(w, key, VALUE_WORD, value ? "true" : "false", value ? 4 : 5);
}

void writer_addr(struct writer *w, const char *key, const struct unreach_addr *value)
{
	struct buf b = {};

	addr_format(&b, value);
	write_made(w, key, VALUE_STRING, &b);
}

void writer_time(struct writer *w, const char *key, uint64_t unix_ns)
{
	if (unix_ns)
		w->ops->time(w, key, unix_ns);
	else
		write_null(w, key);
}
