/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sample and hold (Estan and Varghese, 2002), for evidence and flows: what has a
 * row is always counted; something new gets a row only while the table's
 * admission bucket on this CPU allows. So a flood of made-up keys costs one look-up
 * each, and can't wash out the table: the bucket's rate follows the table's size.
 */
#ifndef UNREACH_BPF_ADMIT_H
#define UNREACH_BPF_ADMIT_H

#include "target.h"

/*
 * Makes a row for the key out of `fresh`, if the table lets one in; *reason
 * says why not. `bucket` is the table's on this CPU (bucket.h).
 */
static __always_inline void *admit(void *map, const void *key, const void *fresh, __u64 *bucket,
				   struct unreach_rate rate, __u64 now,
				   enum unreach_unattributed *reason)
{
	*reason = UNREACH_UNATTRIBUTED_ADMISSION;
	if (!bucket || !unreach_bucket_take(bucket, now, rate))
		return 0;
	*reason = UNREACH_UNATTRIBUTED_TABLE;
	/* EEXIST: another CPU was faster, its row is as good. */
	bpf_map_update_elem(map, key, fresh, BPF_NOEXIST);
	return bpf_map_lookup_elem(map, key);
}

#endif
