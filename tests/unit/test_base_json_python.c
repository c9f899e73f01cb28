// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * JSON held against a reader that is not ours, Python's: strings of any bytes
 * come back as what UTF-8 makes of them, random calls make a document, and no
 * control character stands in any of it.
 */
#include <unistd.h>

#include "test_base_writer.h"

#define PYTHON "/usr/bin/python3"

/* Each line: a string's bytes in hex, or "-" where any document will do; a tab; the document. */
static const char script[] =
	PYTHON " -c '\n"
	       "import codecs, json, sys, unicodedata\n"
	       "codecs.register_error(\"each\", lambda e: (\"\\ufffd\", e.start + 1))\n"
	       "def refuse(word): raise ValueError(word)\n"
	       "for line in sys.stdin.buffer:\n"
	       "    source, document = line.rstrip(b\"\\n\").split(b\"\\t\")\n"
	       "    text = document.decode()\n"
	       "    value = json.loads(text, parse_constant=refuse)\n"
	       "    controls = [c for c in text if unicodedata.category(c) == \"Cc\"]\n"
	       "    good = not controls\n"
	       "    if source != b\"-\":\n"
	       "        meant = bytes.fromhex(source.decode()).decode(errors=\"each\")\n"
	       "        good = good and value == {\"k\": meant}\n"
	       "    if not good: sys.exit(repr(line))\n"
	       "'";

static FILE *open_python(void)
{
	FILE *to;

	if (access(PYTHON, X_OK)) {
		print_message("no " PYTHON "\n");
		skip();
	}
	to = popen(script, "w");
	assert_non_null(to);
	return to;
}

static void send_string(FILE *to, const char *bytes, size_t length)
{
	struct buf b = {};

	for (size_t i = 0; i < length; i++)
		buf_printf(&b, "%02x", (unsigned char)bytes[i]);
	buf_str(&b, "\t{\"k\":\"");
	buf_json_mem(&b, bytes, length);
	buf_str(&b, "\"}\n");
	assert_false(b.failed);
	assert_int_equal(fwrite(b.data, 1, b.len, to), b.len);
	buf_free(&b);
}

static void test_strings(void **state)
{
	FILE *to = open_python();
	char bytes[40];

	(void)state;
	for (int i = 0; i < 0x10000; i++) { /* any two bytes */
		bytes[0] = (char)(i >> 8);
		bytes[1] = (char)i;
		send_string(to, bytes, 2);
	}
	for (int i = 0; i < 30000; i++) { /* the high half and the first of each form are likely */
		size_t length = (size_t)random() % sizeof(bytes);

		for (size_t k = 0; k < length; k++)
			bytes[k] = (char)(random() % 4 ? random() | 0x80 : random());
		for (size_t k = 0; k + 4 < length; k += 5)
			bytes[k] = (char)(0xc0 | random());
		send_string(to, bytes, length);
	}
	assert_int_equal(pclose(to), 0);
}

static void test_calls(void **state)
{
	FILE *to = open_python();

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct buf b = {};
		struct writer *w;

		buf_str(&b, "-\t");
		w = writer_json(&b);
		for (long n = random() % 60; n > 0; n--)
			random_call(w);
		finish(w, &b);
		assert_int_equal(fwrite(b.data, 1, b.len, to), b.len);
		buf_free(&b);
	}
	assert_int_equal(pclose(to), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_calls),
	};

	srandom(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
