// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Followers on the control socket: fast, slow, stuck, and while something else is answered. */
#include "test_control.h"

/* Followers that have long taken nothing give way, those that merely have nothing to take don't. */
static void stuck_followers_give_way(void **state)
{
	int fds[CONTROL_CONNECTIONS], i;
	unsigned int round;
	char *got;

	(void)state;
	for (i = 0; i < CONTROL_CONNECTIONS; i++)
		fds[i] = ask(i == 5 ? "events follow=1\n" : "events follow=1 code=9\n");
	await_connections(CONTROL_CONNECTIONS);
	for (round = 0; round < 40; round++) {
		fake_events(&fake, "eth0", 3, 100);
		control_pump(control);
		run_for(TURN_NS);
	}
	control_sweep(control, clock_mono() + CONTROL_ANSWER_NS + NS_PER_SEC);
	assert_int_equal(control_connections(control), CONTROL_CONNECTIONS);
	assert_answers(ask("codes\n"), "ok\n");
	assert_int_equal(control_connections(control), CONTROL_CONNECTIONS - 1);
	fake_events(&fake, "eth0", 9, 1);
	control_pump(control);
	for (i = 0; i < CONTROL_CONNECTIONS; i++) {
		got = i == 5 ? NULL : heard(fds[i]);
		assert_int_equal(got ? count_of(got, "network-prohibited") : 1, 1);
		free(got);
		close(fds[i]);
	}
}

static void followers(void **state)
{
	int all = ask("events follow=1 json=1\n"), some = ask("events follow=1 json=1 code=4\n");
	char *got;

	(void)state;
	await_connections(2);
	got = heard(all);
	assert_string_equal(got, "ok\n");
	free(got);
	fake_events(&fake, "eth0", 3, 10);
	fake_events(&fake, "eth0", 4, 2);
	control_pump(control);
	got = heard(all);
	assert_int_equal(count_of(got, "icmp_unreach"), 12);
	free(got);
	got = heard(some);
	assert_int_equal(count_of(got, "icmp_unreach"), 2);
	free(got);
	/* The daemon stops: they see the end. */
	control_close(control);
	control = NULL;
	assert_answers(all, "");
	assert_answers(some, "");
}

/* More at once than fits its buffer: it comes in turns, whole and in order. */
static void bursts(void **state)
{
	int fd = ask("events follow=1 json=1\n");
	unsigned int number;
	char *got, *at;

	(void)state;
	await_connections(1);
	free(heard(fd));
	fake_events(&fake, "eth0", 3, 4000);
	control_pump(control);
	got = heard(fd);
	assert_int_equal(count_of(got, "icmp_unreach"), 4000);
	at = got;
	for (number = 1; number <= 4000; number++) {
		char expected[32];

		snprintf(expected, sizeof(expected), "-%u\",\"in_iface\"", number);
		at = strstr(at, expected);
		assert_non_null(at);
	}
	free(got);
	close(fd);
	await_connections(0);
}

static void slow_followers(void **state)
{
	int fd = ask("events follow=1 json=1\n");
	unsigned long long missed = 0;
	unsigned int round;
	char *got, *at;

	(void)state;
	await_connections(1);
	run_for(TURN_NS);
	for (round = 0; round < 100; round++) {
		fake_events(&fake, "eth0", 3, 300);
		control_pump(control);
		run_for(TURN_NS / 2);
	}
	got = heard(fd);
	at = strstr(got, "unreach_missed");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "unreach_missed\",\"missed\":%llu}", &missed), 1);
	assert_int_equal(count_of(got, "unreach_missed"), 1);
	assert_int_equal(count_of(got, "icmp_unreach") + missed, 30000);
	free(got);
	close(fd);
	await_connections(0);
}

static void pump_between(struct fake *f)
{
	fake_events(f, "eth0", 3, 3);
	control_pump(control);
}

/* A long table is read in batches, and the rings are drained in between: followers go on. */
static void pumped_while_answering(void **state)
{
	int here = ask("events follow=1 json=1\n"), gone = ask("events follow=1 json=1\n");
	char *got;

	(void)state;
	await_connections(2);
	fake.on_load = pump_between;
	got = answer(ask("status json=1\n"));
	assert_memory_equal(got, "ok\n{\"view\":\"status\"", 18);
	free(got);
	close(gone);
	assert_answers(ask("status json=1\n"), "ok\n{\"view\":\"status\"");
	await_connections(1);
	got = heard(here);
	assert_int_equal(count_of(got, "icmp_unreach"), 18);
	free(got);
	close(here);
	await_connections(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTROL_TEST(followers),
		CONTROL_TEST(bursts),
		CONTROL_TEST(slow_followers),
		CONTROL_TEST(stuck_followers_give_way),
		CONTROL_TEST(pumped_while_answering),
	};

	prepare_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
