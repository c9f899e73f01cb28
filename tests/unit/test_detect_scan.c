// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Messages by hand into the scans and their detector: how many targets in how
 * short a time, which messages tell of one, and that neither many senders nor
 * many targets take more than there is for them.
 */
#include "detect/detect.h"
#include "scan_messages.h"

#define TARGETS 100
#define PROTO_ICMP 1
#define PROTO_TCP 6

static struct notes notes;
static struct alerts *alerts;

static int walk(void *context, unsigned int which, evidence_fn fn, void *fn_context)
{
	(void)context;
	if (which == EVIDENCE_SCANS)
		scans_walk(scans, fn, fn_context);
	return 0;
}

static const struct evidence_source evidence = { walk, NULL };

static void open_with(uint32_t targets)
{
	scans = scans_new(targets, table_seed());
	assert_non_null(scans);
	alerts = new_alerts(&notes);
}

static int set_up(void **state)
{
	(void)state;
	open_with(TARGETS);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scans_free(scans);
	alerts_free(alerts);
	return 0;
}

static size_t look_at(uint64_t now)
{
	assert_int_equal(detect_look(&evidence, alerts, NULL, now), 0);
	return alerts_firing(alerts);
}

/* Certain at the target that makes it enough, and not before. */
static void test_threshold(void **state)
{
	const struct unreach_addr host = host_in(10, 5);
	const struct alert *a;

	(void)state;
	tell(5, 0, TARGETS - 1, START + SECOND / 2, SECOND / 10);
	assert_int_equal(look_at(START + 10 * SECOND), 0);
	tell(5, TARGETS - 1, 1, START + 11 * SECOND, 0);
	assert_int_equal(look_at(START + 12 * SECOND), 1);
	a = alerts_get(alerts, 0);
	assert_int_equal(a->lead.kind, ALERT_SCAN);
	assert_int_equal(a->lead.severity, SEVERITY_WARNING);
	assert_int_equal(a->lead.level, LEVEL_PROBABLE);
	assert_memory_equal(&a->lead.src, &host, sizeof(host));
	assert_int_equal(a->lead.at, START + 11 * SECOND);
	assert_int_equal(a->lead.first, START + SECOND / 2);
	assert_int_equal(a->lead.last, START + 11 * SECOND);
	assert_int_equal(a->messages, TARGETS);
	assert_int_equal(a->hosts, 1);
	assert_int_equal(a->destinations, TARGETS);
	assert_true(a->more);
}

/* The same targets again and again are no more targets. */
static void test_same_targets(void **state)
{
	uint64_t now = START;
	int i;

	(void)state;
	for (i = 0; i < 200; i++)
		now = tell(5, 0, TARGETS - 1, now, SECOND / 1000);
	assert_int_equal(look_at(now), 0);
	assert_int_equal(found(), 0);
}

/* As many, but in more than a minute. */
static void test_slow(void **state)
{
	(void)state;
	tell(5, 0, 10 * TARGETS, START, SECOND * 63 / TARGETS);
	assert_int_equal(look_at(START + 600 * SECOND), 0);
	tell(6, 0, 10 * TARGETS, START + 600 * SECOND, SECOND * 57 / TARGETS);
	assert_int_equal(look_at(START + 1100 * SECOND), 1);
}

/* What was heard of again is of now, what was not is of its time. */
static void test_window(void **state)
{
	(void)state;
	tell(5, 0, 60, START, 0);
	tell(5, 0, 30, START + 50 * SECOND, 0);
	/* Thirty of the first are too old now. */
	tell(5, 100, 69, START + 61 * SECOND, 0);
	assert_int_equal(found(), 0);
	tell(5, 300, 1, START + 61 * SECOND, 0);
	assert_int_equal(found(), 1);
}

/* Others' targets are not his. */
static void test_each_sender(void **state)
{
	uint32_t host;

	(void)state;
	for (host = 0; host < 50; host++)
		tell(host, host * 1000, TARGETS - 1, START, 0);
	assert_int_equal(found(), 0);
	for (host = 10; host < 13; host++)
		tell(host, 999999, 1, START + SECOND, 0);
	assert_int_equal(look_at(START + SECOND), 3);
}

static void take_all(const struct unreach_event *model, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		struct unreach_event e = *model;

		e.orig_dst = host_in(203, i);
		scans_take(scans, &e, 0, START + i);
	}
}

static bool is_scan(const struct unreach_event *model)
{
	unsigned int before = found();
	static uint32_t host = 1000;
	struct unreach_event e = *model;

	host++;
	e.orig_src = host_in(10, host);
	if (!(e.flags & UNREACH_FLAG_OFF_PATH))
		e.dst = e.orig_src;
	take_all(&e, 2 * TARGETS);
	return found() != before;
}

/* Answers, and what is no word of a target that can't be reached. */
static void test_what_counts(void **state)
{
	struct unreach_event e = told(1, 1);

	(void)state;
	assert_true(is_scan(&e));
	e.src_port = 53;
	e.dst_port = 40000;
	assert_false(is_scan(&e)); /* a name server's answers to made-up clients */
	e.dst_port = 53;
	assert_true(is_scan(&e));
	e = told(1, 1);
	e.present &= ~(UNREACH_HAS_SRC_PORT | UNREACH_HAS_DST_PORT);
	assert_true(is_scan(&e));
	e.orig_frag_offset = 1480;
	assert_false(is_scan(&e));
	e = told(1, 1);
	e.code = 4;
	assert_false(is_scan(&e)); /* was reached, but for the size */
	e.code = 16;
	assert_false(is_scan(&e));
	e.code = 13;
	assert_true(is_scan(&e));
	e.checksum = UNREACH_CHECKSUM_BAD;
	assert_false(is_scan(&e));
	e.checksum = UNREACH_CHECKSUM_UNVERIFIED;
	assert_true(is_scan(&e));
	e.flags = UNREACH_FLAG_OFF_PATH;
	assert_false(is_scan(&e));
	e.flags = 0;
	e.present &= ~UNREACH_HAS_ORIG_DST;
	assert_false(is_scan(&e));
}

static void test_protocols(void **state)
{
	struct unreach_event e = told(1, 1);

	(void)state;
	e.orig_proto = PROTO_TCP;
	e.dst_port = 445;
	assert_true(is_scan(&e));
	e.present |= UNREACH_HAS_TCP_FLAGS;
	e.tcp_flags = 0x02;
	assert_true(is_scan(&e)); /* SYN */
	e.tcp_flags = 0x29;
	assert_true(is_scan(&e)); /* FIN, PSH, URG */
	e.tcp_flags = 0x12;
	assert_false(is_scan(&e)); /* SYN, ACK: somebody else came first */
	e.tcp_flags = 0x04;
	assert_false(is_scan(&e)); /* RST */
	e.tcp_flags = 0x10;
	assert_false(is_scan(&e)); /* connections that were there */
	e = told(1, 1);
	e.orig_proto = PROTO_ICMP;
	e.present &= ~(UNREACH_HAS_SRC_PORT | UNREACH_HAS_DST_PORT);
	e.present |= UNREACH_HAS_ICMP_TYPE;
	e.orig_icmp_type = 8;
	assert_true(is_scan(&e));
	e.orig_icmp_type = 0;
	assert_false(is_scan(&e));
}

/* One alert as long as it goes on, resolved after the quiet, then another one. */
static void test_life(void **state)
{
	uint64_t now = START;
	int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		now = tell(5, 1000 * i, 3 * TARGETS, now, SECOND / 50) + 100 * SECOND;
		assert_int_equal(look_at(now), 1);
	}
	assert_int_equal(notes.count, 1);
	assert_int_equal(look_at(now + 600 * SECOND), 0);
	assert_true(notes.changes[1].resolved);
	now += 700 * SECOND;
	tell(5, 0, TARGETS, now, SECOND / 10);
	assert_int_equal(look_at(now + 10 * SECOND), 1);
	assert_int_equal(alerts_get(alerts, 0)->lead.first, now);
}

/* The count is never too high, and right up to the threshold and well beyond. */
static void test_exact(void **state)
{
	static const uint32_t thresholds[] = { 1, 2, 10, 99, 100, 1000, 10000 };
	size_t i;

	for (i = 0; i < sizeof(thresholds) / sizeof(thresholds[0]); i++) {
		const uint32_t n = thresholds[i];

		tear_down(state);
		open_with(n);
		tell(5, 0, n - 1, START, 1000);
		assert_int_equal(found(), 0);
		tell(5, n - 1, 1, START + SECOND, 0);
		assert_int_equal(found(), 1);
		tell(5, n, 20 * n, START + 2 * SECOND, 0);
		look_at(START + 3 * SECOND);
		assert_in_range(alerts_get(alerts, 0)->lead.peak, 2 * n, 21 * n);
	}
}

/* Rings of several CPUs come one after the other: a little out of order. */
static void test_order(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < TARGETS; i++)
		tell(5, i, 1, START + (i % 2 ? 3 * SECOND : 0), 0);
	assert_int_equal(found(), 1);
	/* At the beginning of a timeline, too. */
	for (i = 0; i < TARGETS; i++)
		tell(6, i, 1, 1 + i % 3, 0);
	assert_int_equal(found(), 2);
}

/*
 * Five thousand senders a second with one target each, more than there is room
 * for, are no scans; nor do they hide the fifty that go on, about one target in
 * three seconds each: who was let in stays long enough for the next.
 */
static void test_many_senders(void **state)
{
	const uint64_t gap = SECOND / 5000;
	uint32_t i, n = 0, seed = 1;

	tear_down(state);
	open_with(10);
	for (i = 0; i < 300 * 5000; i++) {
		tell(100 + i, i, 1, START + i * gap, 0);
		if (next_random(&seed) % 300)
			continue;
		tell(n % 50, n, 1, START + i * gap + gap / 2, 0);
		n++;
	}
	assert_in_range(found(), 40, 50);
	assert_int_equal(look_at(START + 300 * SECOND), found());
}

static void test_off(void **state)
{
	tear_down(state);
	open_with(0);
	tell(5, 0, 100000, START, 1000);
	assert_int_equal(found(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_threshold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_same_targets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_slow, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_window, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_each_sender, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_protocols, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_life, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_exact, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many_senders, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_off, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
