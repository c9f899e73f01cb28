/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The filter in front of the tables of addresses (unreach/known.h): where its
 * cells stand, and how far each table has come. It is asked only while a table
 * lets nobody in, and kept up to date all the time.
 */
#ifndef UNREACH_BPF_KNOWN_H
#define UNREACH_BPF_KNOWN_H

#include "maps.h"
#include "unreach/known.h"

/* log2 of the words of one table, which are as many as its rows, or more */
const volatile __u32 known_shift;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct unreach_known);
	__uint(max_entries, UNREACH_TABLES); /* times the words of one, set before load */
} known SEC(".maps");

/* Rows ever made, by table. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, UNREACH_TABLES);
} census SEC(".maps");

static __always_inline struct unreach_known *known_word(enum unreach_table table, __u64 hash)
{
	__u32 words = 1U << known_shift, index = table * words + ((__u32)hash & (words - 1));

	return bpf_map_lookup_elem(&known, &index);
}

static __always_inline __u32 generation_of(enum unreach_table table)
{
	__u32 index = table;
	__u64 *rows = bpf_map_lookup_elem(&census, &index);

	return rows ? unreach_known_generation(*rows, known_shift) : 0;
}

/* Can the address have no row? */
static __always_inline bool is_unknown(enum unreach_table table, const struct unreach_host_key *key)
{
	__u64 hash = unreach_known_hash(key, cell_seed);
	struct unreach_known *word = known_word(table, hash);

	return word && !unreach_known_may_be(word, hash, generation_of(table));
}

/* The address's row is used; its cells are marked once a generation. */
static __always_inline void mark_known(enum unreach_table table, const struct unreach_host_key *key,
				       struct unreach_host *row)
{
	__u32 generation = generation_of(table);
	struct unreach_known *word;
	__u64 hash;

	if (row->marked == generation + 1)
		return;
	hash = unreach_known_hash(key, cell_seed);
	word = known_word(table, hash);
	if (word)
		unreach_known_mark(word, hash, generation);
	row->marked = generation + 1;
}

/* The table has one more row. */
static __always_inline void count_row(enum unreach_table table)
{
	__u32 index = table;
	__u64 *rows = bpf_map_lookup_elem(&census, &index);

	if (rows)
		__sync_fetch_and_add(rows, 1);
}

#endif
