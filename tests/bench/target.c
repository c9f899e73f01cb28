// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loads what is measured. Our program is loaded as tests/prog/kernel.h does,
 * with the sizes and rates that the daemon has by default. The tables of a flood
 * are full of other addresses before it is measured, as they would soon be.
 */
#include "bench/target.h"

#include <arpa/inet.h>
#include <linux/ip.h>
#include <stddef.h>

#define TABLE_SIZE 65536
#define RING_SIZE (8U << 20)
#define SECOND 1000000000ULL
#define TURNOVER (10 * SECOND) /* least time in which new addresses fill a table */

static const uint32_t masks[] = { 0, 1, 3, 7 };

static void flags(struct bpf_program *program)
{
	if (kernel_has(BPF_FUNC_xdp_load_bytes))
		assert_int_equal(bpf_program__set_flags(program, BPF_F_XDP_HAS_FRAGS), 0);
}

static void open_ring(struct target *t, uint32_t cpu)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, RING_SIZE, NULL);

	assert_true(fd >= 0);
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(t->kernel.skel->maps.rings), &cpu, &fd, 0),
			 0);
	assert_int_equal(ring_open(&t->rings[cpu], fd, RING_SIZE), 0);
	close(fd); /* the map of rings keeps it */
}

static void open_ours(struct target *t)
{
	struct kernel *k = &t->kernel;

	kernel_open(k, UNREACH_LINK_ETHERNET);
	k->ring_size = RING_SIZE;
	k->skel->rodata->track = masks[t->cell.tables];
	k->skel->rodata->events_mode = t->cell.events ? 1 : 2;
	k->skel->rodata->ring_wake = 1U << 20;
	k->skel->rodata->wake_mask = 4096 - 1; /* as many records as that, or nearly */
	k->skel->rodata->watch_flows = t->cell.watch;
	if (t->cell.watch) {
		bpf_map__set_max_entries(k->skel->maps.flows, TABLE_SIZE);
		bpf_map__set_max_entries(k->skel->maps.peers, TABLE_SIZE);
	}
	if (!t->cell.insert) {
		k->skel->rodata->admission_interval = TURNOVER * k->cpus / TABLE_SIZE;
		k->skel->rodata->admission_burst = SECOND;
	}
	kernel_load(k);
	t->rings[0] = k->ring;
	for (uint32_t cpu = 1; cpu < t->cell.cpus; cpu++)
		open_ring(t, cpu);
	t->under_test = bpf_program__fd(k->skel->progs.unreach);
}

/* The primitives find a row for each address; ours makes them for itself. */
static void add_rows(struct bpf_map *map, enum unreach_table table, const struct cell *cell)
{
	for (uint32_t cpu = 0; cpu < CPUS_MAX; cpu++) {
		const struct addresses a = frame_addresses(cell, cpu);
		const uint32_t by_table[UNREACH_TABLES] = { a.source, a.target, a.sender };
		struct unreach_host_key key = { .addr.words = { [2] = htonl(0xffff),
								by_table[table] } };
		const struct unreach_host row = {};

		assert_int_equal(bpf_map_update_elem(bpf_map__fd(map), &key, &row, BPF_ANY), 0);
	}
}

static void open_reference(struct target *t)
{
	struct reference_bpf *ref = reference_bpf__open();
	struct bpf_program *program;

	assert_non_null(ref);
	program = t->cell.program == PROGRAM_EMPTY ? ref->progs.empty : ref->progs.primitives;
	ref->rodata->icmp_offset = frame_icmp_offset(&t->cell);
	ref->rodata->icmp_length =
		t->cell.sum ? t->cell.length - (uint32_t)sizeof(struct iphdr) : 0;
	ref->rodata->source_offset =
		frame_ip_offset(&t->cell) + (uint32_t)offsetof(struct iphdr, saddr);
	ref->rodata->tables = t->cell.tables;
	ref->rodata->events = t->cell.events;
	bpf_map__set_max_entries(ref->maps.ring, RING_SIZE);
	flags(ref->progs.empty);
	flags(ref->progs.primitives);
	assert_int_equal(reference_bpf__load(ref), 0);
	assert_int_equal(ring_open(&t->rings[0], bpf_map__fd(ref->maps.ring), RING_SIZE), 0);
	t->reference = ref;
	add_rows(ref->maps.sources, UNREACH_SOURCES, &t->cell);
	add_rows(ref->maps.targets, UNREACH_TARGETS, &t->cell);
	add_rows(ref->maps.senders, UNREACH_SENDERS, &t->cell);
	t->under_test = bpf_program__fd(program);
}

static void aim(struct target *t, int program)
{
	__u32 zero = 0;

	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(t->generator->maps.target), &zero, &program, 0), 0);
}

static void open_generator(struct target *t)
{
	t->generator = generate_bpf__open();
	assert_non_null(t->generator);
	t->generator->rodata->random_quotes = t->cell.random == MADE_UP_QUOTES;
	flags(t->generator->progs.generate);
	assert_int_equal(generate_bpf__load(t->generator), 0);
	aim(t, t->under_test);
	t->entry = bpf_program__fd(t->generator->progs.generate);
}

/* Our program once more, over the same maps: this one lets everybody in. */
static void open_filler(const struct target *t, struct kernel *filler)
{
	kernel_open(filler, UNREACH_LINK_ETHERNET);
	filler->skel->rodata->track = masks[t->cell.tables];
	filler->skel->rodata->events_mode = 2; /* none */
	kernel_load_beside(filler, &t->kernel);
}

/* Has as many made-up addresses counted as turn the tables over some times. */
static void fill_tables(struct target *t)
{
	struct kernel filler;
	uint8_t frame[FRAME_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .repeat = 4 * TABLE_SIZE,
		    .data_size_in = frame_build(&t->cell, 0, frame));

	open_filler(t, &filler);
	aim(t, bpf_program__fd(filler.skel->progs.unreach));
	assert_int_equal(bpf_prog_test_run_opts(t->entry, &opts), 0);
	aim(t, t->under_test);
	atomic_fetch_add(&t->runs, 4 * TABLE_SIZE);
	kernel_close(&filler);
}

void target_open(struct target *t, const struct cell *cell)
{
	*t = (struct target){ .cell = *cell };
	if (cell->program == PROGRAM_OURS)
		open_ours(t);
	else
		open_reference(t);
	t->entry = t->under_test;
	if (cell->random)
		open_generator(t);
	if (cell->random && cell->program == PROGRAM_OURS)
		fill_tables(t);
}

uint32_t target_room(const struct target *t)
{
	const uint32_t record = sizeof(struct unreach_record) + BPF_RINGBUF_HDR_SZ;

	return t->cell.events ? RING_SIZE / record * 3 / 4 : 0;
}

struct taken {
	uint64_t records;
	bool ours;
};

static void take(void *context, const void *data, size_t size)
{
	const struct unreach_record *r = data;
	struct taken *taken = context;

	assert_int_equal(size, sizeof(*r));
	if (taken->ours)
		assert_true(r->event.code == 3 && r->event.checksum == UNREACH_CHECKSUM_OK &&
			    r->event.present & UNREACH_HAS_DST_PORT);
	taken->records++;
}

uint64_t target_drain(struct target *t, uint32_t cpu)
{
	struct taken taken = { .ours = t->cell.program == PROGRAM_OURS };
	struct ring *ring = &t->rings[cpu];

	ring_release(ring, ring_read(ring, RING_SIZE, take, &taken));
	return taken.records;
}

void target_check(struct target *t)
{
	uint64_t messages = t->cell.packet == PACKET_MESSAGE ? atomic_load(&t->runs) : 0;
	struct unreach_counters c;

	if (t->reference) {
		assert_int_equal(t->reference->bss->failures, 0);
		return;
	}
	c = kernel_counters(&t->kernel);
	kernel_check_ledger(&t->kernel);
	assert_int_equal(c.seen, messages);
	assert_int_equal(c.codes[UNREACH_IPV4][3].messages, messages);
	assert_int_equal(c.records, t->cell.events ? messages : 0);
	for (uint32_t table = 0; table < t->cell.tables && !t->cell.random; table++)
		assert_int_equal(c.tables[table].attributed, messages);
}

void target_close(struct target *t)
{
	if (t->generator)
		generate_bpf__destroy(t->generator);
	for (uint32_t cpu = t->reference ? 0 : 1; cpu < CPUS_MAX; cpu++)
		ring_close(&t->rings[cpu]);
	if (t->reference)
		reference_bpf__destroy(t->reference);
	else
		kernel_close(&t->kernel);
}
