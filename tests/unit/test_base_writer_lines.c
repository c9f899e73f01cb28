// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lines for programs: each kind of value under its whole path, strings of any bytes, any calls. */
#include "test_base_writer.h"

static void values(void **state)
{
	struct buf b = {};
	struct writer *w = writer_lines(&b);

	(void)state;
	assert_false(writer_is_text(w));
	writer_object(w, NULL);
	writer_string(w, "view", "codes");
	writer_u64(w, "most", UINT64_MAX);
	writer_float(w, "rate", 1.25);
	writer_bool(w, "holds", true);
	writer_addr(w, "address", &ipv4);
	writer_time(w, "time", MOMENT);
	writer_time(w, "never", 0);
	writer_string(w, "nothing", NULL);
	writer_end_object(w);
	finish(w, &b);
	check(&b, "view\tcodes\nmost\t18446744073709551615\nrate\t1.2\nholds\ttrue\n"
		  "address\t192.0.2.1\ntime\t1795228000001000000\nnever\t\nnothing\t\n\n");
}

static void paths(void **state)
{
	struct buf b = {};
	struct writer *w = writer_lines(&b);

	(void)state;
	writer_object(w, NULL);
	writer_array(w, "rows");
	for (unsigned int i = 0; i < 2; i++) {
		writer_object(w, NULL);
		writer_u64(w, "n", i);
		writer_object(w, "codes");
		writer_u64(w, "3", 7);
		writer_end_object(w);
		writer_array(w, "flags");
		writer_string(w, NULL, "a");
		writer_string(w, NULL, "b");
		writer_end_array(w);
		writer_end_object(w);
	}
	writer_end_array(w);
	writer_array(w, "none");
	writer_end_array(w);
	writer_u64(w, "last", 1);
	writer_end_object(w);
	finish(w, &b);
	check(&b, "rows.0.n\t0\nrows.0.codes.3\t7\nrows.0.flags.0\ta\nrows.0.flags.1\tb\n"
		  "rows.1.n\t1\nrows.1.codes.3\t7\nrows.1.flags.0\ta\nrows.1.flags.1\tb\n"
		  "last\t1\n\n");
}

/* Whatever a string holds, it is one line, and none that steers a terminal. */
static void any_bytes(void **state)
{
	struct buf b = {};
	struct writer *w = writer_lines(&b);

	(void)state;
	writer_object(w, NULL);
	writer_string(w, "name", "a\tb\nc\033[2J\x7f\x9b\xc3\xa4~ ");
	writer_end_object(w);
	finish(w, &b);
	check(&b, "name\ta?b?c?[2J????~ \n\n");
}

static void nothing_at_all(void **state)
{
	struct buf b = {};
	struct writer *w = writer_lines(&b);

	(void)state;
	finish(w, &b);
	check(&b, "\n");
}

/* What would not fit is an error, never a shorter path. */
static void too_deep(void **state)
{
	struct buf b = {};
	struct writer *w = writer_lines(&b);

	(void)state;
	for (int i = 0; i < 17; i++)
		writer_object(w, "level");
	assert_int_equal(writer_finish(w), -ENOMEM);
	buf_free(&b);
}

static void too_long(void **state)
{
	struct buf b = {};
	struct writer *w = writer_lines(&b);
	char key[200];

	(void)state;
	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = 0;
	writer_object(w, NULL);
	writer_object(w, key);
	writer_u64(w, key, 1);
	assert_int_equal(writer_finish(w), -ENOMEM);
	buf_free(&b);
}

/* Any order of calls: lines with a tab each and an empty one at the end, or an error. */
static void random_calls(void **state)
{
	(void)state;
	srandom(7);
	for (int round = 0; round < 2000; round++) {
		struct buf b = {};
		struct writer *w = writer_lines(&b);
		char *line, *rest;

		for (long n = random() % 40; n; n--)
			random_call(w);
		if (!writer_finish(w)) {
			assert_int_equal(b.data[b.len - 1], '\n');
			assert_true(b.len == 1 || b.data[b.len - 2] == '\n');
			buf_char(&b, 0);
			for (line = strtok_r(b.data, "\n", &rest); line;
			     line = strtok_r(NULL, "\n", &rest)) {
				assert_non_null(strchr(line, '\t'));
				assert_ptr_equal(strchr(line, '\t'), strrchr(line, '\t'));
			}
		}
		buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),	cmocka_unit_test(paths),
		cmocka_unit_test(any_bytes),	cmocka_unit_test(nothing_at_all),
		cmocka_unit_test(too_deep),	cmocka_unit_test(too_long),
		cmocka_unit_test(random_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
