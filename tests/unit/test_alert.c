// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The written forms of an alert: the contract's keys for each basis and class,
 * two lines byte by byte.
 */
#include <stdio.h>

#include "alert_sorts.h"

/* 2026-11-21 02:26:40 UTC. */
#define WHEN (1795228000 * NS_PER_SEC)

static char *json_of(const struct alert *a)
{
	struct buf b = {};

	alert_json(&b, a, (int64_t)(WHEN - START));
	buf_char(&b, 0);
	assert_false(b.failed);
	return b.data;
}

static char *text_of(const struct alert *a)
{
	struct buf b = {};

	alert_text(&b, a, (int64_t)(WHEN - START));
	buf_char(&b, 0);
	assert_false(b.failed);
	return b.data;
}

static void test_json(void **state)
{
	static const char want[] =
		"{\"timestamp\":\"2026-11-21T02:26:41.000000+0000\",\"in_iface\":\"eth0\","
		"\"event_type\":\"unreach_alert\",\"alert\":{\"id\":\"0123456789abcdef\","
		"\"kind\":\"pmtud-ignored\",\"state\":\"firing\",\"severity\":\"critical\","
		"\"level\":\"confirmed\",\"interface\":\"eth0\",\"path\":\"203.0.113.0/24\","
		"\"src\":\"10.0.0.7\",\"dst\":\"203.0.113.9\",\"reporter\":\"192.0.0.1\","
		"\"mtu\":1476,\"link\":\"GRE\",\"messages\":8,\"flows\":1,\"hosts\":1,"
		"\"destinations\":1,\"first\":\"2026-11-21T02:26:40.000000Z\","
		"\"last\":\"2026-11-21T02:26:41.500000Z\",\"evidence\":\"the same TCP segment";
	struct finding f = ignored(1, 1);
	struct alert a = alert_of(&f);
	char *json;

	(void)state;
	a.lead.mtu = 1476;
	json = json_of(&a);
	assert_memory_equal(json, want, sizeof(want) - 1);
	free(json);
}

/* How often the key stands in the line. */
static unsigned int keys(const char *json, const char *key)
{
	char quoted[64];
	unsigned int n = 0;

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	for (json = strstr(json, quoted); json; json = strstr(json + 1, quoted))
		n++;
	return n;
}

/* One object on one line, no matter what stands in it. */
static void check_line(const char *json)
{
	bool string = false;
	int depth = 0;
	size_t i;

	assert_int_equal(json[strlen(json) - 1], '\n');
	for (i = 0; json[i + 1]; i++) {
		assert_true((unsigned char)json[i] >= ' ');
		if (string && json[i] == '\\') {
			i++;
		} else if (json[i] == '"') {
			string = !string;
		} else if (!string) {
			depth += (json[i] == '{') - (json[i] == '}');
			assert_true(depth > 0 || !json[i + 2]);
		}
	}
	assert_int_equal(depth, 0);
	assert_false(string);
}

static const char *kind_of(unsigned int n)
{
	if (n >= FLOOD)
		return n == SCAN ? "\"kind\":\"scan\"" : "\"kind\":\"flood\"";
	if (n >= SILENT)
		return "\"kind\":\"pmtud-silent\"";
	return n < BASIS_CLASS ? "\"kind\":\"pmtud-ignored\"" : "\"kind\":\"pmtud-invalid\"";
}

static void test_keys(void **state)
{
	static const char *const always[] = { "timestamp", "event_type", "alert",    "id",
					      "kind",	   "state",	 "severity", "level",
					      "path",	   "src",	 "dst",	     "reporter",
					      "mtu",	   "messages",	 "flows",    "first",
					      "last",	   "evidence",	 "meaning",  "advice" };
	unsigned int n, i;

	(void)state;
	for (n = 0; n < SORTS; n++) {
		struct alert a = alert_number(n);
		char *json = json_of(&a);

		for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
			assert_int_equal(keys(json, always[i]), 1);
		assert_int_equal(keys(json, "class"), n >= BASIS_CLASS && n < SILENT);
		assert_int_equal(keys(json, "at_least"), 0);
		assert_int_equal(keys(json, "rate"), n == FLOOD || n == FLOOD + 1);
		assert_int_equal(keys(json, "code"), n == FLOOD + 1);
		assert_int_equal(keys(json, "link"), n < SILENT);
		assert_non_null(strstr(json, kind_of(n)));
		assert_null(strstr(json, "(null)"));
		check_line(json);
		free(json);
	}
}

static void test_class_names(void **state)
{
	static const char *const names[] = { "impossible", "tiny",  "legacy",	"off-path",
					     "echo",	   "no-df", "pointless" };
	unsigned int kind;

	(void)state;
	for (kind = 0; kind < UNREACH_CLASSES; kind++)
		assert_string_equal(alert_class_name(kind), names[kind]);
	assert_null(alert_class_name(UNREACH_CLASS_NONE));
}

static void test_resolved(void **state)
{
	struct alert a = alert_number(BASIS_FLOWS);
	char *json, *text;

	(void)state;
	a.resolved = true;
	a.ended = START + 600 * NS_PER_SEC;
	a.more = true;
	json = json_of(&a);
	text = text_of(&a);
	assert_non_null(strstr(json, "\"timestamp\":\"2026-11-21T02:36:40.000000+0000\""));
	assert_non_null(strstr(json, "\"state\":\"resolved\""));
	assert_non_null(strstr(json, "\"at_least\":true"));
	assert_memory_equal(text, "2026-11-21T02:36:40.000000Z ALERT resolved critical ", 52);
	free(json);
	free(text);
}

static void test_text(void **state)
{
	struct alert a = alert_number(BASIS_CLASS + UNREACH_CLASS_TINY);
	char *text;

	(void)state;
	a.messages = 1;
	text = text_of(&a);
	assert_string_equal(text, "2026-11-21T02:26:41.000000Z ALERT firing critical pmtud-invalid "
				  "tiny 10.0.0.7 > 203.0.113.9 (203.0.113.0/24) mtu 300 told by "
				  "192.0.0.1: 1 advert of an MTU of 300 bytes, about a packet of "
				  "1500 bytes from 10.0.0.7 to 203.0.113.9\n");
	free(text);
}

/* Who it is about, and nothing that there is not. */
static void test_no_path(void **state)
{
	static const char *const texts[] = {
		"warning flood 192.0.0.1: 8 messages within 1.50 s, up to 250 a second\n",
		"warning flood code 3 (port-unreachable): 8 messages within 1.50 s, up to 250 a "
		"second, beside what sources send that are a flood by themselves\n",
		"warning scan 10.0.0.7: at least 250 targets of its packets reported unreachable "
		"within a minute; at least 8 messages within 1.50 s\n",
	};
	static const char *const parties[] = {
		"\"path\":null,\"src\":null,\"dst\":null,\"reporter\":\"192.0.0.1\",\"mtu\":null,"
		"\"rate\":250,\"messages\"",
		"\"path\":null,\"src\":null,\"dst\":null,\"reporter\":null,\"mtu\":null,"
		"\"code\":3,\"rate\":250,\"messages\"",
		"\"path\":null,\"src\":\"10.0.0.7\",\"dst\":null,\"reporter\":null,\"mtu\":null,"
		"\"messages\"",
	};
	unsigned int n;

	(void)state;
	for (n = FLOOD; n < SORTS; n++) {
		struct alert a = alert_number(n);
		char *json = json_of(&a), *text = text_of(&a);

		assert_string_equal(strstr(text, "warning"), texts[n - FLOOD]);
		assert_non_null(strstr(json, parties[n - FLOOD]));
		free(json);
		free(text);
	}
}

static void test_hostile_interface(void **state)
{
	static const char name[] = "a\"\\\n\x01\x7f</\xff";
	struct alert a = alert_number(0);
	char *json, *text;

	(void)state;
	memcpy(a.interface, name, sizeof(name));
	json = json_of(&a);
	check_line(json);
	assert_non_null(strstr(json, "\"in_iface\":\"a\\\"\\\\\\"));
	text = text_of(&a);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(json);
	free(text);
	a.interface[0] = 0;
	json = json_of(&a);
	check_line(json);
	assert_int_equal(keys(json, "in_iface"), 0);
	free(json);
}

static void check_path(const struct unreach_addr *dst, const char *want)
{
	struct buf b = {};

	alert_path(&b, dst);
	buf_char(&b, 0);
	assert_string_equal(b.data, want);
	buf_free(&b);
}

static void test_path(void **state)
{
	struct unreach_addr dst = host_in(203, 0x717fff);

	(void)state;
	check_path(&dst, "203.113.127.0/24");
	dst = (struct unreach_addr){ .bytes = { 0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, 0xff,
						0xff, [15] = 1 } };
	check_path(&dst, "2001:db8:ffff::/48");
	dst = (struct unreach_addr){ .bytes = { [10] = 0xff, 0xfe, 1, 2, 3, 4 } };
	check_path(&dst, "::/48"); /* almost mapped */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_class_names),
		cmocka_unit_test(test_resolved),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_no_path),
		cmocka_unit_test(test_hostile_interface),
		cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
