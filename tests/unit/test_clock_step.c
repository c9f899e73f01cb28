// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The wall clock is stepped under a running program. A shared machine's clock
 * is nobody's to set, so clock_gettime(2) is this test's own: CLOCK_REALTIME
 * stands where it is told to, and CLOCK_MONOTONIC goes on as clocks do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "state/event.h"

#define START_NS 1795228000000000000ULL /* 2026-11-21T02:26:40Z */
#define HOUR_NS (3600 * NS_PER_SEC)

static uint64_t mono = 1000 * NS_PER_SEC; /* ns */
static uint64_t wall = START_NS; /* ns */

int clock_gettime(clockid_t id, struct timespec *t)
{
	uint64_t now = id == CLOCK_REALTIME ? wall : mono;

	t->tv_sec = (time_t)(now / NS_PER_SEC);
	t->tv_nsec = (long)(now % NS_PER_SEC);
	return 0;
}

static void pass(uint64_t ns)
{
	mono += ns;
	wall += ns;
}

/* The text of a moment of the timeline as it would be logged now. */
static void assert_logged(uint64_t time, const char *expected)
{
	struct unreach_record record = { .envelope.time = time };
	struct event ev = { .record = &record, .to_wall = clock_mono_to_wall() };
	struct buf line = {};
	const char head[] = "{\"timestamp\":\"";

	event_json(&line, &ev);
	assert_false(line.failed);
	assert_memory_equal(line.data, head, strlen(head));
	assert_memory_equal(line.data + strlen(head), expected, strlen(expected));
	buf_free(&line);
}

/* An event is dated by the clock as it stands when the line is written, at once after a step. */
static void test_steps(void **state)
{
	uint64_t event = mono;

	(void)state;
	assert_logged(event, "2026-11-21T02:26:40.000000+0000");
	pass(NS_PER_SEC);
	assert_logged(event, "2026-11-21T02:26:40.000000+0000");
	wall += HOUR_NS;
	assert_logged(event, "2026-11-21T03:26:40.000000+0000");
	assert_logged(mono, "2026-11-21T03:26:41.000000+0000");
	wall -= 2 * HOUR_NS;
	assert_logged(mono, "2026-11-21T01:26:41.000000+0000");
	wall += HOUR_NS;
	assert_logged(mono, "2026-11-21T02:26:41.000000+0000");
}

/* What is judged runs on the other clock: it neither stands still nor goes back. */
static void test_timeline(void **state)
{
	uint64_t before = clock_mono();

	(void)state;
	wall -= 10 * HOUR_NS;
	assert_int_equal(clock_mono(), before);
	pass(NS_PER_MSEC);
	assert_int_equal(clock_mono(), before + NS_PER_MSEC);
	wall += 10 * HOUR_NS;
}

/* A clock that is slewed, or read in between, does not make one moment two. */
static void test_small_steps(void **state)
{
	int64_t offset = clock_mono_to_wall();

	(void)state;
	for (int i = 0; i < 9; i++) {
		wall += NS_PER_MSEC / 10;
		assert_int_equal(clock_mono_to_wall(), offset);
	}
	wall += NS_PER_MSEC;
	assert_int_equal(clock_mono_to_wall(), offset + (int64_t)(NS_PER_MSEC * 19 / 10));
}

/* As a machine without a battery starts: a few seconds after the epoch, until it is told. */
static void test_at_the_epoch(void **state)
{
	(void)state;
	wall = 5 * NS_PER_SEC;
	assert_logged(mono, "1970-01-01T00:00:05.000000+0000");
	wall = START_NS;
	assert_logged(mono, "2026-11-21T02:26:40.000000+0000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_timeline),
		cmocka_unit_test(test_small_steps),
		cmocka_unit_test(test_at_the_epoch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
