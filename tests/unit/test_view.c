// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Views over a made-up model: the JSON of the contract to the letter, and what is picked. */
#include "shown.h"
#include "unreach/codes.h"

static void assert_shows(view_fn show, const struct query *query, const char *expected)
{
	char *got = shown(show, query, true);

	assert_string_equal(got, expected);
	free(got);
}

static void codes(void **state)
{
	char expected[8192];
	size_t len;
	unsigned int code;

	(void)state;
	fake.model.count = 1;
	len = (size_t)sprintf(expected,
			      "{\"view\":\"codes\",\"time\":\"2026-11-21T02:26:40.000000Z\","
			      "\"interfaces\":[{\"name\":\"eth0\",\"mode\":\"native\","
			      "\"seen\":1000,\"messages\":990,\"bytes\":117840,\"codes\":[");
	for (code = 0; code < 16; code++) {
		const char *rest = "\"messages\":0,\"bytes\":0,\"rate\":0.0,\"last_seen\":null";

		if (code == 1)
			rest = "\"messages\":300,\"bytes\":30000,\"rate\":30.0,"
			       "\"last_seen\":\"2026-11-21T02:26:39.000000Z\"";
		if (code == 3)
			rest = "\"messages\":600,\"bytes\":36000,\"rate\":60.0,"
			       "\"last_seen\":\"2026-11-21T02:26:39.800000Z\"";
		if (code == 4)
			rest = "\"messages\":90,\"bytes\":51840,\"rate\":9.0,"
			       "\"last_seen\":\"2026-11-21T02:26:39.500000Z\"";
		len += (size_t)sprintf(expected + len, "%s{\"code\":%u,\"name\":\"%s\",%s}",
				       code ? "," : "", code, unreach_code_name(code), rest);
	}
	sprintf(expected + len,
		"],\"unassigned\":4,\"bad_checksum\":6,"
		"\"unclassified\":{\"truncated\":0,\"bad-header\":7,\"fragment\":8}}]}\n");
	assert_shows(view_codes, &everything, expected);
}

static void codes_filtered(void **state)
{
	const struct query one = { .code = 4 }, wan = { .code = -1, .interface = "wan-1" },
			   none = { .code = -1, .interface = "eth9" };

	(void)state;
	assert_int_equal(count_shown(view_codes, &everything, "\"code\":"), 32);
	assert_int_equal(count_shown(view_codes, &one, "\"code\":"), 2);
	assert_int_equal(count_shown(view_codes, &one, "\"code\":4,"), 2);
	assert_int_equal(count_shown(view_codes, &one, "\"messages\":990"), 2);
	assert_int_equal(count_shown(view_codes, &wan, "\"name\":\"wan-1\""), 1);
	assert_int_equal(count_shown(view_codes, &wan, "\"mode\""), 1);
	assert_shows(view_codes, &none,
		     "{\"view\":\"codes\",\"time\":\"2026-11-21T02:26:40.000000Z\","
		     "\"interfaces\":[]}\n");
}

#define TIME_FIRST "\"2026-11-21T02:25:00.000000Z\""

static void sources(void **state)
{
	(void)state;
	fake.hosts = 2;
	assert_shows(view_sources, &everything,
		     "{\"view\":\"sources\",\"time\":\"2026-11-21T02:26:40.000000Z\","
		     "\"attributed\":927,\"unattributed\":42,\"evicted\":5,\"entries\":2,"
		     "\"size\":65536,\"rows\":["
		     "{\"interface\":\"wan-1\",\"address\":\"10.0.0.1\",\"messages\":920,"
		     "\"codes\":{\"3\":920},\"first_seen\":" TIME_FIRST ","
		     "\"last_seen\":\"2026-11-21T02:26:39.000000Z\",\"suppressed\":1,\"owed\":1},"
		     "{\"interface\":\"eth0\",\"address\":\"10.0.0.0\",\"messages\":2,"
		     "\"codes\":{\"3\":1,\"unassigned\":1},\"first_seen\":" TIME_FIRST ","
		     "\"last_seen\":\"2026-11-21T02:26:40.000000Z\",\"suppressed\":0,\"owed\":0}],"
		     "\"unattributed_by\":{\"admission\":40,\"table\":2}}\n");
}

/* Targets and senders have no budget, and so owe nothing. */
static void targets_and_senders(void **state)
{
	(void)state;
	fake.hosts = 1;
	assert_shows(view_targets, &everything,
		     "{\"view\":\"targets\",\"time\":\"2026-11-21T02:26:40.000000Z\","
		     "\"attributed\":925,\"unattributed\":42,\"evicted\":5,\"entries\":1,"
		     "\"size\":65536,\"rows\":["
		     "{\"interface\":\"wan-1\",\"address\":\"10.0.0.1\",\"messages\":920,"
		     "\"codes\":{\"3\":920},\"first_seen\":" TIME_FIRST ","
		     "\"last_seen\":\"2026-11-21T02:26:39.000000Z\"}],"
		     "\"unattributed_by\":{\"admission\":40,\"table\":2}}\n");
	assert_int_equal(count_shown(view_senders, &everything, "{\"view\":\"senders\","), 1);
	assert_int_equal(count_shown(view_senders, &everything, "\"suppressed\""), 0);
}

/* A code's rows are those that have it, ranked and counted by it alone. */
static void hosts_of_a_code(void **state)
{
	const struct query four = { .code = 4 };
	char *got;

	(void)state;
	fake.hosts = 26; /* code 4 in rows 5, 10, 15, 20, 25: 5, 3, 1, 6, 4 messages */
	got = shown(view_sources, &four, true);
	assert_int_equal(count_shown(view_sources, &four, "\"address\""), 5);
	assert_non_null(strstr(got, "\"rows\":[{\"interface\":\"eth0\",\"address\":\"10.0.0.20\","
				    "\"messages\":6,\"codes\":{\"4\":6},"));
	assert_int_equal(count_shown(view_sources, &four, "\"3\":"), 0);
	free(got);
}

static void hosts_of_an_interface(void **state)
{
	const struct query wan = { .code = -1, .interface = "wan-1" },
			   none = { .code = -1, .interface = "eth9" };

	(void)state;
	fake.hosts = 9;
	assert_int_equal(count_shown(view_sources, &wan, "\"interface\":\"wan-1\""), 4);
	assert_int_equal(count_shown(view_sources, &wan, "\"address\""), 4);
	assert_int_equal(count_shown(view_sources, &none, "\"address\""), 0);
	/* Pinned rows of an interface that is not watched now are shown without its name. */
	fake.model.count = 1;
	assert_int_equal(count_shown(view_sources, &everything, "\"interface\":\"\""), 4);
}

static int by_messages(const void *left, const void *right)
{
	const struct host_row *a = left, *b = right;
	uint64_t x = hosts_messages(&a->value), y = hosts_messages(&b->value);

	return x != y ? (x > y ? -1 : 1) : memcmp(&a->key.addr, &b->key.addr, sizeof(a->key.addr));
}

/* Whatever is picked is what a full sort puts first, for every size around the edges. */
static void most_messages_first(void **state)
{
	const uint32_t sizes[] = { 1, 2, 3, 7, 20, 998, 999, 1000, 1001, 5000, 0 };
	struct host_row rows[1000];
	size_t i, n;

	(void)state;
	fake.hosts = 1000;
	for (i = 0; i < 1000; i++)
		rows[i] = fake_row(i);
	qsort(rows, 1000, sizeof(*rows), by_messages);
	for (n = 0; n < sizeof(sizes) / sizeof(*sizes); n++) {
		const struct query query = { .code = -1, .rows = sizes[n] };
		size_t most = sizes[n] && sizes[n] < 1000 ? sizes[n] : 1000;
		char *got = shown(view_sources, &query, true), *at = got;
		char expected[128];

		for (i = 0; i < most; i++) {
			struct buf addr = {};

			addr_format(&addr, &rows[i].key.addr);
			snprintf(expected, sizeof(expected),
				 "\"address\":\"%.*s\",\"messages\":%llu,", (int)addr.len,
				 addr.data, (unsigned long long)hosts_messages(&rows[i].value));
			at = strstr(at, "\"address\"");
			assert_non_null(at);
			assert_memory_equal(at, expected, strlen(expected));
			at++;
			buf_free(&addr);
		}
		assert_null(strstr(at, "\"address\""));
		free(got);
	}
}

static void hosts_fail(void **state)
{
	struct buf b = {};
	struct writer *w = writer_json(&b);

	(void)state;
	fake.load_error = -EPERM;
	assert_int_equal(view_sources(w, &fake.model, &everything), -EPERM);
	assert_int_equal(view_status(w, &fake.model, &everything), -EPERM);
	writer_finish(w);
	buf_free(&b);
}

/* clang-format off */
#define IDENTITY_ONE                                                                       \
	"\"identity\":{\"seen\":1000,\"delivered\":877,\"pending\":20,\"suppressed\":80,"  \
	"\"suppressed_by\":{\"budget\":70,\"off\":0,\"no-consumer\":10},\"told\":55,"      \
	"\"lost\":23,\"lost_by\":{\"ring\":20,\"sink\":3},\"at_rest\":true,\"holds\":true}"
#define IDENTITY_TOTAL                                                                     \
	"\"identity\":{\"seen\":2000,\"delivered\":1754,\"pending\":40,\"suppressed\":160," \
	"\"suppressed_by\":{\"budget\":140,\"off\":0,\"no-consumer\":20},\"told\":110,"    \
	"\"lost\":46,\"lost_by\":{\"ring\":40,\"sink\":6},\"at_rest\":true,\"holds\":true}"
#define TABLE(name, attributed)                                                            \
	"{\"name\":\"" name "\",\"attributed\":" #attributed ",\"unattributed\":42,"       \
	"\"evicted\":5,\"entries\":1,\"size\":65536}"
#define EVIDENCE(name, attributed, unattributed, entries)                                  \
	"{\"name\":\"" name "\",\"attributed\":" #attributed ","                          \
	"\"unattributed\":" #unattributed ",\"entries\":" #entries "}"

static const char status_json[] =
	"{\"view\":\"status\",\"version\":\"9.9.9\",\"uptime\":90.0,\"interfaces\":["
	"{\"name\":\"eth0\",\"slot\":0,\"state\":\"attached\",\"mode\":\"native\",\"program_id\":17,\"frags\":true,"
	IDENTITY_ONE "},"
	"{\"name\":\"wan-1\",\"slot\":1,\"state\":\"attached\",\"mode\":\"generic\",\"program_id\":18,\"frags\":false,"
	IDENTITY_ONE "}],"
	IDENTITY_TOTAL ","
	"\"tables\":[" TABLE("sources", 7) "," TABLE("targets", 925) "," TABLE("senders", 844) ","
	EVIDENCE("paths", 162, 18, 2) "," EVIDENCE("heads", 0, 0, 0) "," EVIDENCE("adverts", 0, 0, 0) "],"
	"\"rings\":[{\"name\":\"ring-0\",\"used\":0,\"size\":4194304},"
	"{\"name\":\"ring-1\",\"used\":4096,\"size\":4194304}]}\n";
/* clang-format on */

static void status(void **state)
{
	unsigned int i;

	(void)state;
	fake.hosts = 1;
	for (i = 0; i < 2; i++)
		fake.interfaces[i].counters.evidence[UNREACH_PATHS] =
			(struct unreach_attribution){ 90, 81, { 9, 0 } };
	assert_shows(view_status, &everything, status_json);
	assert_int_equal(fake.refreshed, 1);
}

static void count_on(struct fake *f)
{
	f->interfaces[1].counters.seen += 10;
	f->interfaces[1].counters.codes[UNREACH_IPV4][3].messages += 10;
	f->interfaces[1].counters.records += 10;
}

/* The first reading is the one that is judged and shown. */
static void status_in_motion(void **state)
{
	const struct query eth0 = { .code = -1, .interface = "eth0" };

	(void)state;
	fake.on_refresh = count_on;
	assert_int_equal(count_shown(view_status, &everything, "\"at_rest\":true,\"holds\":true"),
			 1);
	assert_int_equal(count_shown(view_status, &everything, "\"at_rest\":false,\"holds\":true"),
			 2);
	/* Each question counted on by 10, before this one by 20 and then on. */
	assert_int_equal(count_shown(view_status, &everything, "\"seen\":1020"), 1);
	assert_int_equal(count_shown(view_status, &eth0, "\"at_rest\":true,\"holds\":true"), 2);
	/* A torn first reading: the sum is ahead of what was seen, but not of what is seen then. */
	fake.interfaces[1].counters.records += 8;
	assert_int_equal(count_shown(view_status, &everything, "\"at_rest\":false,\"holds\":true"),
			 2);
}

/* What one interface lacks, another must not make good. */
static void status_tells_a_leak(void **state)
{
	(void)state;
	fake.interfaces[0].counters.records -= 1;
	fake.interfaces[1].counters.records += 1;
	assert_int_equal(count_shown(view_status, &everything, "\"at_rest\":true,\"holds\":false"),
			 3);
}

static void status_fails(void **state)
{
	struct buf b = {};
	struct writer *w = writer_json(&b);

	(void)state;
	fake.refresh_error = -EIO;
	assert_int_equal(view_status(w, &fake.model, &everything), -EIO);
	writer_finish(w);
	buf_free(&b);
}

/* Offline there is nothing to refresh, and there are no rings. */
static void status_without_a_kernel(void **state)
{
	(void)state;
	fake.model.refresh = NULL;
	fake.model.ring_fills = NULL;
	assert_int_equal(count_shown(view_status, &everything, "\"rings\":[]"), 1);
	fake.model.count = 0;
	assert_int_equal(count_shown(view_status, &everything, "\"interfaces\":[],"), 1);
}

static bool matches(const struct query *query, const char *interface)
{
	struct event ev = { .record = &fake.record, .interface = interface };

	return view_event_matches(query, &ev);
}

static void events(void **state)
{
	struct query q = everything;

	(void)state;
	assert_true(matches(&q, "eth0"));
	assert_true(matches(&q, NULL));
	q.interface = "eth0";
	assert_true(matches(&q, "eth0"));
	assert_false(matches(&q, "eth1"));
	assert_false(matches(&q, NULL));
	q = (struct query){ .code = 3 };
	assert_true(matches(&q, NULL));
	q.code = 4;
	assert_false(matches(&q, NULL));
	q = (struct query){ .code = -1, .has_source = true, .source = fake_addr("192.0.2.1") };
	assert_true(matches(&q, NULL));
	q.source = fake_addr("192.0.2.2");
	assert_false(matches(&q, NULL));
	q = (struct query){ .code = -1, .has_target = true, .target = fake_addr("203.0.113.9") };
	assert_true(matches(&q, NULL));
	q.target = fake_addr("203.0.113.1");
	assert_false(matches(&q, NULL));
	/* No quote, no target: not even the address of all zeros. */
	fake.record.event.present = 0;
	fake.record.event.orig_dst = q.target;
	assert_false(matches(&q, NULL));
}

static void codes_by_name(void **state)
{
	unsigned int code;

	(void)state;
	for (code = 0; code < UNREACH_CODES; code++) {
		char number[8];

		snprintf(number, sizeof(number), "%u", code);
		assert_int_equal(view_code(number), code);
		assert_int_equal(view_code(unreach_code_name(code)), code);
	}
	assert_int_equal(view_code("16"), -EINVAL);
	assert_int_equal(view_code("-1"), -EINVAL);
	assert_int_equal(view_code("03"), -EINVAL);
	assert_int_equal(view_code(" 3"), -EINVAL);
	assert_int_equal(view_code(""), -EINVAL);
	assert_int_equal(view_code("unassigned"), -EINVAL);
	assert_int_equal(view_code("port"), -EINVAL);
}

/* Text has the same facts: one row a code, one a host, and what is unattributed at the end. */
static void text(void **state)
{
	char *got;

	(void)state;
	got = shown(view_codes, &everything, false);
	assert_non_null(strstr(got, "   4  fragmentation-needed             90  51840   9.0  "
				    "2026-11-21 02:26:39\n"));
	assert_non_null(strstr(got, "unclassified truncated:0 bad-header:7 fragment:8"));
	free(got);
	got = shown(view_sources, &everything, false);
	assert_non_null(strstr(got, "wan-1      10.0.0.3       759  3:758 unassigned:1  "
				    "2026-11-21 02:25:00  2026-11-21 02:26:37"));
	assert_non_null(strstr(got, "\nunattributed_by admission:40 table:2\n"));
	free(got);
	got = shown(view_status, &everything, false);
	assert_non_null(strstr(got, "suppressed_by budget:140 off:0 no-consumer:20"));
	assert_non_null(strstr(got, "at_rest true  holds true"));
	assert_non_null(strstr(got, "ring-1  4096  4194304"));
	free(got);
}

static void paths(void **state)
{
	const struct query one = { .code = -1, .rows = 1 };

	(void)state;
	fake.interfaces[0].counters.evidence[UNREACH_PATHS] =
		(struct unreach_attribution){ 90, 81, { 9, 0 } };
	assert_shows(view_paths, &one,
		     "{\"view\":\"paths\",\"time\":\"2026-11-21T02:26:40.000000Z\","
		     "\"attributed\":81,\"unattributed\":9,\"entries\":2,\"rows\":["
		     "{\"interface\":\"eth0\",\"src\":\"198.51.100.8\",\"dst\":\"203.0.113.9\","
		     "\"reporter\":\"192.0.2.1\",\"mtu\":1476,\"messages\":41,"
		     "\"longer_than_told\":7,\"quoted_length\":1500,"
		     "\"first_seen\":\"2026-11-21T02:25:40.000000Z\","
		     "\"last_seen\":\"2026-11-21T02:26:39.000000Z\",\"link\":\"GRE\","
		     "\"verdict\":\"ignored\",\"flags\":[]}],"
		     "\"unattributed_by\":{\"admission\":9,\"table\":0}}\n");
	assert_int_equal(count_shown(view_paths, &everything, "\"verdict\":\"told\""), 1);
	assert_int_equal(count_shown(view_paths,
				     &(struct query){ .code = -1, .interface = "wan-1" },
				     "verdict"),
			 0);
}

/* Firing ones first, then the resolved. */
static void alerts(void **state)
{
	char *got;

	(void)state;
	assert_shows(view_alerts, &everything,
		     "{\"view\":\"alerts\",\"time\":\"2026-11-21T02:26:40.000000Z\","
		     "\"overflow\":{\"pmtud-ignored\":0,\"pmtud-invalid\":0,\"pmtud-silent\":0,"
		     "\"flood\":0,\"scan\":0},"
		     "\"rows\":[]}\n");
	fake_alert(&fake, "198.51.100.7", 700 * NS_PER_SEC);
	fake_alert(&fake, "198.51.100.8", 5 * NS_PER_SEC);
	got = shown(view_alerts, &everything, true);
	assert_int_equal(count_of(got, "\"kind\":\"pmtud-ignored\""), 2);
	assert_true(strstr(got, "\"state\":\"firing\"") < strstr(got, "\"state\":\"resolved\""));
	free(got);
	got = shown(view_alerts, &everything, false);
	assert_non_null(strstr(got, "that is\n  evidence the same TCP segment (1500 bytes)"));
	free(got);
	assert_int_equal(count_shown(view_alerts,
				     &(struct query){ .code = -1, .interface = "wan-1" }, "kind"),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(codes, open_fake),
		cmocka_unit_test_setup(codes_filtered, open_fake),
		cmocka_unit_test_setup(sources, open_fake),
		cmocka_unit_test_setup(targets_and_senders, open_fake),
		cmocka_unit_test_setup(hosts_of_a_code, open_fake),
		cmocka_unit_test_setup(hosts_of_an_interface, open_fake),
		cmocka_unit_test_setup(most_messages_first, open_fake),
		cmocka_unit_test_setup(hosts_fail, open_fake),
		cmocka_unit_test_setup(status, open_fake),
		cmocka_unit_test_setup(status_in_motion, open_fake),
		cmocka_unit_test_setup(status_tells_a_leak, open_fake),
		cmocka_unit_test_setup(status_fails, open_fake),
		cmocka_unit_test_setup(status_without_a_kernel, open_fake),
		cmocka_unit_test_setup(paths, open_fake),
		cmocka_unit_test_setup(alerts, open_fake),
		cmocka_unit_test_setup(events, open_fake),
		cmocka_unit_test_setup(codes_by_name, open_fake),
		cmocka_unit_test_setup(text, open_fake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
