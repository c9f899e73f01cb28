// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * `top` asking: a daemon that answers, refuses, is not there, says nothing,
 * comes back, or is cut off in the middle. No call may wait: what would is
 * ended by the alarm. Time is a parameter, so the slow cases take none.
 */
#include "test_control.h"

#include "cli/reach.h"
#include "cli/top_poll.h"

#define SOME 10 /* turns that are enough for one question */

static struct top_data data;
static struct top_choice choice;
static struct top_poll asking;
static const unsigned int all = (1U << TOP_VIEWS) - 1;

static bool poll_at(uint64_t now)
{
	return top_poll_turn(&asking, &data, &choice, all, now);
}

static struct top_trouble trouble_at(uint64_t now)
{
	return top_poll_trouble(&asking, now);
}

/* Both sides take turns until a round is over. */
static void round_at(uint64_t now)
{
	for (int i = 0; i < SOME * TOP_VIEWS; i++) {
		if (poll_at(now))
			return;
		run_for(TURN_NS / 2);
	}
	fail_msg("no end of the round");
}

static int open_poll(void **state)
{
	memset(&data, 0, sizeof(data));
	choice = (struct top_choice){ .code = -1, .pane = TOP_SOURCES };
	asking = (struct top_poll){ .socket = path, .ask = { .fd = -1 } };
	return start(state);
}

static int close_poll(void **state)
{
	top_poll_end(&asking);
	return stop(state);
}

static void answered(void **state)
{
	uint64_t now = clock_mono();

	(void)state;
	round_at(now);
	assert_int_equal(data.known, all);
	assert_int_equal(data.count, 2);
	assert_int_equal(data.tables[0].count, 5);
	assert_int_equal(data.path_count, 2);
	assert_null(trouble_at(now).text);
	/* Nothing before a second has gone by, then again. */
	assert_false(poll_at(now + NS_PER_SEC - 1));
	assert_int_equal(asking.ask.fd, -1);
	assert_int_equal(top_poll_due(&asking), now + NS_PER_SEC);
	assert_false(poll_at(now + NS_PER_SEC));
	assert_true(asking.ask.fd >= 0);
}

/* Only what is shown is asked for, with what was chosen. */
static void chosen(void **state)
{
	(void)state;
	choice.code = 4;
	snprintf(choice.interface, sizeof(choice.interface), "wan-1");
	fake.hosts = 20;
	round_at(clock_mono());
	assert_int_equal(data.count, 2); /* the codes of all, so that others can be chosen */
	assert_int_equal(data.tables[0].count, 2);
	for (unsigned int i = 0; i < data.tables[0].count; i++)
		assert_string_equal(data.tables[0].rows[i].interface, "wan-1");
	assert_int_equal(strncmp(data.tables[0].rows[0].codes, "4:", 2), 0);
}

/* A round that took long leaves the daemon alone three times as long. */
static void slow_answers(void **state)
{
	uint64_t now = clock_mono();

	(void)state;
	assert_false(poll_at(now));
	round_at(now + 2 * NS_PER_SEC);
	assert_int_equal(top_poll_due(&asking), now + 8 * NS_PER_SEC);
}

static void refused(void **state)
{
	uint64_t now = clock_mono();

	(void)state;
	snprintf(choice.interface, sizeof(choice.interface), "eth9");
	round_at(now);
	assert_string_equal(trouble_at(now).text,
			    "interface 'eth9' is not watched; watched: eth0 wan-1");
	assert_false(trouble_at(now).gone);
	assert_int_equal(data.known, 1U << TOP_CODES | 1U << TOP_STATUS);
	choice.interface[0] = 0;
	round_at(now + NS_PER_SEC);
	assert_null(trouble_at(now).text);
}

static void not_there_and_back(void **state)
{
	uint64_t now = clock_mono();
	char error[512];

	(void)state;
	round_at(now);
	control_close(control);
	assert_true(poll_at(now + NS_PER_SEC));
	assert_string_equal(trouble_at(now).text, "no daemon (No such file or directory)");
	assert_true(trouble_at(now + 4 * NS_PER_SEC).gone);
	assert_int_equal(trouble_at(now + 4 * NS_PER_SEC).seconds, 3);
	assert_false(poll_at(now + 2 * NS_PER_SEC - 1)); /* a second later, not at each turn */
	assert_true(poll_at(now + 2 * NS_PER_SEC));
	assert_int_equal(trouble_at(now + 4 * NS_PER_SEC).seconds, 3);
	assert_int_equal(data.known, all); /* what was known stays */
	control = control_open(loop, path, &fake.model, NULL, NULL, error, sizeof(error));
	assert_non_null(control);
	round_at(now + 3 * NS_PER_SEC);
	assert_null(trouble_at(now).text);
}

/* The daemon is stopped, or too busy to accept: given up in the end, never waited for. */
static void silent(void **state)
{
	uint64_t now = clock_mono();

	(void)state;
	assert_false(poll_at(now)); /* the loop does not turn: nobody accepts */
	for (int i = 0; i < SOME; i++)
		assert_false(poll_at(now + NS_PER_SEC));
	assert_true(top_poll_due(&asking) <= clock_mono() + TOP_ASK_NS);
	assert_true(poll_at(now + TOP_ASK_NS + NS_PER_SEC));
	assert_string_equal(trouble_at(now).text, "the daemon does not answer");
	assert_int_equal(asking.ask.fd, -1);
}

/* A full queue of connections is an answer too. */
static void no_connection(void **state)
{
	int held[4096], count = 0;
	uint64_t now = clock_mono();

	(void)state;
	while (count < 4096 && (held[count] = reach_daemon(path)) >= 0)
		count++;
	assert_true(count < 4096);
	assert_true(poll_at(now));
	assert_string_equal(trouble_at(now).text, "the daemon takes no connection");
	while (count--)
		close(held[count]);
	run_for(20 * TURN_NS);
}

static void asked_otherwise(void **state)
{
	uint64_t now = clock_mono();

	(void)state;
	round_at(now);
	assert_false(poll_at(now + NS_PER_SEC));
	top_poll_again(&asking);
	assert_int_equal(asking.ask.fd, -1);
	assert_false(poll_at(now + NS_PER_SEC)); /* at once */
	assert_true(asking.ask.fd >= 0);
}

/* Bytes in place of an answer: what is no whole one is none. */
static enum top_asked answered_by(const char *bytes, size_t len, struct top_ask *a)
{
	int pair[2];
	enum top_asked asked;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	*a = (struct top_ask){ .fd = pair[0], .since = clock_mono() };
	assert_int_equal(top_ask_turn(a, a->since), ASKED_WAITING);
	assert_int_equal(write(pair[1], bytes, len), (ssize_t)len);
	assert_int_equal(top_ask_turn(a, a->since), ASKED_WAITING);
	close(pair[1]);
	asked = top_ask_turn(a, a->since);
	assert_int_equal(a->fd, -1);
	return asked;
}

#define ANSWER(text) answered_by(text, sizeof(text) - 1, &a)

static void answers(void **state)
{
	struct top_ask a;

	(void)state;
	assert_int_equal(ANSWER("ok\nview\tcodes\n\n"), ASKED_ANSWERED);
	assert_string_equal(top_ask_document(&a), "view\tcodes\n\n");
	top_ask_end(&a);
	assert_int_equal(ANSWER("ok\n\n"), ASKED_ANSWERED);
	assert_string_equal(top_ask_document(&a), "\n");
	top_ask_end(&a);
	assert_int_equal(ANSWER("ok\nview\tcodes\n"), ASKED_FAILED);
	assert_string_equal(a.error, "the daemon's answer is not whole");
	top_ask_end(&a);
	assert_int_equal(ANSWER("ok\n"), ASKED_FAILED);
	top_ask_end(&a);
	assert_int_equal(ANSWER("\n\n"), ASKED_FAILED);
	top_ask_end(&a);
	assert_int_equal(ANSWER(""), ASKED_FAILED);
	assert_string_equal(a.error, "the daemon went away");
	top_ask_end(&a);
	assert_int_equal(ANSWER("error no\033[2J\x9b!\nmore"), ASKED_REFUSED);
	assert_string_equal(a.error, "no?[2J?!");
	top_ask_end(&a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_poll, close_poll)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answered),
		TEST(chosen),
		TEST(slow_answers),
		TEST(refused),
		TEST(not_there_and_back),
		TEST(silent),
		TEST(no_connection),
		TEST(asked_otherwise),
		TEST(answers),
	};

	prepare_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
