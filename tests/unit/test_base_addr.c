// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Addresses as text: the examples of RFC 5952, every IPv4 octet, and random
 * addresses there and back, held against inet_pton(3).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"

static void format(char text[64], const struct unreach_addr *a)
{
	struct buf b = {};

	addr_format(&b, a);
	assert_in_range(b.len, 2, 39);
	memcpy(text, b.data, b.len);
	text[b.len] = '\0';
	buf_free(&b);
}

static void check(const char *from, const char *expected)
{
	struct unreach_addr a;
	char text[64];

	assert_int_equal(addr_parse(&a, from), 0);
	format(text, &a);
	assert_string_equal(text, expected);
}

static void test_rfc5952(void **state)
{
	(void)state;
	check("2001:0db8::0001", "2001:db8::1"); /* 4.1 */
	check("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"); /* 4.2.1 */
	check("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"); /* 4.2.2: not one field alone */
	check("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"); /* 4.2.3: the longest run */
	check("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"); /* 4.2.3: the first of equals */
	check("2001:DB8::ABCD:EF00", "2001:db8::abcd:ef00"); /* 4.3 */
	check("::", "::");
	check("::1", "::1");
	check("fe80::", "fe80::");
	check("0:0:1:2:3:4:5:6", "::1:2:3:4:5:6");
	check("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::");
	check("0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1");
}

static void test_ipv4(void **state)
{
	char from[32];

	(void)state;
	for (int i = 0; i < 256; i++) {
		snprintf(from, sizeof(from), "%d.%d.%d.%d", i, 255 - i, (i * 7) % 256, i);
		check(from, from);
	}
	check("::ffff:192.0.2.1", "192.0.2.1"); /* never shown as IPv6 */
	check("::ffff:0:0", "0.0.0.0");
}

static void test_is_ipv4(void **state)
{
	static const struct {
		const char *text;
		bool is;
	} rows[] = {
		{ "192.0.2.1", true },
		{ "0.0.0.0", true },
		{ "::ffff:255.255.255.255", true },
		{ "::192.0.2.1", false },
		{ "::", false },
		{ "1::ffff:192.0.2.1", false },
		{ "::fffe:1:2", false },
		{ "64:ff9b::192.0.2.1", false },
	};
	struct unreach_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(addr_parse(&a, rows[i].text), 0);
		assert_int_equal(addr_is_ipv4(&a), rows[i].is);
	}
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.256",
		"1.2.3.4 ",
		"01.2.3.4x",
		"host",
		"::1::",
		"12345::",
		"1:2:3:4:5:6:7",
		":",
		"fe80::1%eth0",
		"1.2.3.4/24",
	};
	struct unreach_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(addr_parse(&a, bad[i]), -EINVAL);
}

/* Zero fields are made likely: that is where forms differ. */
static struct unreach_addr random_addr(void)
{
	struct unreach_addr a;

	for (int i = 0; i < 16; i++)
		a.bytes[i] = (uint8_t)random();
	for (int i = 0; i < 16; i += 2)
		if (random() % 2)
			a.bytes[i] = a.bytes[i + 1] = 0;
	return a;
}

static bool has_dot(const char *text)
{
	return strchr(text, '.') != NULL;
}

static void test_random_round_trip(void **state)
{
	(void)state;
	for (int i = 0; i < 50000; i++) {
		struct unreach_addr a = random_addr(), back;
		char text[64], libc[64];

		format(text, &a);
		assert_int_equal(addr_parse(&back, text), 0);
		assert_memory_equal(&a, &back, sizeof(a));
		assert_non_null(inet_ntop(AF_INET6, a.bytes, libc, sizeof(libc)));
		if (!has_dot(libc))
			assert_string_equal(text, libc);
	}
}

/* However little room is left: it is made before it is written to (the sanitizers watch). */
static void test_any_room(void **state)
{
	static const char *const longest[] = { "255.255.255.255",
					       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe" };

	(void)state;
	for (size_t left = 0; left < 96; left++) {
		struct unreach_addr a;
		struct buf b = {};
		size_t before;

		assert_int_equal(addr_parse(&a, longest[left % 2]), 0);
		assert_true(buf_reserve(&b, 1));
		while (b.cap - b.len > left / 2)
			buf_char(&b, 'x');
		before = b.len;
		addr_format(&b, &a);
		assert_int_equal(b.len - before, strlen(longest[left % 2]));
		assert_memory_equal(b.data + before, longest[left % 2], b.len - before);
		buf_free(&b);
	}
}

/* With a port; what has colons stands in brackets. */
static void test_port(void **state)
{
	static const struct {
		const char *text, *addr;
		uint16_t port;
	} rows[] = {
		{ "127.0.0.1:10792", "127.0.0.1", 10792 },
		{ "0.0.0.0:1", "0.0.0.0", 1 },
		{ "192.0.2.1:65535", "192.0.2.1", 65535 },
		{ "192.0.2.1:080", "192.0.2.1", 80 },
		{ "[::1]:80", "::1", 80 },
		{ "[2001:db8::1]:10792", "2001:db8::1", 10792 },
		{ "[::ffff:192.0.2.1]:80", "192.0.2.1", 80 },
	};
	static const char *const wrong[] = {
		"",
		":",
		"80",
		":80",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:0",
		"127.0.0.1:-1",
		"127.0.0.1:+80",
		"127.0.0.1:65536",
		"1.2.3:80",
		"1.2.3.4:80 ",
		" 1.2.3.4:80",
		"1.2.3.4: 80",
		"1.2.3.4:0x50",
		"::1:80",
		"[1.2.3.4]:80",
		"[::1]",
		"[::1]80",
		"[::1:80",
		"::1]:80",
		"[]:80",
		"[:80",
		"host.invalid:80",
		"[[::1]]:80",
		"1.2.3.4:184467440737095516160",
		"[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb]:80",
	};
	struct unreach_addr a;
	uint16_t port;
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(addr_port_parse(&a, &port, rows[i].text), 0);
		format(text, &a);
		assert_string_equal(text, rows[i].addr);
		assert_int_equal(port, rows[i].port);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (addr_port_parse(&a, &port, wrong[i]) != -EINVAL)
			fail_msg("%s", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc5952),	 cmocka_unit_test(test_ipv4),
		cmocka_unit_test(test_refused),	 cmocka_unit_test(test_random_round_trip),
		cmocka_unit_test(test_any_room), cmocka_unit_test(test_is_ipv4),
		cmocka_unit_test(test_port),
	};

	srandom(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
