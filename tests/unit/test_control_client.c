// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The client's commands against the control socket: what comes out of stdout, once and again. */
#include "client.h"

static void answers(void **state)
{
	struct client c = CLIENT(client_codes, "codes", "-j");

	(void)state;
	finish(&c);
	assert_int_equal(c.status, 0);
	assert_memory_equal(c.said.data, "{\"view\":\"codes\"", 15);
	assert_string_equal(c.complained.data, "");
	forget(&c);
	c = CLIENT(client_hosts, "senders", "-n1", "--code", "port-unreachable", "-i", "wan-1",
		   "--json");
	finish(&c);
	assert_int_equal(c.status, 0);
	assert_memory_equal(c.said.data, "{\"view\":\"senders\"", 17);
	assert_int_equal(count_of(c.said.data, "\"interface\":\"wan-1\""), 1);
	assert_int_equal(count_of(c.said.data, "\"address\""), 1);
	forget(&c);
	c = CLIENT(client_status, "status");
	finish(&c);
	assert_int_equal(c.status, 0);
	assert_memory_equal(c.said.data, "view status  version 9.9.9", 26);
	forget(&c);
}

static void large_answers(void **state)
{
	struct client c;

	(void)state;
	fake.hosts = 30000;
	c = CLIENT(client_hosts, "sources", "-n", "0", "-j");
	finish(&c);
	assert_int_equal(c.status, 0);
	assert_int_equal(count_of(c.said.data, "\"address\""), 30000);
	forget(&c);
}

static void events(void **state)
{
	struct client c;

	(void)state;
	fake_events(&fake, "eth0", 3, 50);
	fake_events(&fake, "eth0", 4, 2);
	c = CLIENT(client_events, "events");
	finish(&c);
	assert_int_equal(count_of(c.said.data, "\n"), 20);
	assert_int_equal(c.status, 0);
	forget(&c);
	c = CLIENT(client_events, "events", "--code=4", "--source=192.0.2.1",
		   "--target=203.0.113.9", "-n0", "-j");
	finish(&c);
	assert_int_equal(count_of(c.said.data, "\"icmp_code\":4,"), 2);
	assert_int_equal(count_of(c.said.data, "\n"), 2);
	forget(&c);
	c = CLIENT(client_events, "events", "--source=192.0.2.2");
	finish(&c);
	assert_string_equal(c.said.data, "");
	assert_int_equal(c.status, 0);
	forget(&c);
}

static void paths_and_alerts(void **state)
{
	struct client c = CLIENT(client_paths, "paths", "-n1", "-j");

	(void)state;
	finish(&c);
	assert_int_equal(c.status, 0);
	assert_memory_equal(c.said.data, "{\"view\":\"paths\"", 15);
	assert_int_equal(count_of(c.said.data, "\"verdict\""), 1);
	forget(&c);
	c = CLIENT(client_alerts, "alerts");
	finish(&c);
	assert_string_equal(c.said.data, "no alerts\n");
	assert_int_equal(c.status, 0);
	forget(&c);
	fake_alert(&fake, "198.51.100.7", 20 * NS_PER_SEC);
	c = CLIENT(client_alerts, "alerts", "-j", "-i", "eth0");
	finish(&c);
	assert_memory_equal(c.said.data, "{\"view\":\"alerts\"", 16);
	assert_int_equal(count_of(c.said.data, "\"state\":\"firing\""), 1);
	forget(&c);
}

static void following_alerts(void **state)
{
	struct client c;

	(void)state;
	fake_alert(&fake, "198.51.100.7", 20 * NS_PER_SEC);
	c = CLIENT(client_alerts, "alerts", "-fj");
	await_said(&c, "\"state\":\"firing\"", 1);
	alerts_begin(fake.alerts);
	alerts_end(fake.alerts, FAKE_NOW + ALERT_QUIET_NS);
	control_pump(control);
	await_said(&c, "\"state\":\"resolved\"", 1);
	assert_int_equal(count_of(c.said.data, "\n"), 2);
	control_close(control);
	control = NULL;
	assert_ends(c, 1, "unreach: the daemon at %s went away\n");
}

/* Until the daemon goes: that is no success. */
static void following(void **state)
{
	struct client c = CLIENT(client_events, "events", "-fj");

	(void)state;
	while (!control_connections(control))
		step(&c);
	run_for(TURN_NS);
	fake_events(&fake, "eth0", 3, 3);
	control_pump(control);
	await_said(&c, "icmp_unreach", 3);
	fake_events(&fake, "eth0", 3, 1);
	control_pump(control);
	await_said(&c, "icmp_unreach", 4);
	control_close(control);
	control = NULL;
	assert_ends(c, 1, "unreach: the daemon at %s went away\n");
}

/* In a pipe whose reader goes, it ends without waiting for the next event, and has no complaint. */
static void reader_gone(void **state)
{
	struct client c = CLIENT(client_events, "events", "-f");

	(void)state;
	while (!control_connections(control))
		step(&c);
	run_for(TURN_NS);
	close(c.out);
	c.out = -1;
	assert_ends(c, 1, "");
	run_for(TURN_NS);
	assert_int_equal(control_connections(control), 0);
}

static void bad_stdout(void **state)
{
	char *words[] = { "codes", NULL };
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int unwritable = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_ends(spawn(client_codes, words, full, false), 1,
		    "unreach: cannot write to stdout: No space left on device\n");
	assert_ends(spawn(client_codes, words, unwritable, false), 1,
		    "unreach: cannot write to stdout: Bad file descriptor\n");
	close(full);
	close(unwritable);
}

/* Again and again: text with an empty line between, JSON without. */
static void watching(void **state)
{
	struct client c = CLIENT(client_codes, "codes", "-w", "1"),
		      json = CLIENT(client_codes, "codes", "--watch=1", "-j");

	(void)state;
	await_said(&c, "view codes", 2);
	assert_int_equal(count_of(c.said.data, "\n\nview codes"), 1);
	await_said(&json, "\"view\":\"codes\"", 2);
	assert_int_equal(count_of(json.said.data, "\n\n"), 0);
	control_close(control);
	control = NULL;
	assert_ends(c, 1,
		    "unreach: no daemon at %s (No such file or directory); "
		    "start it with: unreachd -i IFACE --socket %s\n");
	assert_ends(json, 1,
		    "unreach: no daemon at %s (No such file or directory); "
		    "start it with: unreachd -i IFACE --socket %s\n");
}

static void watching_on_a_terminal(void **state)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), side;
	char *words[] = { "codes", "-w", NULL };
	struct client c;

	(void)state;
	assert_true(terminal >= 0);
	assert_int_equal(grantpt(terminal) | unlockpt(terminal), 0);
	side = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
	c = spawn(client_codes, words, side, false);
	close(side);
	close(c.out);
	c.out = terminal;
	await_said(&c, "\033[H\033[2Jview codes", 1);
	kill(c.pid, SIGTERM);
	assert_int_equal(waitpid(c.pid, NULL, 0), c.pid);
	close(c.out);
	close(c.err);
	forget(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTROL_TEST(answers),		CONTROL_TEST(large_answers),
		CONTROL_TEST(events),		CONTROL_TEST(following),
		CONTROL_TEST(paths_and_alerts), CONTROL_TEST(following_alerts),
		CONTROL_TEST(reader_gone),	CONTROL_TEST(bad_stdout),
		CONTROL_TEST(watching),		CONTROL_TEST(watching_on_a_terminal),
	};

	prepare_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
