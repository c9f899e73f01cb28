// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Configuration files: what each kind of option may be written as, and for each
 * thing that can be wrong with a file the very lines that it is told in.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/opts_file.h"
#include "temp_dir.h"

static const char *const modes[] = { "auto", "native", "generic", NULL };
static const char *const tracks[] = { "sources", "targets", "senders", NULL };

struct values {
	bool wait, now;
	const char *log, *socket;
	uint32_t count, mode, track;
	struct opt_list interfaces;
};

#define AT(member) offsetof(struct values, member)

/* clang-format off */
static const struct opt table[] = {
	{ .name = "interface", .letter = 'i', .kind = OPT_LIST, .offset = AT(interfaces), .argument = "IFACE" },
	{ .name = "wait", .kind = OPT_FLAG, .offset = AT(wait) },
	{ .name = "log", .kind = OPT_STRING, .offset = AT(log), .argument = "FILE" },
	{ .name = "socket", .kind = OPT_STRING, .offset = AT(socket), .argument = "PATH" },
	{ .name = "count", .kind = OPT_U32, .offset = AT(count), .argument = "N", .min = 1, .max = 4000000000U },
	{ .name = "mode", .kind = OPT_CHOICE, .offset = AT(mode), .argument = "MODE", .choices = modes },
	{ .name = "track", .kind = OPT_SET, .offset = AT(track), .argument = "LIST", .choices = tracks },
	{ .name = "now", .kind = OPT_FLAG, .offset = AT(now), .not_in_file = true },
	{},
};
/* clang-format on */

#define LINE_MOST 198 /* bytes of a line that inih takes */

/* What came of one file. */
struct result {
	int rc;
	struct values values;
	char *texts;
	struct buf errors;
};

static const char *write_file(const void *content, size_t size)
{
	const char *path = temp_path("conf");
	FILE *to = fopen(path, "w");

	assert_non_null(to);
	assert_int_equal(fwrite(content, 1, size, to), size);
	assert_int_equal(fclose(to), 0);
	return path;
}

static struct result read_path(const char *path)
{
	struct result r = {};

	r.rc = opts_read_file(table, "unreachd", path, &r.values, &r.texts, &r.errors);
	buf_char(&r.errors, '\0');
	return r;
}

static void result_free(struct result *r)
{
	free(r->texts);
	buf_free(&r->errors);
}

/* The errors of a file, each of which begins with its name, which `expected` does without. */
static void check_bytes(const void *content, size_t size, const char *expected)
{
	const char *path = write_file(content, size);
	struct result r = read_path(path);
	struct buf short_form = {};
	char *at = r.errors.data, *line;

	while ((line = strsep(&at, "\n")) && *line) {
		assert_memory_equal(line, path, strlen(path));
		assert_int_equal(line[strlen(path)], ':');
		buf_printf(&short_form, "%s\n", line + strlen(path) + 1);
	}
	buf_char(&short_form, '\0');
	assert_string_equal(short_form.data, expected);
	assert_int_equal(r.rc, *expected ? -EINVAL : 0);
	buf_free(&short_form);
	result_free(&r);
}

static void check(const char *content, const char *expected)
{
	check_bytes(content, strlen(content), expected);
}

static struct result read_text(const char *content)
{
	struct result r = read_path(write_file(content, strlen(content)));

	assert_string_equal(r.errors.data, "");
	assert_int_equal(r.rc, 0);
	return r;
}

static void test_kinds(void **state)
{
	struct result r = read_text("# a comment\n"
				    "; another\n"
				    "\n"
				    "[unreachd] ; ours\n"
				    "interface = eth0, eth1\t,eth2\n"
				    "  wait=yes\n"
				    "log\t= /var/log/a=b c;d ; told\n"
				    "socket = /run/x#y\n"
				    "count=4000000000\n"
				    "[unreachd]\n"
				    "mode = native   \n"
				    "track = senders , sources\n"
				    "interface = eth3"); /* no end of line */

	(void)state;
	assert_int_equal(r.values.interfaces.count, 4);
	assert_string_equal(r.values.interfaces.values[0], "eth0");
	assert_string_equal(r.values.interfaces.values[1], "eth1");
	assert_string_equal(r.values.interfaces.values[2], "eth2");
	assert_string_equal(r.values.interfaces.values[3], "eth3");
	assert_true(r.values.wait);
	assert_string_equal(r.values.log, "/var/log/a=b c;d");
	assert_string_equal(r.values.socket, "/run/x#y");
	assert_int_equal(r.values.count, 4000000000U);
	assert_int_equal(r.values.mode, 1);
	assert_int_equal(r.values.track, 5);
	result_free(&r);
}

static void test_flags(void **state)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = { { "yes", true }, { "no", false },	 { "true", true }, { "false", false },
		      { "on", true },  { "off", false }, { "1", true },	   { "0", false } };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		char text[64];
		struct result r;

		snprintf(text, sizeof(text), "[unreachd]\nwait = %s\n", words[i].word);
		r = read_text(text);
		assert_int_equal(r.values.wait, words[i].value);
		result_free(&r);
	}
}

/* What the file says nothing of stays. */
static void test_nothing(void **state)
{
	struct values before = { .log = "kept", .count = 7, .wait = true }, after = before;
	struct buf errors = {};
	char *texts = NULL;

	(void)state;
	assert_int_equal(
		opts_read_file(table, "unreachd", write_file("", 0), &after, &texts, &errors), 0);
	assert_memory_equal(&before, &after, sizeof(after));
	assert_int_equal(errors.len, 0);
	free(texts);
}

#define S "[unreachd]\n"

static void test_refusals(void **state)
{
	static const struct {
		const char *content, *expected;
	} rows[] = {
		{ S "mode = fast\n", "2: mode: 'fast' is not one of auto, native or generic\n" },
		{ S "mode =\n", "2: mode: needs MODE, got nothing\n" },
		{ S "log = ; nothing\n", "2: log: needs FILE, got nothing\n" },
		{ S "count = 0\n", "2: count: '0' is not a number from 1 to 4000000000\n" },
		{ S "count =\n", "2: count: '' is not a number from 1 to 4000000000\n" },
		{ S "count = 1 2\n", "2: count: '1 2' is not a number from 1 to 4000000000\n" },
		{ S "wait = maybe\n", "2: wait: 'maybe' is not yes or no\n" },
		{ S "wait = Yes\n", "2: wait: 'Yes' is not yes or no\n" },
		{ S "wait =\n", "2: wait: '' is not yes or no\n" },
		{ S "track = sources,\n", "2: track: 'sources,' is not a comma-separated list of "
					  "sources, targets or senders\n" },
		{ S "track = sources targets\n",
		  "2: track: 'sources targets' is not a comma-separated list of "
		  "sources, targets or senders\n" },
		{ S "interface = a,,b\n", "2: interface: needs IFACE, got nothing\n" },
		{ S "interface =\n", "2: interface: needs IFACE, got nothing\n" },
		{ S "\nlag = 3\n", "3: unknown option 'lag'; --help lists them\n" },
		{ S "Log = 3\n", "2: unknown option 'Log'; --help lists them\n" },
		{ S "i = eth0\n", "2: unknown option 'i'; --help lists them\n" },
		{ S "inter = eth0\n", "2: unknown option 'inter'; --help lists them\n" },
		{ S "= 3\n", "2: unknown option ''; --help lists them\n" },
		{ S "now = yes\n", "2: now: belongs on the command line, not into a file\n" },
		{ S "log = a\n\nlog = a\n", "4: log: stands in line 2 already\n" },
		{ S "wait\n", "2: 'wait' is neither 'option = value' nor a comment\n" },
		{ S "log: a=b\n", "2: 'log: a=b' is neither 'option = value' nor a comment\n" },
		{ S "interface = a,\n  b\n", "2: interface: needs IFACE, got nothing\n"
					     "3: 'b' is neither 'option = value' nor a comment\n" },
		{ S "log = \"/x y\"\n", "2: log: \"/x y\": values are written without quotes\n" },
		{ S "log = /x # y\n",
		  "2: log: '/x # y': behind a value a comment begins with ;\n" },
		{ "log = a\n" S "log = b\n", "1: log: stands before [unreachd]\n" },
		{ "[unreach]\nlog = a\nx\n", "1: '[unreach]' is not [unreachd], the only section "
					     "that is read\n"
					     "3: 'x' is neither 'option = value' nor a comment\n" },
		{ "[unreachd\nlog = a\n",
		  "1: '[unreachd' is not [unreachd], the only section that is read\n" },
		{ "[unreachd] x\n", "1: '[unreachd] x' is not [unreachd], the only section that is "
				    "read\n" },
		{ S "[x]\n", "2: '[x]' is not [unreachd], the only section that is read\n" },
		{ S "log = a\x01"
		    "b\n",
		  "2: holds a control character: this is a text file, with LF at the end of a "
		  "line\n" },
		{ "[unreachd]\r\nmode = x\r\n",
		  "1: ends in CR LF, as on Windows; lines of this file end in LF alone\n"
		  "2: mode: 'x' is not one of auto, native or generic\n" },
		{ "\xef\xbb\xbf" S "log = a\n",
		  "1: begins with a byte order mark; save it as UTF-8 without one\n" },
		/* All of it is told. */
		{ S "mode = a\nmode = native\ncount = x\n",
		  "2: mode: 'a' is not one of auto, native or generic\n"
		  "3: mode: stands in line 2 already\n"
		  "4: count: 'x' is not a number from 1 to 4000000000\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(rows[i].content, rows[i].expected);
}

static void test_nul(void **state)
{
	static const char value[] = S "log = /x\0y\n", comment[] = "# \0\n";

	(void)state;
	check_bytes(value, sizeof(value) - 1,
		    "2: holds a control character: this is a text file, with LF at the end of a "
		    "line\n");
	check_bytes(comment, sizeof(comment) - 1,
		    "1: holds a control character: this is a text file, with LF at the end of a "
		    "line\n");
}

/* inih would cut a line in two; the longest that it takes is taken whole. */
static void test_long_line(void **state)
{
	char value[LINE_MOST + 1] = "", text[600];
	struct result r;

	(void)state;
	memset(value, 'x', LINE_MOST - strlen("log = "));
	snprintf(text, sizeof(text), S "log = %s   \nmode = native\n", value);
	r = read_text(text);
	assert_string_equal(r.values.log, value);
	assert_int_equal(r.values.mode, 1);
	result_free(&r);
	snprintf(text, sizeof(text), S "log = %sx\nmode = fast\n", value);
	r = read_path(write_file(text, strlen(text)));
	assert_non_null(strstr(r.errors.data, ":2: is longer than 198 bytes\n"));
	assert_non_null(strstr(r.errors.data, ":3: mode: 'fast' is not one of "));
	assert_null(r.values.log);
	result_free(&r);
	snprintf(text, sizeof(text), "# %s%s\n" S, value, value);
	check(text, "");
}

static void test_many_interfaces(void **state)
{
	char text[1000] = S "interface = a";
	struct result r;

	(void)state;
	for (int i = 1; i < OPT_LIST_MAX; i++)
		strcat(text, i % 10 ? ", a" : "\ninterface = a");
	r = read_text(text);
	assert_int_equal(r.values.interfaces.count, OPT_LIST_MAX);
	result_free(&r);
	strcat(text, ",a\n");
	check(text, "8: interface: given more than 64 times\n");
}

static void check_unreadable(const char *path, int rc, const char *before, const char *behind)
{
	struct result r = read_path(path);
	char expected[512];

	snprintf(expected, sizeof(expected), "%s%s%s\n", before, path, behind);
	assert_int_equal(r.rc, rc);
	assert_string_equal(r.errors.data, expected);
	result_free(&r);
}

static void test_unreadable(void **state)
{
	char path[256];

	(void)state;
	check_unreadable(temp_path("nosuch"), -ENOENT, "cannot read ",
			 ": No such file or directory");
	check_unreadable(temp_dir, -EISDIR, "cannot read ", ": Is a directory");
	snprintf(path, sizeof(path), "%s", write_file(S, strlen(S)));
	assert_int_equal(truncate(path, 1 << 30), 0);
	check_unreadable(path, -EFBIG, "", " is longer than 65536 bytes: no configuration file is");
	check_unreadable("/dev/zero", -EFBIG, "",
			 " is longer than 65536 bytes: no configuration file is");
}

/* As long as may be, and nothing but values: the room for them is enough. */
static void test_largest(void **state)
{
	static char content[OPTS_FILE_MOST];
	struct result r;
	char *at = content + sprintf(content, S);

	(void)state;
	for (; content + sizeof(content) - at >= 12; at += 12)
		memcpy(at, "interface=b\n", 12);
	memset(at, '\n', (size_t)(content + sizeof(content) - at));
	r = read_path(write_file(content, sizeof(content)));
	assert_int_equal(r.rc, -EINVAL);
	assert_int_equal(r.values.interfaces.count, OPT_LIST_MAX);
	assert_string_equal(r.values.interfaces.values[OPT_LIST_MAX - 1], "b");
	result_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_many_interfaces),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_largest),
	};

	temp_dir_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
