/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Frame -> TCP segment: what the flow watcher needs of one, and nothing of it
 * is kept. Wire order ends here. Judges nothing (flow.h does).
 */
#ifndef UNREACH_SEGMENT_H
#define UNREACH_SEGMENT_H

#include "parse.h"

enum unreach_tcp_flag {
	UNREACH_TCP_FIN = 1 << 0,
	UNREACH_TCP_SYN = 1 << 1,
	UNREACH_TCP_RST = 1 << 2,
	UNREACH_TCP_ACK = 1 << 4,
};

enum {
	UNREACH_TCP_HEADER = 20,
	UNREACH_TCP_OPTION_END = 0,
	UNREACH_TCP_OPTION_NOP = 1,
	UNREACH_TCP_OPTION_SACK = 5, /* RFC 2018 */
	UNREACH_TCP_OPTIONS_MOST = 16, /* options that are looked at; senders use half as many */
};

/* One TCP segment (RFC 9293, 3.1). */
struct unreach_segment {
	struct unreach_addr src;
	struct unreach_addr dst;
	__u32 seq;
	__u32 ack;
	__u32 length; /* of the IP datagram, by its header */
	__u32 payload; /* bytes */
	__u16 src_port;
	__u16 dst_port;
	__u16 window; /* unscaled */
	__u8 flags; /* enum unreach_tcp_flag */
	__u8 df;
	__u32 options; /* offset in the frame */
	__u32 options_length; /* bytes */
};

/* The IPv4 header at the cursor is a whole TCP datagram's; steps over it. */
static UNREACH_INLINE int unreach_segment_ip(struct unreach_cursor *c, struct unreach_segment *s)
{
	const __u8 *p = unreach_at(c, c->at, UNREACH_IPV4_HEADER);
	__u32 header;

	if (!p || p[0] >> 4 != 4 || p[9] != UNREACH_PROTO_TCP)
		return 0;
	header = (p[0] & 0xfU) * 4U;
	s->length = unreach_be16(p + 2);
	if (header < UNREACH_IPV4_HEADER || s->length < header || unreach_be16(p + 6) & 0x3fff)
		return 0; /* no header, or a fragment */
	s->df = (p[6] & 0x40) != 0;
	unreach_ipv4(&s->src, p + 12);
	unreach_ipv4(&s->dst, p + 16);
	c->limit = c->at + s->length;
	c->at += header;
	return 1;
}

/* Fills `s` where the frame is a TCP segment whose header is all there. */
static UNREACH_INLINE int unreach_find_segment(struct unreach_cursor *c, enum unreach_link link,
					       struct unreach_segment *s)
{
	const __u8 *p;
	__u32 header;

	if (!unreach_parse_tags(c, unreach_parse_link(c, link)) || !unreach_segment_ip(c, s))
		return 0;
	p = unreach_at(c, c->at, UNREACH_TCP_HEADER);
	if (!p)
		return 0;
	header = (p[12] >> 4) * 4U;
	if (header < UNREACH_TCP_HEADER || c->at + header > c->limit)
		return 0;
	s->src_port = unreach_be16(p);
	s->dst_port = unreach_be16(p + 2);
	s->seq = unreach_be32(p + 4);
	s->ack = unreach_be32(p + 8);
	s->flags = p[13];
	s->window = unreach_be16(p + 14);
	s->payload = c->limit - c->at - header;
	s->options = c->at + UNREACH_TCP_HEADER;
	s->options_length = header - UNREACH_TCP_HEADER;
	return 1;
}

/* Looks through the options for a SACK (RFC 2018, 3); its offset behind kind and length, or 0. */
static UNREACH_INLINE __u32 unreach_sack_at(struct unreach_cursor *c,
					    const struct unreach_segment *s, __u32 *length)
{
	__u32 at = 0, i;

	for (i = 0; i < UNREACH_TCP_OPTIONS_MOST && at + 2 <= s->options_length; i++) {
		const __u8 *p = unreach_at(c, s->options + at, 2);

		if (!p || p[0] == UNREACH_TCP_OPTION_END)
			return 0;
		if (p[0] == UNREACH_TCP_OPTION_SACK) {
			*length = p[1];
			return s->options + at + 2;
		}
		at += p[0] == UNREACH_TCP_OPTION_NOP ? 1 : p[1];
		if (p[0] != UNREACH_TCP_OPTION_NOP && p[1] < 2)
			return 0;
		at &= 63; /* there are 40 at the most; to the verifier all steps look the same */
	}
	return 0;
}

/* What the SACK option says, beside a width in the lower 32 bits: see unreach_sack_read. */
#define UNREACH_SACK_THERE (1ULL << 32) /* there is one */
#define UNREACH_SACK_BEYOND (1ULL << 33) /* something arrived from the border on */
#define UNREACH_SACK_HOLES (1ULL << 34) /* and something is missing between there and that */

/*
 * Reads the SACK blocks above the sequence number `above`. Of those that begin
 * before `border` the width of the widest, in bytes; of the others whether they
 * are there, and in one piece from the border on. A block within another one
 * tells of a duplicate (RFC 2883, 4), and of nothing new.
 */
static UNREACH_INLINE __u64 unreach_sack_read(struct unreach_cursor *c,
					      const struct unreach_segment *s, __u32 above,
					      __u32 border)
{
	__u32 length = 0, at = unreach_sack_at(c, s, &length), i;
	__u32 widest = 0, first = 0, first_end = 0, last = 0, beyond = 0;
	__u64 found = at ? UNREACH_SACK_THERE : 0;

	for (i = 0; at && i < 4 && length >= 2 + 8 * (i + 1); i++) {
		const __u8 *p = unreach_at(c, at + 8 * i, 8);
		__u32 left, right;

		if (!p)
			break;
		left = unreach_be32(p);
		right = unreach_be32(p + 4);
		if ((__s32)(left - above) <= 0 || (__s32)(right - left) <= 0)
			continue;
		if ((__s32)(left - border) < 0) {
			widest = right - left > widest ? right - left : widest;
			continue;
		}
		if (!beyond || (__s32)(left - first) < 0) {
			first = left;
			first_end = right;
		} else if (left == first && (__s32)(right - first_end) > 0) {
			first_end = right;
		}
		if (!beyond || (__s32)(left - last) > 0)
			last = left;
		beyond = 1;
	}
	if (beyond)
		found |= UNREACH_SACK_BEYOND;
	if (beyond && (first != border || (__s32)(last - first_end) > 0))
		found |= UNREACH_SACK_HOLES;
	return found | widest;
}

#endif
