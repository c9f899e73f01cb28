// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Community IDs of quoted datagrams: those that the specification publishes for
 * its captures, both directions of each, and what is not enough for one. Those
 * of the vectors are tests/test_community.py's matter.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "state/community.h"

enum { ICMP = 1, TCP = 6, UDP = 17, SCTP = 132 };

#define ENDS (UNREACH_HAS_ORIG_SRC | UNREACH_HAS_ORIG_DST | UNREACH_HAS_ORIG_PROTO)
#define PORTS (UNREACH_HAS_SRC_PORT | UNREACH_HAS_DST_PORT)

static const struct row {
	const char *src, *dst;
	uint8_t proto;
	uint16_t a, b; /* ports; ICMP: type and code */
	const char *id;
} published[] = {
	{ "128.232.110.120", "66.35.250.204", TCP, 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
	{ "192.168.1.52", "8.8.8.8", UDP, 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
	{ "192.168.170.8", "192.168.170.56", SCTP, 7, 80, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ=" },
	{ "192.168.0.89", "192.168.0.1", ICMP, 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
	{ "192.168.0.89", "192.168.0.1", ICMP, 20, 0, "1:3o2RFccXzUgjl7zDpqmY7yJi8rI=" },
};
#define PUBLISHED (sizeof(published) / sizeof(*published))

static struct unreach_addr address(const char *text)
{
	struct unreach_addr a = { .bytes = { [10] = 0xff, 0xff } };

	assert_int_equal(inet_pton(AF_INET, text, a.bytes + 12), 1);
	return a;
}

static struct unreach_event event(const struct row *row)
{
	struct unreach_event e = { .present = ENDS, .orig_proto = row->proto };

	e.orig_src = address(row->src);
	e.orig_dst = address(row->dst);
	if (row->proto == ICMP) {
		e.present |= UNREACH_HAS_ICMP_TYPE | UNREACH_HAS_ICMP_CODE;
		e.orig_icmp_type = (uint8_t)row->a;
		e.orig_icmp_code = (uint8_t)row->b;
	} else {
		e.present |= PORTS;
		e.src_port = row->a;
		e.dst_port = row->b;
	}
	return e;
}

static void check(const struct unreach_event *e, const char *want)
{
	char text[COMMUNITY_ID_SIZE + 1] = "";

	text[COMMUNITY_ID_SIZE] = '!';
	assert_int_equal(community_id(e, text), want != NULL);
	assert_string_equal(text, want ? want : "");
	assert_int_equal(text[COMMUNITY_ID_SIZE], '!');
}

static void test_published(void **state)
{
	(void)state;
	for (size_t i = 0; i < PUBLISHED; i++) {
		struct unreach_event e = event(&published[i]);

		check(&e, published[i].id);
	}
}

/* The other direction's: ports change sides, an echo request becomes its reply. */
static void test_other_direction(void **state)
{
	(void)state;
	for (size_t i = 0; i < PUBLISHED; i++) {
		struct row back = published[i];
		struct unreach_event e;

		if (back.proto == ICMP && back.a != 8)
			continue; /* there is none */
		back.src = published[i].dst;
		back.dst = published[i].src;
		back.a = back.proto == ICMP ? 0 : published[i].b;
		back.b = back.proto == ICMP ? 0 : published[i].a;
		e = event(&back);
		check(&e, published[i].id);
	}
}

/* A message that nobody answers has a direction. */
static void test_one_way(void **state)
{
	struct row back = published[4];
	char there[COMMUNITY_ID_SIZE], text[COMMUNITY_ID_SIZE];
	struct unreach_event e = event(&back);

	(void)state;
	assert_true(community_id(&e, there));
	back.src = published[4].dst;
	back.dst = published[4].src;
	e = event(&back);
	assert_true(community_id(&e, text));
	assert_string_not_equal(there, text);
}

/* Between the same addresses the smaller port is first. */
static void test_same_address(void **state)
{
	struct row row = { "192.0.2.1", "192.0.2.1", UDP, 7, 9, NULL };
	char there[COMMUNITY_ID_SIZE], back[COMMUNITY_ID_SIZE];
	struct unreach_event e = event(&row);

	(void)state;
	assert_true(community_id(&e, there));
	row.a = 9;
	row.b = 7;
	e = event(&row);
	assert_true(community_id(&e, back));
	assert_string_equal(there, back);
}

/* Each part that is hashed must be quoted; the code only where it counts. */
static void test_too_little(void **state)
{
	static const uint32_t parts[] = { UNREACH_HAS_ORIG_SRC,	  UNREACH_HAS_ORIG_DST,
					  UNREACH_HAS_ORIG_PROTO, UNREACH_HAS_SRC_PORT,
					  UNREACH_HAS_DST_PORT,	  UNREACH_HAS_ICMP_TYPE,
					  UNREACH_HAS_ICMP_CODE };

	(void)state;
	for (size_t i = 0; i < PUBLISHED; i++) {
		for (size_t part = 0; part < sizeof(parts) / sizeof(*parts); part++) {
			struct unreach_event e = event(&published[i]);
			bool needed = e.present & parts[part];

			if (parts[part] == UNREACH_HAS_ICMP_CODE && e.orig_icmp_type == 8)
				needed = false;
			e.present &= ~parts[part];
			check(&e, needed ? NULL : published[i].id);
		}
	}
}

/* A protocol without ports needs none; ICMPv6 has a type, which is not read. */
static void test_other_protocols(void **state)
{
	struct row row = { "10.1.24.4", "10.1.12.1", 46, 0, 0, NULL };
	struct unreach_event e = event(&row);

	(void)state;
	e.present = ENDS;
	check(&e, "1:/nQI4Rh/TtY3mf0R2gJFBkVlgS4=");
	e.orig_proto = 58;
	check(&e, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published),  cmocka_unit_test(test_other_direction),
		cmocka_unit_test(test_one_way),	   cmocka_unit_test(test_same_address),
		cmocka_unit_test(test_too_little), cmocka_unit_test(test_other_protocols),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
