/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A token bucket in one number: the generic cell rate algorithm (ITU-T I.371).
 * The state is the time at which the bucket will be full again; time is a
 * parameter. Racing callers can pass a few more than the rate, never fewer
 * than none: budgets bear that, counters don't use it.
 */
#ifndef UNREACH_BUCKET_H
#define UNREACH_BUCKET_H

#include "abi.h"

/* How fast a bucket fills, and how much it holds, both in ns. */
struct unreach_rate {
	__u64 interval; /* ns for one token */
	__u64 burst; /* ns worth of tokens that it can hold; at least one interval */
};

/*
 * Takes one token at the time `now` (ns, any clock that does not go back).
 * Returns 1 where there was one. A zeroed bucket is full.
 */
static UNREACH_INLINE int unreach_bucket_take(__u64 *bucket, __u64 now, struct unreach_rate rate)
{
	__u64 full = *bucket > now ? *bucket : now;

	if (full + rate.interval > now + rate.burst)
		return 0;
	*bucket = full + rate.interval;
	return 1;
}

#endif
