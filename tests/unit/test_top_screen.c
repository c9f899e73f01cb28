// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What `top` draws: the daemon's figures, whatever the size; and nothing a terminal obeys. */
#include "cli/top_words.h"
#include "top.h"

#define T0 (5000 * NS_PER_SEC)

static int open_shown(void **state)
{
	open_top(state);
	fake_alert(&fake, "198.51.100.8", 5 * NS_PER_SEC);
	answer_all(T0);
	fake.interfaces[0].counters.seen += 12;
	fake.interfaces[0].counters.suppressed[UNREACH_SUPPRESSED_BUDGET] += 12;
	fake.interfaces[0].counters.codes[UNREACH_IPV4][3].messages += 12;
	answer_all(T0 + 2 * NS_PER_SEC);
	return 0;
}

static void small(void **state)
{
	const char *screen = draw(24, 80, &no_trouble);

	(void)state;
	assert_shows(screen, " unreach  interface all  code all  sort messages");
	assert_shows(screen, "up 90s  02:26:40Z");
	assert_shows(screen, " seen 2012  199.2/s  unassigned 8  bad checksum 12  unreadable 30");
	assert_shows(screen, "  1 alert \n");
	assert_shows(
		screen,
		" = lost 46 (ring 40, sink 6) + delivered 1754 + pending 40 + suppressed~  holds ");
	assert_string_equal(line_with(screen, "port-unreachable"),
			    "    3 port-unreachable                1212   121.2   0s               "
			    "       @@ ");
	assert_shows(screen, "1 host-unreachable");
	assert_hides(screen, "precedence-cutoff");
	assert_shows(screen, "13 never seen are hidden");
	assert_shows(screen, "[sources] targets  senders  paths  alerts ");
	assert_shows(screen, " 5 of 65536, 42 unattributed ");
	assert_shows(screen, " 10.0.0.1               920     0.0   1s wan-1 3:920");
	assert_shows(screen,
		     " q quit  h help  p pause  s sort  c code  i interface  Tab next table");
}

/* At the size that everything must fit, and with the longest name there is. */
static void title(void **state)
{
	(void)state;
	choice.paused = true;
	choice.code = 13;
	assert_shows(
		draw(24, 80, &no_trouble),
		" unreach  PAUSED  interface all  code 13  sort messages       up 90s  02:26:40Z ");
	choice.paused = false;
	snprintf(data.identities[1].state, sizeof(data.identities[1].state), "waiting");
	assert_shows(draw(24, 80, &no_trouble), " interface all (1 gone)  code 13 ");
	snprintf(choice.interface, sizeof(choice.interface), "wlx00c0cab5a1b2");
	assert_shows(draw(24, 80, &no_trouble), " unreach  interface wlx00c0cab5a1b2  code "
						"13  sort messages   up 90s  02:26:40Z ");
}

static void panes(void **state)
{
	(void)state;
	choice.pane = TOP_PATHS;
	assert_shows(
		draw(24, 80, &no_trouble),
		" ignored 198.51.100.8  203.0.113.9   1476 192.0.2.1         41   1s eth0  GRE");
	choice.pane = TOP_ALERTS;
	assert_shows(draw(24, 80, &no_trouble), " firing   critical pmtud-ignored 198.51.100.8");
	assert_shows(draw(24, 80, &no_trouble), "the same TCP segment (1500 bytes)");
	choice.pane = TOP_SENDERS;
	assert_shows(draw(24, 80, &no_trouble), "[senders]");
}

/* Who floods or scans: what is no path has no source, or no reporter. */
static void alert_parties(void **state)
{
	struct finding f = { .kind = ALERT_FLOOD,
			     .basis = BASIS_SOURCE_RATE,
			     .reporter = fake_addr("192.0.2.33"),
			     .severity = SEVERITY_WARNING,
			     .messages = 5000,
			     .peak = 500,
			     .last = FAKE_NOW };

	(void)state;
	alerts_begin(fake.alerts);
	alerts_report(fake.alerts, &f, FAKE_NOW);
	f = (struct finding){ .kind = ALERT_FLOOD,
			      .basis = BASIS_CODE_RATE,
			      .severity = SEVERITY_WARNING,
			      .code = 13,
			      .messages = 50000,
			      .peak = 5000,
			      .last = FAKE_NOW };
	alerts_report(fake.alerts, &f, FAKE_NOW);
	f = (struct finding){ .kind = ALERT_SCAN,
			      .basis = BASIS_TARGETS,
			      .src = fake_addr("198.51.100.44"),
			      .severity = SEVERITY_WARNING,
			      .messages = 60,
			      .peak = 60,
			      .last = FAKE_NOW };
	alerts_report(fake.alerts, &f, FAKE_NOW);
	alerts_end(fake.alerts, FAKE_NOW);
	answer(TOP_ALERTS, T0 + 3 * NS_PER_SEC);
	choice.pane = TOP_ALERTS;
	assert_shows(draw(40, 80, &no_trouble), " warning  flood         192.0.2.33 ");
	assert_shows(draw(40, 80, &no_trouble), " warning  flood         code 13 ");
	assert_shows(draw(40, 80, &no_trouble), " warning  scan          198.51.100.44 ");
}

static void large(void **state)
{
	const char *screen = draw(50, 200, &no_trouble);

	(void)state;
	assert_shows(screen, "precedence-cutoff");
	assert_hides(screen, "never seen");
	assert_shows(screen, " sources -");
	assert_shows(screen, " targets -");
	assert_shows(screen, " senders -");
	assert_shows(screen, " paths -");
	assert_shows(screen, " alerts -");
	assert_shows(screen, "BYTES    PEAK/S  HISTORY OF 113 SECONDS");
	assert_hides(screen, "next table");
}

static void asked_for(void **state)
{
	const unsigned int always = 1U << TOP_CODES | 1U << TOP_STATUS | 1U << TOP_ALERTS;

	(void)state;
	choice.pane = TOP_PATHS;
	assert_int_equal(top_screen_views(24, 80, &choice), always | 1U << TOP_PATHS);
	assert_int_equal(top_screen_views(50, 200, &choice), (1U << TOP_VIEWS) - 1);
}

/* Where there is no room for a code, the fewest messages go, and a line says so. */
static void too_many_codes(void **state)
{
	const char *screen;

	(void)state;
	for (unsigned int code = 0; code < UNREACH_CODES; code++)
		fake.interfaces[0].counters.codes[UNREACH_IPV4][code].messages = 1000 - code;
	answer(TOP_CODES, T0 + 3 * NS_PER_SEC);
	screen = draw(24, 80, &no_trouble);
	assert_shows(screen, "4 with fewer messages are hidden");
	assert_shows(screen, "11 tos-network-unreachable");
	assert_hides(screen, "12 tos-host-unreachable");
	screen = draw(28, 80, &no_trouble);
	assert_hides(screen, "hidden");
	assert_shows(screen, "15 precedence-cutoff");
}

static void filtered(void **state)
{
	const char *screen;

	(void)state;
	choice.code = 4;
	snprintf(choice.interface, sizeof(choice.interface), "wan-1");
	screen = draw(24, 80, &no_trouble);
	assert_shows(screen, "interface wan-1  code 4");
	assert_shows(screen, "seen 1000 ");
	assert_shows(screen, "delivered 877 ");
	assert_shows(screen, "4 fragmentation-needed");
	assert_hides(screen, "port-unreachable");
	assert_hides(screen, "hidden");
}

static void nobody_there(void **state)
{
	const struct top_trouble trouble = { .text = "no daemon (Connection refused)",
					     .socket = "/run/unreach/unreachd.sock",
					     .seconds = 12,
					     .gone = true };
	const char *screen = draw(24, 80, &trouble);

	(void)state;
	assert_shows(
		screen,
		" no daemon (Connection refused) for 12 s, asking on: /run/unreach/unreachd.sock ");
	assert_shows(screen, "3 port-unreachable"); /* the last that was known */
	for (int col = 0; col < 80; col++)
		assert_int_equal(canvas.cells[5 * 80 + col].style, STYLE_DIM);
}

static void nothing_known(void **state)
{
	(void)state;
	memset(&data, 0, sizeof(data));
	assert_hides(draw(24, 80, &no_trouble), "CODE");
	answer(TOP_CODES, T0);
	assert_shows(draw(24, 80, &no_trouble), "not known yet");
	fake.hosts = 0;
	answer(TOP_SOURCES, T0);
	assert_shows(draw(24, 80, &no_trouble), "   none ");
}

static void loss_and_a_broken_identity(void **state)
{
	const char *screen;

	(void)state;
	data.total.holds = false;
	screen = draw(24, 120, &no_trouble);
	assert_shows(screen, "lost 46 (ring 40, sink 6)");
	assert_shows(screen, "DOES NOT HOLD");
	data.total.holds = true;
	data.total.lost = 0;
	assert_hides(draw(24, 120, &no_trouble), "ring");
	assert_shows(draw(24, 120, &no_trouble), "= lost 0 + delivered");
	assert_shows(draw(24, 120, &no_trouble), " holds \n");
}

/* All of the help, at the size that everything must fit. */
static void help(void **state)
{
	const char *screen;

	(void)state;
	choice.help = true;
	screen = draw(24, 80, &no_trouble);
	assert_shows(screen, "q           quit");
	assert_shows(screen,
		     "alerts      black holes, forged adverts, floods, scans: `unreach alerts`");
	for (int row = 3; row < 23; row++)
		assert_int_equal(canvas.cells[row * 80 + 79].c, L' ');
}

static void last_line(void **state)
{
	(void)state;
	choice.typing = true;
	snprintf(choice.typed, sizeof(choice.typed), "port-un");
	assert_shows(draw(24, 80, &no_trouble), "(nothing: all): port-un_");
	choice.typing = false;
	snprintf(choice.said, sizeof(choice.said), "no code is called 'x'");
	assert_shows(draw(24, 80, &no_trouble), "no code is called 'x'");
}

/* From the smallest terminal on, with and without Unicode. */
static void any_size(void **state)
{
	(void)state;
	for (int unicode = 0; unicode < 2; unicode++) {
		canvas.unicode = unicode;
		for (int rows = 1; rows < 60; rows++)
			for (int cols = 1; cols < 240; cols += 7)
				for (choice.pane = TOP_ALERTS; choice.pane < TOP_VIEWS;
				     choice.pane++)
					draw(rows, cols, &no_trouble);
	}
	canvas.unicode = false;
}

/* Bytes from wherever: draw() looks at every cell. */
static void hostile_texts(void **state)
{
	(void)state;
	memset(data.tables[0].rows[0].address, '\033', 40);
	memset(data.tables[0].rows[0].codes, 0x9b, 90);
	memset(data.alerts[0].evidence, '\b', 200);
	memset(data.interfaces[0].name, '\n', 15);
	for (choice.pane = TOP_ALERTS; choice.pane < TOP_VIEWS; choice.pane++)
		draw(24, 80, &no_trouble);
	draw(50, 200, &no_trouble);
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(top_ago(0, 5).text, "-");
	assert_string_equal(top_ago(NS_PER_SEC, 100 * NS_PER_SEC).text, "99s");
	assert_string_equal(top_ago(NS_PER_SEC, 101 * NS_PER_SEC).text, "1m");
	assert_string_equal(top_ago(NS_PER_SEC, 6001 * NS_PER_SEC).text, "1h");
	assert_string_equal(top_ago(NS_PER_SEC, 72 * 3600 * NS_PER_SEC + NS_PER_SEC).text, "3d");
	assert_string_equal(top_ago(9 * NS_PER_SEC, NS_PER_SEC).text, "0s");
	assert_string_equal(top_rate(-1).text, "-");
	assert_string_equal(top_rate(0).text, "0.0");
	assert_string_equal(top_rate(999.94).text, "999.9");
	assert_string_equal(top_rate(999.96).text, "1000");
	assert_string_equal(top_rate(40480.4).text, "40480");
	assert_string_equal(top_rate(1234567).text, "1.23M");
}

#define TEST(name) cmocka_unit_test_setup(name, open_shown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(small),
		TEST(title),
		TEST(panes),
		TEST(alert_parties),
		TEST(large),
		TEST(asked_for),
		TEST(too_many_codes),
		TEST(filtered),
		TEST(nobody_there),
		TEST(nothing_known),
		TEST(loss_and_a_broken_identity),
		TEST(help),
		TEST(last_line),
		TEST(any_size),
		TEST(hostile_texts),
		TEST(words),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	canvas_free(&canvas);
	return failed;
}
