/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ones' complement sum for classify.h. Most messages are short, and for
 * them a few loads cost less than a helper's call; long stretches go to
 * bpf_csum_diff, which takes constant multiples of 4 up to 512 on every kernel
 * (more answers -EINVAL on old ones, a variable size is refused by the
 * verifier). So a message is summed in chunks of 512, then one of as many times
 * 64 as there are left, then one for each bit that its length has below that.
 * Where a chunk stands follows from the length alone, not from the chunks before
 * it: so all ways through look the same to the verifier, and it walks them once.
 */
#ifndef UNREACH_BPF_SUM_H
#define UNREACH_BPF_SUM_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "unreach/classify.h"

#define SUM_CHUNK 512
#define SUM_REST 64
#define SUM_BY_HELPER 320 /* smallest chunk that is worth a call */

/* Adds `size` bytes (constant) at `offset`; by loads in two chains, which a CPU does side by side.
 */
static __always_inline int sum_chunk(struct unreach_cursor *c, __u32 offset, __u32 size, __u64 *sum)
{
	const __u8 *p = unreach_at(c, offset, size);
	__u64 odd = 0;
	__u32 i;

	if (!p)
		return -1;
	if (size >= SUM_BY_HELPER) {
		*sum += (__u32)bpf_csum_diff(0, 0, (__be32 *)p, size, 0);
		return 0;
	}
#pragma unroll
	for (i = 0; i < size; i += 8) {
		*sum += *(const __u32 *)(p + i);
		if (i + 4 < size)
			odd += *(const __u32 *)(p + i + 4);
	}
	*sum += odd;
	return 0;
}

/* Adds as many times 64 bytes, below 512, as `length` has behind the chunks of 512. */
static __always_inline int sum_rest(struct unreach_cursor *c, __u32 offset, __u32 length,
				    __u64 *sum)
{
	offset += length & -SUM_CHUNK;
	switch (length % SUM_CHUNK / SUM_REST) {
	case 1:
		return sum_chunk(c, offset, 64, sum);
	case 2:
		return sum_chunk(c, offset, 128, sum);
	case 3:
		return sum_chunk(c, offset, 192, sum);
	case 4:
		return sum_chunk(c, offset, 256, sum);
	case 5:
		return sum_chunk(c, offset, 320, sum);
	case 6:
		return sum_chunk(c, offset, 384, sum);
	case 7:
		return sum_chunk(c, offset, 448, sum);
	}
	return 0;
}

/* Adds as many times 64 bytes as `length` has. */
static __always_inline int sum_long(struct unreach_cursor *c, __u32 offset, __u32 length,
				    __u64 *sum)
{
	__u32 chunks = length / SUM_CHUNK, i;

	for (i = 0; i < UNREACH_CHECKSUM_SPAN / SUM_CHUNK && i < chunks; i++)
		if (sum_chunk(c, offset + i * SUM_CHUNK, SUM_CHUNK, sum))
			return -1;
	return sum_rest(c, offset, length, sum);
}

/* Adds the last 0 to 3 bytes, as 16-bit words filled up with zeros. */
static __always_inline int sum_tail(struct unreach_cursor *c, __u32 offset, __u32 length,
				    __u64 *sum)
{
	const __u8 *p;

	if (length & 2) {
		p = unreach_at(c, offset + (length & ~3U), 2);
		if (!p)
			return -1;
		*sum += *(const __u16 *)p;
	}
	if (length & 1) {
		p = unreach_at(c, offset + (length & ~1U), 1);
		if (!p)
			return -1;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		*sum += *p;
#else
		*sum += (__u32)*p << 8;
#endif
	}
	return 0;
}

/* Adding 64 bits of what are 32-bit words can't overflow: there are less than 2^32 of them. */
static __always_inline int sum_message(struct unreach_cursor *c, __u32 offset, __u32 length,
				       __u32 *result)
{
	struct unreach_cursor all = *c;
	__u64 sum = 0;
	__u32 size;

	all.limit = UNREACH_FRAME_SPAN; /* the message's end is told by its length */
	if (length >= SUM_REST && sum_long(&all, offset, length, &sum))
		return -1;
#pragma unroll
	for (size = 32; size >= 4; size /= 2)
		if (length & size && sum_chunk(&all, offset + (length & -2 * size), size, &sum))
			return -1;
	if (length & 3 && sum_tail(&all, offset, length, &sum))
		return -1;
	sum = (__u32)sum + (sum >> 32);
	*result = (__u32)sum + (__u32)(sum >> 32);
	return 0;
}

#endif
