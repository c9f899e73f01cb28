// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rows by address, counted from a capture or taken over from the kernel. */
#include "state/hosts.h"

#include <errno.h>

int hosts_count(struct hosts *h, const struct unreach_host_key *key, const struct unreach_event *ev,
		uint64_t now)
{
	struct host_row *row = table_make(&h->table, key);
	struct unreach_host *host;

	if (!row)
		return -ENOMEM;
	host = &row->value;
	host->messages[ev->code < UNREACH_CODES ? ev->code : UNREACH_CODES]++;
	if (!host->first || host->first > now)
		host->first = now;
	if (host->last < now)
		host->last = now;
	h->attribution.attributable++;
	h->attribution.attributed++;
	return 0;
}

int hosts_append(struct hosts *h, const struct host_row *row)
{
	return table_append(&h->table, row);
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

	for (i = 0; i < hosts_entries(h); i++)
		there += hosts_messages(&hosts_row(h, i)->value);
	/* Rows are read after the sum was: live, they can be ahead of it. */
	return h->attribution.attributed > there ? h->attribution.attributed - there : 0;
}

void hosts_free(struct hosts *h)
{
	table_free(&h->table);
	*h = hosts_none();
}
