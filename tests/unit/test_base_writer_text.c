// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Text as people see it: the views' shapes to the letter, and what holds of any document. */
#include "test_base_writer.h"

static void write_code(struct writer *w, uint64_t code, const char *name, uint64_t messages,
		       double rate, uint64_t last_seen)
{
	writer_object(w, NULL);
	writer_u64(w, "code", code);
	writer_string(w, "name", name);
	writer_u64(w, "messages", messages);
	writer_float(w, "rate", rate);
	writer_time(w, "last_seen", last_seen);
	writer_end_object(w);
}

static void write_interface(struct writer *w, const char *name, uint64_t last_seen)
{
	writer_object(w, NULL);
	writer_string(w, "name", name);
	writer_string(w, "mode", "native");
	writer_u64(w, "seen", 1234567);
	writer_array(w, "codes");
	write_code(w, 3, "port-unreachable", 1234567, 12.5, last_seen);
	write_code(w, 10, "host-prohibited", 0, 0, 0);
	writer_end_array(w);
	writer_u64(w, "unassigned", 0);
	writer_object(w, "unclassified");
	writer_u64(w, "truncated", 1);
	writer_u64(w, "bad-header", 2);
	writer_end_object(w);
	writer_end_object(w);
}

/* An array whose objects hold arrays: one after the other, each with its table. */
static void test_text_nested_tables(void **state)
{
	struct buf b = {};
	struct writer *w = writer_text(&b);

	(void)state;
	assert_true(writer_is_text(w));
	writer_object(w, NULL);
	writer_string(w, "view", "codes");
	writer_time(w, "time", MOMENT);
	writer_array(w, "interfaces");
	write_interface(w, "eth0", MOMENT);
	write_interface(w, "eth1", 0);
	writer_end_array(w);
	writer_end_object(w);
	finish(w, &b);
	check(&b, "view codes  time 2026-11-21 02:26:40\n"
		  "\n"
		  "name eth0  mode native  seen 1234567\n"
		  "\n"
		  "CODE  NAME              MESSAGES  RATE  LAST SEEN\n"
		  "   3  port-unreachable   1234567  12.5  2026-11-21 02:26:40\n"
		  "  10  host-prohibited          0   0.0  -\n"
		  "\n"
		  "unassigned 0  unclassified truncated:1 bad-header:2\n"
		  "\n"
		  "name eth1  mode native  seen 1234567\n"
		  "\n"
		  "CODE  NAME              MESSAGES  RATE  LAST SEEN\n"
		  "   3  port-unreachable   1234567  12.5  -\n"
		  "  10  host-prohibited          0   0.0  -\n"
		  "\n"
		  "unassigned 0  unclassified truncated:1 bad-header:2\n");
}

static void write_host(struct writer *w, const char *interface, uint64_t messages)
{
	writer_object(w, NULL);
	writer_string(w, "interface", interface);
	writer_addr(w, "address", &ipv4);
	writer_u64(w, "messages", messages);
	writer_object(w, "codes");
	writer_u64(w, "3", messages);
	if (messages > 1)
		writer_u64(w, "4", 5);
	writer_end_object(w);
	writer_time(w, "first_seen", MOMENT);
	writer_end_object(w);
}

static void test_text_rows(void **state)
{
	struct buf b = {};
	struct writer *w = writer_text(&b);

	(void)state;
	writer_object(w, NULL);
	writer_string(w, "view", "sources");
	writer_u64(w, "entries", 3);
	writer_array(w, "rows");
	write_host(w, "null", 12); /* a name like any other */
	write_host(w, "", 1);
	write_host(w, NULL, 1);
	writer_end_array(w);
	writer_object(w, "unattributed_by");
	writer_u64(w, "admission", 0);
	writer_end_object(w);
	writer_end_object(w);
	finish(w, &b);
	check(&b, "view sources  entries 3\n"
		  "\n"
		  "INTERFACE  ADDRESS    MESSAGES  CODES     FIRST SEEN\n"
		  "null       192.0.2.1        12  3:12 4:5  2026-11-21 02:26:40\n"
		  "-          192.0.2.1         1  3:1       2026-11-21 02:26:40\n"
		  "-          192.0.2.1         1  3:1       2026-11-21 02:26:40\n"
		  "\n"
		  "unattributed_by admission:0\n");
}

static void test_text_empty_table(void **state)
{
	struct buf b = {};
	struct writer *w = writer_text(&b);

	(void)state;
	writer_object(w, NULL);
	writer_string(w, "view", "paths");
	writer_array(w, "rows");
	writer_end_array(w);
	writer_end_object(w);
	finish(w, &b);
	check(&b, "view paths\n"
		  "\n"
		  "(none)\n");
}

static void write_identity(struct writer *w)
{
	writer_object(w, "identity");
	writer_u64(w, "seen", 90);
	writer_object(w, "lost_by");
	writer_u64(w, "ring", 0);
	writer_u64(w, "sink", 1);
	writer_end_object(w);
	writer_bool(w, "holds", true);
	writer_end_object(w);
}

/* Several arrays in one object: each is named. */
static void test_text_several_arrays(void **state)
{
	struct buf b = {};
	struct writer *w = writer_text(&b);

	(void)state;
	writer_object(w, NULL);
	writer_string(w, "view", "status");
	writer_array(w, "interfaces");
	writer_object(w, NULL);
	writer_string(w, "name", "eth0");
	write_identity(w);
	writer_end_object(w);
	writer_end_array(w);
	write_identity(w);
	writer_array(w, "tables");
	writer_object(w, NULL);
	writer_string(w, "name", "sources");
	writer_u64(w, "size", 65536);
	writer_end_object(w);
	writer_end_array(w);
	writer_array(w, "rings");
	writer_end_array(w);
	writer_end_object(w);
	finish(w, &b);
	check(&b, "view status\n"
		  "\n"
		  "interfaces\n"
		  "  name eth0\n"
		  "  identity\n"
		  "    seen 90  lost_by ring:0 sink:1  holds true\n"
		  "\n"
		  "identity\n"
		  "  seen 90  lost_by ring:0 sink:1  holds true\n"
		  "\n"
		  "tables\n"
		  "  NAME      SIZE\n"
		  "  sources  65536\n"
		  "\n"
		  "rings\n"
		  "  (none)\n");
}

/* What a remote party could have named must not reach the terminal. */
static void test_text_is_printable(void **state)
{
	struct buf b = {};
	struct writer *w = writer_text(&b);

	(void)state;
	writer_object(w, NULL);
	writer_string(w, "name", "a\x1b[2J\nb\x9b\x7f");
	writer_string(w, "c1", "\xc2\x80.\xc2\x9b.\xc2\x9f");
	writer_end_object(w);
	finish(w, &b);
	check(&b, "name a?[2J?b??  c1 ??.??.??\n");
}

static void write_wide(struct writer *w, const char *name, unsigned int codes)
{
	char text[40];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	writer_object(w, NULL);
	writer_string(w, "name", name);
	writer_object(w, "codes");
	for (unsigned int i = 0; i < codes; i++)
		writer_u64(w, "code", 100 + i);
	writer_end_object(w);
	writer_string(w, "left", text);
	writer_string(w, "right", text);
	writer_u64(w, "last", codes);
	writer_end_object(w);
}

/* What does not fit a line goes on below itself, and no other column with it. */
static void test_text_wide_table(void **state)
{
	const char *x = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	struct buf b = {}, expected = {};
	struct writer *w = writer_text(&b);

	(void)state;
	writer_array(w, NULL);
	write_wide(w, "a", 7);
	write_wide(w, "b", 0);
	write_wide(w, "c", 3);
	writer_end_array(w);
	finish(w, &b);
	buf_printf(&expected, "NAME  CODES                       %-39s  %-39s  LAST\n", "LEFT",
		   "RIGHT");
	buf_printf(&expected, "a     code:100 code:101 code:102  %s  %s     7\n", x, x);
	buf_str(&expected, "      code:103 code:104 code:105\n      code:106\n");
	buf_printf(&expected, "b     -                           %s  %s     0\n", x, x);
	buf_printf(&expected, "c     code:100 code:101 code:102  %s  %s     3\n", x, x);
	buf_char(&expected, '\0');
	check(&b, expected.data);
	buf_free(&expected);
}

/* Numbers of one column end at the same place, whatever they are. */
static void test_text_alignment(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++) {
		struct buf b = {};
		struct writer *w = writer_text(&b);
		size_t length = 0;
		char *line;

		writer_object(w, NULL);
		writer_array(w, "rows");
		for (long n = random() % 9 + 1; n; n--) {
			writer_object(w, NULL);
			writer_u64(w, "first_number", (uint64_t)random() >> random() % 31);
			writer_u64(w, "n", (uint64_t)random() >> random() % 31);
			writer_end_object(w);
		}
		writer_end_array(w);
		writer_end_object(w);
		finish(w, &b);
		buf_char(&b, '\0');
		for (line = strtok(b.data, "\n"); line; line = strtok(NULL, "\n")) {
			if (length)
				assert_int_equal(strlen(line), length);
			length = strlen(line);
		}
		buf_free(&b);
	}
}

/* Printable, no blanks at the end of a line, no two empty lines in a row. */
static void check_lines(const struct buf *b)
{
	char last = '\n', before = '\n'; /* none opens the document either */

	for (size_t i = 0; i < b->len; i++) {
		char c = b->data[i];

		assert_true((c >= ' ' && c < 0x7f) || c == '\n');
		assert_false(c == '\n' && last == ' ');
		assert_false(c == '\n' && last == '\n' && before == '\n');
		before = last;
		last = c;
	}
	assert_int_equal(last, '\n');
}

/* Whatever the calls, right or wrong. */
static void test_random_calls(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct buf b = {};
		struct writer *w = writer_text(&b);

		for (long n = random() % 40; n > 0; n--)
			random_call(w);
		finish(w, &b);
		check_lines(&b);
		buf_free(&b);
	}
}

static void test_memory_error_sticks(void **state)
{
	(void)state;
	check_memory_error(writer_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_nested_tables),
		cmocka_unit_test(test_text_rows),
		cmocka_unit_test(test_text_empty_table),
		cmocka_unit_test(test_text_several_arrays),
		cmocka_unit_test(test_text_is_printable),
		cmocka_unit_test(test_text_wide_table),
		cmocka_unit_test(test_text_alignment),
		cmocka_unit_test(test_random_calls),
		cmocka_unit_test(test_memory_error_sticks),
	};

	srandom(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
