// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whether what the flow watcher counts is enough to find silent black holes, at present. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "state/flow_watch.h"

#define START (5000 * NS_PER_SEC)

static struct flow_watch watch;
static struct unreach_flow_stats stats;
static uint64_t now;

static int set_up(void **state)
{
	(void)state;
	memset(&watch, 0, sizeof(watch));
	memset(&stats, 0, sizeof(stats));
	now = START;
	flow_watch_update(&watch, &stats, now);
	return 0;
}

/* Another second, with so many large segments, and so many of them too long. */
static enum flow_watch_state passes(uint64_t sent, uint64_t too_long)
{
	now += NS_PER_SEC;
	stats.sent += sent;
	stats.answered += sent / 2;
	stats.too_long += too_long;
	flow_watch_update(&watch, &stats, now);
	return flow_watch_state(&watch);
}

static void test_stray_one(void **state)
{
	(void)state;
	assert_int_equal(passes(1000, 1), FLOW_WATCH_WORKS);
	assert_int_equal(passes(1000, 50), FLOW_WATCH_WORKS);
	assert_int_equal(watch.stats.too_long, 51);
}

static void test_offload_ends(void **state)
{
	(void)state;
	assert_int_equal(passes(1000, 51), FLOW_WATCH_OFFLOAD);
	assert_int_equal(passes(0, 0), FLOW_WATCH_OFFLOAD);
	assert_int_equal(passes(1000, 0), FLOW_WATCH_WORKS);
	assert_int_equal(passes(1000, 1000), FLOW_WATCH_OFFLOAD);
}

/* It has worked for hours: what comes now counts, not the share of all that came. */
static void test_offload_begins(void **state)
{
	(void)state;
	assert_int_equal(passes(1000000, 0), FLOW_WATCH_WORKS);
	assert_int_equal(passes(20, 20), FLOW_WATCH_OFFLOAD);
}

/* A few are judged too, a bit later. */
static void test_few(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(passes(2, 2), FLOW_WATCH_WORKS);
	for (i = 0; i < 4; i++)
		passes(0, 0);
	assert_int_equal(flow_watch_state(&watch), FLOW_WATCH_OFFLOAD);
}

static void test_one_direction(void **state)
{
	(void)state;
	stats.sent = 999;
	flow_watch_update(&watch, &stats, now += NS_PER_SEC);
	assert_int_equal(flow_watch_state(&watch), FLOW_WATCH_WORKS);
	stats.sent = 1100;
	flow_watch_update(&watch, &stats, now += NS_PER_SEC);
	assert_int_equal(flow_watch_state(&watch), FLOW_WATCH_ONE_DIRECTION);
	assert_int_equal(passes(100, 0), FLOW_WATCH_WORKS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
	static const struct CMUnitTest tests[] = {
		TEST(test_stray_one), TEST(test_offload_ends),	TEST(test_offload_begins),
		TEST(test_few),	      TEST(test_one_direction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
