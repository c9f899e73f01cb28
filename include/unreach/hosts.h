/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A table of addresses: sets of rows in an array, so that to find a row takes no
 * call. An address has its row in one of two sets that its hash names: in the
 * second one only if, when it came, the first was full or held another row with
 * its tag. A full set stays full, and until it is full it keeps every tag; so what
 * was refused as a first choice is refused ever after, and an address has one row
 * at most. In the second set the row with the same tag is replaced, else, if the
 * set is full, the least recently used one (to a tick of the clock).
 * Tags are 16 bits of the hash, different for each row of a set: all 16 are
 * compared at once, and then one address at most. Looking takes no lock. Making a
 * row takes the set's; the row gets its tag only from the next holder of the lock
 * ("published"), when every CPU can see all of it.
 * The program goes by the map of tags. The copy in the set is written under the
 * same lock, and is for user space alone.
 * A change here is one of UNREACH_ABI_VERSION.
 */
#ifndef UNREACH_HOSTS_H
#define UNREACH_HOSTS_H

#include <linux/bpf.h>

#include "mix.h"

/* Rows of a set. */
#define UNREACH_WAYS 16
/* Tags stand in words of four lanes. */
#define UNREACH_TAG_WORDS 4
#define UNREACH_LANES_LOW 0x0001000100010001ULL
#define UNREACH_LANES_HIGH 0x8000800080008000ULL
/*
 * A way's tag is in the lane and word that bit 16 * lane + word stands for. The upper four
 * bits of such a bit times the first number are the way (a de Bruijn sequence, cut in four);
 * the second has, four bits a way, 4 * lane + word.
 */
#define UNREACH_WAY_OF_BIT 0x8009a00ae00f000ULL
#define UNREACH_LANE_OF_WAY 0xcd7ea84fb6935210ULL

/* Three lines of a cache; what most messages need is in the first. */
struct unreach_host_row {
	struct unreach_addr addr;
	struct unreach_host host;
};

/*
 * What tells a set's rows apart. Those of all sets stand close together in a map of their
 * own, so that a flood of new addresses asks a CPU's caches; the set has a copy.
 */
struct unreach_host_tags {
	__u64 words[UNREACH_TAG_WORDS]; /* 0: no row */
	__u64 slots; /* four bits a way */
};

struct unreach_host_set {
	struct bpf_spin_lock lock; /* for who makes a row, or reads it in user space */
	__u16 made; /* way, from 1, of a row that has no tag yet; 0: there is none */
	__u16 made_tag;
	struct unreach_host_tags tags; /* for user space, which reads them with the rows */
	__u64 reserved[2]; /* so that rows begin with a cache's line */
	struct unreach_host_row rows[UNREACH_WAYS];
};

_Static_assert(sizeof(struct unreach_host_row) == 3 * 64, "layout of unreach_host_row");
_Static_assert(sizeof(struct unreach_host_set) == 49 * 64, "layout of unreach_host_set");

/* Sets of a table that is to hold so many rows. */
static UNREACH_INLINE __u32 unreach_host_sets(__u32 rows)
{
	return (rows + UNREACH_WAYS - 1) / UNREACH_WAYS;
}

/* The words 0 and 1, or 2 and 3, of an address. */
static UNREACH_INLINE __u64 unreach_addr_half(const struct unreach_addr *addr, __u32 half)
{
	return (__u64)addr->words[2 * half] << 32 | addr->words[2 * half + 1];
}

/* An address's hash: each half names a set by its highest bits; the lowest ones are the tag. */
static UNREACH_INLINE __u64 unreach_host_hash(const struct unreach_host_key *key, __u64 seed)
{
	return unreach_mix(unreach_mix(seed + key->slot, unreach_addr_half(&key->addr, 0)),
			   unreach_addr_half(&key->addr, 1));
}

/* The set in which an address is looked for first, and the one after that. */
static UNREACH_INLINE __u32 unreach_host_first(__u64 hash, __u32 sets)
{
	return (__u32)((hash & 0xffffffff) * sets >> 32);
}

static UNREACH_INLINE __u32 unreach_host_second(__u64 hash, __u32 sets)
{
	return (__u32)((hash >> 32) * sets >> 32);
}

/* The tag of that hash; never 0, which is "no row". */
static UNREACH_INLINE __u32 unreach_host_tag(__u64 hash)
{
	__u32 tag = hash & 0xffff;

	return tag + !tag;
}

/*
 * A way that has the tag (0: a free one); UNREACH_WAYS: none has.
 * Without a branch for each, since the verifier would walk what follows once for
 * each of them. A lane that is 0 borrows from the one above it, which may then
 * look like 0, too; the lowest one is right.
 */
static UNREACH_INLINE __u32 unreach_tag_find(const struct unreach_host_tags *tags, __u32 tag)
{
	__u64 wanted = tag * UNREACH_LANES_LOW, found = 0;
	__u32 i;

#pragma GCC unroll 4
	for (i = 0; i < UNREACH_TAG_WORDS; i++) {
		__u64 lanes = tags->words[i] ^ wanted;

		found |= ((lanes - UNREACH_LANES_LOW) & ~lanes & UNREACH_LANES_HIGH) >> (3 - i);
	}
	if (!found)
		return UNREACH_WAYS;
	found = (found & -found) >> 12; /* bit 16 * lane + word */
	return (__u32)(found * UNREACH_WAY_OF_BIT >> 60);
}

/* The way's tag; 0: it has no row, or one that is not published. */
static UNREACH_INLINE __u32 unreach_tag_get(const struct unreach_host_tags *tags, __u32 way)
{
	__u32 place = UNREACH_LANE_OF_WAY >> way % UNREACH_WAYS * 4 & 15;

	return tags->words[place % 4] >> place / 4 * 16 & 0xffff;
}

/* Gives the way a tag, or takes it away (0). The set's lock is held. */
static UNREACH_INLINE void unreach_tag_put(struct unreach_host_tags *tags, __u32 way, __u32 tag)
{
	__u32 place = UNREACH_LANE_OF_WAY >> way % UNREACH_WAYS * 4 & 15, shift = place / 4 * 16;
	__u64 *word = &tags->words[place % 4];

	*word = (*word & ~(0xffffULL << shift)) | (__u64)tag << shift;
}

/* The slot of the interface that the way's row belongs to. */
static UNREACH_INLINE __u32 unreach_tag_slot(const struct unreach_host_tags *tags, __u32 way)
{
	return tags->slots >> way % UNREACH_WAYS * 4 & 15;
}
_Static_assert(UNREACH_SLOTS == 16, "a slot has four bits");

/* Is the way's row, if there is one, that of the address? */
static UNREACH_INLINE int unreach_host_is(const struct unreach_host_set *set,
					  const struct unreach_host_tags *tags, __u32 way,
					  const struct unreach_host_key *key)
{
	const __u32 *x = set->rows[way % UNREACH_WAYS].addr.words, *y = key->addr.words;

	return !((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]) |
		 (unreach_tag_slot(tags, way) ^ key->slot));
}

/* Whose row is it, by the set's copy of the tags? 0: there is none. */
static UNREACH_INLINE int unreach_host_key_of(const struct unreach_host_set *set, __u32 way,
					      struct unreach_host_key *key)
{
	key->addr = set->rows[way % UNREACH_WAYS].addr;
	key->slot = unreach_tag_slot(&set->tags, way);
	return unreach_tag_get(&set->tags, way) != 0;
}

/* The way that was not used longest: the least of their times, each with its way below. */
static UNREACH_INLINE __u32 unreach_host_oldest(const struct unreach_host_set *set)
{
	__u64 least = ~0ULL, one;
	__u32 i;

#pragma GCC unroll 16
	for (i = 0; i < UNREACH_WAYS; i++) {
		one = set->rows[i].host.last * UNREACH_WAYS | i;
		if (one < least)
			least = one;
	}
	return least % UNREACH_WAYS;
}

/* The row that was made last gets its tag. The lock is held. */
static UNREACH_INLINE void unreach_host_publish(struct unreach_host_set *set,
						struct unreach_host_tags *tags)
{
	if (!set->made)
		return;
	unreach_tag_put(tags, set->made - 1U, set->made_tag);
	set->made = 0;
}

/* A row for the address, in the place of whatever was there; it has no tag yet. The lock is held.
 */
static UNREACH_INLINE void unreach_host_make(struct unreach_host_set *set,
					     struct unreach_host_tags *tags, __u32 way,
					     const struct unreach_host_key *key, __u32 tag,
					     __u64 now)
{
	struct unreach_host_row *row = &set->rows[way % UNREACH_WAYS];
	__u32 shift = way % UNREACH_WAYS * 4;

	unreach_tag_put(tags, way, 0);
	__builtin_memset(&row->host, 0, sizeof(row->host));
	row->host.first = row->host.last = now;
	tags->slots = (tags->slots & ~(15ULL << shift)) | (__u64)key->slot << shift;
	/*
	 * The address comes last: a CPU that has just read the same tag, of the row
	 * before, must not take a half-made row for its own.
	 */
	asm volatile("" ::: "memory");
	row->addr = key->addr;
	set->made = (__u16)(way + 1);
	set->made_tag = (__u16)tag;
}

/* As unreach_host_settle, but for the set's copy of the tags. */
static UNREACH_INLINE __u32 unreach_host_take(struct unreach_host_set *set,
					      struct unreach_host_tags *tags,
					      const struct unreach_host_key *key, __u32 tag,
					      __u64 now, int last)
{
	__u32 way;

	unreach_host_publish(set, tags);
	way = unreach_tag_find(tags, tag);
	if (way < UNREACH_WAYS) {
		if (unreach_host_is(set, tags, way, key))
			return way;
		if (!last)
			return UNREACH_WAYS;
	} else {
		way = unreach_tag_find(tags, 0);
		if (way == UNREACH_WAYS && last)
			way = unreach_host_oldest(set);
	}
	if (way < UNREACH_WAYS)
		unreach_host_make(set, tags, way, key, tag, now);
	return way;
}

/*
 * The way of the address's row in the set whose tags these are, which is made if
 * it is not there and there is room; where `last`, room is made. UNREACH_WAYS:
 * there is none. Its tag is there after the next call. The lock is held.
 */
static UNREACH_INLINE __u32 unreach_host_settle(struct unreach_host_set *set,
						struct unreach_host_tags *tags,
						const struct unreach_host_key *key, __u32 tag,
						__u64 now, int last)
{
	__u32 way = unreach_host_take(set, tags, key, tag, now, last);

	set->tags = *tags;
	return way;
}

#endif
