// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * JSON, held against a small strict reader of RFC 8259: each kind of value,
 * strings of any bytes, any order of calls.
 */
#include <math.h>

#include "test_base_writer.h"

/* The reader: each function returns what follows the thing it read, or NULL. */
static const unsigned char *read_value(const unsigned char *p);

static const unsigned char *read_utf8(const unsigned char *p)
{
	static const struct {
		unsigned char from, to, low, high; /* of the first byte, of the second */
		int more;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 1 }, { 0xe0, 0xe0, 0xa0, 0xbf, 2 },
		{ 0xe1, 0xec, 0x80, 0xbf, 2 }, { 0xed, 0xed, 0x80, 0x9f, 2 },
		{ 0xee, 0xef, 0x80, 0xbf, 2 }, { 0xf0, 0xf0, 0x90, 0xbf, 3 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 3 }, { 0xf4, 0xf4, 0x80, 0x8f, 3 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (p[0] < forms[i].from || p[0] > forms[i].to)
			continue;
		if (p[1] < forms[i].low || p[1] > forms[i].high)
			return NULL;
		for (int k = 2; k <= forms[i].more; k++)
			if (p[k] < 0x80 || p[k] > 0xbf)
				return NULL;
		return p + forms[i].more + 1;
	}
	return NULL;
}

static const unsigned char *read_string(const unsigned char *p)
{
	if (*p++ != '"')
		return NULL;
	while (p && *p != '"') {
		if (*p < 0x20)
			return NULL;
		if (*p >= 0x80)
			p = read_utf8(p);
		else if (*p != '\\')
			p++;
		else if (p[1] == 'u' && strspn((const char *)p + 2, "0123456789abcdef") >= 4)
			p += 6;
		else
			p = p[1] && strchr("\"\\/bfnrt", p[1]) ? p + 2 : NULL;
	}
	return p ? p + 1 : NULL;
}

static const unsigned char *read_members(const unsigned char *p, bool object)
{
	const unsigned char end = object ? '}' : ']';

	if (*++p == end)
		return p + 1;
	for (;;) {
		if (object) {
			p = read_string(p);
			if (!p || *p++ != ':')
				return NULL;
		}
		p = read_value(p);
		if (!p || *p == end)
			return p ? p + 1 : NULL;
		if (*p++ != ',')
			return NULL;
	}
}

static const unsigned char *read_number(const unsigned char *p)
{
	const char *text = (const char *)p + (*p == '-');
	size_t digits = strspn(text, "0123456789");

	if (!digits || (digits > 1 && *text == '0'))
		return NULL;
	text += digits;
	if (*text == '.') {
		digits = strspn(text + 1, "0123456789");
		text = digits ? text + 1 + digits : NULL;
	}
	return (const unsigned char *)text;
}

static const unsigned char *read_value(const unsigned char *p)
{
	static const char *const words[] = { "true", "false", "null" };

	if (*p == '{' || *p == '[')
		return read_members(p, *p == '{');
	if (*p == '"')
		return read_string(p);
	for (size_t i = 0; i < 3; i++)
		if (strncmp((const char *)p, words[i], strlen(words[i])) == 0)
			return p + strlen(words[i]);
	return read_number(p);
}

/* One value on one line, and its newline. */
static bool is_document(const struct buf *b)
{
	char *copy = malloc(b->len + 8); /* read_utf8 may look three bytes too far */
	const unsigned char *end;
	bool good;

	assert_non_null(copy);
	memset(copy, 0, b->len + 8);
	memcpy(copy, b->data, b->len);
	end = read_value((const unsigned char *)copy);
	good = end && end == (const unsigned char *)copy + b->len - 1 && *end == '\n';
	free(copy);
	return good;
}

static void write_all_kinds(struct writer *w)
{
	writer_object(w, NULL);
	writer_string(w, "s", "eth0");
	writer_string(w, "none", NULL);
	writer_u64(w, "n", UINT64_MAX);
	writer_float(w, "f", 0.25);
	writer_bool(w, "yes", true);
	writer_bool(w, "no", false);
	writer_addr(w, "a", &ipv4);
	writer_time(w, "t", MOMENT);
	writer_time(w, "never", 0);
	writer_array(w, "empty");
	writer_end_array(w);
	writer_object(w, "o");
	writer_end_object(w);
	writer_array(w, "list");
	writer_u64(w, NULL, 1);
	writer_string(w, NULL, "x");
	writer_array(w, NULL);
	writer_end_array(w);
	writer_end_array(w);
	writer_end_object(w);
}

static void test_json_kinds(void **state)
{
	struct buf b = {};
	struct writer *w = writer_json(&b);

	(void)state;
	assert_false(writer_is_text(w));
	write_all_kinds(w);
	finish(w, &b);
	assert_true(is_document(&b));
	check(&b, "{\"s\":\"eth0\",\"none\":null,\"n\":18446744073709551615,\"f\":0.2,"
		  "\"yes\":true,\"no\":false,\"a\":\"192.0.2.1\","
		  "\"t\":\"2026-11-21T02:26:40.001000Z\",\"never\":null,\"empty\":[],\"o\":{},"
		  "\"list\":[1,\"x\",[]]}\n");
}

static void test_json_appends(void **state)
{
	struct buf b = {};
	struct writer *w;

	(void)state;
	buf_str(&b, "ok\n");
	w = writer_json(&b);
	writer_object(w, NULL);
	writer_end_object(w);
	finish(w, &b);
	check(&b, "ok\n{}\n");
}

static void check_escaped(const char *value, const char *expected)
{
	struct buf b = {};
	struct writer *w = writer_json(&b);

	writer_string(w, NULL, value);
	finish(w, &b);
	assert_true(is_document(&b));
	check(&b, expected);
}

static void test_json_strings(void **state)
{
	(void)state;
	check_escaped("", "\"\"\n");
	check_escaped("a\"b\\c/d", "\"a\\\"b\\\\c/d\"\n");
	check_escaped("\x01\n\t\x1f\x7f", "\"\\u0001\\u000a\\u0009\\u001f\\u007f\"\n");
	check_escaped("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0",
		      "\"\\u0080\\u009b\\u009f\xc2\xa0\"\n"); /* C1 */
	check_escaped("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
		      "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"\n");
	check_escaped("\xff", "\"\\ufffd\"\n");
	check_escaped("\xc3", "\"\\ufffd\"\n"); /* cut */
	check_escaped("\xc3\"", "\"\\ufffd\\\"\"\n"); /* must not swallow the quote */
	check_escaped("\xc0\x80", "\"\\ufffd\\ufffd\"\n"); /* too long a form */
	check_escaped("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"\n"); /* a surrogate */
	check_escaped("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"\n");
}

static void test_json_random_strings(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct buf b = {};
		struct writer *w = writer_json(&b);
		char value[24];
		size_t length = (size_t)random() % sizeof(value);

		for (size_t k = 0; k < length; k++)
			value[k] = (char)(random() % 255 + 1);
		value[length] = '\0';
		writer_object(w, NULL);
		writer_string(w, "k", value);
		writer_end_object(w);
		finish(w, &b);
		assert_true(is_document(&b));
		buf_free(&b);
	}
}

static void test_json_floats(void **state)
{
	static const double values[] = { NAN, INFINITY, -INFINITY };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct buf b = {};
		struct writer *w = writer_json(&b);

		writer_float(w, NULL, values[i]);
		finish(w, &b);
		check(&b, "null\n");
	}
}

/* Whatever the calls, right or wrong: one valid document on one line. */
static void test_random_calls(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct buf b = {};
		struct writer *w = writer_json(&b);

		for (long n = random() % 40; n > 0; n--)
			random_call(w);
		finish(w, &b);
		assert_true(is_document(&b));
		buf_free(&b);
	}
}

/* Deeper than anything that is ever meant: an error, not a torn document. */
static void test_depth(void **state)
{
	struct buf b = {};

	(void)state;
	for (int depth = 64; depth <= 65; depth++) {
		struct writer *w = writer_json(&b);

		for (int i = 0; i < depth; i++)
			writer_array(w, NULL);
		assert_int_equal(writer_finish(w), depth == 64 ? 0 : -ENOMEM);
		assert_int_equal(b.failed, depth > 64);
		if (depth == 64)
			assert_true(is_document(&b));
		buf_free(&b);
	}
}

static void test_memory_error_sticks(void **state)
{
	(void)state;
	check_memory_error(writer_json);
	assert_int_equal(writer_finish(NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_kinds),   cmocka_unit_test(test_json_appends),
		cmocka_unit_test(test_json_strings), cmocka_unit_test(test_json_random_strings),
		cmocka_unit_test(test_json_floats),  cmocka_unit_test(test_random_calls),
		cmocka_unit_test(test_depth),	     cmocka_unit_test(test_memory_error_sticks),
	};

	srandom(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
