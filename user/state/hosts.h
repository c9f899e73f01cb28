/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sources, targets or senders, read out of the kernel's table or counted from
 * a capture: rows, and what could not be attributed to one.
 */
#ifndef UNREACH_STATE_HOSTS_H
#define UNREACH_STATE_HOSTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "unreach/abi.h"

struct host_row {
	struct unreach_host_key key;
	struct unreach_host value;
};

struct hosts {
	struct table table; /* of struct host_row */
	uint64_t size; /* rows the table can hold; 0: no limit */
	struct unreach_attribution attribution; /* summed over interfaces and CPUs */
};

/* The same without the rows. */
struct hosts_count {
	uint64_t entries;
	struct unreach_attribution attribution;
};

/* No rows yet. */
static inline struct hosts hosts_none(void)
{
	return (struct hosts){ .table = { .key_size = sizeof(struct unreach_host_key),
					  .row_size = sizeof(struct host_row) } };
}

static inline size_t hosts_entries(const struct hosts *h)
{
	return h->table.count;
}

/* Row `i` of hosts_entries. */
static inline struct host_row *hosts_row(const struct hosts *h, size_t i)
{
	return table_row(&h->table, i);
}

/* Counts one message at its address, making the row at need; 0 or -ENOMEM. */
int hosts_count(struct hosts *h, const struct unreach_host_key *key, const struct unreach_event *ev,
		uint64_t now);
/* Appends a row that was read elsewhere; 0 or -ENOMEM. */
int hosts_append(struct hosts *h, const struct host_row *row);
/* All codes together. */
uint64_t hosts_messages(const struct unreach_host *host);
/* Attributed to rows that the table has let go since. */
uint64_t hosts_evicted(const struct hosts *h);
void hosts_free(struct hosts *h);

#endif
