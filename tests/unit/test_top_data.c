// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What `top` knows: the daemon's own answers come through whole, and what it reckons from them. */
#include "top.h"

#define T0 (5000 * NS_PER_SEC)

static void codes(void **state)
{
	struct top_interface sum;

	(void)state;
	answer(TOP_CODES, T0);
	assert_int_equal(data.count, 2);
	assert_string_equal(data.interfaces[1].name, "wan-1");
	assert_int_equal(data.time, FAKE_NOW + (uint64_t)FAKE_TO_WALL);
	assert_int_equal(data.interfaces[0].seen, 1000);
	assert_int_equal(data.interfaces[0].codes[4].bytes, 51840);
	assert_int_equal(data.interfaces[0].codes[3].last,
			 FAKE_NOW - NS_PER_SEC / 5 + (uint64_t)FAKE_TO_WALL);
	assert_int_equal(data.interfaces[0].codes[0].last, 0);
	assert_int_equal(data.interfaces[0].bad_header, 7);
	sum = top_data_sum(&data, "");
	assert_int_equal(sum.codes[3].messages, 1200);
	assert_int_equal(sum.fragment, 16);
	assert_true(sum.codes[3].rate == 120.0);
	assert_int_equal(top_data_sum(&data, "wan-1").codes[3].messages, 600);
	assert_int_equal(top_data_sum(&data, "none").seen, 0);
}

static void identity(void **state)
{
	const struct top_identity *id;

	(void)state;
	answer(TOP_STATUS, T0);
	id = top_data_identity(&data, "");
	assert_int_equal(id->seen, 2000);
	assert_int_equal(id->delivered, 1754);
	assert_int_equal(id->lost, 46);
	assert_int_equal(id->lost_ring, 40);
	assert_int_equal(id->lost_sink, 6);
	assert_true(id->holds);
	id = top_data_identity(&data, "wan-1");
	assert_int_equal(id->delivered, 877);
	assert_string_equal(id->state, "attached");
	assert_null(top_data_identity(&data, "none"));
	assert_true(data.uptime == 90.0);
}

static void tables(void **state)
{
	const struct top_table *t = &data.tables[TOP_TARGETS - TOP_SOURCES];

	(void)state;
	answer(TOP_TARGETS, T0);
	assert_int_equal(t->count, 5);
	assert_int_equal(t->entries, 5);
	assert_int_equal(t->size, 65536);
	assert_int_equal(t->unattributed, 42);
	assert_string_equal(t->rows[0].address, "10.0.0.1");
	assert_int_equal(t->rows[0].messages, 920);
	assert_string_equal(t->rows[0].codes, "3:920");
	assert_string_equal(t->rows[0].interface, "wan-1");
	assert_int_equal(t->rows[0].last, FAKE_NOW - NS_PER_SEC + (uint64_t)FAKE_TO_WALL);
}

/* More than there is room for: the first ones, and no word beyond them. */
static void more_rows_than_room(void **state)
{
	static char document[400000];
	char *p = document;

	(void)state;
	for (int i = 0; i < 3 * TOP_ROWS; i++)
		p += sprintf(p, "rows.%d.address\t10.0.0.%d\nrows.%d.state\tfiring\n", i, i, i);
	strcpy(p, "rows.18446744073709551615.address\tx\nrows.99999999999999999999.address\tx\n\n");
	top_data_take(&data, TOP_SOURCES, document, T0);
	assert_int_equal(data.tables[0].count, TOP_ROWS);
	assert_string_equal(data.tables[0].rows[TOP_ROWS - 1].address, "10.0.0.99");
}

/* What it does not know is let go; what is too long is cut. */
static void strange_lines(void **state)
{
	char document[] =
		"\n\t\nno tab\nrows\t1\nrows.\t2\nrows.x.address\tx\nrows.0\t3\nrows.0.\t4\n"
		"rows.0.address\t0123456789012345678901234567890123456789012345678901234\n"
		"rows.0.messages\tmany\nrows.0.codes.\t\nrows.0.unheard\t5\n\n";

	(void)state;
	top_data_take(&data, TOP_SOURCES, document, T0);
	assert_int_equal(data.tables[0].count, 1);
	assert_int_equal(strlen(data.tables[0].rows[0].address),
			 sizeof(data.tables[0].rows[0].address) - 1);
	assert_int_equal(data.tables[0].rows[0].messages, 0);
}

static void paths_and_alerts(void **state)
{
	(void)state;
	fake_alert(&fake, "198.51.100.8", 5 * NS_PER_SEC);
	answer_all(T0);
	assert_int_equal(data.path_count, 2);
	assert_string_equal(data.paths[0].src, "198.51.100.8");
	assert_string_equal(data.paths[0].verdict, "ignored");
	assert_string_equal(data.paths[1].verdict, "told");
	assert_string_equal(data.paths[0].link, "GRE");
	assert_int_equal(data.paths[0].mtu, 1476);
	assert_int_equal(data.alert_count, 1);
	assert_int_equal(data.firing, 1);
	assert_string_equal(data.alerts[0].kind, "pmtud-ignored");
	assert_string_equal(data.alerts[0].path, "203.0.113.0/24");
	assert_non_null(strstr(data.alerts[0].evidence, "1476"));
}

static double sample(unsigned int age)
{
	return top_data_sample(&data, "", 3, age);
}

static void count(uint64_t messages, uint64_t now)
{
	fake.interfaces[0].counters.codes[UNREACH_IPV4][3].messages += messages;
	answer(TOP_CODES, now);
}

/* A bar a second: early answers wait, missed seconds get the average, the counts decide. */
static void history(void **state)
{
	(void)state;
	answer(TOP_CODES, T0);
	assert_true(sample(0) < 0);
	count(40, T0 + NS_PER_SEC);
	assert_true(sample(0) == 40.0 && sample(1) < 0);
	count(10, T0 + NS_PER_SEC + 300 * NS_PER_MSEC);
	assert_true(sample(0) == 40.0 && sample(1) < 0);
	count(10, T0 + 2 * NS_PER_SEC);
	assert_true(sample(0) == 20.0 && sample(1) == 40.0);
	count(30, T0 + 5 * NS_PER_SEC);
	assert_true(sample(0) == 10.0 && sample(2) == 10.0 && sample(3) == 20.0);
	assert_true(top_data_sample(&data, "wan-1", 3, 0) == 0.0);
	assert_true(top_data_sample(&data, "eth0", 3, 0) == 10.0);
}

/* Counters that begin anew: what they hold came since. */
static void history_after_a_restart(void **state)
{
	(void)state;
	answer(TOP_CODES, T0);
	fake.interfaces[0].counters.codes[UNREACH_IPV4][3].messages = 0;
	count(8, T0 + 2 * NS_PER_SEC);
	assert_true(sample(0) == 4.0 && sample(1) == 4.0);
}

static void long_silence(void **state)
{
	(void)state;
	answer(TOP_CODES, T0);
	count(1000000, T0 + 1000 * NS_PER_SEC);
	for (unsigned int age = 0; age < TOP_SAMPLES; age++)
		assert_true(sample(age) == 1000.0);
	assert_true(sample(TOP_SAMPLES) < 0);
}

/* An interface that comes later has no past; the others keep theirs, whatever their order. */
static void another_interface(void **state)
{
	(void)state;
	fake.model.count = 1;
	answer(TOP_CODES, T0);
	count(5, T0 + NS_PER_SEC);
	fake.model.count = 2;
	snprintf(fake.interfaces[0].name, sizeof(fake.interfaces[0].name), "wan-1");
	snprintf(fake.interfaces[1].name, sizeof(fake.interfaces[1].name), "eth0");
	fake.interfaces[1].counters = fake.interfaces[0].counters;
	count(0, T0 + 2 * NS_PER_SEC);
	assert_true(top_data_sample(&data, "wan-1", 3, 0) == 0.0);
	assert_true(top_data_sample(&data, "wan-1", 3, 1) == 0.0);
	assert_true(top_data_sample(&data, "eth0", 3, 1) == 5.0);
}

static const struct top_host *source(const char *address)
{
	for (unsigned int i = 0; i < data.tables[0].count; i++)
		if (!strcmp(data.tables[0].rows[i].address, address))
			return &data.tables[0].rows[i];
	fail_msg("no row %s", address);
	return NULL;
}

static void take_sources(uint64_t a, uint64_t b, uint64_t now)
{
	char document[256];

	snprintf(document, sizeof(document),
		 "rows.0.address\t10.0.0.1\nrows.0.messages\t%llu\n"
		 "rows.1.address\t10.0.0.2\nrows.1.messages\t%llu\n\n",
		 (unsigned long long)a, (unsigned long long)b);
	top_data_take(&data, TOP_SOURCES, document, now);
}

static void rates_of_rows(void **state)
{
	(void)state;
	take_sources(100, 50, T0);
	assert_true(source("10.0.0.1")->rate < 0);
	take_sources(100, 70, T0 + 2 * NS_PER_SEC);
	assert_true(source("10.0.0.1")->rate == 0.0);
	assert_true(source("10.0.0.2")->rate == 10.0);
	take_sources(100, 71, T0 + 2100 * NS_PER_MSEC); /* early */
	assert_true(source("10.0.0.2")->rate == 10.0);
	take_sources(100, 75, T0 + 3 * NS_PER_SEC);
	assert_true(source("10.0.0.2")->rate == 5.0);
	take_sources(200, 75, T0 + 60 * NS_PER_SEC); /* not looked at for long */
	assert_true(source("10.0.0.1")->rate < 0);
}

static void sorted(void **state)
{
	(void)state;
	take_sources(100, 50, T0);
	take_sources(100, 70, T0 + NS_PER_SEC);
	data.tables[0].rows[0].last = 5;
	data.tables[0].rows[1].last = 9;
	top_data_sort(&data, TOP_BY_MESSAGES);
	assert_string_equal(data.tables[0].rows[0].address, "10.0.0.1");
	top_data_sort(&data, TOP_BY_RATE);
	assert_string_equal(data.tables[0].rows[0].address, "10.0.0.2");
	top_data_sort(&data, TOP_BY_MESSAGES);
	top_data_sort(&data, TOP_BY_LAST);
	assert_string_equal(data.tables[0].rows[0].address, "10.0.0.2");
}

#define TEST(name) cmocka_unit_test_setup(name, open_top)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(codes),
		TEST(identity),
		TEST(tables),
		TEST(strange_lines),
		TEST(more_rows_than_room),
		TEST(paths_and_alerts),
		TEST(history),
		TEST(history_after_a_restart),
		TEST(long_silence),
		TEST(another_interface),
		TEST(rates_of_rows),
		TEST(sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
