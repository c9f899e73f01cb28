// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The rules of evidence, one by one, at their exact borders: late flows of a
 * path, and implausible adverts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adverts.h"

/* A flow's advert at the time; START is when the MTU was told. */
static void late(struct unreach_path *path, uint16_t port, uint64_t after)
{
	const struct unreach_event ev = tcp_advert(port, 1, 1400, 1500);

	unreach_path_update(path, &ev, START + after);
}

static struct unreach_path told_path(void)
{
	struct unreach_path path = {};

	late(&path, 1, 0);
	assert_int_equal(path.told, START);
	assert_int_equal(path.mtu, 1400);
	assert_int_equal(path.tcp_mtu, 1400);
	return path;
}

static void test_grace(void **state)
{
	struct unreach_path path = told_path();

	(void)state;
	late(&path, 2, 1 * MS);
	late(&path, 3, 2000 * MS);
	assert_int_equal(path.longer, 0);
	assert_int_equal(path.late_flows, 0);
	late(&path, 4, 2000 * MS + 1);
	assert_int_equal(path.longer, 1);
	assert_int_equal(path.late_flows, 1);
	assert_int_equal(path.messages, 4);
}

static void test_late_flows(void **state)
{
	struct unreach_path path = told_path();

	(void)state;
	late(&path, 1, 10 * SECOND);
	late(&path, 2, 12 * SECOND);
	assert_int_equal(path.alarmed, 0);
	late(&path, 3, 14 * SECOND - 1);
	assert_int_equal(path.late_flows, 2); /* too soon after the second */
	late(&path, 3, 14 * SECOND);
	assert_int_equal(path.late_flows, 3);
	assert_int_equal(path.alarmed, START + 14 * SECOND);
	/* It goes on: the time of the last moves, that of the alarm does not. */
	late(&path, 4, 30 * SECOND);
	assert_int_equal(path.alarmed, START + 14 * SECOND);
	assert_int_equal(path.late_last, START + 30 * SECOND);
	assert_int_equal(path.late_flows, 3);
	assert_int_equal(path.longer, 5);
	assert_int_equal(path.quoted_length, 1500);
	assert_int_equal(path.udp_episodes, 0);
}

static void test_one_flow_is_none(void **state)
{
	struct unreach_path path = told_path();
	uint64_t t;

	(void)state;
	for (t = 3; t < 600; t += 3)
		late(&path, 1, t * SECOND);
	assert_int_equal(path.late_flows, 1);
	assert_int_equal(path.alarmed, 0);
	assert_int_equal(path.longer, 199);
}

static void test_burst_is_none(void **state)
{
	struct unreach_path path = told_path();
	uint16_t port;

	(void)state;
	for (port = 1; port < 1000; port++)
		late(&path, port, 100 * SECOND + port * MS);
	assert_int_equal(path.late_flows, 1);
	assert_int_equal(path.alarmed, 0);
}

static void test_told_anew(void **state)
{
	struct unreach_path path = told_path();

	(void)state;
	late(&path, 1, 10 * SECOND);
	late(&path, 2, 20 * SECOND);
	late(&path, 3, 600 * SECOND - 1);
	assert_true(path.alarmed);
	late(&path, 4, 600 * SECOND);
	assert_int_equal(path.told, START + 600 * SECOND);
	assert_int_equal(path.late_flows, 0);
	assert_int_equal(path.alarmed, 0);
	assert_int_equal(path.longer, 3);
	/* And so it goes, round after round. */
	late(&path, 1, 610 * SECOND);
	late(&path, 2, 620 * SECOND);
	late(&path, 3, 630 * SECOND);
	assert_int_equal(path.alarmed, START + 630 * SECOND);
}

static void test_other_mtu(void **state)
{
	struct unreach_event ev = tcp_advert(9, 1, 1300, 1500);
	struct unreach_path path = told_path();

	(void)state;
	late(&path, 1, 10 * SECOND);
	late(&path, 2, 20 * SECOND);
	unreach_path_update(&path, &ev, START + 30 * SECOND);
	assert_int_equal(path.mtu, 1300);
	assert_int_equal(path.tcp_mtu, 1300);
	assert_int_equal(path.told, START + 30 * SECOND);
	assert_int_equal(path.late_flows, 0);
	assert_int_equal(path.longer, 2);
}

static void test_echo_and_tcp(void **state)
{
	struct unreach_event echo = echo_advert(1000, 1500);
	struct unreach_path path = told_path(), alone = {};

	(void)state;
	unreach_path_update(&path, &echo, START + 10 * SECOND);
	unreach_path_update(&path, &echo, START + 599 * SECOND);
	assert_int_equal(path.tcp_mtu, 1400);
	assert_int_equal(path.mtu, 1400);
	assert_int_equal(path.told, START);
	assert_int_equal(path.messages, 3);
	assert_int_equal(path.longer, 0);
	assert_true(path.flags & UNREACH_FLAG_ECHO);
	/* What TCP was told is forgotten by then. */
	unreach_path_update(&path, &echo, START + 600 * SECOND);
	assert_int_equal(path.mtu, 1000);
	assert_int_equal(path.tcp_mtu, 1400);
	unreach_path_update(&alone, &echo, START);
	assert_int_equal(alone.mtu, 1000);
	assert_int_equal(alone.tcp_mtu, 0);
	late(&alone, 1, SECOND);
	assert_int_equal(alone.mtu, 1400);
	assert_int_equal(alone.tcp_mtu, 1400);
	assert_int_equal(alone.told, START + SECOND);
}

static void test_udp(void **state)
{
	const struct unreach_event ev = udp_advert(1, 1400, 1500);
	struct unreach_path path = {};
	int i;

	(void)state;
	for (i = 0; i < 21; i++) {
		unreach_path_update(&path, &ev, START + i * 1500 * MS);
		unreach_path_update(&path, &ev, START + i * 1500 * MS + 149 * MS);
	}
	assert_int_equal(path.udp_episodes, 21);
	assert_int_equal(path.udp_first, START);
	assert_int_equal(path.udp_last, START + 30 * SECOND);
	assert_int_equal(path.tcp_mtu, 0);
	assert_int_equal(path.late_flows, 0);
	assert_int_equal(path.alarmed, 0);
	unreach_path_update(&path, &ev, START + 30 * SECOND + 150 * MS);
	assert_int_equal(path.udp_episodes, 22);
}

/* What nobody can act upon is shown as told only as long as there is nothing else. */
static void test_unusable(void **state)
{
	struct unreach_event ev = tcp_advert(1, 1, 0, 1500);
	struct unreach_path path = {};

	(void)state;
	ev.mtu = 20;
	ev.flags = UNREACH_FLAG_IMPOSSIBLE;
	unreach_path_update(&path, &ev, START);
	assert_int_equal(path.mtu, 20);
	assert_int_equal(path.usable, 0);
	assert_int_equal(path.told, 0);
	assert_int_equal(path.tcp_mtu, 0);
	late(&path, 1, SECOND);
	unreach_path_update(&path, &ev, START + 10 * SECOND);
	assert_int_equal(path.mtu, 1400);
	assert_int_equal(path.tcp_mtu, 1400);
	assert_int_equal(path.usable, 1);
	assert_int_equal(path.messages, 3);
	assert_int_equal(path.longer, 0);
	assert_true(path.flags & UNREACH_FLAG_IMPOSSIBLE);
}

/* Messages of two CPUs, or of two captures, can change places. */
static void test_path_backwards(void **state)
{
	struct unreach_path path = told_path();

	(void)state;
	late(&path, 2, 10 * SECOND);
	late(&path, 3, 5 * SECOND);
	late(&path, 4, 1 * SECOND);
	assert_int_equal(path.late_flows, 1);
	assert_int_equal(path.told, START);
	assert_int_equal(path.first, START);
	assert_int_equal(path.last, START + 10 * SECOND);
}

/* The row of a class after adverts at these times. */
static struct unreach_advert advert_at(enum unreach_class class, const uint64_t *times,
				       size_t count)
{
	const struct unreach_event ev = tcp_advert(1, 1, 1400, 1500);
	struct unreach_advert advert = {};
	size_t i;

	for (i = 0; i < count; i++)
		unreach_advert_update(&advert, class, &ev, START + times[i]);
	return advert;
}

#define ADVERT(class, ...)                                  \
	advert_at(class, (const uint64_t[]){ __VA_ARGS__ }, \
		  sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

static void test_classes(void **state)
{
	unsigned int kind;

	(void)state;
	for (kind = 0; kind < UNREACH_CLASSES; kind++) {
		uint64_t once = ADVERT(kind, 0).alarmed, twice = ADVERT(kind, 0, 1).alarmed;
		uint64_t thrice = ADVERT(kind, 0, 1, 2).alarmed;

		if (kind == UNREACH_CLASS_ECHO)
			continue; /* nothing by itself: the detector's matter */
		assert_int_equal(once, kind <= UNREACH_CLASS_TINY ? START : 0);
		assert_int_equal(twice, once);
		assert_int_equal(thrice, kind <= UNREACH_CLASS_TINY ? START : START + 2);
	}
}

static void test_class_borders(void **state)
{
	struct unreach_advert advert;

	(void)state;
	assert_int_equal(ADVERT(UNREACH_CLASS_NO_DF, 0, 0, 60 * SECOND).alarmed,
			 START + 60 * SECOND);
	assert_int_equal(ADVERT(UNREACH_CLASS_NO_DF, 0, 0, 60 * SECOND + 1).alarmed, 0);
	/* The window slides. */
	advert = ADVERT(UNREACH_CLASS_NO_DF, 0, 50 * SECOND, 100 * SECOND, 110 * SECOND);
	assert_int_equal(advert.alarmed, START + 110 * SECOND);
	assert_int_equal(advert.first, START);
	assert_int_equal(advert.last, START + 110 * SECOND);
	/* It stays what it is while any come, and no longer. */
	advert = ADVERT(UNREACH_CLASS_NO_DF, 0, 1, 2, 600 * SECOND + 1);
	assert_int_equal(advert.alarmed, START + 2);
	assert_int_equal(advert.messages, 4);
	/* Then a new bout begins, with nothing of the old one. */
	advert = ADVERT(UNREACH_CLASS_NO_DF, 0, 1, 2, 600 * SECOND + 2);
	assert_int_equal(advert.alarmed, 0);
	assert_int_equal(advert.messages, 1);
	assert_int_equal(advert.first, START + 600 * SECOND + 2);
	advert = ADVERT(UNREACH_CLASS_NO_DF, 0, 1, 2, 700 * SECOND, 701 * SECOND, 702 * SECOND);
	assert_int_equal(advert.alarmed, START + 702 * SECOND);
	assert_int_equal(ADVERT(UNREACH_CLASS_TINY, 0, 600 * SECOND).alarmed, START + 600 * SECOND);
}

static void test_advert_keeps(void **state)
{
	struct unreach_event ev = tcp_advert(1, 1, 1400, 1500);
	struct unreach_advert advert = {};

	(void)state;
	ev.flags = UNREACH_FLAG_OFF_PATH;
	unreach_advert_update(&advert, UNREACH_CLASS_OFF_PATH, &ev, START);
	ev = udp_advert(1, 1300, 1450);
	ev.orig_src = ipv4(198, 51, 100, 200);
	ev.flags = UNREACH_FLAG_OFF_PATH | UNREACH_FLAG_NO_DF;
	unreach_advert_update(&advert, UNREACH_CLASS_OFF_PATH, &ev, START + 1);
	assert_int_equal(advert.orig_src.bytes[15], 7); /* the first one's */
	assert_int_equal(advert.mtu, 1300);
	assert_int_equal(advert.quoted_length, 1450);
	assert_int_equal(advert.proto, 17);
	assert_int_equal(advert.flags, UNREACH_FLAG_OFF_PATH | UNREACH_FLAG_NO_DF);
}

static void test_advert_backwards(void **state)
{
	struct unreach_advert advert =
		ADVERT(UNREACH_CLASS_LEGACY, 100 * SECOND, 50 * SECOND, 80 * SECOND);

	(void)state;
	assert_true(advert.alarmed);
	assert_true(advert.last >= advert.first);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grace),
		cmocka_unit_test(test_late_flows),
		cmocka_unit_test(test_one_flow_is_none),
		cmocka_unit_test(test_burst_is_none),
		cmocka_unit_test(test_told_anew),
		cmocka_unit_test(test_other_mtu),
		cmocka_unit_test(test_echo_and_tcp),
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_unusable),
		cmocka_unit_test(test_path_backwards),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_class_borders),
		cmocka_unit_test(test_advert_keeps),
		cmocka_unit_test(test_advert_backwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
