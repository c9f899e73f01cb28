// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Both written forms of a moment: known ones, the cache in any order of
 * seconds, and the offset between the two clocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static void check(uint64_t unix_ns, const char *expected)
{
	struct buf b = {};

	clock_format_rfc3339(&b, unix_ns);
	assert_int_equal(b.len, strlen(expected) + 1);
	assert_memory_equal(b.data, expected, strlen(expected));
	assert_int_equal(b.data[b.len - 1], 'Z');
	buf_consume(&b, b.len);
	clock_format_eve(&b, unix_ns);
	assert_int_equal(b.len, strlen(expected) + 5);
	assert_memory_equal(b.data, expected, strlen(expected));
	assert_memory_equal(b.data + strlen(expected), "+0000", 5);
	buf_free(&b);
}

static void test_known(void **state)
{
	(void)state;
	check(1795228000001000000, "2026-11-21T02:26:40.001000");
	check(0, "1970-01-01T00:00:00.000000");
	check(999, "1970-01-01T00:00:00.000000");
	check(1000, "1970-01-01T00:00:00.000001");
	check(951782399999999999, "2000-02-28T23:59:59.999999");
	check(951782400000000000, "2000-02-29T00:00:00.000000");
	check(4107542399 * NS_PER_SEC, "2100-02-28T23:59:59.000000");
	check(4107542400 * NS_PER_SEC, "2100-03-01T00:00:00.000000");
	check(UINT64_MAX, "2554-07-21T23:34:33.709551");
}

/* Seconds that repeat, go on and go back: what is kept of one must not show in another. */
static void test_any_order(void **state)
{
	uint64_t second = 1795228000;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint64_t micros = (uint64_t)random() % 1000000;
		time_t t = (time_t)second;
		char expected[64], date[32];
		struct tm tm;

		gmtime_r(&t, &tm);
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(expected, sizeof(expected), "%s.%06u", date, (unsigned int)micros);
		check(second * NS_PER_SEC + micros * 1000 + (uint64_t)random() % 1000, expected);
		if (random() % 3 == 0)
			second = (uint64_t)random() * 4 % 18446744073;
		else
			second += (uint64_t)random() % 2;
	}
}

/* However little room is left: it is made before it is written to (the sanitizers watch). */
static void test_any_room(void **state)
{
	(void)state;
	for (size_t left = 0; left < 40; left++) {
		struct buf b = {};
		size_t before;

		assert_true(buf_reserve(&b, 1));
		while (b.cap - b.len > left)
			buf_char(&b, 'x');
		before = b.len;
		clock_format_eve(&b, UINT64_MAX);
		assert_int_equal(b.len - before, 31);
		assert_memory_equal(b.data + before, "2554-07-21T23:34:33.709551+0000", 31);
		buf_free(&b);
	}
}

static void test_clocks(void **state)
{
	struct timespec wall;
	uint64_t first = clock_mono(), second = clock_mono();
	int64_t difference;

	(void)state;
	assert_true(second >= first);
	clock_gettime(CLOCK_REALTIME, &wall);
	difference = (int64_t)clock_mono() + clock_mono_to_wall() -
		     (int64_t)(wall.tv_sec * (int64_t)NS_PER_SEC + wall.tv_nsec);
	assert_true(llabs(difference) < (int64_t)(10 * NS_PER_SEC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_any_room),
		cmocka_unit_test(test_clocks),
	};

	srandom(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
