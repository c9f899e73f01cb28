/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Writing at a bare pointer, for lines of which millions are written a second:
 * who calls has made room before (buf_reserve), and keeps the pointer in a
 * register. Each function returns the end of what it wrote.
 */
#ifndef UNREACH_BASE_PUT_H
#define UNREACH_BASE_PUT_H

#include "base/buf.h"

#define PUT_INLINE inline __attribute__((always_inline))

/* With a literal the length is known to the compiler. */
static PUT_INLINE char *put_str(char *p, const char *s)
{
	size_t length = strlen(s);

	memcpy(p, s, length);
	return p + length;
}

static PUT_INLINE char *put_char(char *p, char c)
{
	*p = c;
	return p + 1;
}

/* Two digits of v, below 100. */
static PUT_INLINE char *put_pair(char *p, uint32_t v)
{
	p[0] = (char)('0' + v / 10);
	p[1] = (char)('0' + v % 10);
	return p + 2;
}

/* Decimal of any length. */
static inline char *put_long(char *p, uint64_t v)
{
	struct buf b = { .data = p, .cap = 20 };

	buf_u64(&b, v);
	return p + b.len;
}

/* Decimal. Ports, lengths and TTLs are short: they come first. */
static inline char *put_u64(char *p, uint64_t v)
{
	uint32_t low = (uint32_t)v;

	if (v < 10)
		return put_char(p, (char)('0' + low));
	if (v < 100)
		return put_pair(p, low);
	if (v < 1000)
		return put_pair(put_char(p, (char)('0' + low / 100)), low % 100);
	if (v < 10000)
		return put_pair(put_pair(p, low / 100), low % 100);
	if (v < 100000)
		return put_pair(put_pair(put_char(p, (char)('0' + low / 10000)), low / 100 % 100),
				low % 100);
	return put_long(p, v);
}

#endif
