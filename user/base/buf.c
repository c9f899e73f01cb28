// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Growing bytes: by doubling, so that a buffer soon stops allocating. Numbers
 * are written two digits at a time; events are full of them.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_LEAST 256

bool buf_grow(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : BUF_LEAST;
	char *data;

	if (b->failed)
		return false;
	while (cap - b->len < more && cap <= SIZE_MAX / 2)
		cap *= 2;
	data = cap - b->len >= more ? realloc(b->data, cap) : NULL;
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

void buf_free(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}

void buf_consume(struct buf *b, size_t n)
{
	b->len -= n;
	if (b->len)
		memmove(b->data, b->data + n, b->len);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0 || !buf_reserve(b, (size_t)n + 1)) {
		b->failed = true;
		return;
	}
	va_start(args, format);
	vsnprintf(b->data + b->len, (size_t)n + 1, format, args);
	va_end(args);
	b->len += (size_t)n;
}

void buf_spaces(struct buf *b, size_t count)
{
	while (count--)
		buf_char(b, ' ');
}

/* The digits of v, right-aligned in `digits`; returns where they begin. */
static unsigned int digits_of(uint64_t v, char digits[20])
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	unsigned int at = 20;

	while (v >= 100) {
		at -= 2;
		memcpy(digits + at, pairs + v % 100 * 2, 2);
		v /= 100;
	}
	if (v >= 10) {
		at -= 2;
		memcpy(digits + at, pairs + v * 2, 2);
	} else {
		digits[--at] = (char)('0' + v);
	}
	return at;
}

void buf_u64(struct buf *b, uint64_t v)
{
	char digits[20];
	unsigned int at = digits_of(v, digits);

	buf_mem(b, digits + at, 20 - at);
}
