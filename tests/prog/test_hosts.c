// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tables of addresses in the kernel: who has a row is counted however many
 * others come and go, who was not seen longest gives way, and two CPUs that meet
 * the same new address at the same moment make one row of it.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "prog/kernel.h"
#include "prog/message.h"

#define SECOND 1000000000ULL
#define ROWS 1024U
#define STEADY 50U /* sources that come again and again */
#define NEW 1000U /* the first of the others */
#define CPUS 2
#define MEETINGS 20000U /* addresses that two CPUs send at the same time */

static struct kernel k;

/* A table of so many rows that lets in so many new addresses, then nobody during the test. */
static void open_table(uint32_t rows, uint64_t admitted)
{
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	kernel_size_tables(&k, rows);
	k.skel->rodata->track = 1U << UNREACH_SOURCES;
	k.skel->rodata->events_mode = 2; /* none */
	k.skel->rodata->admission_interval = 1000 * SECOND;
	k.skel->rodata->admission_burst = admitted * 1000 * SECOND;
	kernel_load(&k);
}

static void send_from(uint32_t first, uint32_t count)
{
	for (uint32_t source = first; source < first + count; source++) {
		const struct message m = { .source = source, .code = 3 };
		uint8_t frame[MESSAGE_SIZE];

		message_frame(&m, frame);
		assert_int_equal(kernel_run(&k, frame, sizeof(frame), 0), 0);
	}
}

static unsigned int rows_of(uint32_t source, struct unreach_host *row)
{
	struct unreach_host_key key = message_key(10, source, k.skel->rodata->slot);

	return kernel_host(k.skel->maps.sources, &key, row);
}

static bool has_row(uint32_t source)
{
	struct unreach_host row;

	return rows_of(source, &row) != 0;
}

static uint64_t attributed(void)
{
	return kernel_counters(&k).tables[UNREACH_SOURCES].attributed;
}

/* So that what comes next is later. */
static void await_tick(void)
{
	uint64_t started = kernel_now(CLOCK_MONOTONIC_COARSE);

	while (kernel_now(CLOCK_MONOTONIC_COARSE) == started)
		continue;
}

/* Five tables full of new ones. */
static void known_ones_count_for_ever(void **state)
{
	const uint32_t others = 5 * ROWS;
	uint32_t next = NEW;

	(void)state;
	open_table(ROWS, STEADY + others);
	send_from(1, STEADY);
	while (next < NEW + others) {
		send_from(next, ROWS / 8);
		next += ROWS / 8;
		await_tick();
		send_from(1, STEADY);
	}
	assert_int_equal(attributed(), k.runs); /* all were let in, or known */
	send_from(next, 10 * ROWS); /* nobody is let in any more */
	assert_int_equal(attributed(), k.runs - 10 * ROWS);
	assert_int_equal(kernel_counters(&k)
				 .tables[UNREACH_SOURCES]
				 .unattributed[UNREACH_UNATTRIBUTED_ADMISSION],
			 10 * ROWS);
	send_from(1, STEADY);
	assert_int_equal(attributed(), k.runs - 10 * ROWS);
	kernel_check_ledger(&k);
	kernel_close(&k);
}

/* One set, so all rows compete: each new one takes the place of who was not seen longest. */
static void longest_unseen_gives_way(void **state)
{
	uint32_t source;

	(void)state;
	open_table(UNREACH_WAYS, 100);
	for (source = 1; source <= UNREACH_WAYS; source++) {
		send_from(source, 1);
		await_tick();
	}
	send_from(2, 1); /* again: now 1, 3, 4 are the oldest */
	await_tick();
	for (source = 1; source <= UNREACH_WAYS; source++)
		assert_true(has_row(source));
	send_from(NEW, 1);
	assert_false(has_row(1));
	await_tick();
	send_from(NEW + 1, 1);
	await_tick();
	send_from(NEW + 2, 1);
	assert_true(has_row(2));
	assert_false(has_row(3));
	assert_false(has_row(4));
	for (source = 5; source <= UNREACH_WAYS; source++)
		assert_true(has_row(source));
	kernel_check_ledger(&k);
	kernel_close(&k);
}

/* A row begins anew for the next address. */
static void nothing_is_left_of_the_one_before(void **state)
{
	struct unreach_host row;

	(void)state;
	open_table(UNREACH_WAYS, 100);
	for (int i = 0; i < 5; i++)
		send_from(1, UNREACH_WAYS);
	await_tick();
	send_from(NEW, UNREACH_WAYS);
	for (uint32_t source = NEW; source < NEW + UNREACH_WAYS; source++) {
		assert_int_equal(rows_of(source, &row), 1);
		assert_int_equal(row.messages[3], 1);
		assert_int_equal(row.first, row.last);
	}
	kernel_close(&k);
}

/* As many addresses as rows: the first sets fill up unevenly, the second ones take the rest. */
static void most_of_a_full_table_find_room(void **state)
{
	uint32_t there = 0;

	(void)state;
	open_table(ROWS, ROWS);
	send_from(1, ROWS);
	for (uint32_t source = 1; source <= ROWS; source++)
		there += has_row(source);
	print_message("%u of %u addresses have a row\n", there, ROWS);
	assert_true(there > ROWS * 9 / 10);
	kernel_close(&k);
}

static atomic_uint arrived[CPUS];
static uint32_t meetings, meet_among; /* how often, and how many addresses take turns */

static atomic_uint failures; /* a thread must not assert */

static void run_message(uint32_t source)
{
	const struct message m = { .source = source, .code = 3 };
	uint8_t frame[MESSAGE_SIZE];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = 1);

	message_frame(&m, frame);
	failures += bpf_prog_test_run_opts(bpf_program__fd(k.skel->progs.unreach), &opts) != 0;
}

/* Sends each address when the other CPU does. */
static void *meet(void *context)
{
	uintptr_t self = (uintptr_t)context;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(self, &cpu);
	failures += sched_setaffinity(0, sizeof(cpu), &cpu) != 0;
	for (uint32_t i = 0; i < meetings; i++) {
		arrived[self] = i + 1;
		while (arrived[!self] <= i)
			continue;
		run_message(1 + i % meet_among);
	}
	return NULL;
}

static void meet_on_both(uint32_t times, uint32_t among)
{
	pthread_t threads[CPUS];

	meetings = times;
	meet_among = among;
	for (int i = 0; i < CPUS; i++)
		arrived[i] = 0;
	for (uintptr_t i = 0; i < CPUS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, meet, (void *)i), 0);
	for (int i = 0; i < CPUS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(failures, 0);
}

/* Every row there is, once, by its number: how many messages, and in how many rows. */
static void read_all(uint32_t count, uint32_t *messages, uint32_t *rows)
{
	static struct unreach_host_set set;
	struct unreach_host_key key;

	for (__u32 i = 0; i < bpf_map__max_entries(k.skel->maps.sources); i++) {
		assert_int_equal(bpf_map_lookup_elem_flags(bpf_map__fd(k.skel->maps.sources), &i,
							   &set, BPF_F_LOCK),
				 0);
		for (uint32_t way = 0; way < UNREACH_WAYS; way++) {
			const uint8_t *host = key.addr.bytes + 13;
			uint32_t source;

			if (!unreach_host_key_of(&set, way, &key))
				continue;
			source = (uint32_t)host[0] << 16 | (uint32_t)host[1] << 8 | host[2];
			assert_in_range(source, 1, count);
			messages[source] += (uint32_t)set.rows[way].host.messages[3];
			rows[source]++;
		}
	}
}

static void one_row_of_two_cpus(void **state)
{
	static uint32_t messages[MEETINGS + 1], rows[MEETINGS + 1];

	(void)state;
	if (sysconf(_SC_NPROCESSORS_ONLN) < CPUS)
		skip();
	open_table(65536, 2 * MEETINGS);
	meet_on_both(MEETINGS, MEETINGS);
	read_all(MEETINGS, messages, rows);
	for (uint32_t i = 1; i <= MEETINGS; i++) {
		assert_int_equal(rows[i], 1);
		assert_int_equal(messages[i], CPUS);
	}
	assert_int_equal(attributed(), CPUS * MEETINGS);
	kernel_close(&k);
}

/* Rows of a table in which an address's two sets differ, and addresses that put each other out. */
#define CROWDED (4 * UNREACH_WAYS)
#define CROWD (4 * CROWDED)
#define ROUNDS 100

static void none_twice_in_a_crowd(void **state)
{
	uint32_t sum = 0;

	(void)state;
	if (sysconf(_SC_NPROCESSORS_ONLN) < CPUS)
		skip();
	open_table(CROWDED, CPUS * ROUNDS * CROWD);
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t messages[CROWD + 1] = {}, rows[CROWD + 1] = {}, there = 0;

		meet_on_both(CROWD, CROWD);
		read_all(CROWD, messages, rows);
		sum = 0;
		for (uint32_t i = 1; i <= CROWD; i++) {
			assert_in_range(rows[i], 0, 1);
			sum += messages[i];
			there += rows[i];
		}
		assert_int_equal(there, CROWDED);
	}
	assert_in_range(sum, CROWDED, attributed());
	k.runs = CPUS * ROUNDS * CROWD;
	kernel_check_ledger(&k);
	assert_int_equal(kernel_counters(&k).seen, k.runs);
	kernel_close(&k);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_ones_count_for_ever),
		cmocka_unit_test(longest_unseen_gives_way),
		cmocka_unit_test(nothing_is_left_of_the_one_before),
		cmocka_unit_test(most_of_a_full_table_find_room),
		cmocka_unit_test(one_row_of_two_cpus),
		cmocka_unit_test(none_twice_in_a_crowd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
