// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Diagnostics: their two prefixes, and one write a line, seen through a
 * datagram socket in the place of stderr (each write is one datagram there).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/log.h"

struct capture {
	int saved; /* the real stderr */
	int read;
};

static int begin(void **state)
{
	static struct capture c;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair))
		return -1;
	c.saved = dup(STDERR_FILENO);
	c.read = pair[0];
	dup2(pair[1], STDERR_FILENO);
	close(pair[1]);
	*state = &c;
	return 0;
}

static int end(void **state)
{
	struct capture *c = *state;

	dup2(c->saved, STDERR_FILENO);
	close(c->saved);
	close(c->read);
	unsetenv("JOURNAL_STREAM");
	return 0;
}

/* The next write as a string. */
static const char *written(struct capture *c)
{
	static char line[8192];
	ssize_t n = recv(c->read, line, sizeof(line) - 1, MSG_DONTWAIT);

	line[n < 0 ? 0 : n] = '\0';
	return line;
}

static void test_terminal(void **state)
{
	unsetenv("JOURNAL_STREAM");
	log_open("unreachd");
	log_error("cannot open %s: %s", "/x", "no");
	assert_string_equal(written(*state), "unreachd: cannot open /x: no\n");
	log_warning("w");
	assert_string_equal(written(*state), "unreachd: w\n");
	log_info("%d", 7);
	assert_string_equal(written(*state), "unreachd: 7\n");
	assert_string_equal(written(*state), "");
}

static void test_journal(void **state)
{
	struct stat st;
	char stream[64];

	/* Inherited from somebody whose stderr is another. */
	setenv("JOURNAL_STREAM", "8:1234", 1);
	log_open("unreachd");
	log_error("e");
	assert_string_equal(written(*state), "unreachd: e\n");
	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open("unreachd");
	log_error("e");
	assert_string_equal(written(*state), "<3>e\n");
	log_warning("w");
	assert_string_equal(written(*state), "<4>w\n");
	log_at(LOG_LEVEL_NOTICE, "n");
	assert_string_equal(written(*state), "<5>n\n");
	log_info("i");
	assert_string_equal(written(*state), "<6>i\n");
}

static void test_long_line(void **state)
{
	char text[6000];
	const char *line;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_open("unreachd");
	log_error("%s", text);
	line = written(*state);
	assert_true(strlen(line) > 1000);
	assert_int_equal(strspn(line, "unreachd: x"), strlen(line) - 1);
	assert_int_equal(line[strlen(line) - 1], '\n');
	assert_string_equal(written(*state), "");
}

/* What comes from elsewhere must not be able to forge a line. */
static void test_one_line(void **state)
{
	log_open("unreachd");
	log_error("a\nb\x1b[2J\n");
	assert_string_equal(written(*state), "unreachd: a b [2J \n");
	log_error("a\xc2\x9b[2Jb\xc2\x80\xc2\x9f\x7f"); /* U+009B does what ESC [ does */
	assert_string_equal(written(*state), "unreachd: a  [2Jb     \n");
	log_error("%s", "caf\xc3\xa9 \xe2\x82\xac \xc2\xa0"); /* letters stay */
	assert_string_equal(written(*state), "unreachd: caf\xc3\xa9 \xe2\x82\xac \xc2\xa0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_terminal, begin, end),
		cmocka_unit_test_setup_teardown(test_journal, begin, end),
		cmocka_unit_test_setup_teardown(test_long_line, begin, end),
		cmocka_unit_test_setup_teardown(test_one_line, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
