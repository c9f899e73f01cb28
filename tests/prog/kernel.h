/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's build under test: the program is loaded as the daemon loads it,
 * with every event let through, and run on one frame at a time by
 * BPF_PROG_TEST_RUN. What it said of the frame is read from its ring and its
 * counters; that it passed the frame on unchanged is checked each time, and so
 * is what the envelope of a record must say.
 */
#ifndef UNREACH_TESTS_PROG_KERNEL_H
#define UNREACH_TESTS_PROG_KERNEL_H

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "source/frame.h"
#include "source/ring.h"
#include "state/tally.h"
#include "unreach.skel.h"
#include "unreach/hosts.h"

#define KERNEL_RING (1U << 20)
#define KERNEL_CPU 0
/* The kernel refuses to run shorter frames. */
#define KERNEL_LEAST 14

struct kernel {
	struct unreach_bpf *skel;
	struct ring ring;
	int ring_fd;
	/* The caller may change these before kernel_load. */
	uint32_t ring_size;
	bool frags;
	unsigned int cpus;
	struct unreach_counters *per_cpu;
	uint64_t runs;
	uint64_t number; /* of the last record read by kernel_outcome */
	uint64_t started, ended; /* the last run, CLOCK_MONOTONIC ns */
};

static inline uint64_t kernel_now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static inline bool kernel_has(enum bpf_func_id helper)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, helper, NULL) == 1;
}

/* Rows of each table of addresses; before kernel_load. */
static inline void kernel_size_tables(struct kernel *k, uint32_t rows)
{
	uint32_t sets = unreach_host_sets(rows);

	bpf_map__set_max_entries(k->skel->maps.sources, sets);
	bpf_map__set_max_entries(k->skel->maps.targets, sets);
	bpf_map__set_max_entries(k->skel->maps.senders, sets);
	bpf_map__set_max_entries(k->skel->maps.host_tags, UNREACH_TABLES * sets);
	k->skel->rodata->host_sets = sets;
}

/*
 * Copies the address's rows in a table to `row` (the last of them), zeroes where
 * there is none; how many there are. It looks everywhere, not only where one should be.
 */
static inline unsigned int kernel_host(struct bpf_map *table, const struct unreach_host_key *key,
				       struct unreach_host *row)
{
	static struct unreach_host_set set;
	unsigned int found = 0;

	memset(row, 0, sizeof(*row));
	for (__u32 i = 0; i < bpf_map__max_entries(table); i++) {
		assert_int_equal(
			bpf_map_lookup_elem_flags(bpf_map__fd(table), &i, &set, BPF_F_LOCK), 0);
		for (uint32_t way = 0; way < UNREACH_WAYS; way++) {
			struct unreach_host_key other;

			if (!unreach_host_key_of(&set, way, &other) ||
			    memcmp(&other, key, sizeof(other)))
				continue;
			*row = set.rows[way].host;
			found++;
		}
	}
	return found;
}

/* Opens the object file, sized and configured; the caller may change rodata before kernel_load. */
static inline void kernel_open(struct kernel *k, enum unreach_link link)
{
	cpu_set_t cpu;

	memset(k, 0, sizeof(*k));
	CPU_ZERO(&cpu);
	CPU_SET(KERNEL_CPU, &cpu);
	assert_int_equal(sched_setaffinity(0, sizeof(cpu), &cpu), 0);
	k->ring_size = KERNEL_RING;
	k->cpus = (unsigned int)libbpf_num_possible_cpus();
	k->per_cpu = calloc(k->cpus, sizeof(*k->per_cpu));
	k->skel = unreach_bpf__open();
	assert_non_null(k->skel);
	kernel_size_tables(k, 65536);
	bpf_map__set_max_entries(k->skel->maps.paths, 65536);
	bpf_map__set_max_entries(k->skel->maps.heads, 16384);
	bpf_map__set_max_entries(k->skel->maps.adverts, 16384);
	bpf_map__set_max_entries(k->skel->maps.cells, 1U << 21);
	k->skel->rodata->flow_sample = 1;
	bpf_map__set_max_entries(k->skel->maps.acks, UNREACH_SLOTS * k->cpus);
	bpf_map__set_max_entries(k->skel->maps.rings, k->cpus);
	k->skel->rodata->link_type = link;
	k->skel->rodata->have_coarse_clock = kernel_has(BPF_FUNC_ktime_get_coarse_ns);
	k->skel->rodata->have_load_bytes = kernel_has(BPF_FUNC_xdp_load_bytes);
	k->frags = k->skel->rodata->have_load_bytes;
	k->skel->rodata->track = (1U << UNREACH_TABLES) - 1;
	k->skel->rodata->events_mode = 1; /* all */
	k->skel->rodata->ring_wake = UINT32_MAX;
	k->skel->rodata->admission_interval = 1;
	k->skel->rodata->admission_burst = 1000000000;
	k->skel->rodata->evidence_interval = 1;
	k->skel->rodata->evidence_burst = 1000000000;
	k->skel->rodata->cell_seed = 0x243f6a8885a308d3;
	k->skel->rodata->cell_mask = (1U << 21) - 1;
}

static inline void kernel_load_program(struct kernel *k)
{
	if (k->frags)
		bpf_program__set_flags(k->skel->progs.unreach, BPF_F_XDP_HAS_FRAGS);
	assert_int_equal(unreach_bpf__load(k->skel), 0);
}

static inline void kernel_load(struct kernel *k)
{
	struct unreach_instance instance = { .consumer = 1 };
	__u32 zero = 0, cpu = KERNEL_CPU;

	kernel_load_program(k);
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(k->skel->maps.instance), &zero, &instance, 0), 0);
	k->ring_fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, k->ring_size, NULL);
	assert_true(k->ring_fd >= 0);
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(k->skel->maps.rings), &cpu, &k->ring_fd, 0), 0);
	assert_int_equal(ring_open(&k->ring, k->ring_fd, k->ring_size), 0);
}

/* Loads one that was opened over the maps of one that is loaded, which has the ring, too. */
static inline void kernel_load_beside(struct kernel *k, const struct kernel *loaded)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, k->skel->obj)
	{
		const struct bpf_map *same =
			bpf_object__find_map_by_name(loaded->skel->obj, bpf_map__name(map));

		if (!bpf_map__is_internal(map))
			assert_int_equal(bpf_map__reuse_fd(map, bpf_map__fd(same)), 0);
	}
	kernel_load_program(k);
	k->ring_fd = -1;
}

static inline void kernel_close(struct kernel *k)
{
	ring_close(&k->ring);
	if (k->ring_fd >= 0)
		close(k->ring_fd);
	unreach_bpf__destroy(k->skel);
	free(k->per_cpu);
}

/* Bytes of kernel memory that a map or program is charged. */
static inline unsigned long kernel_memlock(int fd)
{
	char path[64], line[128];
	unsigned long bytes = 0;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = fopen(path, "r");
	assert_non_null(info);
	while (fgets(line, sizeof(line), info))
		sscanf(line, "memlock: %lu", &bytes);
	fclose(info);
	return bytes;
}

/* The ledger of the program's slot, summed over CPUs. */
static inline struct unreach_counters kernel_counters(struct kernel *k)
{
	struct unreach_counters sum = {};
	__u32 slot = k->skel->rodata->slot;

	assert_int_equal(
		bpf_map_lookup_elem(bpf_map__fd(k->skel->maps.counters), &slot, k->per_cpu), 0);
	for (unsigned int cpu = 0; cpu < k->cpus; cpu++)
		tally_add(&sum, &k->per_cpu[cpu]);
	return sum;
}

/* What abi.h's ledger promises at rest, whatever was sent. */
static inline void kernel_check_ledger(struct kernel *k)
{
	struct unreach_counters c = kernel_counters(k);
	uint64_t rows = 0, suppressed = 0;

	for (int family = 0; family < UNREACH_FAMILIES; family++) {
		for (int code = 0; code < UNREACH_CODES; code++)
			rows += c.codes[family][code].messages;
		rows += c.unassigned[family].messages + c.bad_checksum[family].messages;
	}
	for (int i = 0; i < UNREACH_SUPPRESSED_REASONS; i++)
		suppressed += c.suppressed[i];
	assert_int_equal(c.seen, rows);
	assert_int_equal(c.seen, c.records + suppressed + c.lost_ring);
	assert_true(c.told <= c.suppressed[UNREACH_SUPPRESSED_BUDGET]);
	for (int t = 0; t < UNREACH_TABLES; t++)
		assert_int_equal(c.tables[t].attributable, c.tables[t].attributed +
								   c.tables[t].unattributed[0] +
								   c.tables[t].unattributed[1]);
}

/* Runs the program on the frame, of which `linear` bytes (0: all that fit) stand in one piece. */
static inline int kernel_run(struct kernel *k, const uint8_t *bytes, uint32_t size, uint32_t linear)
{
	static uint8_t out[UNREACH_FRAME_SPAN + 4096];
	struct xdp_md ctx = { .data_end = linear };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = bytes, .data_size_in = size,
		    .data_out = out, .data_size_out = sizeof(out), .repeat = 1);

	if (linear) {
		opts.ctx_in = &ctx;
		opts.ctx_size_in = sizeof(ctx);
	}
	k->started = kernel_now(CLOCK_MONOTONIC);
	if (bpf_prog_test_run_opts(bpf_program__fd(k->skel->progs.unreach), &opts))
		return -errno;
	k->ended = kernel_now(CLOCK_MONOTONIC);
	k->runs++;
	assert_int_equal(opts.retval, XDP_PASS);
	assert_int_equal(opts.data_size_out, size);
	assert_memory_equal(out, bytes, size);
	return 0;
}

/* Do this kernel's test runs take a linear size? Others take it for nonsense. */
static inline bool kernel_can_cut(struct kernel *k)
{
	static const uint8_t frame[100] = { [12] = 0x86, [13] = 0xdd };

	return kernel_run(k, frame, sizeof(frame), 50) == 0;
}

struct kernel_record {
	struct unreach_record record;
	uint8_t kept[UNREACH_SNAPLEN_MAX];
	unsigned int count;
};

static inline void kernel_keep(void *context, const void *data, size_t size)
{
	struct kernel_record *r = context;

	assert_true(size >= sizeof(r->record) && size <= sizeof(r->record) + sizeof(r->kept));
	memcpy(r, data, size);
	r->count++;
}

/* Where and when the record of the last run was written. */
static inline void kernel_check_envelope(struct kernel *k, const struct unreach_envelope *e)
{
	assert_int_equal(e->number, ++k->number);
	assert_int_equal(e->ring, KERNEL_CPU);
	assert_int_equal(e->slot, k->skel->rodata->slot);
	assert_true(e->time >= k->started && e->time <= k->ended);
}

/* The record that the last run left, if it left one: its outcome by the counters before and after.
 */
static inline enum unreach_outcome
kernel_outcome(struct kernel *k, const struct unreach_counters *before, struct kernel_record *r)
{
	struct unreach_counters after = kernel_counters(k);
	unsigned int unclassified = UNREACH_OUTCOMES, changes = 0;

	r->count = 0;
	ring_release(&k->ring, ring_read(&k->ring, k->ring_size, kernel_keep, r));
	assert_int_equal(r->count, after.seen - before->seen);
	if (r->count)
		kernel_check_envelope(k, &r->record.envelope);
	for (unsigned int i = 0; i < UNREACH_UNCLASSIFIED; i++) {
		if (after.unclassified[UNREACH_IPV4][i] == before->unclassified[UNREACH_IPV4][i])
			continue;
		unclassified = i;
		changes++;
	}
	assert_true(changes + r->count <= 1);
	if (r->count)
		return UNREACH_OK;
	return changes ? UNREACH_TRUNCATED + unclassified : UNREACH_NOT_OURS;
}

#endif
