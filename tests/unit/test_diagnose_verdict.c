// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The decision tree as a table: what the probes found, and what follows; then its words. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "cli/diagnose_verdict.h"

/* Addresses in network order: 192.0.2.2 asks about 203.0.113.2, 198.51.100.2 is on the way. */
#define HERE                         \
	{                            \
		.s_addr = 0x020200c0 \
	}
#define THERE                        \
	{                            \
		.s_addr = 0x027100cb \
	}
#define ROUTER                       \
	{                            \
		.s_addr = 0x026433c6 \
	}

#define SILENCE                           \
	{                                 \
		.outcome = OUTCOME_SILENT \
	}
#define ANSWER                              \
	{                                   \
		.outcome = OUTCOME_ANSWERED \
	}
#define RESET                              \
	{                                  \
		.outcome = OUTCOME_REFUSED \
	}
#define FORBIDDEN                                             \
	{                                                     \
		.outcome = OUTCOME_FORBIDDEN, .error = EACCES \
	}
#define LOCAL(errno_)                                     \
	{                                                 \
		.outcome = OUTCOME_LOCAL, .error = errno_ \
	}
#define ICMP(code_, from)                                                       \
	{                                                                       \
		.outcome = OUTCOME_UNREACHABLE, .code = code_, .reporter = from \
	}
#define EXPIRED                                                \
	{                                                      \
		.outcome = OUTCOME_EXPIRED, .reporter = ROUTER \
	}
#define SAW(code_)                                                                          \
	{                                                                                   \
		.rows = { { .code = code_, .by_monitor = true, .mtu = 1400, .times = 1 } }, \
		.count = 1                                                                  \
	}

struct scenario {
	const char *name;
	struct probe_result echo, tcp, udp;
	struct path_result path;
	struct seen seen;
	enum verdict_kind kind;
	enum probe_kind decisive;
};

/* clang-format off */
#define WHOLE { PATH_WHOLE, 1500, 1500, 1500, 0, 0, {} }
#define TOLD { PATH_TOLD, 1500, 1500, 1400, 0, 1400, ROUTER }
#define HOLE { PATH_HOLE, 1500, 1500, 1400, 1401, 0, {} }
#define UNCLEAR { PATH_UNCLEAR, 1500, 1500, 84, 1500, 0, {} }
#define UNKNOWN { PATH_NOT_MEASURED, 0, 0, 0, 0, 0, {} }

static const struct scenario scenarios[] = {
	{ "open", ANSWER, ANSWER, SILENCE, WHOLE, {}, VERDICT_OPEN, PROBE_TCP },
	{ "open, UDP closed", ANSWER, ANSWER, ICMP(3, THERE), WHOLE, {}, VERDICT_OPEN, PROBE_TCP },
	{ "open, echo dropped", SILENCE, ANSWER, SILENCE, UNKNOWN, {}, VERDICT_OPEN, PROBE_TCP },
	{ "open, no ping sockets", FORBIDDEN, ANSWER, SILENCE, UNKNOWN, {}, VERDICT_OPEN, PROBE_TCP },
	{ "open, UDP rejected", ANSWER, ANSWER, ICMP(13, ROUTER), WHOLE, {}, VERDICT_OPEN, PROBE_TCP },
	{ "open, path unclear", ANSWER, ANSWER, SILENCE, UNCLEAR, {}, VERDICT_OPEN, PROBE_TCP },
	{ "narrow", ANSWER, ANSWER, SILENCE, TOLD, {}, VERDICT_NARROW_PATH, PROBE_TCP },
	{ "narrow, but closed", ANSWER, RESET, ICMP(3, THERE), TOLD, {}, VERDICT_CLOSED, PROBE_TCP },
	{ "hole", ANSWER, ANSWER, SILENCE, HOLE, {}, VERDICT_BLACK_HOLE, PROBE_TCP },
	{ "hole, closed", ANSWER, RESET, ICMP(3, THERE), HOLE, {}, VERDICT_BLACK_HOLE, PROBE_TCP },
	{ "hole, seen code 4", ANSWER, ANSWER, SILENCE, HOLE, SAW(4), VERDICT_UNHEARD, PROBE_TCP },
	{ "hole, seen another", ANSWER, ANSWER, SILENCE, HOLE, SAW(3), VERDICT_BLACK_HOLE, PROBE_TCP },
	{ "closed", ANSWER, RESET, ICMP(3, THERE), WHOLE, {}, VERDICT_CLOSED, PROBE_TCP },
	{ "closed, all else silent", SILENCE, RESET, SILENCE, UNKNOWN, {}, VERDICT_CLOSED, PROBE_TCP },
	{ "UDP answers", ANSWER, RESET, ANSWER, WHOLE, {}, VERDICT_UDP_OPEN, PROBE_TCP },
	{ "UDP alone answers", SILENCE, SILENCE, ANSWER, UNKNOWN, {}, VERDICT_UDP_OPEN, PROBE_TCP },
	{ "filtered", ANSWER, SILENCE, SILENCE, WHOLE, {}, VERDICT_FILTERED, PROBE_TCP },
	{ "filtered, no echo", SILENCE, SILENCE, ICMP(3, THERE), WHOLE, {}, VERDICT_FILTERED, PROBE_TCP },
	{ "rejected 13", ICMP(13, ROUTER), ICMP(13, ROUTER), ICMP(13, ROUTER), UNKNOWN, {}, VERDICT_REJECTED, PROBE_TCP },
	{ "rejected 9", SILENCE, ICMP(9, ROUTER), SILENCE, UNKNOWN, {}, VERDICT_REJECTED, PROBE_TCP },
	{ "rejected 10, echo answers", ANSWER, ICMP(10, THERE), SILENCE, WHOLE, {}, VERDICT_REJECTED, PROBE_TCP },
	{ "REJECT's default", ANSWER, ICMP(3, ROUTER), SILENCE, WHOLE, {}, VERDICT_REJECTED, PROBE_TCP },
	{ "REJECT's default at the host", SILENCE, ICMP(3, THERE), ICMP(3, THERE), WHOLE, {}, VERDICT_REJECTED, PROBE_TCP },
	{ "rejected as host-unreachable", ANSWER, ICMP(1, ROUTER), SILENCE, WHOLE, {}, VERDICT_REJECTED, PROBE_TCP },
	{ "TCP dropped, UDP rejected", SILENCE, SILENCE, ICMP(13, ROUTER), UNKNOWN, {}, VERDICT_REJECTED, PROBE_UDP },
	{ "a router's code 3 is no host", SILENCE, SILENCE, ICMP(3, ROUTER), UNKNOWN, {}, VERDICT_REJECTED, PROBE_UDP },
	{ "the host's firewall rejects echo", ICMP(3, THERE), SILENCE, SILENCE, UNKNOWN, {}, VERDICT_REJECTED, PROBE_ECHO },
	{ "precedence", SILENCE, ICMP(14, ROUTER), SILENCE, UNKNOWN, {}, VERDICT_REJECTED, PROBE_TCP },
	{ "network", ICMP(0, ROUTER), ICMP(0, ROUTER), ICMP(0, ROUTER), UNKNOWN, {}, VERDICT_NETWORK_UNREACHABLE, PROBE_TCP },
	{ "network unknown", SILENCE, ICMP(6, ROUTER), SILENCE, UNKNOWN, {}, VERDICT_NETWORK_UNREACHABLE, PROBE_TCP },
	{ "network for its TOS", SILENCE, ICMP(11, ROUTER), SILENCE, UNKNOWN, {}, VERDICT_NETWORK_UNREACHABLE, PROBE_TCP },
	{ "host", ICMP(1, ROUTER), ICMP(1, ROUTER), ICMP(1, ROUTER), UNKNOWN, {}, VERDICT_HOST_UNREACHABLE, PROBE_TCP },
	{ "host unknown", SILENCE, ICMP(7, ROUTER), SILENCE, UNKNOWN, {}, VERDICT_HOST_UNREACHABLE, PROBE_TCP },
	{ "host, only echo was told", ICMP(1, ROUTER), SILENCE, SILENCE, UNKNOWN, {}, VERDICT_HOST_UNREACHABLE, PROBE_ECHO },
	{ "ARP", ICMP(1, HERE), ICMP(1, HERE), ICMP(1, HERE), UNKNOWN, {}, VERDICT_NO_NEIGHBOUR, PROBE_TCP },
	{ "REJECT on output", SILENCE, ICMP(3, HERE), SILENCE, UNKNOWN, {}, VERDICT_LOCAL_POLICY, PROBE_TCP },
	{ "DROP on output", LOCAL(EPERM), SILENCE, LOCAL(EPERM), UNKNOWN, {}, VERDICT_LOCAL_POLICY, PROBE_UDP },
	{ "prohibit", LOCAL(EACCES), LOCAL(EACCES), LOCAL(EACCES), UNKNOWN, {}, VERDICT_LOCAL_POLICY, PROBE_TCP },
	{ "no route", LOCAL(ENETUNREACH), LOCAL(ENETUNREACH), LOCAL(ENETUNREACH), UNKNOWN, {}, VERDICT_NO_ROUTE, PROBE_TCP },
	{ "unreachable route", LOCAL(EHOSTUNREACH), LOCAL(EHOSTUNREACH), LOCAL(EHOSTUNREACH), UNKNOWN, {}, VERDICT_NO_ROUTE, PROBE_TCP },
	{ "blackhole route", LOCAL(EINVAL), LOCAL(EINVAL), LOCAL(EINVAL), UNKNOWN, {}, VERDICT_NO_ROUTE, PROBE_TCP },
	{ "no ports left", ANSWER, LOCAL(EADDRNOTAVAIL), SILENCE, WHOLE, {}, VERDICT_LOCAL_FAILURE, PROBE_TCP },
	{ "no memory", FORBIDDEN, LOCAL(ENOBUFS), SILENCE, UNKNOWN, {}, VERDICT_LOCAL_FAILURE, PROBE_TCP },
	{ "loop", EXPIRED, EXPIRED, EXPIRED, UNKNOWN, {}, VERDICT_ROUTING_LOOP, PROBE_TCP },
	{ "silence", SILENCE, SILENCE, SILENCE, UNKNOWN, {}, VERDICT_SILENT, PROBE_TCP },
	{ "silence, no ping sockets", FORBIDDEN, SILENCE, SILENCE, UNKNOWN, {}, VERDICT_SILENT, PROBE_TCP },
	{ "silence, but seen", SILENCE, SILENCE, SILENCE, UNKNOWN, SAW(13), VERDICT_UNHEARD, PROBE_TCP },
	{ "silence, seen code 4 alone", SILENCE, SILENCE, SILENCE, UNKNOWN, SAW(4), VERDICT_SILENT, PROBE_TCP },
};
/* clang-format on */

static struct diagnosis diagnosis(const struct scenario *s)
{
	return (struct diagnosis){ .host = "there",
				   .address = THERE,
				   .local = HERE,
				   .tcp_port = 8080,
				   .udp_port = 8080,
				   .probes = { s->echo, s->tcp, s->udp },
				   .path = s->path,
				   .seen = s->seen };
}

static void test_scenarios(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		const struct diagnosis d = diagnosis(&scenarios[i]);
		const struct verdict v = verdict_of(&d);

		if (v.kind != scenarios[i].kind || v.decisive != scenarios[i].decisive)
			fail_msg("%s: %s by probe %d, want %s by %d", scenarios[i].name,
				 verdict_name(v.kind), v.decisive, verdict_name(scenarios[i].kind),
				 scenarios[i].decisive);
	}
}

/* Each verdict has a scenario, a name of its own, and words that name what decided. */
static void test_each_verdict(void **state)
{
	unsigned int found[VERDICTS] = {};

	(void)state;
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		const struct diagnosis d = diagnosis(&scenarios[i]);
		const struct verdict v = verdict_of(&d);
		struct buf meaning = {}, advice = {};

		found[v.kind]++;
		verdict_meaning(&meaning, &d, &v);
		verdict_advice(&advice, &d, &v);
		buf_char(&meaning, 0);
		buf_char(&advice, 0);
		if (strlen(meaning.data) < 20 || strlen(advice.data) < 20)
			fail_msg("%s: no words", scenarios[i].name);
		if (d.probes[v.decisive].outcome == OUTCOME_UNREACHABLE &&
		    d.path.state != PATH_HOLE && v.kind != VERDICT_NO_NEIGHBOUR &&
		    !strstr(meaning.data, "(code"))
			fail_msg("%s: does not name the code: %s", scenarios[i].name, meaning.data);
		buf_free(&meaning);
		buf_free(&advice);
	}
	for (unsigned int kind = 0; kind < VERDICTS; kind++) {
		if (!found[kind])
			fail_msg("%s has no scenario", verdict_name(kind));
		for (unsigned int other = 0; other < kind; other++)
			assert_string_not_equal(verdict_name(kind), verdict_name(other));
	}
}

/* On the loopback the host is ourselves: its code 3 is no firewall of ours. */
static void test_ourselves(void **state)
{
	struct diagnosis d = diagnosis(&(struct scenario){ .tcp = RESET, .udp = ICMP(3, HERE) });

	(void)state;
	d.address = d.local;
	assert_int_equal(verdict_of(&d).kind, VERDICT_CLOSED);
	d.probes[PROBE_TCP] = d.probes[PROBE_UDP];
	assert_int_equal(verdict_of(&d).kind, VERDICT_REJECTED);
}

static void test_seen(void **state)
{
	struct seen seen = {};
	struct seen_row row = { .code = 4, .mtu = 1400, .reporter = ROUTER };

	(void)state;
	seen_add(&seen, &row);
	seen_add(&seen, &row);
	row.by_monitor = true;
	seen_add(&seen, &row);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.rows[0].times, 2);
	assert_int_equal(seen.rows[1].times, 1);
	for (row.mtu = 1000; row.mtu < 1000 + 2 * SEEN_MAX; row.mtu++)
		seen_add(&seen, &row);
	assert_int_equal(seen.count, SEEN_MAX);
	assert_int_equal(seen.more, 2 * SEEN_MAX - (SEEN_MAX - 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_each_verdict),
		cmocka_unit_test(test_ourselves),
		cmocka_unit_test(test_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
