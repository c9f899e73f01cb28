// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Option tables: each kind in each way of writing it, each refusal with the
 * words that it is told in, and the help.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/opts.h"

static const char *const modes[] = { "auto", "native", "generic", NULL };
static const char *const tracks[] = { "sources", "targets", "senders", NULL };

struct values {
	bool verbose, all, json;
	const char *log;
	uint32_t count, mode, track, watch;
	struct opt_list interfaces;
};

#define AT(member) offsetof(struct values, member)

static const struct opt table[] = {
	{ .name = "interface",
	  .letter = 'i',
	  .kind = OPT_LIST,
	  .offset = AT(interfaces),
	  .argument = "IFACE",
	  .help = "watch it; several allowed" },
	{ .name = "verbose", .letter = 'v', .offset = AT(verbose), .help = "say more" },
	{ .name = "all", .letter = 'a', .offset = AT(all), .help = "show all" },
	{ .name = "json", .letter = 'j', .offset = AT(json), .help = "for programs" },
	{ .name = "log",
	  .letter = 'l',
	  .kind = OPT_STRING,
	  .offset = AT(log),
	  .argument = "FILE",
	  .help = "where to" },
	{ .name = "log-all", .offset = AT(all), .help = "another that begins alike" },
	{ .name = "count",
	  .letter = 'n',
	  .kind = OPT_U32,
	  .offset = AT(count),
	  .argument = "N",
	  .min = 1,
	  .max = 4000000000U,
	  .help = "how many" },
	{ .name = "mode",
	  .letter = 'm',
	  .kind = OPT_CHOICE,
	  .offset = AT(mode),
	  .argument = "auto|native|generic",
	  .choices = modes,
	  .help = "how to attach" },
	{ .name = "track",
	  .kind = OPT_SET,
	  .offset = AT(track),
	  .argument = "LIST",
	  .choices = tracks,
	  .help = "which tables" },
	{ .name = "watch",
	  .letter = 'w',
	  .kind = OPT_U32,
	  .offset = AT(watch),
	  .argument = "SECONDS",
	  .min = 1,
	  .max = 60,
	  .optional = true,
	  .missing = 2,
	  .help = "again and again" },
	{},
};

#define WORDS_MAX 80

/* What came of one command line. */
struct result {
	int rc;
	struct values values;
	char *operands[WORDS_MAX];
	int count;
	char error[200];
};

/* The words of a command line, parted by spaces; "%" stands for an empty word. */
static struct result parse(const char *line)
{
	static char copy[2000];
	struct result r = {};
	char *argv[WORDS_MAX + 1] = { "program" };
	int argc = 1;

	assert_true(strlen(line) < sizeof(copy));
	strcpy(copy, line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
		assert_true(argc < WORDS_MAX);
		argv[argc++] = strcmp(word, "%") == 0 ? "" : word;
	}
	r.rc = opts_parse(table, argc, argv, &r.values, r.operands, &r.count, r.error,
			  sizeof(r.error));
	return r;
}

static void check_error(const char *line, const char *expected)
{
	struct result r = parse(line);

	assert_int_equal(r.rc, -EINVAL);
	assert_string_equal(r.error, expected);
}

static void check_count(const char *line, uint32_t expected)
{
	struct result r = parse(line);

	assert_int_equal(r.rc, 0);
	assert_int_equal(r.values.count, expected);
	assert_int_equal(r.count, 0);
}

static void test_ways_of_writing(void **state)
{
	(void)state;
	check_count("-n5", 5);
	check_count("-n 5", 5);
	check_count("--count=5", 5);
	check_count("--count 5", 5);
	check_count("--co 5", 5);
	check_count("--c=5", 5);
	check_count("-vn5", 5);
	check_count("-avn 5", 5);
	check_count("-n1 -n2", 2);
	check_count("-n 1", 1);
	check_count("-n 4000000000", 4000000000U);
}

static void test_kinds(void **state)
{
	struct result r =
		parse("-vj -l - -m generic --track senders,sources -i eth0 -ieth1 --int=e2");

	(void)state;
	assert_int_equal(r.rc, 0);
	assert_true(r.values.verbose && r.values.json && !r.values.all);
	assert_string_equal(r.values.log, "-");
	assert_int_equal(r.values.mode, 2);
	assert_int_equal(r.values.track, 5);
	assert_int_equal(r.values.interfaces.count, 3);
	assert_string_equal(r.values.interfaces.values[0], "eth0");
	assert_string_equal(r.values.interfaces.values[1], "eth1");
	assert_string_equal(r.values.interfaces.values[2], "e2");
	r = parse("--track=targets,targets --log=a=b");
	assert_int_equal(r.values.track, 2);
	assert_string_equal(r.values.log, "a=b");
}

static void test_optional_argument(void **state)
{
	(void)state;
	assert_int_equal(parse("").values.watch, 0);
	assert_int_equal(parse("-w").values.watch, 2);
	assert_int_equal(parse("--watch").values.watch, 2);
	assert_int_equal(parse("-w5").values.watch, 5);
	assert_int_equal(parse("--watch=5").values.watch, 5);
	assert_int_equal(parse("-w 5").values.watch, 5);
	assert_int_equal(parse("-vw7").values.watch, 7);
	assert_int_equal(parse("-w -v").values.watch, 2);
	assert_int_equal(parse("-w -v").values.verbose, true);
	assert_int_equal(parse("-w x").count, 1);
	assert_int_equal(parse("-wx").rc, -EINVAL);
}

static void test_operands(void **state)
{
	struct result r = parse("a -v b - -- -j --count c");

	(void)state;
	assert_int_equal(r.rc, 0);
	assert_true(r.values.verbose);
	assert_false(r.values.json);
	assert_int_equal(r.count, 6);
	assert_string_equal(r.operands[0], "a");
	assert_string_equal(r.operands[1], "b");
	assert_string_equal(r.operands[2], "-");
	assert_string_equal(r.operands[3], "-j");
	assert_string_equal(r.operands[4], "--count");
	assert_string_equal(r.operands[5], "c");
	r = parse("-l -- x"); /* an option's argument may look like an option */
	assert_string_equal(r.values.log, "--");
	assert_int_equal(r.count, 1);
	r = parse("% a");
	assert_int_equal(r.count, 2);
}

static void test_exact_name_is_no_prefix(void **state)
{
	(void)state;
	assert_string_equal(parse("--log x").values.log, "x");
	assert_true(parse("--log-a").values.all);
	check_error("--lo x", "--lo is ambiguous: --log, --log-all");
}

static void test_refusals(void **state)
{
	(void)state;
	check_error("--nothing", "unknown option --nothing; --help lists them");
	check_error("--nothing=5", "unknown option --nothing; --help lists them");
	check_error("--=5", "unknown option --; --help lists them");
	check_error("-n -5", "--count: '-5' is not a number from 1 to 4000000000");
	check_error("-vx", "unknown option -x; --help lists them");
	check_error("-n", "--count: needs N");
	check_error("--log", "--log: needs FILE");
	check_error("-n 0", "--count: '0' is not a number from 1 to 4000000000");
	check_error("-n 4000000001", "--count: '4000000001' is not a number from 1 to 4000000000");
	check_error("-n 99999999999999999999999",
		    "--count: '99999999999999999999999' is not a number from 1 to 4000000000");
	check_error("-n -1", "--count: '-1' is not a number from 1 to 4000000000");
	check_error("-n 1x", "--count: '1x' is not a number from 1 to 4000000000");
	check_error("-n 0x1", "--count: '0x1' is not a number from 1 to 4000000000");
	check_error("-n +1", "--count: '+1' is not a number from 1 to 4000000000");
	check_error("-n %", "--count: '' is not a number from 1 to 4000000000");
	check_error("-m fast", "--mode: 'fast' is not one of auto, native or generic");
	check_error("-m nat", "--mode: 'nat' is not one of auto, native or generic");
	check_error("--verbose=maybe", "--verbose: 'maybe' is not yes or no");
	check_error("--verbose=", "--verbose: '' is not yes or no");
	check_error("--track sources,x", "--track: 'sources,x' is not a comma-separated list of "
					 "sources, targets or senders");
	check_error(
		"--track sources,",
		"--track: 'sources,' is not a comma-separated list of sources, targets or senders");
	check_error("--log=", "--log: needs FILE, got nothing");
	check_error("-i %", "--interface: needs IFACE, got nothing");
}

static void test_list_is_bounded(void **state)
{
	char line[1000] = "";

	(void)state;
	for (int i = 0; i < OPT_LIST_MAX; i++)
		strcat(line, "-ix ");
	assert_int_equal(parse(line).rc, 0);
	strcat(line, "-ix ");
	check_error(line, "--interface: given more than 64 times");
}

/* An error must fit whatever it is given. */
static void test_error_is_cut(void **state)
{
	struct values values = {};
	char *argv[] = { "program", "--mode=something-or-other" }, *operands[2];
	char error[10] = "........X";
	int count;

	(void)state;
	assert_int_equal(opts_parse(table, 2, argv, &values, operands, &count, error, 9), -EINVAL);
	assert_string_equal(error, "--mode: ");
}

/* Any words: no word is lost, nothing is touched that should not be. */
static void test_random_words(void **state)
{
	static const char *const words[] = {
		"-v",	    "-n",   "5",      "--count",   "--track", "sources,targets", "--", "-",
		"--log",    "-vaj", "-w",     "--watch=3", "-i",      "--interface=e",	 "x",  "%",
		"--m=auto", "-nn",  "--log=", "-mfoo",
	};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char line[200] = "";
		struct result r;

		for (long n = random() % 8; n >= 0; n--) {
			strcat(line, words[(size_t)random() % (sizeof(words) / sizeof(*words))]);
			strcat(line, " ");
		}
		r = parse(line);
		assert_true(r.rc == 0 || r.rc == -EINVAL);
		assert_int_equal(r.rc == 0, r.error[0] == '\0');
		assert_null(strchr(r.error, '\n'));
		for (int k = 0; k < r.count; k++)
			assert_non_null(r.operands[k]);
	}
}

static void test_help(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	(void)state;
	assert_non_null(to);
	opts_help(table, to);
	fclose(to);
	assert_string_equal(text, "  -i, --interface IFACE           watch it; several allowed\n"
				  "  -v, --verbose                   say more\n"
				  "  -a, --all                       show all\n"
				  "  -j, --json                      for programs\n"
				  "  -l, --log FILE                  where to\n"
				  "      --log-all                   another that begins alike\n"
				  "  -n, --count N                   how many\n"
				  "  -m, --mode auto|native|generic  how to attach\n"
				  "      --track LIST                which tables\n"
				  "  -w, --watch [SECONDS]           again and again\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways_of_writing),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_optional_argument),
		cmocka_unit_test(test_operands),
		cmocka_unit_test(test_exact_name_is_no_prefix),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_list_is_bounded),
		cmocka_unit_test(test_error_is_cut),
		cmocka_unit_test(test_random_words),
		cmocka_unit_test(test_help),
	};

	srandom(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
