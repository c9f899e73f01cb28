/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sources, targets or senders, read out of the kernel's table or counted from
 * a capture: rows, and what could not be attributed to one.
 */
#ifndef UNREACH_STATE_HOSTS_H
#define UNREACH_STATE_HOSTS_H

#include <stddef.h>
#include <stdint.h>

#include "unreach/abi.h"

struct host_row {
	struct unreach_host_key key;
	struct unreach_host value;
};

struct hosts {
	struct host_row *rows;
	size_t count;
	size_t room; /* rows allocated */
	uint32_t
		*index; /* hash index of a table that is counted into; NULL where it is only read */
	size_t index_size;
	uint64_t seed; /* of the hash */
	uint64_t size; /* rows the table can hold; 0: no limit */
	struct unreach_attribution attribution; /* summed over interfaces and CPUs */
};

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
