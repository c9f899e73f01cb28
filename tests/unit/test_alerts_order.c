// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The same findings make the same alerts: by any order of reports, one after
 * the other or all at once, and after a restart.
 */
#include "findings.h"

#define MANY 3000

static struct notes notes, other_notes;
static struct finding many[MANY];

/* Hosts and paths that touch each other, both kinds, warnings among what is critical. */
static void make_any(size_t count, uint32_t *seed, bool ties)
{
	size_t i;

	for (i = 0; i < count; i++) {
		uint32_t host = next_random(seed) % 40, path = next_random(seed) % 40;

		switch (next_random(seed) % 4) {
		case 0:
			many[i] = invalid(host % 8, path % UNREACH_CLASSES, (uint32_t)i);
			break;
		case 1:
			many[i] = ignored_flows(host, path);
			break;
		default:
			many[i] = ignored(host, path);
			many[i].flow = i + 1;
		}
		many[i].at = START + (ties ? next_random(seed) % 20 : i);
		many[i].last = START + SECOND + i;
		many[i].messages = i;
	}
}

static void check_shuffled(size_t count, bool ties)
{
	uint32_t seed = 1, round;

	for (round = 0; round < 30; round++) {
		struct alerts *one = new_alerts(&notes), *other = new_alerts(&other_notes);

		make_any(count, &seed, ties);
		look(one, many, count, START + 2 * SECOND);
		shuffle(many, count, &seed);
		look(other, many, count, START + 2 * SECOND);
		assert_int_equal(notes.count, other_notes.count);
		assert_memory_equal(notes.changes, other_notes.changes,
				    notes.count * sizeof(notes.changes[0]));
		alerts_free(one);
		alerts_free(other);
	}
}

static void test_shuffled(void **state)
{
	(void)state;
	check_shuffled(200, false);
}

/* The kernel's clock is coarse: many are certain at the same time. */
static void test_shuffled_ties(void **state)
{
	(void)state;
	check_shuffled(200, true);
}

static void test_shuffled_many(void **state)
{
	(void)state;
	check_shuffled(MANY, false);
}

/* Nor does the order of reports matter at a later look, among alerts that are there. */
static void test_shuffled_looks(void **state)
{
	uint32_t seed = 1, round, count;

	(void)state;
	for (round = 0; round < 30; round++) {
		struct alerts *one = new_alerts(&notes), *other = new_alerts(&other_notes);

		make_any(200, &seed, false);
		for (count = 20; count <= 200; count += 20) {
			look(one, many, count, START + SECOND + count);
			shuffle(many, count, &seed);
			look(other, many, count, START + SECOND + count);
		}
		assert_int_equal(notes.count, other_notes.count);
		for (count = 0; count < notes.count; count++)
			assert_int_equal(notes.changes[count].id, other_notes.changes[count].id);
		alerts_free(one);
		alerts_free(other);
	}
}

/* Life brings findings one after the other; a restart, all at once. The alerts are the same. */
static void test_restart(void **state)
{
	struct alerts *live = new_alerts(&notes), *again = new_alerts(&other_notes);
	uint32_t seed = 7, i;

	(void)state;
	make_any(150, &seed, false);
	for (i = 1; i <= 150; i++)
		look(live, many, i, START + i);
	look(live, many, 150, START + 2 * SECOND);
	shuffle(many, 150, &seed);
	look(again, many, 150, START + 2 * SECOND);
	assert_int_equal(alerts_firing(live), alerts_firing(again));
	for (i = 0; i < alerts_firing(live); i++) {
		const struct alert *a = alerts_get(live, i), *b = alerts_get(again, i);

		assert_int_equal(a->id, b->id);
		assert_int_equal(a->lead.at, b->lead.at);
		assert_int_equal(a->messages, b->messages);
		assert_int_equal(a->hosts, b->hosts);
		assert_int_equal(a->destinations, b->destinations);
	}
	alerts_free(live);
	alerts_free(again);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shuffled),      cmocka_unit_test(test_shuffled_ties),
		cmocka_unit_test(test_shuffled_many), cmocka_unit_test(test_shuffled_looks),
		cmocka_unit_test(test_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
