// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Followers in a conversation without a socket: fast and slow ones, of events and of alerts. */
#include "exchange.h"

/* More than an event's line. */
#define LINE_ROOM 2048

static void pump(void)
{
	exchange_pump(&exchange, &fake.model);
}

static void following(void **state)
{
	char *got;

	(void)state;
	fake_events(&fake, "eth0", 3, 5);
	feed("events follow=1 json=1 rows=2 code=3\n");
	got = take(SIZE_MAX);
	assert_int_equal(count_of(got, "\n"), 3);
	free(got);
	assert_false(exchange_over(&exchange));
	assert_false(exchange_behind(&exchange, &fake.model));
	pump();
	assert_takes("");
	fake_events(&fake, "eth0", 4, 1);
	fake_events(&fake, "eth0", 3, 1);
	assert_true(exchange_behind(&exchange, &fake.model));
	pump();
	assert_false(exchange_behind(&exchange, &fake.model));
	got = take(10);
	assert_int_equal(count_of(got, "\n"), 1);
	assert_non_null(strstr(got, "-7\",\"in_iface\""));
	free(got);
	/* A peer that closes its side only has no more to say. */
	exchange_end(&exchange);
	assert_false(exchange_over(&exchange));
}

/* Alerts are followed change by change; asked for once, they are a view. */
static void following_alerts(void **state)
{
	char *got;

	(void)state;
	fake_alert(&fake, "198.51.100.7", 20 * NS_PER_SEC);
	feed("alerts follow=1 json=1\n");
	got = take(SIZE_MAX);
	assert_int_equal(count_of(got, "\"unreach_alert\""), 1);
	assert_int_equal(count_of(got, "\n"), 2); /* and "ok" */
	free(got);
	assert_false(exchange_behind(&exchange, &fake.model));
	fake_alert(&fake, "198.51.100.8", 10 * NS_PER_SEC); /* the same path: joins */
	assert_false(exchange_behind(&exchange, &fake.model));
	alerts_begin(fake.alerts);
	alerts_end(fake.alerts, FAKE_NOW + ALERT_QUIET_NS);
	assert_true(exchange_behind(&exchange, &fake.model));
	pump();
	got = take(SIZE_MAX);
	assert_int_equal(count_of(got, "\"state\":\"resolved\""), 1);
	free(got);
}

/* One alert after the other, each let go when the next one fires; `first` is the next one's number.
 */
static void change_alerts(unsigned int first, unsigned int count)
{
	struct finding f = fake_finding("198.51.100.7", 0);

	for (; count--; first++) {
		f.at = f.first = f.last = (first + 1) * ALERT_QUIET_NS;
		alerts_begin(fake.alerts);
		alerts_report(fake.alerts, &f, f.at);
		alerts_end(fake.alerts, f.at);
	}
}

/* All changes that are remembered, then those that come; what is missed is told by number. */
static void slow_follower_of_alerts(void **state)
{
	unsigned long long missed = 0, lines;
	char *got;

	(void)state;
	change_alerts(0, ALERT_CHANGES); /* 1 + 2 * (ALERT_CHANGES - 1) changes */
	feed("alerts follow=1 json=1\n");
	got = take(1000);
	assert_int_equal(count_of(got, "unreach_alert"), ALERT_CHANGES);
	assert_int_equal(count_of(got, "unreach_missed"), 0);
	free(got);
	change_alerts(ALERT_CHANGES, ALERT_CHANGES);
	pump();
	got = take(1000);
	assert_int_equal(
		sscanf(got, "{\"event_type\":\"unreach_missed\",\"missed\":%llu}\n", &missed), 1);
	assert_int_equal(missed, ALERT_CHANGES);
	lines = count_of(got, "unreach_alert");
	free(got);
	while (exchange_behind(&exchange, &fake.model)) {
		pump();
		got = take(1000);
		lines += count_of(got, "unreach_alert");
		free(got);
	}
	assert_int_equal(lines, ALERT_CHANGES);
}

/* Lines for people, at the time of the wall; of one interface only, if that is asked. */
static void alerts_in_text(void **state)
{
	char *got;

	(void)state;
	fake_alert(&fake, "198.51.100.7", 20 * NS_PER_SEC);
	feed("alerts follow=1 interface=eth0\n");
	got = take(SIZE_MAX);
	assert_memory_equal(got, "ok\n2026-11-21T02:26:20.000000Z ALERT firing critical ", 53);
	assert_int_equal(count_of(got, "\n"), 2);
	free(got);
	change_alerts(2, ALERT_CHANGES);
	pump();
	got = take(SIZE_MAX);
	assert_memory_equal(
		got, "-- 512 alerts went by unseen: they come faster than they are taken\n", 66);
	free(got);
	exchange_free(&exchange);
	exchange = (struct exchange){};
	feed("alerts follow=1 interface=wan-1\n");
	assert_takes("ok\n");
	assert_false(exchange_over(&exchange));
}

/* A follower that takes nothing costs a bounded buffer, and is told exactly what it missed. */
static void slow_follower(void **state)
{
	unsigned long long missed = 0, lines;
	unsigned int round;
	size_t len;
	char *got;

	(void)state;
	feed("events follow=1 json=1\n");
	for (round = 0; round < 100; round++) {
		fake_events(&fake, "eth0", 3, 200);
		pump();
		exchange_pending(&exchange, &len);
		assert_true(len <= EXCHANGE_FOLLOW_ROOM + LINE_ROOM);
	}
	got = take(1000);
	lines = count_of(got, "icmp_unreach");
	assert_true(lines > 50);
	free(got);
	assert_true(exchange_behind(&exchange, &fake.model));
	pump();
	got = take(1000);
	assert_int_equal(
		sscanf(got, "{\"event_type\":\"unreach_missed\",\"missed\":%llu}\n", &missed), 1);
	lines += count_of(got, "icmp_unreach");
	free(got);
	while (exchange_behind(&exchange, &fake.model)) {
		pump();
		got = take(1000);
		assert_int_equal(count_of(got, "missed"), 0);
		lines += count_of(got, "icmp_unreach");
		free(got);
	}
	assert_int_equal(lines + missed, 20000);
	assert_int_equal(missed, 20000 - RECENT_EVENTS - (lines - RECENT_EVENTS));
}

static void slow_follower_in_text(void **state)
{
	char *got;

	(void)state;
	feed("events follow=1\n");
	free(take(SIZE_MAX));
	fake_events(&fake, "eth0", 3, RECENT_EVENTS + 3);
	pump();
	got = take(SIZE_MAX);
	assert_memory_equal(
		got, "-- 3 events went by unseen: they come faster than they are taken\n", 64);
	free(got);
}

static void all_of_the_past_then_follow(void **state)
{
	char *got;

	(void)state;
	fake_events(&fake, "eth0", 3, 2 * RECENT_EVENTS);
	feed("events follow=1 rows=0 json=1\n");
	got = take(5000);
	assert_int_equal(count_of(got, "icmp_unreach"), RECENT_EVENTS);
	assert_int_equal(count_of(got, "missed"), 0);
	free(got);
	fake_events(&fake, "eth0", 3, 1);
	pump();
	got = take(5000);
	assert_int_equal(count_of(got, "icmp_unreach"), 1);
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXCHANGE_TEST(following),
		EXCHANGE_TEST(following_alerts),
		EXCHANGE_TEST(slow_follower_of_alerts),
		EXCHANGE_TEST(alerts_in_text),
		EXCHANGE_TEST(slow_follower),
		EXCHANGE_TEST(slow_follower_in_text),
		EXCHANGE_TEST(all_of_the_past_then_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
