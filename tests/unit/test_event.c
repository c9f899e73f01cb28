// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The two written forms of an event, byte by byte, and of these what captures
 * don't show: event_id, what was suppressed, names that need escaping, and
 * every optional key alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "state/event.h"

/* 2026-11-21 02:26:40 UTC. */
#define WHEN 1795228000ULL

static struct unreach_addr ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct unreach_addr){ .bytes = { [10] = 0xff, 0xff, a, b, c, d } };
}

/* The message of the contract's example. */
static struct unreach_record example(void)
{
	return (struct unreach_record){
		.envelope = { .number = 88123, .time = WHEN * NS_PER_SEC + NS_PER_MSEC },
		.event = {
			.src = ipv4(192, 0, 2, 1),
			.dst = ipv4(198, 51, 100, 7),
			.orig_src = ipv4(198, 51, 100, 7),
			.orig_dst = ipv4(203, 0, 113, 9),
			.present = UNREACH_HAS_MTU | UNREACH_HAS_ORIG_TOS | UNREACH_HAS_ORIG_LENGTH |
				   UNREACH_HAS_ORIG_ID | UNREACH_HAS_ORIG_FRAG |
				   UNREACH_HAS_ORIG_TTL | UNREACH_HAS_ORIG_PROTO |
				   UNREACH_HAS_ORIG_SRC | UNREACH_HAS_ORIG_DST |
				   UNREACH_HAS_SRC_PORT | UNREACH_HAS_DST_PORT |
				   UNREACH_HAS_TCP_SEQ,
			.mtu = 1500, .length = 56, .orig_length = 1500, .orig_id = 4711,
			.tcp_seq = 7, .src_port = 50000, .dst_port = 443, .type = 3, .code = 4,
			.ttl = 62, .checksum = UNREACH_CHECKSUM_OK, .quote = UNREACH_QUOTE_FULL,
			.flags = UNREACH_FLAG_POINTLESS, .orig_proto = 6, .orig_ttl = 60,
			.orig_df = 1,
		},
	};
}

/* A message of which only its 8 bytes came. */
static struct unreach_record bare(uint8_t code)
{
	return (struct unreach_record){
		.envelope = { .time = WHEN * NS_PER_SEC },
		.event = {
			.src = ipv4(192, 0, 2, 1), .dst = ipv4(198, 51, 100, 7),
			.length = 28, .type = 3, .code = code, .ttl = 1,
		},
	};
}

static void check_json(const struct event *ev, const char *want)
{
	struct buf b = {};

	event_json(&b, ev);
	buf_char(&b, 0);
	assert_false(b.failed);
	assert_string_equal(b.data, want);
	buf_free(&b);
}

static void check_text(const struct event *ev, const char *want)
{
	struct buf b = {};

	event_text(&b, ev);
	buf_char(&b, 0);
	assert_string_equal(b.data, want);
	buf_free(&b);
}

#define BARE_HEAD                                                                  \
	"\"event_type\":\"icmp_unreach\",\"pcap_cnt\":1,\"src_ip\":\"192.0.2.1\"," \
	"\"dest_ip\":\"198.51.100.7\",\"proto\":\"ICMP\",\"icmp_type\":3,"
#define BARE_START "{\"timestamp\":\"2026-11-21T02:26:40.000000+0000\","

static void test_live(void **state)
{
	struct unreach_record record = example();
	struct event ev = {
		.record = &record, .interface = "eth0", .nonce = 0x0f2c41d0, .stream = 35
	};

	(void)state;
	record.envelope.ring = 2;
	record.envelope.slot = 3;
	record.envelope.suppressed = 12345678901;
	record.event.vlans = 2;
	record.event.vlan[0] = 0xe064; /* priority 7 */
	record.event.vlan[1] = 7;
	check_json(&ev, "{\"timestamp\":\"2026-11-21T02:26:40.001000+0000\","
			"\"event_id\":\"0f2c41d0-35-88123\",\"in_iface\":\"eth0\","
			"\"event_type\":\"icmp_unreach\",\"vlan\":[100,7],\"src_ip\":\"192.0.2.1\","
			"\"dest_ip\":\"198.51.100.7\",\"proto\":\"ICMP\",\"icmp_type\":3,"
			"\"icmp_code\":4,\"unreach\":{\"name\":\"fragmentation-needed\",\"ttl\":62,"
			"\"length\":56,\"checksum\":\"ok\",\"mtu\":1500,\"flags\":[\"pointless\"],"
			"\"suppressed\":12345678901,\"orig\":{\"src_ip\":\"198.51.100.7\","
			"\"dest_ip\":\"203.0.113.9\",\"proto\":\"TCP\",\"src_port\":50000,"
			"\"dest_port\":443,\"tcp_seq\":7,\"length\":1500,\"ttl\":60,\"id\":4711,"
			"\"df\":true}}}\n");
}

static void test_timeline(void **state)
{
	struct unreach_record record = bare(1);
	struct event ev = { .record = &record, .pcap_cnt = 1 };

	(void)state;
	record.envelope.time = 5 * NS_PER_SEC;
	ev.to_wall = (int64_t)((WHEN - 5) * NS_PER_SEC);
	assert_true(event_unix_ns(&ev) == WHEN * NS_PER_SEC);
	record.envelope.time = (WHEN + 5) * NS_PER_SEC;
	ev.to_wall = -5 * (int64_t)NS_PER_SEC;
	assert_true(event_unix_ns(&ev) == WHEN * NS_PER_SEC);
}

static void test_no_quote(void **state)
{
	struct unreach_record record = bare(1);
	struct event ev = { .record = &record, .pcap_cnt = 1 };

	(void)state;
	check_json(&ev, BARE_START BARE_HEAD
		   "\"icmp_code\":1,\"unreach\":{\"name\":\"host-unreachable\",\"ttl\":1,"
		   "\"length\":28,\"checksum\":\"unverified\",\"quote\":\"none\","
		   "\"suppressed\":0}}\n");
	check_text(&ev, "2026-11-21T02:26:40.000000Z - 192.0.2.1 host-unreachable, "
			"orig not quoted\n");
}

/* One byte of a quote says that there is one, and nothing else. */
static void test_empty_quote(void **state)
{
	struct unreach_record record = bare(200);
	struct event ev = { .record = &record, .pcap_cnt = 1 };

	(void)state;
	record.event.quote = UNREACH_QUOTE_CUT;
	check_json(&ev, BARE_START BARE_HEAD
		   "\"icmp_code\":200,\"unreach\":{\"name\":\"unassigned\",\"ttl\":1,"
		   "\"length\":28,\"checksum\":\"unverified\",\"quote\":\"cut\","
		   "\"suppressed\":0,\"orig\":{}}}\n");
	check_text(&ev, "2026-11-21T02:26:40.000000Z - 192.0.2.1 unassigned code 200, "
			"orig ? > ?\n");
}

static void test_flags(void **state)
{
	struct unreach_record record = bare(4);
	struct event ev = { .record = &record, .pcap_cnt = 1 };

	(void)state;
	record.event.flags = 0xff;
	record.event.tos = 192;
	record.event.checksum = UNREACH_CHECKSUM_BAD;
	check_json(&ev, BARE_START BARE_HEAD
		   "\"icmp_code\":4,\"unreach\":{\"name\":\"fragmentation-needed\",\"ttl\":1,"
		   "\"tos\":192,\"length\":28,\"checksum\":\"bad\",\"quote\":\"none\","
		   "\"flags\":[\"legacy\",\"impossible\",\"tiny\",\"pointless\",\"no-df\","
		   "\"off-path\",\"echo\",\"bad-quote\"],\"suppressed\":0}}\n");
	check_text(&ev, "2026-11-21T02:26:40.000000Z - 192.0.2.1 fragmentation-needed legacy "
			"impossible tiny pointless no-df off-path echo bad-quote bad-checksum, "
			"orig not quoted\n");
}

/* Each bit of `present` brings its key, whatever stands beside it. */
static void test_quoted_keys(void **state)
{
	static const struct {
		uint32_t present;
		const char *want;
	} cases[] = {
		{ UNREACH_HAS_ORIG_SRC, "\"src_ip\":\"10.0.0.1\"" },
		{ UNREACH_HAS_ORIG_DST, "\"dest_ip\":\"10.255.255.255\"" },
		{ UNREACH_HAS_ORIG_PROTO, "\"proto\":\"253\"" },
		{ UNREACH_HAS_SRC_PORT, "\"src_port\":1" },
		{ UNREACH_HAS_DST_PORT, "\"dest_port\":65535" },
		{ UNREACH_HAS_TCP_SEQ, "\"tcp_seq\":4294967295" },
		{ UNREACH_HAS_UDP_LENGTH, "\"udp_length\":8" },
		{ UNREACH_HAS_ICMP_TYPE, "\"icmp_type\":8" },
		{ UNREACH_HAS_ICMP_CODE, "\"icmp_code\":0" },
		{ UNREACH_HAS_ORIG_LENGTH, "\"length\":20" },
		{ UNREACH_HAS_ORIG_TTL, "\"ttl\":0" },
		{ UNREACH_HAS_ORIG_TOS, "\"tos\":4" },
		{ UNREACH_HAS_ORIG_ID, "\"id\":0" },
		{ UNREACH_HAS_ORIG_FRAG, "\"df\":false,\"frag_offset\":65528" },
	};
	struct unreach_record record = bare(1);
	struct event ev = { .record = &record, .pcap_cnt = 1 };
	size_t i;

	(void)state;
	record.event.quote = UNREACH_QUOTE_CUT;
	record.event.orig_src = ipv4(10, 0, 0, 1);
	record.event.orig_dst = ipv4(10, 255, 255, 255);
	record.event.orig_proto = 253;
	record.event.src_port = 1;
	record.event.dst_port = 65535;
	record.event.tcp_seq = UINT32_MAX;
	record.event.udp_length = 8;
	record.event.orig_icmp_type = 8;
	record.event.orig_length = 20;
	record.event.orig_tos = 4;
	record.event.orig_frag_offset = 65528;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf want = {};

		record.event.present = cases[i].present;
		buf_printf(&want,
			   BARE_START BARE_HEAD
			   "\"icmp_code\":1,\"unreach\":{\"name\":\"host-unreachable\",\"ttl\":1,"
			   "\"length\":28,\"checksum\":\"unverified\",\"quote\":\"cut\","
			   "\"suppressed\":0,\"orig\":{%s}}}\n",
			   cases[i].want);
		buf_char(&want, 0);
		check_json(&ev, want.data);
		buf_free(&want);
	}
}

/* A name comes from a file: it must break neither the line nor the terminal. */
static void test_hostile_name(void **state)
{
	struct unreach_record record = bare(1);
	struct event ev = { .record = &record, .pcap_cnt = 1 };

	(void)state;
	ev.interface = "a\"b\\c\n\x1b[2J";
	check_json(&ev, BARE_START
		   "\"in_iface\":\"a\\\"b\\\\c\\u000a\\u001b[2J\"," BARE_HEAD
		   "\"icmp_code\":1,\"unreach\":{\"name\":\"host-unreachable\",\"ttl\":1,"
		   "\"length\":28,\"checksum\":\"unverified\",\"quote\":\"none\","
		   "\"suppressed\":0}}\n");
	check_text(&ev, "2026-11-21T02:26:40.000000Z a\"b\\c??[2J 192.0.2.1 host-unreachable, "
			"orig not quoted\n");
}

static void test_text(void **state)
{
	struct unreach_record record = example();
	struct event ev = { .record = &record, .interface = "eth0" };

	(void)state;
	check_text(&ev, "2026-11-21T02:26:40.001000Z eth0 192.0.2.1 fragmentation-needed mtu 1500 "
			"pointless, orig 198.51.100.7:50000 > 203.0.113.9:443 TCP\n");
	record.envelope.suppressed = 3;
	record.event.orig_proto = 253;
	record.event.present &= ~(uint32_t)(UNREACH_HAS_SRC_PORT | UNREACH_HAS_DST_PORT);
	check_text(&ev, "2026-11-21T02:26:40.001000Z eth0 192.0.2.1 fragmentation-needed mtu 1500 "
			"pointless, orig 198.51.100.7 > 203.0.113.9 protocol 253, suppressed 3\n");
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(event_proto_name(1), "ICMP");
	assert_string_equal(event_proto_name(58), "IPV6-ICMP");
	assert_string_equal(event_proto_name(136), "UDPLITE");
	assert_null(event_proto_name(0));
	assert_null(event_proto_name(255));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live),	     cmocka_unit_test(test_timeline),
		cmocka_unit_test(test_no_quote),     cmocka_unit_test(test_empty_quote),
		cmocka_unit_test(test_flags),	     cmocka_unit_test(test_quoted_keys),
		cmocka_unit_test(test_hostile_name), cmocka_unit_test(test_text),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
