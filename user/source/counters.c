// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Maps -> tallies and tables. Acknowledged numbers are read before the
 * kernel's counters, so that what is delivered never exceeds what is recorded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "source/xdp_internal.h"

#define HOSTS_BATCH 2048

static void read_acks(const struct xdp *x, uint32_t slot, struct unreach_ack_state *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned int ring = 0; ring < x->cpus; ring++) {
		const struct unreach_ack *ack = &x->acks[UNREACH_STREAM(ring, slot, x->cpus)];

		sum->number += ack->state[ack->current & 1].number;
		sum->lost_sink += ack->state[ack->current & 1].lost_sink;
	}
}

/* One slot's counters, summed over CPUs into `sum`; `cpus` has room for one a CPU. */
static int read_slot(const struct xdp *x, uint32_t slot, struct unreach_counters *cpus,
		     struct unreach_counters *sum)
{
	if (bpf_map_lookup_elem(x->maps[MAP_COUNTERS], &slot, cpus))
		return -errno;
	memset(sum, 0, sizeof(*sum));
	for (unsigned int cpu = 0; cpu < x->cpus; cpu++)
		tally_add(sum, &cpus[cpu]);
	return 0;
}

int xdp_read_tallies(struct xdp *x)
{
	struct unreach_counters *cpus = calloc(x->cpus, sizeof(*cpus));
	int rc = cpus ? 0 : -ENOMEM;

	for (unsigned int i = 0; i < x->count && !rc; i++) {
		struct tally *t = &x->tallies[i];

		read_acks(x, t->slot, &t->acked);
		rc = read_slot(x, t->slot, cpus, &t->counters);
	}
	free(cpus);
	return rc;
}

static void sum_attribution(struct xdp *x, enum unreach_table table,
			    struct unreach_attribution *sum)
{
	for (unsigned int i = 0; i < x->count; i++) {
		const struct unreach_attribution *a = &x->tallies[i].counters.tables[table];

		sum->attributable += a->attributable;
		sum->attributed += a->attributed;
		for (int r = 0; r < UNREACH_UNATTRIBUTED_REASONS; r++)
			sum->unattributed[r] += a->unattributed[r];
	}
}

/* Room for one batch of rows as the kernel returns them. */
struct rows {
	struct unreach_host_key keys[HOSTS_BATCH];
	struct unreach_host values[HOSTS_BATCH];
};

static int append(struct hosts *out, const struct rows *rows, unsigned int count)
{
	int rc = 0;

	for (unsigned int i = 0; i < count && !rc; i++) {
		struct host_row row = { .key = rows->keys[i], .value = rows->values[i] };

		rc = hosts_append(out, &row);
	}
	return rc;
}

static int read_rows(const struct xdp *x, enum unreach_table table, struct rows *rows,
		     struct hosts *out, void (*between)(void *context), void *context)
{
	int fd = x->maps[MAP_SOURCES + table], rc = 0;
	__u32 place = 0, count;
	bool first = true, end = false;

	while (!end && !rc) {
		count = HOSTS_BATCH;
		if (bpf_map_lookup_batch(fd, first ? NULL : &place, &place, rows->keys,
					 rows->values, &count, NULL)) {
			end = errno == ENOENT;
			rc = end ? 0 : -errno;
		}
		first = false;
		if (!rc)
			rc = append(out, rows, count);
		if (between)
			between(context);
	}
	return rc;
}

int xdp_read_hosts(struct xdp *x, enum unreach_table table, struct hosts *out,
		   void (*between)(void *context), void *context)
{
	struct rows *rows;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (!(x->options.track & 1U << table))
		return 0;
	out->size = x->options.table_size;
	/* The counters first: what is attributed meanwhile must not look evicted. */
	rc = xdp_read_tallies(x);
	if (rc)
		return rc;
	sum_attribution(x, table, &out->attribution);
	rows = malloc(sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	rc = read_rows(x, table, rows, out, between, context);
	free(rows);
	if (rc)
		hosts_free(out);
	return rc;
}
