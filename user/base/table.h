/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rows of one fixed size that are found by their first bytes, the key, and
 * keep the order in which they came. Grows as it must. Knows nothing of what
 * stands in a row; keys are compared byte by byte.
 */
#ifndef UNREACH_BASE_TABLE_H
#define UNREACH_BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table {
	size_t key_size; /* bytes at the beginning of each row */
	size_t row_size; /* bytes */
	size_t count;
	/* The rest is table.c's. */
	char *rows;
	size_t room;
	uint32_t *index;
	size_t index_size;
	uint64_t seed;
};

/* The row of the key; NULL where there is none. Good until a row is made. */
void *table_find(const struct table *t, const void *key);
/* The same, and made at need: the key copied, all else zero. NULL where memory is out. */
void *table_make(struct table *t, const void *key);
/* Adds a row that no key will be asked for, as it is; 0 or -ENOMEM. */
int table_append(struct table *t, const void *row);
/* Row `i` of `count`, in the order in which they came. */
void *table_row(const struct table *t, size_t i);
/* Forgets all rows; the sizes stay. */
void table_free(struct table *t);
/* The hash of a key under a seed: who does not know that can't pick keys that collide. */
uint64_t table_hash(const void *key, size_t size, uint64_t seed);
/* A random one. */
uint64_t table_seed(void);

#endif
