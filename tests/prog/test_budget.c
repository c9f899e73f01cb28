// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Budgets and admission in the kernel, by the counters: what gives an event,
 * what is suppressed and for which reason, who gets a row, when the consumer is
 * woken. After each test the ledger's equations must hold to the last message.
 */
#include <sys/epoll.h>

#include "prog/kernel.h"
#include "prog/message.h"

#define SECOND 1000000000ULL
#define WAKE_STRIDE 32
#define TOKENS 5 /* what the buckets of these tests hold */

static struct kernel k;

static void send_message(const struct message *m)
{
	uint8_t frame[MESSAGE_SIZE];

	message_frame(m, frame);
	assert_int_equal(kernel_run(&k, frame, sizeof(frame), 0), 0);
}

/* Port-unreachable messages from 10.0.0.0 + source. */
static void send_from(uint32_t source, unsigned int times)
{
	const struct message m = { .source = source, .code = 3 };

	while (times--)
		send_message(&m);
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
	ring_release(&k.ring, ring_read(&k.ring, k.ring_size, add_told, t));
}

/* The row of a host in one table; all zero where it has none. */
static struct unreach_host row_in(struct bpf_map *map, uint8_t net, uint32_t host)
{
	struct unreach_host_key key = message_key(net, host, k.skel->rodata->slot);
	struct unreach_host row;

	kernel_host(map, &key, &row);
	return row;
}

static struct unreach_host row_of(uint32_t source)
{
	return row_in(k.skel->maps.sources, 10, source);
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

/* Every frame of these tests is a message, and every message of one code. */
static void check_ledger(void)
{
	struct unreach_counters c = kernel_counters(&k);

	assert_int_equal(c.seen, c.codes[UNREACH_IPV4][3].messages);
	assert_int_equal(c.seen, k.runs);
	kernel_check_ledger(&k);
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

static void known_source_may_have_both_halves(void **state)
{
	struct told t = {};

	(void)state;
	open_limited();
	k.skel->rodata->source_interval = 1;
	k.skel->rodata->source_burst = SECOND;
	k.skel->rodata->budget_interval = 1000 * SECOND;
	k.skel->rodata->budget_burst = TOKENS * 1000 * SECOND;
	kernel_load(&k);
	send_from(4, 50);
	take_events(&t);
	assert_int_equal(t.events, 2 * TOKENS);
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

/* A slot of its own, a table left out: each address goes where it belongs, with its times. */
static void each_table_keeps_its_address(void **state)
{
	const struct message m = { .source = 1, .sender = 2, .target = 3, .code = 3 };
	struct unreach_counters c;
	struct unreach_host row;
	uint64_t before = kernel_now(CLOCK_MONOTONIC_COARSE);

	(void)state;
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.skel->rodata->slot = 5;
	k.skel->rodata->track = 1U << UNREACH_SOURCES | 1U << UNREACH_TARGETS;
	kernel_load(&k);
	send_message(&m);
	send_message(&m);
	c = kernel_counters(&k);
	row = row_of(1);
	assert_int_equal(row.messages[3], 2);
	assert_true(before <= row.first && row.first <= row.last && row.last <= k.ended);
	assert_int_equal(c.codes[UNREACH_IPV4][3].last, row.last);
	assert_int_equal(row_in(k.skel->maps.targets, 203, 3).messages[3], 2);
	assert_int_equal(row_in(k.skel->maps.senders, 192, 2).messages[3], 0);
	assert_int_equal(c.tables[UNREACH_TARGETS].attributed, 2);
	assert_int_equal(c.tables[UNREACH_SENDERS].attributable, 0);
	check_ledger();

	kernel_open(&k, UNREACH_LINK_ETHERNET);
	kernel_load(&k);
	send_message(&m);
	assert_int_equal(row_in(k.skel->maps.senders, 192, 2).messages[3], 1);
	check_ledger();
}

/* Says whether somebody who waits for the ring has been woken since the last call. */
static bool woken(int epoll, int timeout_ms)
{
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, timeout_ms) == 1;
}

static void consumer_is_woken_at_the_mark(void **state)
{
	const uint32_t each = sizeof(struct unreach_record) + BPF_RINGBUF_HDR_SZ;
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	(void)state;
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.skel->rodata->ring_wake = 2 * WAKE_STRIDE * each;
	k.skel->rodata->wake_mask = WAKE_STRIDE - 1;
	kernel_load(&k);
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, k.ring_fd, &event), 0);
	send_from(1, 2 * WAKE_STRIDE - 1);
	assert_false(woken(epoll, 0));
	send_from(1, 1);
	assert_true(woken(epoll, 2000));
	send_from(1, WAKE_STRIDE - 1); /* nobody read, and once for so many is enough */
	assert_false(woken(epoll, 0));
	send_from(1, 1);
	assert_true(woken(epoll, 2000));
	close(epoll);
	check_ledger();
}

/* However many interfaces share a ring, and none of them has written a stride by itself. */
static void all_interfaces_of_a_cpu_wake(void **state)
{
	const uint32_t each = sizeof(struct unreach_record) + BPF_RINGBUF_HDR_SZ;
	const struct message m = { .source = 1, .code = 3 };
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct kernel others[2];
	uint8_t frame[MESSAGE_SIZE];

	(void)state;
	message_frame(&m, frame);
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.skel->rodata->ring_wake = 2 * WAKE_STRIDE * each;
	k.skel->rodata->wake_mask = WAKE_STRIDE - 1;
	kernel_load(&k);
	for (uint32_t i = 0; i < 2; i++) {
		kernel_open(&others[i], UNREACH_LINK_ETHERNET);
		others[i].skel->rodata->slot = 1 + i;
		others[i].skel->rodata->ring_wake = k.skel->rodata->ring_wake;
		others[i].skel->rodata->wake_mask = k.skel->rodata->wake_mask;
		kernel_load_beside(&others[i], &k);
	}
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, k.ring_fd, &event), 0);
	for (unsigned int round = 0; round < WAKE_STRIDE - 1; round++) {
		send_message(&m);
		for (unsigned int i = 0; i < 2; i++)
			assert_int_equal(kernel_run(&others[i], frame, sizeof(frame), 0), 0);
	}
	assert_true(ring_used(&k.ring) > k.skel->rodata->ring_wake);
	assert_true(woken(epoll, 2000));
	close(epoll);
	for (unsigned int i = 0; i < 2; i++) {
		kernel_check_ledger(&others[i]);
		kernel_close(&others[i]);
	}
	check_ledger();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_source_has_a_rate),
		cmocka_unit_test(next_event_tells_what_was_suppressed),
		cmocka_unit_test(new_sources_leave_half_to_known_ones),
		cmocka_unit_test(known_source_may_have_both_halves),
		cmocka_unit_test(admission_is_bounded_and_known_sources_count),
		cmocka_unit_test(full_ring_is_lost_without_gaps),
		cmocka_unit_test(off_and_no_consumer_are_reasons),
		cmocka_unit_test(each_table_keeps_its_address),
		cmocka_unit_test(consumer_is_woken_at_the_mark),
		cmocka_unit_test(all_interfaces_of_a_cpu_wake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
