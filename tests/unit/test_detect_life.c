// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Messages to evidence to findings to alerts, over hours of a life: what fires,
 * when, under which id, and what never should.
 */
#include "findings.h"
#undef SECOND
#undef START
#include "adverts.h"
#include "detect/detect.h"

static struct notes notes;
static struct alerts *alerts;
static struct evidence evidence;

static int set_up(void **state)
{
	(void)state;
	alerts = new_alerts(&notes);
	assert_int_equal(evidence_open(&evidence), 0);
	evidence.seed = 1;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	evidence_close(&evidence);
	alerts_free(alerts);
	return 0;
}

static void take(const struct unreach_event *ev, uint64_t after)
{
	assert_int_equal(evidence_take(&evidence, ev, 0, START + after), 0);
}

/* Looks, and says how many alerts fire. */
static size_t look_at(uint64_t after)
{
	const struct evidence_source source = evidence_source(&evidence);

	assert_int_equal(detect_look(&source, alerts, NULL, START + after), 0);
	return alerts_firing(alerts);
}

/* A daemon that begins anew, with the tables of the one before; says the id of its only alert. */
static uint64_t id_after_restart(uint64_t after)
{
	alerts_free(alerts);
	alerts = new_alerts(&notes);
	assert_int_equal(look_at(after), 1);
	return alerts_get(alerts, 0)->id;
}

static void test_deaf_host(void **state)
{
	static const uint32_t times[] = { 0, 300, 760, 1700, 3500, 7300, 14700, 29000 };
	const struct unreach_event ev = tcp_advert(50000, 7, 1400, 1500);
	uint64_t id;
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		take(&ev, times[i] * MS);
		assert_int_equal(look_at(times[i] * MS + 1), i >= 2);
	}
	assert_int_equal(notes.count, 1);
	assert_int_equal(alert_time(&notes.changes[0]), START + 760 * MS);
	assert_int_equal(alerts_get(alerts, 0)->messages, 8);
	id = alerts_get(alerts, 0)->id;
	assert_int_equal(id_after_restart(30 * SECOND), id);
	assert_int_equal(look_at(629 * SECOND - 1), 1);
	assert_int_equal(look_at(629 * SECOND), 0);
	/* An hour later it is deaf again. */
	for (i = 0; i < 8; i++)
		take(&ev, 3600 * SECOND + times[i] * MS);
	assert_int_equal(look_at(3630 * SECOND), 1);
	assert_true(alerts_get(alerts, 0)->id != id);
}

/* As many flows as one likes, each of which learns at once, round after round. */
static void test_healthy_hours(void **state)
{
	uint64_t t;
	uint16_t port;
	uint32_t i;

	(void)state;
	for (t = 0; t < 4 * 3600; t += 600) {
		for (port = 0; port < 16; port++) {
			for (i = 0; i < 40; i++) {
				struct unreach_event ev = tcp_advert(port, i * 1448, 1400, 1500);

				ev.tcp_seq += (uint32_t)t * 1000003;
				take(&ev, t * SECOND + i * MS);
			}
		}
		assert_int_equal(look_at(t * SECOND + 5 * SECOND), 0);
	}
	assert_int_equal(notes.count, 0);
}

/* Forgery, a pause in which it is resolved, forgery again: two alerts, two ids. */
static void check_again(struct unreach_event ev)
{
	uint64_t t;

	for (t = 0; t < 3; t++)
		take(&ev, t * SECOND);
	assert_int_equal(look_at(3 * SECOND), 1);
	assert_int_equal(look_at(700 * SECOND), 0);
	for (t = 800; t < 803; t++)
		take(&ev, t * SECOND);
	assert_int_equal(look_at(803 * SECOND), 1);
	assert_int_equal(notes.count, 3);
	assert_true(notes.changes[2].id != notes.changes[0].id);
	assert_true(alert_time(&notes.changes[2]) >= START + 800 * SECOND);
	/* It speaks of its own time. */
	assert_true(notes.changes[2].first >= START + 800 * SECOND);
}

static void test_forged_again(void **state)
{
	(void)state;
	check_again(tcp_advert(50000, 7, 20, 1500));
}

static void test_legacy_again(void **state)
{
	(void)state;
	check_again(tcp_advert(50000, 7, 0, 1500));
}

/* A ping's advert that shrinks what TCP was told: when it came, under one id. */
static void test_echo_attack(void **state)
{
	struct unreach_event tcp = tcp_advert(50000, 7, 1400, 1500);
	struct unreach_event echo = echo_advert(1400, 1500);
	uint64_t t, id;

	(void)state;
	/* Somebody measures with pings, honestly, all the time. */
	for (t = 0; t < 7200; t += 60) {
		take(&echo, t * SECOND);
		tcp.tcp_seq++;
		take(&tcp, t * SECOND + SECOND);
		assert_int_equal(look_at(t * SECOND + 2 * SECOND), 0);
	}
	echo = echo_advert(600, 1500);
	take(&echo, 7200 * SECOND);
	assert_int_equal(look_at(7200 * SECOND + MS), 1);
	assert_int_equal(alerts_get(alerts, 0)->lead.class, UNREACH_CLASS_ECHO);
	assert_int_equal(alert_time(alerts_get(alerts, 0)), START + 7200 * SECOND);
	id = alerts_get(alerts, 0)->id;
	take(&echo, 7260 * SECOND);
	assert_int_equal(look_at(7261 * SECOND), 1);
	assert_int_equal(id_after_restart(7261 * SECOND), id);
}

/* The honest advert that follows does not wipe out the other one: looks are not that frequent. */
static void test_echo_between(void **state)
{
	const struct unreach_event tcp = tcp_advert(50000, 7, 1400, 1500);
	const struct unreach_event honest = echo_advert(1400, 1500),
				   forged = echo_advert(600, 1500);

	(void)state;
	take(&tcp, 0);
	take(&forged, SECOND);
	take(&honest, SECOND + 10 * MS);
	assert_int_equal(look_at(2 * SECOND), 1);
	assert_int_equal(alerts_get(alerts, 0)->lead.mtu, 600);
}

/* The path has become narrower since; the first to notice is a ping. */
static void test_echo_days_later(void **state)
{
	const struct unreach_event tcp = tcp_advert(50000, 7, 1400, 1500);
	const struct unreach_event echo = echo_advert(1300, 1500);
	const uint64_t days = 2 * 86400 * SECOND;

	(void)state;
	take(&tcp, 0);
	take(&echo, days);
	assert_int_equal(look_at(days + SECOND), 0);
	take(&echo, days + 60 * SECOND);
	assert_int_equal(look_at(days + 61 * SECOND), 0);
}

/* TCP was told of it just now, in a round that began a while ago. */
static void test_echo_in_time(void **state)
{
	const struct unreach_event tcp = tcp_advert(50000, 7, 1400, 1500);
	const struct unreach_event echo = echo_advert(600, 1500);

	(void)state;
	take(&tcp, 0);
	take(&tcp, 599 * SECOND);
	take(&echo, 601 * SECOND);
	assert_int_equal(look_at(602 * SECOND), 1);
}

/* What flows sent is told, not what something else on the path was about. */
static void test_flows_length(void **state)
{
	struct unreach_event ev;
	uint16_t port;

	(void)state;
	for (port = 0; port < 4; port++) {
		ev = tcp_advert(port, port, 1400, 1500);
		take(&ev, port * 10 * SECOND);
	}
	ev = tcp_advert(9, 9, 1400, 90); /* pointless */
	take(&ev, 31 * SECOND);
	assert_int_equal(look_at(32 * SECOND), 1);
	assert_int_equal(alerts_get(alerts, 0)->lead.basis, BASIS_FLOWS);
	assert_true(alerts_get(alerts, 0)->lead.quoted_length > 1400);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_deaf_host),	    TEST(test_healthy_hours), TEST(test_forged_again),
		TEST(test_legacy_again),    TEST(test_echo_attack),   TEST(test_echo_between),
		TEST(test_echo_days_later), TEST(test_echo_in_time),  TEST(test_flows_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
