// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Alerts under pressure: caps and what is counted beyond them, members beyond
 * their room, floods of findings, one kind's flood and the other kind, the
 * ring of changes.
 */
#include <time.h>

#include "findings.h"

#define MANY 20000

static struct notes notes;
static struct finding many[MANY];

/* Different hosts, different paths, different reporters: nothing belongs together. */
static void make_strangers(size_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		many[i] = ignored(i, i);
		many[i].reporter = host_in(192, i);
		many[i].at = START + i;
		many[i].last = START + SECOND;
	}
}

static void test_cap_of_kind(void **state)
{
	struct alerts *as = new_alerts(&notes);
	uint32_t i;

	(void)state;
	make_strangers(300);
	look(as, many, 300, START + 2 * SECOND);
	assert_int_equal(alerts_firing(as), ALERTS_OF_KIND);
	assert_int_equal(alerts_overflow(as, ALERT_IGNORED), 300 - ALERTS_OF_KIND);
	assert_int_equal(alerts_overflow(as, ALERT_INVALID), 0);
	assert_int_equal(alerts_get(as, 255)->lead.at, START + 255);
	/* It is a figure of one look, not a sum. */
	look(as, many, 300, START + 3 * SECOND);
	assert_int_equal(alerts_overflow(as, ALERT_IGNORED), 300 - ALERTS_OF_KIND);
	look(as, many, 256, START + 3 * SECOND);
	assert_int_equal(alerts_overflow(as, ALERT_IGNORED), 0);
	/* Who goes makes room for who waits. */
	for (i = 10; i < 300; i++)
		many[i].last += 100 * SECOND;
	look(as, many + 10, 290, START + 200 * SECOND);
	assert_int_equal(alerts_firing(as), ALERTS_OF_KIND);
	look(as, many, 300, START + 601 * SECOND);
	assert_int_equal(alerts_firing(as), ALERTS_OF_KIND);
	assert_int_equal(alerts_overflow(as, ALERT_IGNORED), 290 - ALERTS_OF_KIND);
	alerts_free(as);
}

static void test_cap_of_reporter(void **state)
{
	struct alerts *as = new_alerts(&notes);
	uint32_t i;

	(void)state;
	make_strangers(50);
	for (i = 0; i < 40; i++)
		many[i].reporter = host_in(192, 1000);
	look(as, many, 50, START + 2 * SECOND);
	assert_int_equal(alerts_firing(as), ALERTS_OF_REPORTER + 10);
	assert_int_equal(alerts_overflow(as, ALERT_IGNORED), 8);
	alerts_free(as);
}

/* A flood of forged adverts must not hide a host that does not hear. */
static void test_kinds_do_not_crowd(void **state)
{
	struct alerts *as = new_alerts(&notes);
	uint32_t i;

	(void)state;
	for (i = 0; i < 3000; i++)
		many[i] = invalid(i, UNREACH_CLASS_IMPOSSIBLE, i);
	many[3000] = ignored(1, 1);
	for (i = 1; i <= 3; i++)
		look(as, many, 3001, START + i * SECOND);
	assert_int_equal(alerts_firing(as), ALERTS_OF_KIND + 1);
	assert_int_equal(alerts_overflow(as, ALERT_INVALID), 3000 - ALERTS_OF_KIND);
	assert_int_equal(alerts_overflow(as, ALERT_IGNORED), 0);
	alerts_free(as);
}

/* Whoever is certain first fires, however many are found before it. */
static void test_first_of_many(void **state)
{
	struct alerts *as = new_alerts(&notes);

	(void)state;
	make_strangers(5000);
	many[4999].at = START - 1;
	look(as, many, 5000, START + 2 * SECOND);
	assert_int_equal(notes.changes[0].lead.at, START - 1);
	alerts_free(as);
}

/* All of one alert: nothing overflows, and all is counted at the first look. */
static void test_many_of_one(void **state)
{
	struct alerts *as = new_alerts(&notes);
	uint32_t i;

	(void)state;
	for (i = 0; i < 5000; i++)
		many[i] = invalid(1, UNREACH_CLASS_TINY, i);
	look(as, many, 5000, START + SECOND);
	assert_int_equal(alerts_firing(as), 1);
	assert_int_equal(notes.count, 1);
	assert_int_equal(alerts_get(as, 0)->messages, 5000);
	assert_int_equal(alerts_get(as, 0)->destinations, ALERT_MEMBERS);
	assert_true(alerts_get(as, 0)->more);
	assert_int_equal(alerts_overflow(as, ALERT_INVALID), 0);
	alerts_free(as);
}

/* More than a look can hold: what belongs to an alert is counted all the same, and keeps it. */
static void test_too_many_of_one(void **state)
{
	struct alerts *as = new_alerts(&notes);
	uint32_t i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		many[i] = invalid(1, UNREACH_CLASS_TINY, i);
		many[i].at += i;
	}
	many[MANY - 1].last = START + 500 * SECOND; /* the last to be kept, if any is not */
	look(as, many, MANY, START + 501 * SECOND);
	look(as, many, MANY, START + 502 * SECOND);
	assert_int_equal(notes.count, 1);
	assert_int_equal(alerts_get(as, 0)->messages, MANY);
	assert_int_equal(alerts_get(as, 0)->last, START + 500 * SECOND);
	assert_int_equal(alerts_overflow(as, ALERT_INVALID), 0);
	alerts_free(as);
}

/* A kind's flood of more than a look can hold, all certain before the other kind's only one. */
static void test_kinds_do_not_push(void **state)
{
	static const uint32_t places[] = { MANY - 1, 0, MANY / 2 };
	struct finding deaf = ignored(1, 1);
	uint32_t place, i;

	(void)state;
	deaf.at = START + SECOND;
	for (place = 0; place < 3; place++) {
		struct alerts *as = new_alerts(&notes);

		for (i = 0; i < MANY; i++)
			many[i] = invalid(i, UNREACH_CLASS_IMPOSSIBLE, i);
		many[places[place]] = deaf;
		look(as, many, MANY, START + 2 * SECOND);
		look(as, many, MANY, START + 3 * SECOND);
		assert_int_equal(alerts_overflow(as, ALERT_IGNORED), 0);
		assert_int_equal(alerts_firing(as), ALERTS_OF_KIND + 1);
		alerts_free(as);
	}
}

static void test_members(void **state)
{
	struct alerts *as = new_alerts(&notes);
	uint32_t i;

	(void)state;
	for (i = 0; i < ALERT_MEMBERS + 1; i++)
		many[i] = ignored(1, i);
	look(as, many, ALERT_MEMBERS, START + SECOND);
	assert_int_equal(alerts_get(as, 0)->destinations, ALERT_MEMBERS);
	assert_false(alerts_get(as, 0)->more);
	look(as, many, ALERT_MEMBERS + 1, START + 2 * SECOND);
	assert_int_equal(alerts_firing(as), 1);
	assert_int_equal(alerts_get(as, 0)->destinations, ALERT_MEMBERS);
	assert_int_equal(alerts_get(as, 0)->flows, ALERT_MEMBERS);
	assert_int_equal(alerts_get(as, 0)->messages, ALERT_MEMBERS + 1);
	assert_true(alerts_get(as, 0)->more);
	alerts_free(as);
}

static void test_hosts_beyond(void **state)
{
	struct alerts *as = new_alerts(&notes);
	uint32_t i;

	(void)state;
	for (i = 0; i < 200; i++) {
		many[i] = ignored(i, 1);
		many[i].flow = 0;
	}
	look(as, many, 200, START + SECOND);
	look(as, many, 200, START + 2 * SECOND);
	assert_int_equal(alerts_firing(as), 1);
	assert_int_equal(notes.count, 1);
	assert_int_equal(alerts_get(as, 0)->hosts, ALERT_MEMBERS);
	assert_int_equal(alerts_get(as, 0)->messages, 200);
	assert_true(alerts_get(as, 0)->more);
	assert_int_equal(alerts_overflow(as, ALERT_IGNORED), 0);
	alerts_free(as);
}

static uint64_t cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

/* Many looks at very many findings: each costs little, and nothing grows. */
static void test_flood(void **state)
{
	struct alerts *as = new_alerts(&notes);
	uint32_t seed = 1, i;

	(void)state;
	make_strangers(MANY);
	for (i = 0; i < 20; i++) {
		uint64_t before = cpu_time();

		look(as, many, MANY, START + 2 * SECOND);
		assert_true(cpu_time() - before < NS_PER_SEC / 2);
		assert_int_equal(alerts_firing(as), ALERTS_OF_KIND);
		assert_int_equal(alerts_overflow(as, ALERT_IGNORED), MANY - ALERTS_OF_KIND);
		shuffle(many, MANY, &seed);
	}
	assert_int_equal(notes.count, ALERTS_OF_KIND);
	alerts_free(as);
}

/* Round after round, all of them others. */
static void test_ring_of_changes(void **state)
{
	struct alerts *as = new_alerts(&notes);
	uint64_t number;
	uint32_t round, i;

	(void)state;
	assert_int_equal(alerts_next(as), 0);
	assert_int_equal(alerts_oldest(as), 0);
	for (round = 0; round < 5; round++) {
		uint64_t start = START + round * 1000 * SECOND;

		make_strangers(200);
		for (i = 0; i < 200; i++)
			many[i].at = many[i].first = many[i].last = start + i;
		look(as, many, 200, start + SECOND);
		look(as, NULL, 0, start + 700 * SECOND);
		assert_int_equal(alerts_next(as), notes.count);
		assert_int_equal(notes.count, 400 * (round + 1));
		assert_int_equal(alerts_oldest(as),
				 notes.count > ALERT_CHANGES ? notes.count - ALERT_CHANGES : 0);
		for (number = alerts_oldest(as); number < alerts_next(as); number++)
			assert_memory_equal(alerts_change(as, number), &notes.changes[number],
					    sizeof(struct alert));
	}
	alerts_free(as);
}

/* Changes are told in the order in which they happened, even if a look is late. */
static void test_order_of_changes(void **state)
{
	struct alerts *as = new_alerts(&notes);
	size_t i;

	(void)state;
	make_strangers(4);
	many[0].last = START + 90 * SECOND;
	many[1].last = START + 30 * SECOND;
	many[2].last = START + 60 * SECOND;
	look(as, many, 3, START + 100 * SECOND);
	many[3].at = many[3].last = START + 650 * SECOND;
	look(as, many + 3, 1, START + 1000 * SECOND);
	assert_int_equal(notes.count, 7);
	for (i = 1; i < notes.count; i++)
		assert_true(alert_time(&notes.changes[i]) >= alert_time(&notes.changes[i - 1]));
	alerts_free(as);
}

/* Alerts of one time have ids of their own. */
static void test_ids_differ(void **state)
{
	struct alerts *as = new_alerts(&notes);
	size_t i, j;

	(void)state;
	make_strangers(200);
	for (i = 0; i < 200; i++)
		many[i].at = START;
	look(as, many, 200, START + 2 * SECOND);
	assert_int_equal(alerts_firing(as), 200);
	for (i = 0; i < 200; i++)
		for (j = 0; j < i; j++)
			assert_true(alerts_get(as, i)->id != alerts_get(as, j)->id);
	alerts_free(as);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cap_of_kind),	   cmocka_unit_test(test_cap_of_reporter),
		cmocka_unit_test(test_kinds_do_not_crowd), cmocka_unit_test(test_first_of_many),
		cmocka_unit_test(test_many_of_one),	   cmocka_unit_test(test_too_many_of_one),
		cmocka_unit_test(test_kinds_do_not_push),  cmocka_unit_test(test_members),
		cmocka_unit_test(test_hosts_beyond),	   cmocka_unit_test(test_flood),
		cmocka_unit_test(test_ring_of_changes),	   cmocka_unit_test(test_order_of_changes),
		cmocka_unit_test(test_ids_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
