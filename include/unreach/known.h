/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which addresses may have a row in a table: a filter of one byte a cell that
 * a flood of new ones asks instead of the table, whose rows are scattered over
 * more memory than a CPU's caches hold. A row marks its cell when it is made
 * and when it is used. A generation is as many new rows as the table holds; a
 * row that was not used for one is washed out, so marks of this generation and
 * the one before are all that matter, and nothing has to be cleared. Marks are
 * plain stores, so CPUs need no lock; a stale one costs a look-up in the table.
 */
#ifndef UNREACH_KNOWN_H
#define UNREACH_KNOWN_H

#include "mix.h"

/* Cells of one table stand in words of so many; there are as many words as rows, or more. */
#define UNREACH_KNOWN_CELLS 8

/* One word of cells. */
struct unreach_known {
	__u8 cells[UNREACH_KNOWN_CELLS]; /* tag of the generation that marked it last, 0: none */
};

/* An address's hash: the word by its lower half, the cell in it by its highest bits. */
static UNREACH_INLINE __u64 unreach_known_hash(const struct unreach_host_key *key, __u64 seed)
{
	const __u32 *words = key->addr.words;
	__u64 hash = unreach_mix(seed, (__u64)words[0] << 32 | words[1]);

	hash = unreach_mix(hash, (__u64)words[2] << 32 | words[3]);
	return unreach_mix(hash, key->slot);
}

static UNREACH_INLINE __u8 unreach_known_tag(__u32 generation)
{
	return (__u8)(1 + generation % 255);
}

/* Its cell in the word. */
static UNREACH_INLINE __u8 *unreach_known_cell(struct unreach_known *word, __u64 hash)
{
	return &word->cells[hash >> 61];
}

/* May an address with that cell have a row that was used of late? */
static UNREACH_INLINE int unreach_known_recent(__u8 cell, __u32 generation)
{
	return cell == unreach_known_tag(generation) || cell == unreach_known_tag(generation - 1);
}

#endif
