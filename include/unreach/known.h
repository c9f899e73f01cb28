/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which flows may have a row in their table: a filter of one byte a cell that
 * a flood of new ones asks instead of the table, whose rows are scattered over
 * more memory than a CPU's caches hold. A row marks its cells when it is made
 * and when it is used. A row that was not used while as many new ones came as
 * the table holds is washed out, but for a few that another CPU's free list
 * still holds; these are found again when somebody is let in. So time is
 * counted in generations of new rows, of which UNREACH_KNOWN_GENERATIONS are
 * that many; older marks say nothing, and nothing has to be cleared. Marks are
 * plain stores, so CPUs need no lock; one that is not needed any more costs a
 * look-up in the table.
 */
#ifndef UNREACH_KNOWN_H
#define UNREACH_KNOWN_H

#include "abi.h"

/* Cells of one table stand in words of so many; there are as many words as rows, or more. */
#define UNREACH_KNOWN_CELLS 16
/* Generations in which a table's rows are all new; log2 of it. */
#define UNREACH_KNOWN_GENERATIONS_LOG2 2
#define UNREACH_KNOWN_GENERATIONS (1U << UNREACH_KNOWN_GENERATIONS_LOG2)

/* One word of cells; a row has two in it (Bloom, 1970), so one line of a cache is all. */
struct unreach_known {
	__u8 cells[UNREACH_KNOWN_CELLS]; /* tag of the generation that marked it last, 0: none */
};

/* The generation after so many new rows, in a table of 1 << shift. */
static UNREACH_INLINE __u32 unreach_known_generation(__u64 rows, __u32 shift)
{
	return (__u32)(rows << UNREACH_KNOWN_GENERATIONS_LOG2 >> shift);
}

static UNREACH_INLINE __u8 unreach_known_tag(__u32 generation)
{
	return (__u8)(1 + generation % 255);
}

/* Is the mark of a generation in which the table's rows need not all be newer? */
static UNREACH_INLINE int unreach_known_recent(__u8 cell, __u32 generation)
{
	__u32 age = 255U + unreach_known_tag(generation) - cell;

	return cell && age % 255 <= UNREACH_KNOWN_GENERATIONS;
}

/* May there be a row of that hash, whose word it is? */
static UNREACH_INLINE int unreach_known_may_be(const struct unreach_known *word, __u64 hash,
					       __u32 generation)
{
	return unreach_known_recent(word->cells[hash >> 60], generation) &&
	       unreach_known_recent(word->cells[hash >> 56 & 15], generation);
}

/* There is one, and it is used. */
static UNREACH_INLINE void unreach_known_mark(struct unreach_known *word, __u64 hash,
					      __u32 generation)
{
	__u8 *one = &word->cells[hash >> 60], *other = &word->cells[hash >> 56 & 15];
	__u8 tag = unreach_known_tag(generation);

	if (*one != tag) /* spare the shared cache line */
		*one = tag;
	if (*other != tag)
		*other = tag;
}

#endif
