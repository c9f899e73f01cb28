/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the flood's program and its driver share. */
#ifndef UNREACH_TESTS_FLOOD_H
#define UNREACH_TESTS_FLOOD_H

#include <linux/ip.h>
#include <linux/types.h>

/* The least message: a quote of 20 + 8 bytes. */
struct flood_message {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__u32 unused;
	struct iphdr quoted;
	__u8 transport[8];
} __attribute__((packed));

struct flood_range {
	__u32 base; /* host order */
	__u32 span; /* addresses from base on, in turn; 0: random ones */
	__u32 next;
};

#define FLOOD_GROUPS 4

/* Steady sources among the flood: one message of the next one whenever it is due. */
struct flood_group {
	struct flood_range sources;
	__u64 due; /* CLOCK_MONOTONIC ns; 0: no such group */
	__u64 interval; /* ns between two messages of the group */
	__u64 sent;
};

struct flood_job {
	struct flood_range sources;
	struct flood_range targets;
	struct flood_group groups[FLOOD_GROUPS];
	__u64 sent; /* messages of the flood itself */
	__u64 left; /* of them to come; without any, only groups send */
	__u32 ifindex;
	__u32 random_quotes; /* each message quotes another packet, ports and sequence number too */
};

#endif
