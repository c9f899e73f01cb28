// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Budgets and admission in the kernel, by the counters: what gives an event,
 * what is suppressed and for which reason, who gets a row. After each test the
 * ledger's equations must hold to the last message.
 */
#include "prog/kernel.h"

#define SECOND 1000000000ULL
#define TOKENS 5 /* what the buckets of these tests hold */

static struct kernel k;

/* A port-unreachable message from 10.0.0.0 + source, with a checksum that can't be verified. */
static void send_from(uint32_t source, unsigned int times)
{
	uint8_t frame[14 + 20 + 8 + 28] = {
		[12] = 0x08, [14] = 0x45, [17] = 56,  [20] = 0x20, [22] = 60,
		[23] = 1,    [26] = 10,	  [30] = 192, [34] = 3,	   [35] = 3,
		[42] = 0x45, [45] = 60,	  [51] = 17,  [54] = 192,  [58] = 203
	};

	frame[27] = (uint8_t)(source >> 16);
	frame[28] = (uint8_t)(source >> 8);
	frame[29] = (uint8_t)source;
	while (times--)
		assert_int_equal(kernel_run(&k, frame, sizeof(frame), 0), 0);
}

struct told {
	uint64_t events, suppressed, last_number;
};

static void add_told(void *context, const void *data, size_t size)
{
	const struct unreach_record *record = data;
	struct told *t = context;

	assert_true(size >= sizeof(*record));
	assert_int_equal(record->envelope.number, t->last_number + 1);
	t->last_number = record->envelope.number;
	t->events++;
	t->suppressed += record->envelope.suppressed;
}

static void take_events(struct told *t)
{
	ring_release(&k.ring, ring_read(&k.ring, KERNEL_RING, add_told, t));
}

static struct unreach_host row_of(uint32_t source)
{
	struct unreach_host_key key = { .addr.bytes = { [10] = 0xff,
							0xff,
							10,
							(uint8_t)(source >> 16),
							(uint8_t)(source >> 8),
							(uint8_t)source } };
	struct unreach_host host = {};

	bpf_map_lookup_elem(bpf_map__fd(k.skel->maps.sources), &key, &host);
	return host;
}

/* Opens the program with buckets that hold TOKENS and never fill again while the test runs. */
static void open_limited(void)
{
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.skel->rodata->events_mode = 0;
	k.skel->rodata->source_interval = 1000 * SECOND;
	k.skel->rodata->source_burst = TOKENS * 1000 * SECOND;
	k.skel->rodata->budget_interval = 1;
	k.skel->rodata->budget_burst = SECOND;
}

static void check_ledger(void)
{
	struct unreach_counters c = kernel_counters(&k);
	uint64_t suppressed = 0;

	for (int i = 0; i < UNREACH_SUPPRESSED_REASONS; i++)
		suppressed += c.suppressed[i];
	assert_int_equal(c.seen, k.runs);
	assert_int_equal(c.seen, c.codes[UNREACH_IPV4][3].messages);
	assert_int_equal(c.seen, c.records + suppressed + c.lost_ring);
	for (int t = 0; t < UNREACH_TABLES; t++)
		assert_int_equal(c.tables[t].attributable, c.tables[t].attributed +
								   c.tables[t].unattributed[0] +
								   c.tables[t].unattributed[1]);
	kernel_close(&k);
}

static void known_source_has_a_rate(void **state)
{
	struct told t = {};
	struct unreach_host row;

	(void)state;
	open_limited();
	kernel_load(&k);
	send_from(1, 1); /* new: from the budget of new ones */
	send_from(1, 100);
	take_events(&t);
	row = row_of(1);
	assert_int_equal(t.events, 1 + TOKENS);
	assert_int_equal(row.messages[3], 101);
	assert_int_equal(row.suppressed, 100 - TOKENS);
	assert_int_equal(row.told, 0);
	assert_int_equal(kernel_counters(&k).suppressed[UNREACH_SUPPRESSED_BUDGET], 100 - TOKENS);
	check_ledger();
}

static void next_event_tells_what_was_suppressed(void **state)
{
	struct told t = {};
	struct unreach_host row;

	(void)state;
	open_limited();
	k.skel->rodata->source_interval = SECOND / 50; /* one more token every 20 ms */
	k.skel->rodata->source_burst = SECOND / 50;
	kernel_load(&k);
	for (int i = 0; i < 20000; i++) {
		send_from(2, 1);
		take_events(&t);
	}
	row = row_of(2);
	assert_true(t.events > 2); /* 20,000 runs take longer than two tokens */
	assert_int_equal(t.suppressed, row.told);
	assert_int_equal(t.events + t.suppressed + (row.suppressed - row.told), 20000);
	assert_int_equal(kernel_counters(&k).told, row.told);
	check_ledger();
}

static void new_sources_leave_half_to_known_ones(void **state)
{
	struct told t = {};

	(void)state;
	open_limited();
	k.skel->rodata->budget_interval = 1000 * SECOND;
	k.skel->rodata->budget_burst = TOKENS * 1000 * SECOND;
	kernel_load(&k);
	send_from(3, 1);
	for (uint32_t source = 100; source < 200; source++)
		send_from(source, 1);
	take_events(&t);
	assert_int_equal(t.events, TOKENS); /* the new ones' half is spent */
	send_from(3, TOKENS);
	take_events(&t);
	assert_int_equal(t.events, 2 * TOKENS); /* the known one's is not */
	check_ledger();
}

static void admission_is_bounded_and_known_sources_count(void **state)
{
	struct unreach_counters c;

	(void)state;
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.skel->rodata->admission_interval = 1000 * SECOND;
	k.skel->rodata->admission_burst = 10 * 1000 * SECOND;
	kernel_load(&k);
	for (uint32_t source = 0; source < 50; source++)
		send_from(source, 1);
	send_from(0, 7);
	c = kernel_counters(&k);
	assert_int_equal(c.tables[UNREACH_SOURCES].attributed, 10 + 7);
	assert_int_equal(c.tables[UNREACH_SOURCES].unattributed[UNREACH_UNATTRIBUTED_ADMISSION],
			 40);
	assert_int_equal(row_of(0).messages[3], 8);
	assert_int_equal(row_of(10).messages[3], 0);
	check_ledger();
}

static void full_ring_is_lost_without_gaps(void **state)
{
	const unsigned int fit = KERNEL_RING / (sizeof(struct unreach_record) + 8);
	struct told t = {};

	(void)state;
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	kernel_load(&k);
	send_from(1, fit + 500);
	take_events(&t);
	assert_true(t.events <= fit && t.events > fit - 16);
	assert_int_equal(kernel_counters(&k).lost_ring, fit + 500 - t.events);
	send_from(1, 10);
	take_events(&t); /* goes on with the next number */
	assert_int_equal(kernel_counters(&k).records, t.events);
	check_ledger();
}

static void off_and_no_consumer_are_reasons(void **state)
{
	struct unreach_instance nobody = {};
	__u32 zero = 0;

	(void)state;
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.skel->rodata->events_mode = 2; /* none */
	kernel_load(&k);
	send_from(1, 9);
	assert_int_equal(kernel_counters(&k).suppressed[UNREACH_SUPPRESSED_OFF], 9);
	check_ledger();

	kernel_open(&k, UNREACH_LINK_ETHERNET);
	kernel_load(&k);
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(k.skel->maps.instance), &zero, &nobody, 0),
			 0);
	send_from(1, 9);
	assert_int_equal(kernel_counters(&k).suppressed[UNREACH_SUPPRESSED_NO_CONSUMER], 9);
	check_ledger();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_source_has_a_rate),
		cmocka_unit_test(next_event_tells_what_was_suppressed),
		cmocka_unit_test(new_sources_leave_half_to_known_ones),
		cmocka_unit_test(admission_is_bounded_and_known_sources_count),
		cmocka_unit_test(full_ring_is_lost_without_gaps),
		cmocka_unit_test(off_and_no_consumer_are_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
