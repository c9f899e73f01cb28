// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The view of alerts: in which order, each once, and what people see of it. */
#include "shown.h"

/* As wide as lines for people are laid out. */
#define LINE_WIDTH 100

/* A segment from `src` on its own path, ignored from second `at` to second `last`. */
static struct finding finding_of(const char *src, const char *dst, unsigned int at,
				 unsigned int last)
{
	struct finding f = fake_finding(src, 0);

	f.dst = fake_addr(dst);
	f.at = at * NS_PER_SEC;
	f.first = f.at - 760 * NS_PER_MSEC;
	f.last = last * NS_PER_SEC;
	return f;
}

static void look(const struct finding *findings, size_t count, unsigned int second)
{
	size_t i;

	alerts_begin(fake.alerts);
	for (i = 0; i < count; i++)
		alerts_report(fake.alerts, &findings[i], second * NS_PER_SEC);
	alerts_end(fake.alerts, second * NS_PER_SEC);
}

/* Those that fire by age, then those that were let go, latest first. */
static void order(void **state)
{
	const struct finding all[] = {
		finding_of("198.51.100.1", "203.0.113.1", 10, 10),
		finding_of("198.51.100.2", "198.18.0.1", 20, 20),
		finding_of("198.51.100.3", "198.18.1.1", 30, 900),
		finding_of("198.51.100.4", "198.18.2.1", 40, 900),
	};

	(void)state;
	assert_order(view_alerts, &everything, "");
	look(all, 4, 40);
	assert_order(view_alerts, &everything,
		     "198.51.100.1 198.51.100.2 198.51.100.3 198.51.100.4");
	look(&all[2], 2, 615);
	assert_order(view_alerts, &everything,
		     "198.51.100.2 198.51.100.3 198.51.100.4 198.51.100.1");
	look(&all[2], 2, 900);
	assert_order(view_alerts, &everything,
		     "198.51.100.3 198.51.100.4 198.51.100.2 198.51.100.1");
}

static unsigned int count_in(const char *what)
{
	char *got = shown(view_alerts, &everything, true);
	unsigned int count = count_of(got, what);

	free(got);
	return count;
}

/* One that became graver, or fires again by the same evidence, is one row, as it stands now. */
static void each_once(void **state)
{
	struct finding f = finding_of("198.51.100.1", "203.0.113.1", 10, 10);

	(void)state;
	f.severity = SEVERITY_WARNING;
	look(&f, 1, 10);
	f.severity = SEVERITY_CRITICAL;
	look(&f, 1, 11);
	assert_int_equal(alerts_next(fake.alerts), 2);
	assert_int_equal(count_in("\"id\""), 1);
	look(NULL, 0, 700);
	assert_int_equal(count_in("\"state\":\"resolved\""), 1);
	f.last = 800 * NS_PER_SEC;
	look(&f, 1, 800);
	assert_int_equal(count_in("\"id\""), 1);
	assert_int_equal(count_in("\"state\":\"firing\""), 1);
	look(NULL, 0, 1500);
	assert_int_equal(alerts_next(fake.alerts), 5);
	assert_int_equal(count_in("\"id\""), 1);
	assert_int_equal(count_in("\"state\":\"resolved\""), 1);
}

/* More changes than are remembered: what is left is shown, and nothing twice. */
static void more_than_is_remembered(void **state)
{
	struct finding f = finding_of("198.51.100.1", "203.0.113.1", 10, 10);
	unsigned int second = 10, i;
	char *got;

	(void)state;
	for (i = 0; i < 2 * ALERT_CHANGES; i++, second += 700) {
		f.at = f.first = f.last = second * NS_PER_SEC; /* each another one */
		look(&f, 1, second);
	}
	got = shown(view_alerts, &everything, true);
	assert_int_equal(count_of(got, "\"state\":\"firing\""), 1);
	assert_int_equal(count_of(got, "\"state\":\"resolved\""), ALERT_CHANGES / 2);
	free(got);
}

static void of_an_interface(void **state)
{
	const struct query eth0 = { .code = -1, .interface = "eth0" },
			   wan = { .code = -1, .interface = "wan-1" };
	struct finding both[] = {
		finding_of("198.51.100.1", "203.0.113.1", 10, 10),
		finding_of("198.51.100.2", "198.18.0.1", 20, 20),
	};

	(void)state;
	both[1].slot = 1;
	look(both, 2, 20);
	assert_order(view_alerts, &eth0, "198.51.100.1");
	assert_order(view_alerts, &wan, "198.51.100.2");
	look(NULL, 0, 900);
	assert_order(view_alerts, &wan, "198.51.100.2");
}

/* What found no room is told, by kind. */
static void overflow(void **state)
{
	struct finding many[ALERTS_OF_REPORTER + 3];
	char *got;
	int i;

	(void)state;
	for (i = 0; i < ALERTS_OF_REPORTER + 3; i++) {
		char src[32], dst[32];

		snprintf(src, sizeof(src), "10.0.%d.1", i);
		snprintf(dst, sizeof(dst), "10.1.%d.1", i);
		many[i] = finding_of(src, dst, 10, 10);
	}
	look(many, ALERTS_OF_REPORTER + 3, 10);
	got = shown(view_alerts, &everything, true);
	assert_non_null(strstr(got, "\"overflow\":{\"pmtud-ignored\":3,\"pmtud-invalid\":0"));
	assert_int_equal(count_of(got, "\"id\""), ALERTS_OF_REPORTER);
	free(got);
}

static void assert_lines_fit(const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (length > LINE_WIDTH)
			fail_msg("%zu columns: %.*s", length, (int)length, text);
		text += length + (text[length] == '\n');
	}
}

/* Nothing to scroll sideways for: sentences go on below. */
static void text(void **state)
{
	const struct query wan = { .code = -1, .interface = "wan-1" };
	const char *keys[] = { "\nthat is\n", "\n  evidence ", "\n  meaning ", "\n  unknown ",
			       "\n  advice " };
	struct finding f = finding_of("198.51.100.1", "203.0.113.1", 10, 10);
	char *got = shown(view_alerts, &everything, false);
	size_t i;

	(void)state;
	assert_string_equal(got, "no alerts\n");
	free(got);
	look(&f, 1, 10);
	got = shown(view_alerts, &everything, false);
	assert_lines_fit(got);
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		assert_int_equal(count_of(got, keys[i]), 1);
	assert_non_null(strstr(got, "  kind pmtud-ignored  state firing  severity critical  "));
	free(got);
	got = shown(view_alerts, &wan, false);
	assert_string_equal(got, "no alerts\n");
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(order, open_fake),
		cmocka_unit_test_setup(each_once, open_fake),
		cmocka_unit_test_setup(more_than_is_remembered, open_fake),
		cmocka_unit_test_setup(of_an_interface, open_fake),
		cmocka_unit_test_setup(overflow, open_fake),
		cmocka_unit_test_setup(text, open_fake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
