// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The filter in front of the tables of addresses: a flood of new ones asks it
 * instead of the table, and who has a row is counted all the same, however
 * many others have come and gone. It rests on what the kernel's LRU does,
 * which is looked at here too.
 */
#include "prog/kernel.h"
#include "prog/message.h"

#define SECOND 1000000000ULL
#define ROWS 1024U
#define SHIFT 10 /* log2 of it */
#define STEADY 50U /* sources that come again and again */
#define NEW 1000U /* the first of the others */

static struct kernel k;

/* A table of ROWS that lets in so many new addresses, and then nobody while the test runs. */
static void open_small(uint64_t admitted)
{
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	bpf_map__set_max_entries(k.skel->maps.sources, ROWS);
	k.skel->rodata->known_shift = SHIFT;
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

static bool has_row(uint32_t source)
{
	struct unreach_host_key key = message_key(10, source, k.skel->rodata->slot);
	struct unreach_host row;

	return !bpf_map_lookup_elem(bpf_map__fd(k.skel->maps.sources), &key, &row);
}

static uint64_t attributed(void)
{
	return kernel_counters(&k).tables[UNREACH_SOURCES].attributed;
}

/* Five generations of new ones: a coarse tick passes within each, so that rows count as used. */
static void known_ones_count_for_ever(void **state)
{
	const uint32_t others = 5 * ROWS;
	uint32_t next = NEW;

	(void)state;
	open_small(STEADY + others);
	send_from(1, STEADY);
	while (next < NEW + others) {
		uint64_t started = kernel_now(CLOCK_MONOTONIC_COARSE);

		send_from(next, ROWS / 8);
		next += ROWS / 8;
		while (kernel_now(CLOCK_MONOTONIC_COARSE) == started)
			continue;
		send_from(1, STEADY);
	}
	assert_int_equal(attributed(), k.runs); /* all were let in, or known */
	send_from(next, 10 * ROWS); /* nobody is let in any more */
	assert_int_equal(attributed(), k.runs - 10 * ROWS);
	send_from(1, STEADY);
	assert_int_equal(attributed(), k.runs - 10 * ROWS);
	kernel_check_ledger(&k);
	kernel_close(&k);
}

/* A row that nobody marked is not even looked for: so the filter is what is asked. */
static void filter_spares_the_table(void **state)
{
	const struct unreach_host row = {};
	struct unreach_host_key key;

	(void)state;
	open_small(1);
	key = message_key(10, 2, k.skel->rodata->slot);
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(k.skel->maps.sources), &key, &row, BPF_NOEXIST), 0);
	send_from(1, 1); /* the only one that is let in */
	send_from(2, 1);
	assert_int_equal(attributed(), 1);
	assert_int_equal(kernel_counters(&k)
				 .tables[UNREACH_SOURCES]
				 .unattributed[UNREACH_UNATTRIBUTED_ADMISSION],
			 1);
	kernel_close(&k);

	open_small(2); /* while somebody is let in, nothing is asked */
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(k.skel->maps.sources), &key, &row, BPF_NOEXIST), 0);
	send_from(2, 1);
	assert_int_equal(attributed(), 1);
	kernel_close(&k);
}

/* What known.h rests on: the table's rows are gone after as many new ones. */
static void unused_rows_are_washed_out(void **state)
{
	(void)state;
	open_small(3 * ROWS);
	send_from(1, STEADY);
	send_from(NEW, ROWS / 2);
	for (uint32_t source = 1; source <= STEADY; source++)
		assert_true(has_row(source));
	send_from(NEW + ROWS / 2, ROWS / 2);
	for (uint32_t source = 1; source <= STEADY; source++)
		assert_false(has_row(source));
	kernel_close(&k);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_ones_count_for_ever),
		cmocka_unit_test(filter_spares_the_table),
		cmocka_unit_test(unused_rows_are_washed_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
