// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lines of the event log as diagnose reads them, and what is no such line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "cli/diagnose_monitor.h"

#define SINCE "2026-11-21T02:26:40.001000+0000"
#define HEAD "{\"timestamp\":\"2026-11-21T02:26:40.001000+0000\",\"event_type\":\"icmp_unreach\","
#define ADDRESSES                                                                                 \
	"\"src_ip\":\"198.51.100.2\",\"dest_ip\":\"192.0.2.2\",\"proto\":\"ICMP\",\"icmp_type\":" \
	"3,"
/* The quoted datagram may be an ICMP error itself, with a code and addresses of its own. */
#define ORIG                                                                                 \
	"\"orig\":{\"src_ip\":\"192.0.2.2\",\"dest_ip\":\"203.0.113.2\",\"proto\":\"ICMP\"," \
	"\"icmp_type\":8,\"icmp_code\":9}}}"

static const struct {
	const char *line;
	bool taken;
	uint8_t code;
	uint32_t mtu;
} lines[] = {
	{ HEAD ADDRESSES "\"icmp_code\":4,\"unreach\":{\"mtu\":1400," ORIG, true, 4, 1400 },
	{ HEAD ADDRESSES "\"icmp_code\":4,\"unreach\":{\"mtu\":0," ORIG, true, 4, 0 },
	{ HEAD ADDRESSES "\"icmp_code\":13,\"unreach\":{" ORIG, true, 13, 0 },
	{ HEAD "\"in_iface\":\"\\\"icmp_code\\\":7\"," ADDRESSES "\"icmp_code\":3," ORIG, true, 3,
	  0 },
	{ "{\"timestamp\":\"2026-11-21T02:26:40.000999+0000\"," ADDRESSES "\"icmp_code\":3}", false,
	  0, 0 },
	{ "{\"timestamp\":\"2027-01-01T00:00:00.000000+0000\"," ADDRESSES "\"icmp_code\":3}", true,
	  3, 0 },
	{ HEAD "\"src_ip\":\"2001:db8::1\",\"icmp_code\":3}", false, 0, 0 },
	{ HEAD "\"src_ip\":\"1111111111111111111111111111111111111111\",\"icmp_code\":3}", false, 0,
	  0 },
	{ HEAD "\"src_ip\":\"198.51.100.2", false, 0, 0 },
	{ "{\"event_type\":\"unreach_alert\"}", false, 0, 0 },
	{ "", false, 0, 0 },
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct seen_row row = {};

		if (monitor_read_event(lines[i].line, SINCE, &row) != lines[i].taken)
			fail_msg("%s", lines[i].line);
		if (!lines[i].taken)
			continue;
		assert_int_equal(row.code, lines[i].code);
		assert_int_equal(row.mtu, lines[i].mtu);
		assert_int_equal(row.reporter.s_addr, inet_addr("198.51.100.2"));
		assert_true(row.by_monitor);
	}
}

/* Nobody at the socket, or what is no socket: said at once, and nothing is seen. */
static void test_absent(void **state)
{
	struct diagnosis d = { .monitor = MONITOR_ASKED };
	char longer[200];

	(void)state;
	monitor_ask(&d, "/nonexistent/socket", 0);
	assert_int_equal(d.monitor, MONITOR_ABSENT);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	monitor_ask(&d, longer, 0);
	assert_int_equal(d.monitor, MONITOR_FAILED);
	assert_int_equal(d.seen.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
