/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A growing stretch of bytes with a sticky error: callers append and look
 * once, at the end. The event path appends here, so appending must be cheap
 * and, once grown, must not allocate.
 */
#ifndef UNREACH_BASE_BUF_H
#define UNREACH_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	char *data;
	size_t len;
	size_t cap;
	bool failed; /* memory ran out; the content is not whole */
};

/* Makes room for `more` bytes; false, and failed set, where memory is out. */
bool buf_grow(struct buf *b, size_t more);
void buf_free(struct buf *b);
/* Removes the first n bytes. */
void buf_consume(struct buf *b, size_t n);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* That many blanks. */
void buf_spaces(struct buf *b, size_t count);
/* Decimal. */
void buf_u64(struct buf *b, uint64_t v);

/* Length of the character that begins there, by UTF-8 (RFC 3629); 0: it is none. `left` is not 0.
 */
size_t buf_utf8_length(const char *text, size_t left);
/* The characters of a JSON string without its quotes; what is no UTF-8 becomes U+FFFD. */
void buf_json_mem(struct buf *b, const char *text, size_t length);

static inline bool buf_reserve(struct buf *b, size_t more)
{
	return b->cap - b->len >= more || buf_grow(b, more);
}

static inline void buf_mem(struct buf *b, const void *data, size_t len)
{
	if (!len || !buf_reserve(b, len)) /* memcpy(3) takes no NULL, whatever the length */
		return;
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

static inline void buf_char(struct buf *b, char c)
{
	buf_mem(b, &c, 1);
}

static inline void buf_json(struct buf *b, const char *text)
{
	buf_json_mem(b, text, strlen(text));
}

/* With a string literal the length is known to the compiler. */
static inline void buf_str(struct buf *b, const char *s)
{
	buf_mem(b, s, strlen(s));
}

#endif
