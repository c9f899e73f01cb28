/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rows of addresses: where one stands in a table's array, and how it gets there
 * (unreach/hosts.h). Who is let in, and what is counted, is attribute.h's matter.
 */
#ifndef UNREACH_BPF_HOSTS_H
#define UNREACH_BPF_HOSTS_H

#include "maps.h"

/* A set of the table whose map it is; NULL: there is no such set. */
static __always_inline struct unreach_host_set *set_at(void *map, __u32 index)
{
	return bpf_map_lookup_elem(map, &index);
}

/* The tags of that set. */
static __always_inline struct unreach_host_tags *tags_at(enum unreach_table table, __u32 index)
{
	index += table * host_sets;
	return bpf_map_lookup_elem(&host_tags, &index);
}

/* The address's row, if it is in that set of the table. */
static __always_inline struct unreach_host *row_in(void *map, enum unreach_table table, __u32 index,
						   const struct unreach_host_key *key, __u32 tag)
{
	const struct unreach_host_tags *tags = tags_at(table, index);
	__u32 way = tags ? unreach_tag_find(tags, tag) : UNREACH_WAYS;
	struct unreach_host_set *set;

	OPAQUE(way);
	if (!tags || way >= UNREACH_WAYS)
		return 0;
	set = set_at(map, index);
	return set && unreach_host_is(set, tags, way, key) ? &set->rows[way].host : 0;
}

/* The address's row in the table; `hash` is the address's. */
static __always_inline struct unreach_host *find_row(void *map, enum unreach_table table,
						     const struct unreach_host_key *key, __u64 hash)
{
	__u32 tag = unreach_host_tag(hash);
	struct unreach_host *row =
		row_in(map, table, unreach_host_first(hash, host_sets), key, tag);

	if (row)
		return row;
	return row_in(map, table, unreach_host_second(hash, host_sets), key, tag);
}

/* See unreach_host_settle; UNREACH_WAYS, too, where there is no such set. */
static __always_inline __u32 settle(void *map, enum unreach_table table, __u32 index,
				    const struct unreach_host_key *key, __u32 tag, __u64 now,
				    bool last)
{
	struct unreach_host_tags *tags = tags_at(table, index);
	struct unreach_host_set *set = set_at(map, index);
	__u32 way;

	if (!tags || !set)
		return UNREACH_WAYS;
	bpf_spin_lock(&set->lock);
	way = unreach_host_settle(set, tags, key, tag, now, last);
	bpf_spin_unlock(&set->lock);
	return way;
}

/*
 * Makes a row for the address of these halves, or finds that another CPU has:
 * index of its set << 32 | way, for row_at; the way is UNREACH_WAYS where neither
 * set took it. Not static, so that the verifier walks it by itself: new rows are rare.
 */
__noinline __u64 make_row(__u32 table, __u64 upper, __u64 lower, __u64 now)
{
	void *map = table == UNREACH_SOURCES   ? (void *)&sources
		    : table == UNREACH_TARGETS ? (void *)&targets
					       : (void *)&senders;
	struct unreach_host_key key = { .addr.words = { upper >> 32, upper, lower >> 32, lower },
					.slot = slot };
	__u64 hash = unreach_host_hash(&key, cell_seed);
	__u32 tag = unreach_host_tag(hash), index = unreach_host_first(hash, host_sets);

	if (settle(map, table, index, &key, tag, now, false) >= UNREACH_WAYS) {
		index = unreach_host_second(hash, host_sets);
		settle(map, table, index, &key, tag, now, true);
	}
	/* Now its tag is there, unless the row is gone again. */
	return (__u64)index << 32 | settle(map, table, index, &key, tag, now, false);
}

/* The row that make_row has made; NULL where neither set took it. */
static __always_inline struct unreach_host *row_at(void *map, __u64 made)
{
	struct unreach_host_set *set;

	if (made & UNREACH_WAYS)
		return 0;
	set = set_at(map, made >> 32);
	if (!set)
		return 0;
	return &set->rows[made % UNREACH_WAYS].host;
}

#endif
