// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * From findings to alerts: what belongs together, what leads it and what is
 * counted.
 */
#include "findings.h"

static struct notes notes;

/* A deaf host is one alert, however many paths, reporters and MTUs it is deaf for. */
static void test_one_of_a_host(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[30];
	uint32_t i;

	(void)state;
	for (i = 0; i < 30; i++) {
		found[i] = ignored(1, i);
		found[i].mtu = 1400 + i;
		found[i].reporter = host_in(192, i);
		found[i].at += i;
	}
	look(as, found, 30, START + SECOND);
	assert_int_equal(alerts_firing(as), 1);
	assert_int_equal(notes.count, 1);
	assert_int_equal(firing(as, 0)->hosts, 1);
	assert_int_equal(firing(as, 0)->destinations, 30);
	assert_int_equal(firing(as, 0)->flows, 30);
	assert_int_equal(firing(as, 0)->messages, 30);
	assert_false(firing(as, 0)->more);
	assert_int_equal(firing(as, 0)->lead.mtu, 1400);
	/* And the same at the next look. */
	look(as, found, 30, START + 2 * SECOND);
	assert_int_equal(alerts_firing(as), 1);
	assert_int_equal(notes.count, 1);
	assert_int_equal(firing(as, 0)->messages, 30);
	alerts_free(as);
}

/* Many hosts on one path are one alert: the path is the destination's net, reporter and MTU. */
static void test_one_of_a_path(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[23];
	uint32_t i;

	(void)state;
	for (i = 0; i < 23; i++) {
		found[i] = ignored(i, 7);
		found[i].dst.bytes[15] = (uint8_t)i;
	}
	found[20].dst = path_of(8);
	found[21].reporter = host_in(192, 2);
	found[22].mtu = 1300;
	look(as, found, 23, START + SECOND);
	assert_int_equal(alerts_firing(as), 4);
	for (i = 0; i < 4; i++) {
		bool big = firing(as, i)->hosts == 20;

		assert_int_equal(firing(as, i)->hosts, big ? 20 : 1);
		assert_int_equal(firing(as, i)->destinations, big ? 20 : 1);
		assert_int_equal(firing(as, i)->messages, big ? 20 : 1);
	}
	alerts_free(as);
}

/* IPv6 paths are nets of 48 bits. */
static void test_ipv6_paths(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[3];
	uint32_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		found[i] = ignored(i, 1);
		memset(&found[i].dst, 0, sizeof(found[i].dst));
		found[i].dst.bytes[0] = 0x20;
		found[i].dst.bytes[15] = (uint8_t)i;
	}
	found[1].dst.bytes[6] = 1;
	found[2].dst.bytes[5] = 1;
	look(as, found, 3, START + SECOND);
	assert_int_equal(alerts_firing(as), 2);
	/* These are no IPv4 addresses, though they end like some: one net. */
	for (i = 0; i < 2; i++) {
		found[i].dst.bytes[0] = 0;
		found[i].dst.bytes[6] = (uint8_t)i;
		found[i].dst.bytes[10] = found[i].dst.bytes[11] = 0xff;
		found[i].dst.bytes[14] = (uint8_t)i;
		found[i].src = host_in(10, 10 + i);
	}
	found[0].dst.bytes[7] = 1;
	look(as, found, 2, START + SECOND);
	assert_int_equal(alerts_firing(as), 3);
	alerts_free(as);
}

/* A reporter's adverts of one class are one alert, whomever they are about. */
static void test_one_of_a_reporter(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[40];
	uint32_t i;

	(void)state;
	for (i = 0; i < 40; i++) {
		found[i] = invalid(1, UNREACH_CLASS_TINY, i);
		found[i].src = host_in(10, i);
	}
	found[38].class = UNREACH_CLASS_IMPOSSIBLE;
	found[39].reporter = host_in(192, 2);
	look(as, found, 40, START + SECOND);
	assert_int_equal(alerts_firing(as), 3);
	assert_int_equal(firing(as, 0)->destinations, 38);
	assert_int_equal(firing(as, 0)->hosts, 38);
	assert_int_equal(firing(as, 0)->flows, 0);
	alerts_free(as);
}

/* A host that is deaf and a reporter that forges about it are two things. */
static void test_kinds_apart(void **state)
{
	struct alerts *as = new_alerts(&notes);
	const struct finding found[2] = { ignored(1, 5), invalid(1, UNREACH_CLASS_TINY, 5) };

	(void)state;
	look(as, found, 2, START + SECOND);
	assert_int_equal(alerts_firing(as), 2);
	alerts_free(as);
}

/* They fire in the order in which they became certain. */
static void test_order_of_firing(void **state)
{
	static const uint32_t order[] = { 3, 0, 4, 1, 2 };
	struct alerts *as = new_alerts(&notes);
	struct finding found[5];
	uint32_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		found[i] = ignored(order[i], order[i]);
		found[i].at = START + order[i] * SECOND;
		found[i].last = START + 10 * SECOND;
	}
	look(as, found, 5, START + 20 * SECOND);
	assert_int_equal(notes.count, 5);
	for (i = 0; i < 5; i++) {
		assert_int_equal(notes.changes[i].lead.at, START + i * SECOND);
		assert_int_equal(firing(as, i)->lead.at, START + i * SECOND);
	}
	alerts_free(as);
}

/* The first to be certain leads, whichever is found first. */
static void test_lead(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[3] = { ignored(1, 1), ignored(1, 2), ignored(1, 3) };

	(void)state;
	found[0].at += 2;
	found[1].at += 1;
	found[2].at += 3;
	found[2].first -= SECOND;
	found[0].last += SECOND;
	look(as, found, 3, START + 2 * SECOND);
	assert_memory_equal(&firing(as, 0)->lead.dst, &found[1].dst, sizeof(found[1].dst));
	assert_int_equal(firing(as, 0)->first, START - SECOND);
	assert_int_equal(firing(as, 0)->last, START + SECOND);
	/* The lead is kept up to date, but for when it fired. */
	found[1].episodes = 9;
	found[1].at += SECOND;
	look(as, found, 3, START + 3 * SECOND);
	assert_int_equal(firing(as, 0)->lead.episodes, 9);
	assert_int_equal(firing(as, 0)->lead.at, START + 1);
	assert_int_equal(notes.count, 1);
	alerts_free(as);
}

/* Who reports what is invalid for one of our hosts does not make the host an alert's. */
static void test_invalid_by_host(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[3] = { invalid(1, UNREACH_CLASS_TINY, 1), ignored(1, 2),
				    ignored(5, 6) };

	(void)state;
	found[2].last = START + SECOND;
	look(as, found, 1, START + SECOND);
	look(as, found, 2, START + SECOND);
	assert_int_equal(alerts_firing(as), 2);
	look(as, found + 2, 1, START + 600 * SECOND); /* marks are made anew */
	assert_int_equal(alerts_firing(as), 1);
	alerts_free(as);
}

/* A row of several adverts keeps one host: the others may have been told too. */
static void test_invalid_hosts_at_least(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[2] = { invalid(1, UNREACH_CLASS_LEGACY, 1),
				    invalid(1, UNREACH_CLASS_LEGACY, 2) };

	(void)state;
	look(as, found, 2, START + SECOND);
	assert_int_equal(firing(as, 0)->hosts, 1);
	assert_false(firing(as, 0)->more);
	found[0].messages = 12;
	look(as, found, 2, START + 2 * SECOND);
	assert_int_equal(alerts_firing(as), 1);
	assert_int_equal(firing(as, 0)->hosts, 1);
	assert_true(firing(as, 0)->more);
	alerts_free(as);
}

/* Rows that a table let go do not make a sum smaller. */
static void test_messages_never_sink(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[2] = { ignored(1, 1), ignored(1, 2) };

	(void)state;
	found[0].messages = 1000;
	found[1].messages = 10;
	look(as, found, 2, START + SECOND);
	assert_int_equal(firing(as, 0)->messages, 1010);
	look(as, found + 1, 1, START + 2 * SECOND);
	assert_int_equal(firing(as, 0)->messages, 1010);
	look(as, NULL, 0, START + 3 * SECOND);
	assert_int_equal(firing(as, 0)->messages, 1010);
	found[1].messages = 2000;
	look(as, found + 1, 1, START + 4 * SECOND);
	assert_int_equal(firing(as, 0)->messages, 2000);
	alerts_free(as);
}

static void test_interface_names(void **state)
{
	struct alerts *as = new_alerts(&notes);
	struct finding found[2] = { ignored(1, 1), ignored(2, 2) };
	char name[200];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[199] = 0;
	notes.name = name;
	look(as, found, 1, START + SECOND);
	assert_int_equal(strlen(firing(as, 0)->interface), TALLY_NAME_LEN - 1);
	notes.name = "";
	look(as, found, 2, START + SECOND);
	assert_string_equal(firing(as, 1)->interface, "");
	alerts_free(as);
	alerts_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_of_a_host),
		cmocka_unit_test(test_one_of_a_path),
		cmocka_unit_test(test_ipv6_paths),
		cmocka_unit_test(test_one_of_a_reporter),
		cmocka_unit_test(test_kinds_apart),
		cmocka_unit_test(test_order_of_firing),
		cmocka_unit_test(test_lead),
		cmocka_unit_test(test_invalid_by_host),
		cmocka_unit_test(test_invalid_hosts_at_least),
		cmocka_unit_test(test_messages_never_sink),
		cmocka_unit_test(test_interface_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
