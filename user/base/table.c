// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Open addressing over row numbers, so that rows can be walked in order and
 * moved as one block. The hash's seed is random, since whoever sends the
 * packets picks the keys.
 */
#include "base/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"

#define ROWS_FIRST 64
#define INDEX_PER_ROW 2 /* index places for a row that there is room for; a power of two */

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t table_hash(const void *key, size_t size, uint64_t seed)
{
	const char *at = key;
	uint64_t sum = seed, word;

	for (; size; size -= size < sizeof(word) ? size : sizeof(word), at += sizeof(word)) {
		word = 0;
		memcpy(&word, at, size < sizeof(word) ? size : sizeof(word));
		sum = mix(sum ^ word, 0x9e3779b97f4a7c15ULL);
	}
	return mix(sum, seed | 1);
}

uint64_t table_seed(void)
{
	uint64_t seed;

	/* Early in the machine's start there may be none. */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uintptr_t)&seed ^ clock_mono();
	return seed;
}

/* The place of the key, or the free one where it belongs. */
static uint32_t *place_of(const struct table *t, const void *key)
{
	size_t i = table_hash(key, t->key_size, t->seed);

	for (;; i++) {
		uint32_t *place = &t->index[i & (t->index_size - 1)];

		if (!*place || !memcmp(table_row(t, *place - 1), key, t->key_size))
			return place;
	}
}

static int grow_rows(struct table *t)
{
	size_t room = t->room ? 2 * t->room : ROWS_FIRST;
	char *rows = reallocarray(t->rows, room, t->row_size);

	if (!rows)
		return -ENOMEM;
	t->rows = rows;
	t->room = room;
	return 0;
}

/* Makes the index anew, for all rows that there is room for. */
static int grow_index(struct table *t)
{
	size_t i, size = t->room * INDEX_PER_ROW;
	uint32_t *index;

	if (t->room >= UINT32_MAX)
		return -ENOMEM;
	index = calloc(size, sizeof(*index));
	if (!index)
		return -ENOMEM;
	if (!t->index)
		t->seed = table_seed();
	free(t->index);
	t->index = index;
	t->index_size = size;
	for (i = 0; i < t->count; i++)
		*place_of(t, table_row(t, i)) = (uint32_t)i + 1;
	return 0;
}

static int make_room(struct table *t)
{
	if (t->count == t->room && grow_rows(t))
		return -ENOMEM;
	return t->index && t->index_size == t->room * INDEX_PER_ROW ? 0 : grow_index(t);
}

void *table_find(const struct table *t, const void *key)
{
	const uint32_t *place = t->index ? place_of(t, key) : NULL;

	return place && *place ? table_row(t, *place - 1) : NULL;
}

void *table_make(struct table *t, const void *key)
{
	uint32_t *place;
	char *row;

	if (make_room(t))
		return NULL;
	place = place_of(t, key);
	if (*place)
		return table_row(t, *place - 1);
	row = table_row(t, t->count++);
	memset(row, 0, t->row_size);
	memcpy(row, key, t->key_size);
	*place = (uint32_t)t->count;
	return row;
}

int table_append(struct table *t, const void *row)
{
	if (t->count == t->room && grow_rows(t))
		return -ENOMEM;
	memcpy(table_row(t, t->count++), row, t->row_size);
	return 0;
}

void *table_row(const struct table *t, size_t i)
{
	return t->rows + i * t->row_size;
}

void table_free(struct table *t)
{
	free(t->rows);
	free(t->index);
	*t = (struct table){ .key_size = t->key_size, .row_size = t->row_size };
}
