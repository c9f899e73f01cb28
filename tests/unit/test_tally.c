// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The ledger's rows for each outcome, the sum over CPUs field by field, rates
 * on a made-up timeline, and the ring of recent events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "state/recent.h"
#include "state/tally.h"

/* A timeline must not begin at 0, which is "never". */
#define START (1000 * NS_PER_SEC)

static void frame(struct tally *t, uint8_t code, enum unreach_checksum checksum, uint64_t now)
{
	struct unreach_event ev = { .code = code, .checksum = (uint8_t)checksum, .length = 56 };

	tally_frame(t, UNREACH_OK, &ev, now);
}

static void test_rows(void **state)
{
	struct tally t = {};
	const struct unreach_counters *c = &t.counters;

	(void)state;
	frame(&t, 0, UNREACH_CHECKSUM_OK, START);
	frame(&t, 15, UNREACH_CHECKSUM_UNVERIFIED, START + 1);
	frame(&t, 16, UNREACH_CHECKSUM_OK, START + 2);
	frame(&t, 3, UNREACH_CHECKSUM_BAD, START + 3);
	frame(&t, 200, UNREACH_CHECKSUM_BAD, START + 2); /* times of a capture can go back */
	tally_frame(&t, UNREACH_NOT_OURS, NULL, START);
	tally_frame(&t, UNREACH_TRUNCATED, NULL, START);
	tally_frame(&t, UNREACH_BAD_HEADER, NULL, START);
	tally_frame(&t, UNREACH_FRAGMENT, NULL, START);
	tally_frame(&t, UNREACH_FRAGMENT, NULL, START);

	assert_int_equal(c->seen, 5);
	assert_int_equal(c->codes[UNREACH_IPV4][0].messages, 1);
	assert_int_equal(c->codes[UNREACH_IPV4][0].bytes, 56);
	assert_int_equal(c->codes[UNREACH_IPV4][0].last, START);
	assert_int_equal(c->codes[UNREACH_IPV4][15].messages, 1);
	assert_int_equal(c->codes[UNREACH_IPV4][3].messages, 0);
	assert_int_equal(c->unassigned[UNREACH_IPV4].messages, 1);
	assert_int_equal(c->bad_checksum[UNREACH_IPV4].messages, 2);
	assert_int_equal(c->bad_checksum[UNREACH_IPV4].bytes, 112);
	assert_int_equal(c->bad_checksum[UNREACH_IPV4].last, START + 3);
	assert_int_equal(c->unclassified[UNREACH_IPV4][0], 1);
	assert_int_equal(c->unclassified[UNREACH_IPV4][1], 1);
	assert_int_equal(c->unclassified[UNREACH_IPV4][2], 2);
}

/* Counters are nothing but 64-bit words, so each can have a value of its own. */
#define WORDS (sizeof(struct unreach_counters) / sizeof(uint64_t))

static void number_words(struct unreach_counters *c, uint64_t factor)
{
	uint64_t words[WORDS];
	size_t i;

	for (i = 0; i < WORDS; i++)
		words[i] = factor * (i + 1);
	memcpy(c, words, sizeof(*c));
}

/* Is word i a time, of which the later one counts? */
static bool is_time(size_t i)
{
	const size_t first = offsetof(struct unreach_counters, codes) / sizeof(uint64_t);
	const size_t end = offsetof(struct unreach_counters, unclassified) / sizeof(uint64_t);

	return i >= first && i < end && (i - first) % 3 == 2;
}

static void test_add(void **state)
{
	struct unreach_counters sum = {}, one, two;
	uint64_t words[WORDS];
	size_t i;

	(void)state;
	number_words(&one, 1);
	number_words(&two, 1000);
	tally_add(&sum, &two);
	tally_add(&sum, &one);
	memcpy(words, &sum, sizeof(sum));
	for (i = 0; i < WORDS; i++)
		assert_int_equal(words[i], (is_time(i) ? 1000 : 1001) * (i + 1));
}

static void assert_rate(const struct tally *t, uint64_t now, double want)
{
	double rate = tally_rate(t, UNREACH_IPV4, 3, now);

	if (rate < want - 0.001 || rate > want + 0.001)
		fail_msg("rate %f, want %f", rate, want);
}

static void messages(struct tally *t, unsigned int n, uint64_t now)
{
	while (n--)
		frame(t, 3, UNREACH_CHECKSUM_OK, now);
}

static void test_rate(void **state)
{
	struct tally t = {};
	unsigned int second;

	(void)state;
	assert_rate(&t, START, 0); /* no snapshot yet */
	tally_tick(&t, START);
	messages(&t, 5, START);
	assert_rate(&t, START, 5); /* no second has passed */
	assert_rate(&t, START + NS_PER_SEC, 5);
	assert_rate(&t, START + 2 * NS_PER_SEC, 2.5);
	for (second = 1; second <= 30; second++) {
		tally_tick(&t, START + second * NS_PER_SEC);
		messages(&t, 20, START + second * NS_PER_SEC);
	}
	/* The base is the snapshot of ten seconds ago: 20 messages in each, and the last 20. */
	assert_rate(&t, START + 30 * NS_PER_SEC, 22);
	assert_rate(&t, START + 31 * NS_PER_SEC, 20);
	for (second = 31; second <= 41; second++)
		tally_tick(&t, START + second * NS_PER_SEC);
	assert_rate(&t, START + 41 * NS_PER_SEC, 0);
	assert_true(tally_rate(&t, UNREACH_IPV4, 2, START + 41 * NS_PER_SEC) == 0);
}

/* Ticks that come late and moments between two of them. */
static void test_rate_between(void **state)
{
	struct tally t = {};
	uint64_t at = START;
	unsigned int i;

	(void)state;
	for (i = 0; i < 40; i++, at += NS_PER_SEC + 3 * NS_PER_MSEC) {
		tally_tick(&t, at);
		messages(&t, 1003, at);
	}
	assert_rate(&t, at, 1000);
	assert_rate(&t, START - 1, 1003 * 11); /* a clock that is behind divides by nothing less */
}

static void test_recent(void **state)
{
	static const char interface[UNREACH_NAME_LEN] = "eth0";
	struct recent *r = calloc(1, sizeof(*r));
	struct unreach_record record = {};
	struct event ev = { .record = &record,
			    .interface = interface,
			    .to_wall = 7,
			    .nonce = 9,
			    .stream = 3 },
		     got;
	uint64_t i;

	(void)state;
	assert_int_equal(recent_oldest(r), 0);
	record.envelope.kept = 256;
	for (i = 0; i < RECENT_EVENTS + 5; i++) {
		record.envelope.number = i + 1;
		recent_add(r, &ev);
	}
	assert_int_equal(r->next, RECENT_EVENTS + 5);
	assert_int_equal(recent_oldest(r), 5);
	for (i = recent_oldest(r); i < r->next; i++) {
		got = recent_get(r, i);
		assert_int_equal(got.record->envelope.number, i + 1);
		assert_int_equal(got.record->envelope.kept, 0);
	}
	assert_string_equal(got.interface, "eth0");
	assert_int_equal(got.to_wall, 7);
	assert_int_equal(got.nonce, 9);
	assert_int_equal(got.stream, 3);
	free(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),   cmocka_unit_test(test_add),
		cmocka_unit_test(test_rate),   cmocka_unit_test(test_rate_between),
		cmocka_unit_test(test_recent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
