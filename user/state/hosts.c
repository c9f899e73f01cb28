// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rows by address. Counting from a capture finds a row by an open-addressing
 * hash over row numbers; its seed is random, since whoever sends the packets
 * picks the addresses. Rows keep the order in which they came.
 */
#include "state/hosts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ROWS_FIRST 64
#define INDEX_PER_ROW 2 /* index places for a row that there is room for; a power of two */

static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static size_t hash(const struct hosts *h, const struct unreach_host_key *key)
{
	uint64_t halves[2];

	memcpy(halves, key->addr.bytes, sizeof(halves));
	return mix(mix(halves[0] ^ h->seed, halves[1] ^ 0x9e3779b97f4a7c15ULL) ^ key->slot,
		   h->seed | 1);
}

/* The place of the key, or the free one where it belongs. */
static uint32_t *place_of(const struct hosts *h, const struct unreach_host_key *key)
{
	size_t i = hash(h, key);

	for (;; i++) {
		uint32_t *place = &h->index[i & (h->index_size - 1)];

		if (!*place || !memcmp(&h->rows[*place - 1].key, key, sizeof(*key)))
			return place;
	}
}

static int grow_rows(struct hosts *h)
{
	size_t room = h->room ? 2 * h->room : ROWS_FIRST;
	struct host_row *rows = reallocarray(h->rows, room, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	h->rows = rows;
	h->room = room;
	return 0;
}

/* Makes the index anew, for all rows that there is room for. */
static int grow_index(struct hosts *h)
{
	size_t i, size = h->room * INDEX_PER_ROW;
	uint32_t *index;

	if (h->room >= UINT32_MAX)
		return -ENOMEM;
	index = calloc(size, sizeof(*index));
	if (!index)
		return -ENOMEM;
	if (!h->index && getrandom(&h->seed, sizeof(h->seed), GRND_NONBLOCK) < 0)
		h->seed = (uintptr_t)index;
	free(h->index);
	h->index = index;
	h->index_size = size;
	for (i = 0; i < h->count; i++)
		*place_of(h, &h->rows[i].key) = (uint32_t)i + 1;
	return 0;
}

static int make_room(struct hosts *h)
{
	if (h->index && h->count < h->room)
		return 0;
	if (h->count == h->room && grow_rows(h))
		return -ENOMEM;
	return grow_index(h);
}

static struct unreach_host *add_row(struct hosts *h, uint32_t *place,
				    const struct unreach_host_key *key, uint64_t now)
{
	struct host_row *row = &h->rows[h->count++];

	memset(row, 0, sizeof(*row));
	row->key = *key;
	row->value.first = now;
	row->value.last = now;
	*place = (uint32_t)h->count;
	return &row->value;
}

int hosts_count(struct hosts *h, const struct unreach_host_key *key, const struct unreach_event *ev,
		uint64_t now)
{
	struct unreach_host *host;
	uint32_t *place;

	if (make_room(h))
		return -ENOMEM;
	place = place_of(h, key);
	host = *place ? &h->rows[*place - 1].value : add_row(h, place, key, now);
	host->messages[ev->code < UNREACH_CODES ? ev->code : UNREACH_CODES]++;
	if (host->first > now)
		host->first = now;
	if (host->last < now)
		host->last = now;
	h->attribution.attributable++;
	h->attribution.attributed++;
	return 0;
}

int hosts_append(struct hosts *h, const struct host_row *row)
{
	if (h->count == h->room && grow_rows(h))
		return -ENOMEM;
	h->rows[h->count++] = *row;
	return 0;
}

uint64_t hosts_messages(const struct unreach_host *host)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i <= UNREACH_CODES; i++)
		sum += host->messages[i];
	return sum;
}

uint64_t hosts_evicted(const struct hosts *h)
{
	uint64_t there = 0;
	size_t i;

	for (i = 0; i < h->count; i++)
		there += hosts_messages(&h->rows[i].value);
	/* Rows are read after the sum was: live, they can be ahead of it. */
	return h->attribution.attributed > there ? h->attribution.attributed - there : 0;
}

void hosts_free(struct hosts *h)
{
	free(h->rows);
	free(h->index);
	memset(h, 0, sizeof(*h));
}
