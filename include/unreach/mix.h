/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A hash of a few words under a seed, for tables in which a remote party
 * chooses the keys: who does not know the seed can't make them collide.
 */
#ifndef UNREACH_MIX_H
#define UNREACH_MIX_H

#include "abi.h"

/* One round of a 64-bit mixer: multiplication carries upwards, the shift back down. */
static UNREACH_INLINE __u64 unreach_mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9fb21c651e98df25ULL;
	return hash ^ hash >> 32;
}

#endif
