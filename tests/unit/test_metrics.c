// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The metrics of the fake model, byte by byte in both formats; what becomes of
 * odd names, of errors, and of what a request accepts.
 */
#include "shown.h"

#include "serve/negotiate.h"
#include "view/metrics.h"

static char *metrics(bool openmetrics)
{
	struct buf b = {};

	assert_int_equal(view_metrics(&b, &fake.model, openmetrics), 0);
	buf_char(&b, '\0');
	assert_false(b.failed);
	return b.data;
}

#define CODES_OF(metric, c1, c3, c4)                                                            \
	metric "{interface=\"eth0\",code=\"0\",name=\"network-unreachable\"} 0\n" metric        \
	       "{interface=\"eth0\",code=\"1\",name=\"host-unreachable\"} " c1 "\n" metric      \
	       "{interface=\"eth0\",code=\"2\",name=\"protocol-unreachable\"} 0\n" metric       \
	       "{interface=\"eth0\",code=\"3\",name=\"port-unreachable\"} " c3 "\n" metric      \
	       "{interface=\"eth0\",code=\"4\",name=\"fragmentation-needed\"} " c4 "\n" metric  \
	       "{interface=\"eth0\",code=\"5\",name=\"source-route-failed\"} 0\n" metric        \
	       "{interface=\"eth0\",code=\"6\",name=\"network-unknown\"} 0\n" metric            \
	       "{interface=\"eth0\",code=\"7\",name=\"host-unknown\"} 0\n" metric               \
	       "{interface=\"eth0\",code=\"8\",name=\"source-host-isolated\"} 0\n" metric       \
	       "{interface=\"eth0\",code=\"9\",name=\"network-prohibited\"} 0\n" metric         \
	       "{interface=\"eth0\",code=\"10\",name=\"host-prohibited\"} 0\n" metric           \
	       "{interface=\"eth0\",code=\"11\",name=\"tos-network-unreachable\"} 0\n" metric   \
	       "{interface=\"eth0\",code=\"12\",name=\"tos-host-unreachable\"} 0\n" metric      \
	       "{interface=\"eth0\",code=\"13\",name=\"communication-prohibited\"} 0\n" metric  \
	       "{interface=\"eth0\",code=\"14\",name=\"host-precedence-violation\"} 0\n" metric \
	       "{interface=\"eth0\",code=\"15\",name=\"precedence-cutoff\"} 0\n"

#define TABLES_OF(metric, hosts, paths)                                                          \
	metric "{table=\"sources\"} " hosts "\n" metric "{table=\"targets\"} " hosts "\n" metric \
	       "{table=\"senders\"} " hosts "\n" metric "{table=\"paths\"} " paths "\n" metric   \
	       "{table=\"heads\"} 0\n" metric "{table=\"adverts\"} 0\n"

/* clang-format off */
static const char expected[] =
"# HELP unreach_seen_total Destination Unreachable messages that came in.\n"
"# TYPE unreach_seen_total counter\n"
"unreach_seen_total{interface=\"eth0\"} 1000\n"
"# HELP unreach_messages_total Messages by code.\n"
"# TYPE unreach_messages_total counter\n"
CODES_OF("unreach_messages_total", "300", "600", "90")
"# HELP unreach_bytes_total IP total lengths of messages by code.\n"
"# TYPE unreach_bytes_total counter\n"
CODES_OF("unreach_bytes_total", "30000", "36000", "51840")
"# HELP unreach_unassigned_total Messages with a code above 15.\n"
"# TYPE unreach_unassigned_total counter\n"
"unreach_unassigned_total{interface=\"eth0\"} 4\n"
"# HELP unreach_bad_checksum_total Messages with a wrong ICMP checksum.\n"
"# TYPE unreach_bad_checksum_total counter\n"
"unreach_bad_checksum_total{interface=\"eth0\"} 6\n"
"# HELP unreach_unclassified_total ICMP packets whose type cannot be read.\n"
"# TYPE unreach_unclassified_total counter\n"
"unreach_unclassified_total{interface=\"eth0\",reason=\"truncated\"} 0\n"
"unreach_unclassified_total{interface=\"eth0\",reason=\"bad-header\"} 7\n"
"unreach_unclassified_total{interface=\"eth0\",reason=\"fragment\"} 8\n"
"# HELP unreach_events_delivered_total Events that every sink has accepted.\n"
"# TYPE unreach_events_delivered_total counter\n"
"unreach_events_delivered_total{interface=\"eth0\"} 877\n"
"# HELP unreach_events_pending Events that stand in the rings.\n"
"# TYPE unreach_events_pending gauge\n"
"unreach_events_pending{interface=\"eth0\"} 20\n"
"# HELP unreach_events_suppressed_total Messages that gave no event.\n"
"# TYPE unreach_events_suppressed_total counter\n"
"unreach_events_suppressed_total{interface=\"eth0\",reason=\"budget\"} 70\n"
"unreach_events_suppressed_total{interface=\"eth0\",reason=\"off\"} 0\n"
"unreach_events_suppressed_total{interface=\"eth0\",reason=\"no-consumer\"} 10\n"
"# HELP unreach_events_lost_total Events that found no room or no sink.\n"
"# TYPE unreach_events_lost_total counter\n"
"unreach_events_lost_total{interface=\"eth0\",reason=\"ring\"} 20\n"
"unreach_events_lost_total{interface=\"eth0\",reason=\"sink\"} 3\n"
"# HELP unreach_identity_holds 1 where seen is delivered, pending, suppressed and lost together.\n"
"# TYPE unreach_identity_holds gauge\n"
"unreach_identity_holds{interface=\"eth0\"} 1\n"
"# HELP unreach_unattributed_total Messages that got no row of the table.\n"
"# TYPE unreach_unattributed_total counter\n"
TABLES_OF("unreach_unattributed_total", "42", "0")
"# HELP unreach_table_entries Rows of the table.\n"
"# TYPE unreach_table_entries gauge\n"
TABLES_OF("unreach_table_entries", "5", "2")
"# HELP unreach_alerts Alerts that are firing.\n"
"# TYPE unreach_alerts gauge\n"
"unreach_alerts{kind=\"pmtud-ignored\",severity=\"info\"} 0\n"
"unreach_alerts{kind=\"pmtud-ignored\",severity=\"warning\"} 0\n"
"unreach_alerts{kind=\"pmtud-ignored\",severity=\"critical\"} 1\n"
"unreach_alerts{kind=\"pmtud-invalid\",severity=\"info\"} 0\n"
"unreach_alerts{kind=\"pmtud-invalid\",severity=\"warning\"} 0\n"
"unreach_alerts{kind=\"pmtud-invalid\",severity=\"critical\"} 0\n"
"unreach_alerts{kind=\"pmtud-silent\",severity=\"info\"} 0\n"
"unreach_alerts{kind=\"pmtud-silent\",severity=\"warning\"} 0\n"
"unreach_alerts{kind=\"pmtud-silent\",severity=\"critical\"} 0\n"
"unreach_alerts{kind=\"flood\",severity=\"info\"} 0\n"
"unreach_alerts{kind=\"flood\",severity=\"warning\"} 0\n"
"unreach_alerts{kind=\"flood\",severity=\"critical\"} 0\n"
"unreach_alerts{kind=\"scan\",severity=\"info\"} 0\n"
"unreach_alerts{kind=\"scan\",severity=\"warning\"} 0\n"
"unreach_alerts{kind=\"scan\",severity=\"critical\"} 0\n"
"# HELP unreach_paths Paths of the path MTU table by verdict.\n"
"# TYPE unreach_paths gauge\n"
"unreach_paths{verdict=\"told\"} 1\n"
"unreach_paths{verdict=\"ignored\"} 1\n"
"unreach_paths{verdict=\"invalid\"} 0\n"
"unreach_paths{verdict=\"silent\"} 0\n"
"# HELP unreach_attach_info How an interface is watched; none while it is waited for.\n"
"# TYPE unreach_attach_info gauge\n"
"unreach_attach_info{interface=\"eth0\",mode=\"native\"} 1\n"
"# HELP unreach_build_info The daemon's version.\n"
"# TYPE unreach_build_info gauge\n"
"unreach_build_info{version=\"9.9.9\"} 1\n";
/* clang-format on */

static void whole(void **state)
{
	char *got;

	(void)state;
	fake.model.count = 1;
	fake_alert(&fake, "198.51.100.8", NS_PER_SEC);
	got = metrics(false);
	assert_string_equal(got, expected);
	free(got);
}

/* Samples are the same; families lack the ending, the end is told, and there is a type "info". */
static void openmetrics(void **state)
{
	char *plain = metrics(false), *open = metrics(true), *line, *other;
	char *rest = plain, *rest_of_open = open;

	(void)state;
	while ((line = strsep(&rest, "\n")) && *line) {
		other = strsep(&rest_of_open, "\n");
		if (*line != '#')
			assert_string_equal(line, other);
		else
			assert_null(strstr(other, "_total"));
	}
	assert_string_equal(rest_of_open, "# EOF\n");
	free(plain);
	free(open);
	open = metrics(true);
	assert_non_null(strstr(open, "# TYPE unreach_seen counter\nunreach_seen_total{"));
	assert_non_null(strstr(open, "# TYPE unreach_attach info\nunreach_attach_info{"));
	assert_non_null(strstr(open, "# TYPE unreach_events_pending gauge\n"));
	free(open);
}

static void every_interface(void **state)
{
	char *got = metrics(false);

	(void)state;
	assert_int_equal(count_of(got, "{interface=\"eth0\""),
			 count_of(got, "{interface=\"wan-1\""));
	assert_non_null(strstr(got, "unreach_attach_info{interface=\"wan-1\",mode=\"generic\"} 1"));
	free(got);
}

/* What does not add up is told. */
static void identity(void **state)
{
	char *got;

	(void)state;
	fake.interfaces[1].counters.lost_ring++;
	got = metrics(false);
	assert_non_null(strstr(got, "unreach_identity_holds{interface=\"eth0\"} 1\n"
				    "unreach_identity_holds{interface=\"wan-1\"} 0\n"));
	free(got);
}

/* A device may be called nearly anything; one bad byte would cost the whole scrape. */
static void odd_names(void **state)
{
	static const struct {
		const char *name, *shown;
	} rows[] = {
		{ "a\"b", "a\\\"b" },
		{ "a\\b", "a\\\\b" },
		{ "a\nb", "a\\nb" },
		{ "w\xc3\xa4n", "w\xc3\xa4n" },
		{ "a\xff\xc3", "a\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "", "" },
	};
	char wanted[128], *got;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strcpy(fake.interfaces[0].name, rows[i].name);
		snprintf(wanted, sizeof(wanted), "\nunreach_seen_total{interface=\"%s\"} 1000\n",
			 rows[i].shown);
		got = metrics(false);
		assert_non_null(strstr(got, wanted));
		free(got);
	}
}

/* The fake is full of addresses. None comes out, in whatever state things are. */
static void no_addresses(void **state)
{
	char *got;

	(void)state;
	fake_events(&fake, "eth0", 3, 5);
	fake_alert(&fake, "198.51.100.8", NS_PER_SEC);
	got = metrics(false);
	assert_null(strstr(got, "198."));
	assert_null(strstr(got, "203."));
	assert_null(strstr(got, "192."));
	assert_null(strstr(got, "10.0"));
	free(got);
}

static void nothing_watched(void **state)
{
	char *got;

	(void)state;
	fake.model.count = 0;
	got = metrics(true);
	assert_null(strstr(got, "interface="));
	assert_non_null(strstr(got, "unreach_build_info{version=\"9.9.9\"} 1\n# EOF\n"));
	free(got);
}

static void errors(void **state)
{
	struct buf b = {};

	(void)state;
	fake.load_error = -ENOMEM;
	assert_int_equal(view_metrics(&b, &fake.model, false), -ENOMEM);
	fake.load_error = 0;
	fake.refresh_error = -EPERM;
	assert_int_equal(view_metrics(&b, &fake.model, false), -EPERM);
	fake.refresh_error = 0;
	b.failed = true; /* as where memory is out */
	assert_int_equal(view_metrics(&b, &fake.model, false), -ENOMEM);
	buf_free(&b);
}

/* RFC 9110, 12.5.1, as far as it matters here. */
static void negotiation(void **state)
{
	static const struct {
		const char *accept;
		bool openmetrics;
	} rows[] = {
		{ NULL, false },
		{ "", false },
		{ "*/*", false },
		{ "text/plain", false },
		{ "application/openmetrics-text", true },
		{ "Application/OpenMetrics-Text", true },
		{ "application/openmetrics-text; version=1.0.0", true },
		{ "application/openmetrics-text;version=0.0.1", false },
		{ "application/openmetrics-text;version=2.0.0", false },
		{ "application/openmetrics-textual", false },
		{ "text/plain, application/openmetrics-text", true },
		{ "application/openmetrics-text;q=0", false },
		{ "application/openmetrics-text;q=0.000, */*", false },
		{ "application/openmetrics-text;q=0.1", true },
		{ "application/openmetrics-text;version=0.0.1;q=0.75,"
		  "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
		  true },
		/* Prometheus 2.42 and 3.0 */
		{ "application/openmetrics-text;version=1.0.0,"
		  "application/openmetrics-text;version=0.0.1;q=0.75,"
		  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  true },
		{ "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
		  "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
		  true },
		{ ",,;;,=,application/openmetrics-text;;version", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (negotiate_openmetrics(rows[i].accept) != rows[i].openmetrics)
			fail_msg("%s", rows[i].accept ? rows[i].accept : "no header");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(whole, open_fake),
		cmocka_unit_test_setup(openmetrics, open_fake),
		cmocka_unit_test_setup(every_interface, open_fake),
		cmocka_unit_test_setup(identity, open_fake),
		cmocka_unit_test_setup(odd_names, open_fake),
		cmocka_unit_test_setup(no_addresses, open_fake),
		cmocka_unit_test_setup(nothing_watched, open_fake),
		cmocka_unit_test_setup(errors, open_fake),
		cmocka_unit_test(negotiation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
