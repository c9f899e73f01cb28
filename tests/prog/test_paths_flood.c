// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Bounds of the evidence in the kernel: floods make no more rows than the
 * admission lets in, and what makes none is counted; a bad checksum leaves
 * nothing, and who wants no events has evidence all the same.
 */
#include "prog/adverts.h"

static struct kernel k;

#define FLOOD 3000

/* The most rows that a bucket lets in from `from` to `to`. */
static uint64_t most_rows(uint64_t from, uint64_t to, uint64_t interval, uint64_t burst)
{
	return (to - from + burst) / interval;
}

static const struct advert plain = {
	.mtu = 1400, .length = 1500, .port = 50000, .seq = 1, .protocol = 6, .code = 4
};

/* Limits what is let in: 100 new rows a second, 20 at once. */
static void load_limited(bool paths, bool others)
{
	if (paths) {
		k.skel->rodata->admission_interval = 10 * MS;
		k.skel->rodata->admission_burst = 200 * MS;
	}
	if (others) {
		k.skel->rodata->evidence_interval = 10 * MS;
		k.skel->rodata->evidence_burst = 200 * MS;
	}
	kernel_load(&k);
}

/* As many rows as the bucket lets in; what was not let in of `attributable` is counted. */
static void check_flood(enum unreach_evidence which, uint64_t from, uint64_t to,
			uint64_t attributable)
{
	size_t rows = kernel_rows(&k, which);

	print_message("%zu of %llu let in within %llu ms\n", rows, (unsigned long long)attributable,
		      (unsigned long long)((to - from) / MS));
	assert_true(rows >= 20);
	assert_true(rows <= most_rows(from, to, 10 * MS, 200 * MS));
	assert_true(rows < FLOOD / 2);
	check_attribution(&k, which, attributable, rows);
}

static void test_flood_of_paths(void **state)
{
	struct advert a = plain;
	uint64_t first = 0, last = 0;
	size_t rows;

	(void)state;
	load_limited(true, false);
	for (a.target = 0; a.target < FLOOD; a.target++) {
		last = send_advert(&k, &a);
		first = first ? first : last;
	}
	check_flood(UNREACH_PATHS, first, last, FLOOD);
	check_attribution(&k, UNREACH_HEADS, 0, 0);
	check_attribution(&k, UNREACH_ADVERTS, 0, 0);
	/* What is known is counted, even while nothing new is let in. */
	rows = kernel_rows(&k, UNREACH_PATHS);
	a.target = 0;
	for (int i = 0; i < 100; i++)
		send_advert(&k, &a);
	assert_int_equal(kernel_rows(&k, UNREACH_PATHS), rows);
	check_attribution(&k, UNREACH_PATHS, FLOOD + 100, rows + 100);
}

static void test_flood_of_adverts(void **state)
{
	struct advert a = plain;
	uint64_t first = 0, last = 0;

	(void)state;
	load_limited(false, true);
	a.mtu = 20;
	for (a.target = 0; a.target < FLOOD; a.target++) {
		last = send_advert(&k, &a);
		first = first ? first : last;
	}
	check_flood(UNREACH_ADVERTS, first, last, FLOOD);
	check_attribution(&k, UNREACH_PATHS, FLOOD, FLOOD);
	check_attribution(&k, UNREACH_HEADS, 0, 0);
}

/* Waits until the kernel's clock is that far. */
static void wait_until(uint64_t time)
{
	while (kernel_now(CLOCK_MONOTONIC_COARSE) < time)
		usleep(1000);
}

/* Random quotes make no heads; sent again, an episode later, they make what is let in. */
static void test_flood_of_heads(void **state)
{
	struct advert a = plain;
	uint64_t first = 0, last = 0, attributable;
	struct unreach_counters c;

	(void)state;
	load_limited(false, true);
	for (a.seq = 0; a.seq < FLOOD; a.seq++)
		last = send_advert(&k, &a);
	assert_int_equal(kernel_rows(&k, UNREACH_HEADS), 0);
	check_attribution(&k, UNREACH_HEADS, 0, 0);
	wait_until(last + 160 * MS);
	for (a.seq = 0; a.seq < FLOOD; a.seq++) {
		last = send_advert(&k, &a);
		first = first ? first : last;
	}
	/* A few have lost their cell to another one. */
	c = kernel_counters(&k);
	attributable = c.evidence[UNREACH_HEADS].attributable;
	assert_true(attributable <= FLOOD && attributable > FLOOD - FLOOD / 100);
	check_flood(UNREACH_HEADS, first, last, attributable);
	check_attribution(&k, UNREACH_PATHS, 2 * FLOOD, 2 * FLOOD);
	assert_int_equal(kernel_rows(&k, UNREACH_PATHS), 1);
}

static void test_bad_checksums(void **state)
{
	struct advert a = plain;
	struct unreach_counters c;

	(void)state;
	kernel_load(&k);
	a.bad = true;
	for (a.target = 0; a.target < 100; a.target++) {
		a.mtu = a.target % 2 ? 20 : 1400;
		send_advert(&k, &a);
		send_advert(&k, &a);
	}
	c = kernel_counters(&k);
	assert_int_equal(c.bad_checksum[UNREACH_IPV4].messages, 200);
	for (int which = 0; which < UNREACH_EVIDENCES; which++) {
		assert_int_equal(kernel_rows(&k, which), 0);
		check_attribution(&k, which, 0, 0);
	}
}

/* Nobody reads, nothing is written: evidence is left all the same. */
static void test_without_events(void **state)
{
	struct advert a = plain;

	(void)state;
	k.skel->rodata->events_mode = 2; /* none */
	k.skel->rodata->track = 0;
	kernel_load(&k);
	a.mtu = 20;
	for (int i = 0; i < 100; i++)
		send_advert(&k, &a);
	assert_int_equal(kernel_counters(&k).records, 0);
	check_attribution(&k, UNREACH_PATHS, 100, 100);
	check_attribution(&k, UNREACH_ADVERTS, 100, 100);
}

static int set_up(void **state)
{
	(void)state;
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	kernel_close(&k);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_flood_of_paths), TEST(test_flood_of_adverts), TEST(test_flood_of_heads),
		TEST(test_bad_checksums),  TEST(test_without_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
