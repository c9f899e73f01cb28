/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages by hand into the scans, of which there is one set: who was told of which target. */
#ifndef UNREACH_TESTS_UNIT_SCAN_MESSAGES_H
#define UNREACH_TESTS_UNIT_SCAN_MESSAGES_H

#include "findings.h"
#include "state/scans.h"

#define PROTO_UDP 17

static struct scans *scans;

static inline void count_row(void *context, const void *key, const void *value)
{
	(void)key;
	(void)value;
	++*(unsigned int *)context;
}

/* "Host unreachable", about a UDP datagram of our host to a target. */
static inline struct unreach_event told(uint32_t host, uint32_t target)
{
	return (struct unreach_event){
		.src = host_in(192, 1),
		.dst = host_in(10, host),
		.orig_src = host_in(10, host),
		.orig_dst = host_in(203, target),
		.present = UNREACH_HAS_ORIG_SRC | UNREACH_HAS_ORIG_DST | UNREACH_HAS_ORIG_PROTO |
			   UNREACH_HAS_SRC_PORT | UNREACH_HAS_DST_PORT,
		.code = 1,
		.checksum = UNREACH_CHECKSUM_OK,
		.orig_proto = PROTO_UDP,
		.src_port = 50000,
		.dst_port = 53,
	};
}

/* Message after message about `count` targets from `from` on, `gap` ns between them. */
static inline uint64_t tell(uint32_t host, uint32_t from, uint32_t count, uint64_t begin,
			    uint64_t gap)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		const struct unreach_event e = told(host, from + i);

		scans_take(scans, &e, 0, begin + i * gap);
	}
	return begin + count * gap;
}

/* Senders that have been found to scan. */
static inline unsigned int found(void)
{
	unsigned int senders = 0;

	scans_walk(scans, count_row, &senders);
	return senders;
}

#endif
