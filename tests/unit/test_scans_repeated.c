// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What comes again within the second is not looked for again, and counts all
 * the same: as a message, and as one of its sender, target, slot and second.
 */
#include "scan_messages.h"

#define TARGETS 100
/* So many that there are two sets of senders only. */
#define TARGETS_MANY SCAN_TARGETS_MOST
#define STRANGERS 200

static int open_with(uint32_t targets)
{
	scans = scans_new(targets, table_seed());
	return scans ? 0 : -1;
}

static int set_up(void **state)
{
	(void)state;
	return open_with(TARGETS);
}

static int set_up_many(void **state)
{
	(void)state;
	return open_with(TARGETS_MANY);
}

static int tear_down(void **state)
{
	(void)state;
	scans_free(scans);
	return 0;
}

static void keep_scan(void *context, const void *key, const void *value)
{
	(void)key;
	*(struct scan *)context = *(const struct scan *)value;
}

/* The same again are messages of the scan, and make it go on. */
static void test_messages(void **state)
{
	struct scan scan = {};
	uint64_t noted;

	(void)state;
	tell(5, 0, TARGETS, START, 0);
	noted = scans_noted(scans);
	tell(5, TARGETS - 1, 1, START + 1, 0);
	tell(5, TARGETS - 1, 1, START + 2, 0);
	scans_walk(scans, keep_scan, &scan);
	assert_int_equal(scan.messages, TARGETS + 2);
	assert_int_equal(scan.targets, TARGETS);
	assert_int_equal(scan.last, START + 2);
	/* Of the same second it is no news. */
	assert_int_equal(scans_noted(scans), noted);
	tell(5, TARGETS - 1, 1, START + SECOND, 0);
	assert_int_equal(scans_noted(scans), noted + 1);
}

/* In another second it is of then: what was heard of 50 s ago still counts. */
static void test_another_second(void **state)
{
	(void)state;
	tell(5, 0, 1, START, 0);
	tell(5, 0, 1, START + 50 * SECOND, 0);
	tell(5, 1, TARGETS - 1, START + 61 * SECOND, 0);
	assert_int_equal(found(), 1);
}

/* Two that tell the same targets, now the one first and now the other, are two. */
static void test_another_sender(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < TARGETS; i++) {
		tell(i % 2 ? 6 : 5, i, 1, START, 0);
		tell(i % 2 ? 5 : 6, i, 1, START, 0);
	}
	assert_int_equal(found(), 2);
}

/* So is one that two interfaces tell of. */
static void test_another_interface(void **state)
{
	uint32_t i, slot;

	(void)state;
	for (i = 0; i < TARGETS; i++) {
		const struct unreach_event e = told(5, i);

		for (slot = 0; slot < 2; slot++)
			scans_take(scans, &e, slot, START);
	}
	assert_int_equal(found(), 2);
}

/*
 * Those who find no room take the seconds of the others on with them. What comes
 * again then came in another second all the same.
 */
static void test_second_of_others(void **state)
{
	const uint64_t before = START + 50 * SECOND - SECOND / 10, after = START + 50 * SECOND;
	uint32_t i;

	(void)state;
	tell(5, 0, 2, START, 0);
	for (i = 0; i < STRANGERS; i++)
		tell(100 + i, 0, 1, START, 0);
	for (i = 0; i < STRANGERS; i++)
		tell(1000 + i, 0, 1, before, 0);
	tell(5, 0, 1, before, 0);
	for (i = 0; i < STRANGERS; i++)
		tell(2000 + i, 0, 1, after, 0);
	tell(5, 0, 1, after, 0);
	tell(5, 2, TARGETS_MANY - 1, after + 59 * SECOND, 0);
	assert_int_equal(found(), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_messages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_another_second, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_another_sender, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_another_interface, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_second_of_others, set_up_many, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
