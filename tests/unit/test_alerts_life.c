// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The life of an alert: when it fires, becomes graver, is resolved and fires again. */
#include "findings.h"

static struct notes notes;

static void test_quiet(void **state)
{
	struct alerts *as = new_alerts(&notes);
	const struct finding f = ignored(1, 1);
	uint64_t id;

	(void)state;
	look(as, &f, 1, START + SECOND);
	id = firing(as, 0)->id;
	look(as, &f, 1, START + 600 * SECOND - 1);
	look(as, NULL, 0, START + 600 * SECOND - 1);
	assert_int_equal(alerts_firing(as), 1);
	assert_int_equal(notes.count, 1);
	look(as, &f, 1, START + 600 * SECOND);
	assert_int_equal(alerts_firing(as), 0);
	assert_int_equal(notes.count, 2);
	assert_true(notes.changes[1].resolved);
	assert_int_equal(notes.changes[1].id, id);
	assert_int_equal(notes.changes[1].ended, START + 600 * SECOND);
	assert_int_equal(alert_time(&notes.changes[1]), START + 600 * SECOND);
	look(as, &f, 1, START + 601 * SECOND);
	assert_int_equal(notes.count, 2);
	alerts_free(as);
}

/* However late the look is, it ended when it ended. */
static void test_quiet_late_look(void **state)
{
	struct alerts *as = new_alerts(&notes);
	const struct finding f = ignored(1, 1);

	(void)state;
	look(as, &f, 1, START + SECOND);
	look(as, NULL, 0, START + 7000 * SECOND);
	assert_int_equal(notes.changes[1].ended, START + 600 * SECOND);
	alerts_free(as);
}

static void test_fires_again(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding f = ignored(1, 1);

	(void)state;
	look(as, &f, 1, START + SECOND);
	/* The evidence came back after the pause, before anybody looked: the old one ends first. */
	f.first = f.last = f.at = START + 600 * SECOND;
	look(as, &f, 1, START + 601 * SECOND);
	assert_int_equal(notes.count, 3);
	assert_true(notes.changes[1].resolved);
	assert_false(notes.changes[2].resolved);
	assert_true(notes.changes[2].id != notes.changes[0].id);
	assert_int_equal(notes.changes[2].first, START + 600 * SECOND);
	/* Within the pause it goes on. */
	f.last = f.at = START + 1200 * SECOND - 1;
	look(as, &f, 1, START + 1201 * SECOND);
	assert_int_equal(notes.count, 3);
	assert_int_equal(firing(as, 0)->last, START + 1200 * SECOND - 1);
	alerts_free(as);
}

/* Marks go with the alert that they lead to. */
static void test_marks_go(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[2] = { ignored(1, 1), ignored(2, 2) };

	(void)state;
	look(as, found, 2, START + SECOND);
	found[1].last = START + 500 * SECOND;
	look(as, found, 2, START + 600 * SECOND);
	assert_int_equal(alerts_firing(as), 1);
	found[0] = ignored(1, 3);
	found[0].last = found[0].at = START + 650 * SECOND;
	look(as, found, 2, START + 651 * SECOND);
	assert_int_equal(alerts_firing(as), 2);
	assert_int_equal(firing(as, 1)->destinations, 1);
	alerts_free(as);
}

/* Those of the others stay: a deaf host's next path, a deaf path's next host are no news. */
static void test_marks_stay(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[4] = { ignored(1, 1), ignored(2, 2), ignored(2, 3), ignored(3, 2) };
	size_t i;

	(void)state;
	for (i = 1; i < 4; i++)
		found[i].last = START + 500 * SECOND;
	look(as, found, 2, START + 501 * SECOND);
	look(as, found + 1, 1, START + 600 * SECOND);
	assert_int_equal(alerts_firing(as), 1);
	look(as, found + 1, 3, START + 601 * SECOND);
	assert_int_equal(alerts_firing(as), 1);
	assert_int_equal(firing(as, 0)->hosts, 2);
	assert_int_equal(firing(as, 0)->destinations, 2);
	alerts_free(as);
}

/* A graver finding makes no sum smaller, found before what leads it to its alert or after. */
static void check_graver_sum(bool before)
{
	struct alerts *as = new_alerts(&notes);
	struct finding first = ignored_flows(1, 1), found[2];

	first.messages = 1000;
	look(as, &first, 1, START + SECOND);
	found[before] = ignored_flows(1, 2); /* the host is known, so this path is now */
	found[!before] = ignored(2, 2);
	look(as, found, 2, START + 2 * SECOND);
	assert_int_equal(alerts_firing(as), 1);
	assert_int_equal(notes.count, 2);
	assert_int_equal(notes.changes[1].lead.severity, SEVERITY_CRITICAL);
	assert_true(notes.changes[1].messages >= 1000);
	assert_true(firing(as, 0)->messages >= 1000);
	alerts_free(as);
}

static void test_graver_sum(void **state)
{
	(void)state;
	check_graver_sum(false);
	check_graver_sum(true);
}

/* A graver finding fires again, once, under the same id. */
static void test_graver(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[2] = { ignored_flows(1, 1), ignored(1, 1) };

	(void)state;
	found[1].at = found[1].last = START + 5 * SECOND;
	look(as, found, 1, START + SECOND);
	assert_int_equal(notes.changes[0].lead.severity, SEVERITY_WARNING);
	look(as, found, 2, START + 6 * SECOND);
	found[1].episodes = 9; /* it leads from now on */
	look(as, found, 2, START + 7 * SECOND);
	assert_int_equal(firing(as, 0)->lead.episodes, 9);
	look(as, found, 1, START + 8 * SECOND);
	assert_int_equal(notes.count, 2);
	assert_int_equal(alerts_firing(as), 1);
	assert_int_equal(notes.changes[1].id, notes.changes[0].id);
	assert_int_equal(notes.changes[1].lead.severity, SEVERITY_CRITICAL);
	assert_int_equal(notes.changes[1].lead.level, LEVEL_CONFIRMED);
	assert_int_equal(notes.changes[1].lead.basis, BASIS_SEGMENT);
	assert_int_equal(alert_time(&notes.changes[1]), START + 5 * SECOND);
	assert_int_equal(firing(as, 0)->lead.severity, SEVERITY_CRITICAL);
	alerts_free(as);
}

/* What a change tells is what was there when it was told. */
static void test_graver_counts(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[2] = { ignored_flows(1, 1), ignored(1, 1) };

	(void)state;
	found[0].messages = 10;
	look(as, found, 1, START + SECOND);
	found[0].messages = 50;
	found[1].messages = 7;
	look(as, found, 2, START + 6 * SECOND);
	assert_int_equal(notes.changes[1].messages, 57);
	alerts_free(as);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quiet),	    cmocka_unit_test(test_quiet_late_look),
		cmocka_unit_test(test_fires_again), cmocka_unit_test(test_marks_go),
		cmocka_unit_test(test_marks_stay),  cmocka_unit_test(test_graver_sum),
		cmocka_unit_test(test_graver),	    cmocka_unit_test(test_graver_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
