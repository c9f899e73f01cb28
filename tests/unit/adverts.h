/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * "Fragmentation needed" messages made by hand, as the parser would leave
 * them: who told whom is a number each, the flags are the core's own. Knows
 * nothing of tables and alerts.
 */
#ifndef UNREACH_TESTS_UNIT_ADVERTS_H
#define UNREACH_TESTS_UNIT_ADVERTS_H

#include <stdint.h>

#include "unreach/path.h"

#define MS UNREACH_MS
#define SECOND (1000 * UNREACH_MS)
/* Some time on the timeline, a whole number of ms. */
#define START (5000 * SECOND)

static inline struct unreach_addr ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct unreach_addr){ .bytes = { [10] = 0xff, 0xff, a, b, c, d } };
}

/* A router tells host `host` that its packet of `length` bytes to `target` is too long. */
static inline struct unreach_event advert_of(uint8_t host, uint8_t target, uint8_t protocol,
					     uint32_t mtu, uint32_t length)
{
	struct unreach_event ev = {
		.src = ipv4(192, 0, 2, 1),
		.dst = ipv4(198, 51, 100, host),
		.orig_src = ipv4(198, 51, 100, host),
		.orig_dst = ipv4(203, 0, 113, target),
		.present = UNREACH_HAS_MTU | UNREACH_HAS_ORIG_SRC | UNREACH_HAS_ORIG_DST |
			   UNREACH_HAS_ORIG_LENGTH | UNREACH_HAS_ORIG_FRAG | UNREACH_HAS_ORIG_PROTO,
		.mtu = mtu,
		.orig_length = length,
		.orig_proto = protocol,
		.orig_df = 1,
		.type = 3,
		.code = 4,
		.checksum = UNREACH_CHECKSUM_OK,
	};

	ev.flags = unreach_mtu_flags(&ev);
	return ev;
}

/* The quoted packet is a TCP segment of the flow with that source port. */
static inline struct unreach_event tcp_advert(uint16_t port, uint32_t seq, uint32_t mtu,
					      uint32_t length)
{
	struct unreach_event ev = advert_of(7, 9, 6, mtu, length);

	ev.present |= UNREACH_HAS_SRC_PORT | UNREACH_HAS_DST_PORT | UNREACH_HAS_TCP_SEQ;
	ev.src_port = port;
	ev.dst_port = 443;
	ev.tcp_seq = seq;
	return ev;
}

static inline struct unreach_event udp_advert(uint16_t port, uint32_t mtu, uint32_t length)
{
	struct unreach_event ev = advert_of(7, 9, 17, mtu, length);

	ev.present |= UNREACH_HAS_SRC_PORT | UNREACH_HAS_DST_PORT | UNREACH_HAS_UDP_LENGTH;
	ev.src_port = port;
	ev.dst_port = 443;
	return ev;
}

/* The quoted packet is a ping. */
static inline struct unreach_event echo_advert(uint32_t mtu, uint32_t length)
{
	struct unreach_event ev = advert_of(7, 9, 1, mtu, length);

	ev.present |= UNREACH_HAS_ICMP_TYPE | UNREACH_HAS_ICMP_CODE;
	ev.orig_icmp_type = 8;
	ev.flags = unreach_mtu_flags(&ev);
	return ev;
}

#endif
