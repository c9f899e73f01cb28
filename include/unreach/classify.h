/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Judgements on one message alone: is its checksum right, is the next-hop MTU
 * plausible, does the quote fit. What several messages together mean is the
 * detectors' matter.
 */
#ifndef UNREACH_CLASSIFY_H
#define UNREACH_CLASSIFY_H

#include "parse.h"

/* Least MTU of IPv4 (RFC 791, 3.2), and Linux's least believable one (min_pmtu). */
#define UNREACH_MTU_LEAST 68
#define UNREACH_MTU_TINY 552

/*
 * Adds the `length` bytes (1 to UNREACH_CHECKSUM_SPAN) at `offset` to a ones'
 * complement sum (RFC 1071), bytes in memory order, and stores it unfolded.
 * Each target brings its own. Returns 0, or -1 where bytes are missing.
 */
typedef int (*unreach_sum_fn)(struct unreach_cursor *c, __u32 offset, __u32 length, __u32 *sum);

/* Folds a 32-bit ones' complement sum to 16 bits. */
static UNREACH_INLINE __u16 unreach_fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)sum;
}

/* Verifies the message that unreach_find has found (RFC 792), where all of it is there. */
static UNREACH_INLINE enum unreach_checksum unreach_checksum(struct unreach_cursor *c,
							     unreach_sum_fn sum_of)
{
	__u32 length = c->limit - c->at;
	__u32 sum = 0;

	if (c->outer[6] & 0x20) /* more fragments */
		return UNREACH_CHECKSUM_UNVERIFIED;
	if (length < UNREACH_ICMP_HEADER || length > UNREACH_CHECKSUM_SPAN)
		return UNREACH_CHECKSUM_UNVERIFIED;
	if (sum_of(c, c->at, length, &sum))
		return UNREACH_CHECKSUM_UNVERIFIED;
	return unreach_fold(sum) == 0xffff ? UNREACH_CHECKSUM_OK : UNREACH_CHECKSUM_BAD;
}

/* The classes of implausible "fragmentation needed" (RFC 1191, 5927). */
static UNREACH_INLINE __u16 unreach_mtu_flags(const struct unreach_event *ev)
{
	__u16 flags = 0;

	if (!(ev->present & UNREACH_HAS_MTU))
		return 0;
	if (ev->mtu == 0)
		flags |= UNREACH_FLAG_LEGACY;
	else if (ev->mtu < UNREACH_MTU_LEAST)
		flags |= UNREACH_FLAG_IMPOSSIBLE;
	else if (ev->mtu < UNREACH_MTU_TINY)
		flags |= UNREACH_FLAG_TINY;
	if (ev->mtu != 0 && ev->present & UNREACH_HAS_ORIG_LENGTH && ev->mtu >= ev->orig_length)
		flags |= UNREACH_FLAG_POINTLESS;
	if (ev->present & UNREACH_HAS_ORIG_FRAG && !ev->orig_df)
		flags |= UNREACH_FLAG_NO_DF;
	if (ev->present & UNREACH_HAS_ICMP_TYPE &&
	    (ev->orig_icmp_type == 8 || ev->orig_icmp_type == 0))
		flags |= UNREACH_FLAG_ECHO;
	return flags;
}

static UNREACH_INLINE int unreach_same_addr(const struct unreach_addr *a,
					    const struct unreach_addr *b)
{
	return a->words[0] == b->words[0] && a->words[1] == b->words[1] &&
	       a->words[2] == b->words[2] && a->words[3] == b->words[3];
}

/* Is the quoted source another than the host that the message was sent to? */
static UNREACH_INLINE int unreach_off_path(const struct unreach_event *ev)
{
	return ev->present & UNREACH_HAS_ORIG_SRC && !unreach_same_addr(&ev->orig_src, &ev->dst);
}

/* Adds the judgements to a message that unreach_fill has filled. */
static UNREACH_INLINE void unreach_judge(enum unreach_checksum checksum, struct unreach_event *ev)
{
	ev->checksum = (__u8)checksum;
	ev->flags |= unreach_mtu_flags(ev);
	if (unreach_off_path(ev))
		ev->flags |= UNREACH_FLAG_OFF_PATH;
}

#endif
