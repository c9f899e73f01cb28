/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The only pointer arithmetic on packet bytes. A cursor is a stretch of bytes
 * that are really there, a place in it, and the end that the headers tell;
 * every read names its place and size and gets a pointer or nothing. Works on
 * packet memory, on a map value (kernel) and on a buffer (host) alike.
 */
#ifndef UNREACH_CURSOR_H
#define UNREACH_CURSOR_H

#include "abi.h"

/*
 * Keeps the compiler from comparing another copy of a value than the one it
 * uses then: the verifier knows no other as bounded.
 */
#ifdef __bpf__
#define UNREACH_SETTLE(value)                           \
	do {                                            \
		if (!__builtin_constant_p(value))       \
			asm volatile("" : "+r"(value)); \
	} while (0)
#else
#define UNREACH_SETTLE(value) ((void)0)
#endif

struct unreach_cursor {
	const __u8 *base;
	const __u8 *end; /* one past the last byte that is there */
	__u32 at; /* offset of the header that is next */
	__u32 ip; /* offset of the outer IP header, once it is known */
	__u32 limit; /* offset at which the datagram ends by its own word */
	__u32 ran_out; /* a read failed because bytes are missing */
	__u32 tags; /* VLAN tags passed */
	/* Of a message that unreach_find has found; kept, since their bounds are checked: */
	const __u8 *outer; /* the outer IP header, UNREACH_IPV4_HEADER bytes */
	const __u8 *icmp; /* type and code */
};

/* A cursor over the bytes from base to end, of which FRAME_SPAN are looked at. */
static UNREACH_INLINE struct unreach_cursor unreach_cursor(const void *base, const void *end)
{
	struct unreach_cursor c = { .base = base, .end = end, .limit = UNREACH_FRAME_SPAN };

	return c;
}

/*
 * The `size` bytes (1 or more, constant) at `offset`, or NULL where the
 * datagram or the memory ends before. The constant bound is what the verifier
 * wants of an offset; both ends are compared for what they are.
 */
static UNREACH_INLINE const __u8 *unreach_at(struct unreach_cursor *c, __u32 offset, __u32 size)
{
	const __u8 *p;

	UNREACH_SETTLE(offset);
	if (offset > UNREACH_FRAME_SPAN - size || offset + size > c->limit)
		return 0;
	p = c->base + offset;
	if (p + size > c->end) {
		c->ran_out = 1;
		return 0;
	}
	return p;
}

/* Bytes from the base that are there. */
static UNREACH_INLINE __u32 unreach_captured(const struct unreach_cursor *c)
{
	return (__u32)(c->end - c->base);
}

/* How many of the `size` bytes at `offset` are there. */
static UNREACH_INLINE __u32 unreach_there(const struct unreach_cursor *c, __u32 offset, __u32 size)
{
	__u32 captured = unreach_captured(c);
	__u32 end = c->limit < captured ? c->limit : captured;

	if (end <= offset)
		return 0;
	return end - offset < size ? end - offset : size;
}

/*
 * Copies up to `size` bytes at `offset`, as many as there are. How many that
 * is unreach_there says, and not this loop: so the verifier need not walk what
 * follows once for each number.
 */
static UNREACH_INLINE void unreach_copy(struct unreach_cursor *c, __u32 offset, __u8 *to,
					__u32 size)
{
	__u32 i;

	for (i = 0; i < size; i++) {
		const __u8 *p = unreach_at(c, offset + i, 1);

		if (!p)
			break;
		to[i] = *p;
	}
}

/*
 * Network to host order, from any alignment: the kernel's verifier accepts a
 * plain load where the machine does, the host asks the compiler.
 */
static UNREACH_INLINE __u16 unreach_be16(const __u8 *p)
{
	__u16 v;

#ifdef __bpf__
	v = *(const __u16 *)p;
#else
	__builtin_memcpy(&v, p, sizeof(v));
#endif
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	v = __builtin_bswap16(v);
#endif
	return v;
}

static UNREACH_INLINE __u32 unreach_raw32(const __u8 *p)
{
	__u32 v;

#ifdef __bpf__
	v = *(const __u32 *)p;
#else
	__builtin_memcpy(&v, p, sizeof(v));
#endif
	return v;
}

static UNREACH_INLINE __u32 unreach_be32(const __u8 *p)
{
	__u32 v = unreach_raw32(p);

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	v = __builtin_bswap32(v);
#endif
	return v;
}

/* The IPv4 address at p as ::ffff:a.b.c.d. */
static UNREACH_INLINE void unreach_ipv4(struct unreach_addr *to, const __u8 *p)
{
	to->words[0] = 0;
	to->words[1] = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	to->words[2] = 0xffff0000;
#else
	to->words[2] = 0x0000ffff;
#endif
	to->words[3] = unreach_raw32(p);
}

#endif
