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
#include "unreach/hosts.h"

#define WALK_BATCH 1024

static void read_acks(const struct xdp *x, uint32_t slot, struct unreach_ack_state *sum)
{
	*sum = x->carried[slot].acked;
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
	*sum = x->carried[slot].counters;
	for (unsigned int cpu = 0; cpu < x->cpus; cpu++)
		tally_add(sum, &cpus[cpu]);
	return 0;
}

int xdp_read_tallies(struct xdp *x)
{
	struct unreach_counters *cpus = calloc(x->cpus, sizeof(*cpus));
	int rc = cpus ? 0 : -ENOMEM;
	uint64_t lost;

	if (x->old && !rc) /* a program of it may still count */
		rc = xdp_old_read(x, &lost);
	for (unsigned int i = 0; i < x->count && !rc; i++) {
		struct tally *t = &x->tallies[i];

		read_acks(x, t->slot, &t->acked);
		rc = read_slot(x, t->slot, cpus, &t->counters);
	}
	free(cpus);
	return rc;
}

/* Of all slots, watched now or once: their rows share the table. 0 or -errno. */
static int sum_attribution(const struct xdp *x, enum unreach_table table,
			   struct unreach_attribution *sum)
{
	struct unreach_counters *cpus = calloc(x->cpus, sizeof(*cpus)), all;
	int rc = cpus ? 0 : -ENOMEM;

	for (uint32_t slot = 0; slot < UNREACH_SLOTS && !rc; slot++) {
		const struct unreach_attribution *a = &all.tables[table];

		rc = read_slot(x, slot, cpus, &all);
		if (rc)
			break;
		sum->attributable += a->attributable;
		sum->attributed += a->attributed;
		for (int r = 0; r < UNREACH_UNATTRIBUTED_REASONS; r++)
			sum->unattributed[r] += a->unattributed[r];
	}
	free(cpus);
	return rc;
}

/* One map's rows, on their way out. */
struct walk {
	int fd;
	size_t key_size, value_size;
	uint32_t batch; /* values at once */
	uint64_t flags; /* BPF_F_LOCK where the values have a lock, else 0 */
	evidence_fn row;
	void *row_context;
	void (*between)(void *context); /* NULL: nothing */
	void *context;
	char *keys, *values; /* room for a batch */
};

/* Gives away the rows of one batch after the other; 0 or -errno. */
static int walk_batches(const struct walk *w)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts, .elem_flags = w->flags);
	__u32 place = 0, count, i;
	bool first = true, end = false;

	while (!end) {
		count = w->batch;
		if (bpf_map_lookup_batch(w->fd, first ? NULL : &place, &place, w->keys, w->values,
					 &count, &opts)) {
			end = errno == ENOENT;
			if (!end)
				return -errno;
		}
		first = false;
		for (i = 0; i < count; i++)
			w->row(w->row_context, w->keys + i * w->key_size,
			       w->values + i * w->value_size);
		if (w->between)
			w->between(w->context);
	}
	return 0;
}

static int walk(struct walk *w)
{
	int rc = -ENOMEM;

	w->keys = malloc(w->batch * w->key_size);
	w->values = malloc(w->batch * w->value_size);
	if (w->keys && w->values)
		rc = walk_batches(w);
	free(w->keys);
	free(w->values);
	return rc;
}

int xdp_walk(struct xdp *x, enum unreach_evidence which, evidence_fn row, void *row_context,
	     void (*between)(void *context), void *context)
{
#define SIZES(map, row)                                                               \
	{                                                                             \
		map, sizeof(struct unreach_##row##_key), sizeof(struct unreach_##row) \
	}
	static const struct {
		enum xdp_map map;
		size_t key, value;
	} tables[UNREACH_WALKS] = {
		[UNREACH_PATHS] = SIZES(MAP_PATHS, path),
		[UNREACH_HEADS] = SIZES(MAP_HEADS, head),
		[UNREACH_ADVERTS] = SIZES(MAP_ADVERTS, advert),
		[UNREACH_FLOWS] = SIZES(MAP_FLOWS, flow),
	};
	struct walk w = { .fd = x->maps[tables[which].map],
			  .key_size = tables[which].key,
			  .value_size = tables[which].value,
			  .batch = WALK_BATCH,
			  .row = row,
			  .row_context = row_context,
			  .between = between,
			  .context = context };

	return walk(&w);
}

/* Hosts on their way into a table of ours. */
struct appending {
	struct hosts *out;
	int rc;
};

static void append(void *context, const void *key, const void *value)
{
	struct appending *a = context;
	struct host_row row = { .key = *(const struct unreach_host_key *)key,
				.value = *(const struct unreach_host *)value };

	if (!a->rc)
		a->rc = hosts_append(a->out, &row);
}

static bool is_tracked(const struct xdp *x, enum unreach_table table)
{
	return x->options.track & 1U << table;
}

/* The rows of one set, each to where the walk says. */
static void walk_set(void *context, const void *key, const void *value)
{
	const struct unreach_host_set *set = value;
	const struct walk *w = context;

	(void)key;
	for (uint32_t way = 0; way < UNREACH_WAYS; way++) {
		struct unreach_host_key host;

		if (unreach_host_key_of(set, way, &host))
			w->row(w->row_context, &host, &set->rows[way].host);
	}
}

/*
 * The rows of a table of hosts, to where `w` says; 0 or -errno. An address that is put out
 * and let in again meanwhile can come twice.
 */
static int walk_rows(const struct xdp *x, enum unreach_table table, struct walk w)
{
	struct walk sets = { .fd = x->maps[MAP_SOURCES + table],
			     .key_size = sizeof(uint32_t),
			     .value_size = sizeof(struct unreach_host_set),
			     .batch = WALK_BATCH / UNREACH_WAYS,
			     .flags = BPF_F_LOCK,
			     .row = walk_set,
			     .row_context = &w,
			     .between = w.between,
			     .context = w.context };

	return is_tracked(x, table) ? walk(&sets) : 0;
}

/* The same, and its attribution. */
static int walk_hosts(const struct xdp *x, enum unreach_table table,
		      struct unreach_attribution *attribution, struct walk w)
{
	int rc;

	if (!is_tracked(x, table))
		return 0;
	/* The counters first: what is attributed meanwhile must not look evicted. */
	rc = sum_attribution(x, table, attribution);
	return rc ? rc : walk_rows(x, table, w);
}

int xdp_walk_hosts(struct xdp *x, enum unreach_table table, evidence_fn row, void *row_context,
		   void (*between)(void *context), void *context)
{
	return walk_rows(x, table,
			 (struct walk){ .row = row,
					.row_context = row_context,
					.between = between,
					.context = context });
}

static void count_row(void *context, const void *key, const void *value)
{
	struct hosts_count *out = context;

	(void)key;
	(void)value;
	out->entries++;
}

int xdp_count_hosts(struct xdp *x, enum unreach_table table, struct hosts_count *out,
		    void (*between)(void *context), void *context)
{
	*out = (struct hosts_count){};
	return walk_hosts(x, table, &out->attribution,
			  (struct walk){ .row = count_row,
					 .row_context = out,
					 .between = between,
					 .context = context });
}

int xdp_read_hosts(struct xdp *x, enum unreach_table table, struct hosts *out,
		   void (*between)(void *context), void *context)
{
	struct appending a = { .out = out };
	int rc;

	*out = hosts_none();
	if (is_tracked(x, table))
		out->size = unreach_host_sets(x->options.table_size) * UNREACH_WAYS;
	rc = walk_hosts(
		x, table, &out->attribution,
		(struct walk){
			.row = append, .row_context = &a, .between = between, .context = context });
	rc = rc ? rc : a.rc;
	if (rc)
		hosts_free(out);
	return rc;
}
