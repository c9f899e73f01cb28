/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Frame -> outcome and event, in two steps: unreach_find looks through link
 * header, VLAN tags and IPv4 for an ICMP type 3 and writes nothing, since
 * nearly all frames are not ours; unreach_fill takes over what the message
 * and the datagram that it quotes say. Wire order ends here. Judges nothing
 * (classify.h does). What most frames do comes first in the source, since clang
 * lays out a BPF program in that order.
 */
#ifndef UNREACH_PARSE_H
#define UNREACH_PARSE_H

#include "cursor.h"

enum {
	UNREACH_ETHERTYPE_IPV4 = 0x0800,
	UNREACH_ETHERTYPE_VLAN = 0x8100, /* 802.1Q */
	UNREACH_ETHERTYPE_QINQ = 0x88a8, /* 802.1ad */
	UNREACH_ETHERTYPE_QINQ_OLD = 0x9100,
	UNREACH_PROTO_ICMP = 1,
	UNREACH_PROTO_TCP = 6,
	UNREACH_PROTO_UDP = 17,
	UNREACH_PROTO_DCCP = 33,
	UNREACH_PROTO_SCTP = 132,
	UNREACH_PROTO_UDPLITE = 136,
	UNREACH_ICMP_UNREACHABLE = 3,
	UNREACH_ICMP_FRAG_NEEDED = 4,
	UNREACH_ICMP_HEADER = 8,
	UNREACH_IPV4_HEADER = 20,
};

/* Length of a link header; where it has none, the IP header is first. */
static UNREACH_INLINE __u32 unreach_link_header(enum unreach_link link)
{
	switch (link) {
	case UNREACH_LINK_ETHERNET:
		return 14;
	case UNREACH_LINK_SLL:
		return 16;
	case UNREACH_LINK_SLL2:
		return 20;
	default:
		return 0;
	}
}

/* Offset of the EtherType in a link header that has one. */
static UNREACH_INLINE __u32 unreach_link_type(enum unreach_link link)
{
	switch (link) {
	case UNREACH_LINK_ETHERNET:
		return 12;
	case UNREACH_LINK_SLL:
		return 14;
	default:
		return 0;
	}
}

static UNREACH_INLINE int unreach_is_tag(__u32 ethertype)
{
	return ethertype == UNREACH_ETHERTYPE_VLAN || ethertype == UNREACH_ETHERTYPE_QINQ ||
	       ethertype == UNREACH_ETHERTYPE_QINQ_OLD;
}

/* The link header's EtherType, with the cursor behind it; 0: it is not there. */
static UNREACH_INLINE __u32 unreach_parse_link(struct unreach_cursor *c, enum unreach_link link)
{
	const __u8 *p;

	c->at = unreach_link_header(link);
	if (link == UNREACH_LINK_IP)
		return UNREACH_ETHERTYPE_IPV4;
	p = unreach_at(c, unreach_link_type(link), 2);
	return p ? unreach_be16(p) : 0;
}

/* Steps over the tags that an EtherType announces: is the cursor at an IPv4 header then? */
static UNREACH_INLINE int unreach_parse_tags(struct unreach_cursor *c, __u32 ethertype)
{
	const __u8 *p;

	for (; ethertype != UNREACH_ETHERTYPE_IPV4; c->tags++, c->at += 4) {
		if (c->tags == UNREACH_VLANS || !unreach_is_tag(ethertype))
			return 0;
		p = unreach_at(c, c->at, 4);
		if (!p)
			return 0;
		ethertype = unreach_be16(p + 2);
	}
	return 1;
}

/* An IPv4 header that is not there as a whole: is it ICMP's, as far as can be read? */
static UNREACH_INLINE enum unreach_outcome unreach_parse_stump(struct unreach_cursor *c)
{
	const __u8 *p = unreach_at(c, c->at, 10);

	return p && p[0] >> 4 == 4 && p[9] == UNREACH_PROTO_ICMP ? UNREACH_TRUNCATED
								 : UNREACH_NOT_OURS;
}

/* See unreach_parse_ipv4; the header's first UNREACH_IPV4_HEADER bytes are at p. */
static UNREACH_INLINE enum unreach_outcome unreach_parse_header(struct unreach_cursor *c,
								const __u8 *p)
{
	__u32 header, total;

	if (p[9] != UNREACH_PROTO_ICMP || p[0] >> 4 != 4)
		return UNREACH_NOT_OURS;

	header = (p[0] & 0xfU) * 4U;
	total = unreach_be16(p + 2);
	if (header < UNREACH_IPV4_HEADER || total < header)
		return UNREACH_BAD_HEADER;
	if (unreach_be16(p + 6) & 0x1fff)
		return UNREACH_FRAGMENT;

	c->outer = p;
	c->ip = c->at;
	c->limit = c->at + total;
	c->at += header;
	return UNREACH_OK;
}

/*
 * Steps over the IPv4 header at the cursor (RFC 791, 3.1): OK with the cursor
 * at an ICMP message, and the limit at its end by the header's word.
 */
static UNREACH_INLINE enum unreach_outcome unreach_parse_ipv4(struct unreach_cursor *c)
{
	const __u8 *p = unreach_at(c, c->at, UNREACH_IPV4_HEADER);

	if (p)
		return unreach_parse_header(c, p);
	return unreach_parse_stump(c);
}

/* Is the ICMP message at the cursor a Destination Unreachable (RFC 792)? */
static UNREACH_INLINE enum unreach_outcome unreach_parse_icmp(struct unreach_cursor *c)
{
	const __u8 *p = unreach_at(c, c->at, 2);

	c->icmp = p;
	if (p)
		return *p == UNREACH_ICMP_UNREACHABLE ? UNREACH_OK : UNREACH_NOT_OURS;
	p = unreach_at(c, c->at, 1);
	return p && *p != UNREACH_ICMP_UNREACHABLE ? UNREACH_NOT_OURS : UNREACH_TRUNCATED;
}

/* Does the datagram at the cursor carry such a message? See unreach_find. */
static UNREACH_INLINE enum unreach_outcome unreach_find_in_ip(struct unreach_cursor *c)
{
	enum unreach_outcome outcome = unreach_parse_ipv4(c);

	return outcome == UNREACH_OK ? unreach_parse_icmp(c) : outcome;
}

/*
 * Is the frame an ICMP Destination Unreachable message? With OK the cursor is
 * at its ICMP header, of which type and code are there, and the limit at its
 * end by the IP header. Frames without tags go a way of their own, in which the
 * compiler knows each offset up to the ICMP header.
 */
static UNREACH_INLINE enum unreach_outcome unreach_find(struct unreach_cursor *c,
							enum unreach_link link)
{
	__u32 ethertype = unreach_parse_link(c, link);

	if (ethertype == UNREACH_ETHERTYPE_IPV4)
		return unreach_find_in_ip(c);
	return unreach_parse_tags(c, ethertype) ? unreach_find_in_ip(c) : UNREACH_NOT_OURS;
}

/* Fills what the VLAN tags say. */
static UNREACH_INLINE void unreach_fill_tags(struct unreach_cursor *c, enum unreach_link link,
					     struct unreach_event *ev)
{
	__u32 i;

	ev->vlans = (__u8)c->tags;
	for (i = 0; i < UNREACH_VLANS && i < c->tags; i++) {
		const __u8 *p = unreach_at(c, unreach_link_header(link) + 4 * i, 2);

		if (!p)
			return;
		ev->vlan[i] = unreach_be16(p);
	}
}

/* Fills what the outer IP header and the ICMP header say. */
static UNREACH_INLINE int unreach_fill_outer(struct unreach_cursor *c, struct unreach_event *ev)
{
	const __u8 *ip = unreach_at(c, c->ip, UNREACH_IPV4_HEADER), *icmp = unreach_at(c, c->at, 2);

	if (!ip || !icmp)
		return -1;
	ev->family = UNREACH_IPV4;
	ev->tos = ip[1];
	ev->length = unreach_be16(ip + 2);
	ev->id = unreach_be16(ip + 4);
	ev->ttl = ip[8];
	unreach_ipv4(&ev->src, ip + 12);
	unreach_ipv4(&ev->dst, ip + 16);
	ev->type = icmp[0];
	ev->code = icmp[1];
	if (ev->code != UNREACH_ICMP_FRAG_NEEDED)
		return 0;
	icmp = unreach_at(c, c->at, UNREACH_ICMP_HEADER);
	if (icmp) {
		ev->mtu = unreach_be16(icmp + 6); /* RFC 1191, 4 */
		ev->present |= UNREACH_HAS_MTU;
	}
	return 0;
}

/* What the first byte of an IPv4 header says can be one (RFC 791, 3.1). */
static UNREACH_INLINE int unreach_is_ipv4(__u8 first)
{
	return first >> 4 == 4 && (first & 0xfU) * 4U >= UNREACH_IPV4_HEADER;
}

/* The first `size` (constant) bytes of the quoted IPv4 header, or NULL: no such header, or less of
 * it. */
static UNREACH_INLINE const __u8 *unreach_quoted_ip(struct unreach_cursor *c, __u32 size)
{
	const __u8 *p = unreach_at(c, c->at + UNREACH_ICMP_HEADER, size);

	return p && unreach_is_ipv4(p[0]) ? p : 0;
}

static UNREACH_INLINE int unreach_has_ports(__u8 proto)
{
	return proto == UNREACH_PROTO_TCP || proto == UNREACH_PROTO_UDP ||
	       proto == UNREACH_PROTO_SCTP || proto == UNREACH_PROTO_DCCP ||
	       proto == UNREACH_PROTO_UDPLITE;
}

/* Fills from the first n (0 to 20) bytes of a quoted IPv4 header. */
static UNREACH_INLINE void unreach_fill_quoted_ip(const __u8 *p, __u32 n, struct unreach_event *ev)
{
	if (n >= 2) {
		ev->orig_tos = p[1];
		ev->present |= UNREACH_HAS_ORIG_TOS;
	}
	if (n >= 4) {
		ev->orig_length = unreach_be16(p + 2);
		ev->present |= UNREACH_HAS_ORIG_LENGTH;
	}
	if (n >= 6) {
		ev->orig_id = unreach_be16(p + 4);
		ev->present |= UNREACH_HAS_ORIG_ID;
	}
	if (n >= 8) {
		ev->orig_df = (p[6] >> 6) & 1;
		ev->orig_frag_offset = (__u16)((unreach_be16(p + 6) & 0x1fff) * 8);
		ev->present |= UNREACH_HAS_ORIG_FRAG;
	}
	if (n >= 9) {
		ev->orig_ttl = p[8];
		ev->present |= UNREACH_HAS_ORIG_TTL;
	}
	if (n >= 10) {
		ev->orig_proto = p[9];
		ev->present |= UNREACH_HAS_ORIG_PROTO;
	}
	if (n >= 16) {
		unreach_ipv4(&ev->orig_src, p + 12);
		ev->present |= UNREACH_HAS_ORIG_SRC;
	}
	if (n >= 20) {
		unreach_ipv4(&ev->orig_dst, p + 16);
		ev->present |= UNREACH_HAS_ORIG_DST;
	}
}

/* Fills from the first n (0 to 8) bytes behind a quoted IP header. */
static UNREACH_INLINE void unreach_fill_quoted_transport(const __u8 *p, __u32 n,
							 struct unreach_event *ev)
{
	if (ev->orig_proto == UNREACH_PROTO_ICMP && n >= 1) {
		ev->orig_icmp_type = p[0];
		ev->present |= UNREACH_HAS_ICMP_TYPE;
	}
	if (ev->orig_proto == UNREACH_PROTO_ICMP && n >= 2) {
		ev->orig_icmp_code = p[1];
		ev->present |= UNREACH_HAS_ICMP_CODE;
	}
	if (!unreach_has_ports(ev->orig_proto))
		return;
	if (n >= 2) {
		ev->src_port = unreach_be16(p);
		ev->present |= UNREACH_HAS_SRC_PORT;
	}
	if (n >= 4) {
		ev->dst_port = unreach_be16(p + 2);
		ev->present |= UNREACH_HAS_DST_PORT;
	}
	if (ev->orig_proto == UNREACH_PROTO_UDP && n >= 6) {
		ev->udp_length = unreach_be16(p + 4);
		ev->present |= UNREACH_HAS_UDP_LENGTH;
	}
	if (ev->orig_proto == UNREACH_PROTO_TCP && n >= 8) {
		ev->tcp_seq = unreach_be32(p + 4);
		ev->present |= UNREACH_HAS_TCP_SEQ;
	}
}

/*
 * How much of a datagram of ev->orig_length bytes, with a header of `header`
 * bytes, stands in a quote at `quote`: RFC 792 asks for the header and 8 bytes,
 * or all of it where there is less.
 */
static UNREACH_INLINE enum unreach_quote unreach_quote_size(struct unreach_cursor *c, __u32 quote,
							    __u32 header,
							    const struct unreach_event *ev)
{
	__u32 least = header + 8;

	if (ev->orig_length >= header && ev->orig_length < least)
		least = ev->orig_length;
	return unreach_there(c, quote, least) == least ? UNREACH_QUOTE_FULL : UNREACH_QUOTE_CUT;
}

/* A quote that ends within the IP header. */
static UNREACH_INLINE void unreach_fill_stump(struct unreach_cursor *c, __u32 quote,
					      struct unreach_event *ev)
{
	__u32 n = unreach_there(c, quote, UNREACH_IPV4_HEADER);
	__u8 part[UNREACH_IPV4_HEADER] = {};

	if (n == 0)
		return;
	unreach_copy(c, quote, part, sizeof(part));
	if (!unreach_is_ipv4(part[0])) {
		ev->flags |= UNREACH_FLAG_BAD_QUOTE;
		return;
	}
	unreach_fill_quoted_ip(part, n, ev);
	ev->quote = UNREACH_QUOTE_CUT;
}

/* What stands behind a quoted IP header, at `offset`. */
static UNREACH_INLINE void unreach_fill_transport(struct unreach_cursor *c, __u32 offset,
						  struct unreach_event *ev)
{
	const __u8 *p = unreach_at(c, offset, 8);
	__u8 part[8] = {};

	if (p) {
		unreach_fill_quoted_transport(p, 8, ev);
		return;
	}
	unreach_copy(c, offset, part, sizeof(part));
	unreach_fill_quoted_transport(part, unreach_there(c, offset, 8), ev);
}

/*
 * Fills what the quoted datagram says, as far as it goes. An IP header that
 * is no IPv4 header at all is flagged, and nothing is taken from it.
 */
static UNREACH_INLINE void unreach_fill_quote(struct unreach_cursor *c, struct unreach_event *ev)
{
	__u32 quote = c->at + UNREACH_ICMP_HEADER, header;
	const __u8 *p = unreach_at(c, quote, UNREACH_IPV4_HEADER);

	if (!p) {
		unreach_fill_stump(c, quote, ev);
		return;
	}
	if (!unreach_is_ipv4(p[0])) {
		ev->flags |= UNREACH_FLAG_BAD_QUOTE;
		return;
	}
	header = (p[0] & 0xfU) * 4U;
	unreach_fill_quoted_ip(p, UNREACH_IPV4_HEADER, ev);
	ev->quote = (__u8)unreach_quote_size(c, quote, header, ev);
	if (!ev->orig_frag_offset)
		unreach_fill_transport(c, quote + header, ev);
}

/* Fills the event from a message that unreach_find has found. */
static UNREACH_INLINE void unreach_fill(struct unreach_cursor *c, enum unreach_link link,
					struct unreach_event *ev)
{
	__builtin_memset(ev, 0, sizeof(*ev));
	if (unreach_fill_outer(c, ev))
		return;
	unreach_fill_quote(c, ev);
	unreach_fill_tags(c, link, ev);
}

#endif
