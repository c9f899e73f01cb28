// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One conversation without a socket: statuses, documents, followers that are fast and slow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_model.h"
#include "serve/exchange.h"

/* More than an event's line. */
#define LINE_ROOM 2048

static struct fake fake;
static struct exchange exchange;
static unsigned int prepared;

static void prepare(void *context)
{
	assert_ptr_equal(context, &fake);
	prepared++;
}

static int open_exchange(void **state)
{
	(void)state;
	fake_open(&fake);
	exchange = (struct exchange){};
	prepared = 0;
	return 0;
}

static int close_exchange(void **state)
{
	(void)state;
	exchange_free(&exchange);
	return 0;
}

static void feed_bytes(const char *bytes, size_t len, bool busy)
{
	const struct answerer a = { &fake.model, prepare, &fake, busy };

	exchange_feed(&exchange, bytes, len, &a);
}

static void feed(const char *bytes)
{
	feed_bytes(bytes, strlen(bytes), false);
}

/* All that is to be sent, as a string, taken in pieces of `piece` bytes. Freed by the caller. */
static char *take(size_t piece)
{
	struct buf b = {};
	const char *bytes;
	size_t len;

	while ((bytes = exchange_pending(&exchange, &len)) && len) {
		len = len < piece ? len : piece;
		buf_mem(&b, bytes, len);
		exchange_sent(&exchange, len);
	}
	buf_char(&b, '\0');
	return b.data;
}

static void assert_takes(const char *expected)
{
	char *got = take(SIZE_MAX);

	assert_string_equal(got, expected);
	free(got);
}

static void whole_answers(void **state)
{
	char *once, *pieces;

	(void)state;
	feed("codes json=1\n");
	assert_int_equal(prepared, 1);
	assert_false(exchange_over(&exchange));
	once = take(SIZE_MAX);
	assert_memory_equal(once, "ok\n{\"view\":\"codes\",", 19);
	assert_true(exchange_over(&exchange));
	exchange = (struct exchange){};
	feed("codes json=1\n");
	pieces = take(7);
	assert_string_equal(once, pieces);
	assert_true(exchange_over(&exchange));
	free(once);
	free(pieces);
}

static void byte_by_byte(void **state)
{
	const char *request = "status\nrest";
	size_t i;

	(void)state;
	for (i = 0; request[i]; i++)
		feed_bytes(&request[i], 1, false);
	assert_int_equal(prepared, 1);
	assert_memory_equal(exchange_pending(&exchange, &i), "ok\nview status", 14);
}

static void refusals(void **state)
{
	(void)state;
	feed("nothing\n");
	assert_takes(
		"error no view is called 'nothing'; there are codes, sources, targets, senders, "
		"paths, alerts, status, events\n");
	assert_true(exchange_over(&exchange));
	exchange = (struct exchange){};
	feed("codes interface=eth7\n");
	assert_takes("error interface 'eth7' is not watched; watched: eth0 wan-1\n");
	exchange = (struct exchange){};
	feed_bytes("events\n", 7, true);
	assert_takes("error busy: others have not taken their answers yet; try again\n");
	assert_int_equal(prepared, 0);
}

/* What fails after the answer was begun is an error all the same, and nothing else is sent. */
static void failing_views(void **state)
{
	(void)state;
	fake.load_error = -EIO;
	feed("sources\n");
	assert_takes("error cannot show sources: Input/output error\n");
	exchange = (struct exchange){};
	feed("status json=1\n");
	assert_takes("error cannot show status: Input/output error\n");
}

static void long_requests(void **state)
{
	char line[2 * REQUEST_MAX];
	size_t len, i;

	(void)state;
	for (len = REQUEST_MAX - 3; len < REQUEST_MAX + 3; len++) {
		memset(line, ' ', sizeof(line));
		memcpy(line, "status", 6);
		line[len - 1] = '\n';
		/* At once, and in two pieces. */
		for (i = 0; i < len; i += 100) {
			const char *bytes;
			size_t pending;

			exchange = (struct exchange){};
			feed_bytes(line, i, false);
			feed_bytes(line + i, len - i, false);
			bytes = exchange_pending(&exchange, &pending);
			assert_memory_equal(bytes, len <= REQUEST_MAX ? "ok\n" : "err", 3);
			exchange_free(&exchange);
		}
	}
	/* No newline at all: it is not waited for beyond what a request can be. */
	exchange = (struct exchange){};
	memset(line, 'x', sizeof(line));
	feed_bytes(line, sizeof(line), false);
	assert_takes("error a request has at most 512 bytes\n");
}

static void ends(void **state)
{
	(void)state;
	feed("cod");
	exchange_end(&exchange);
	assert_true(exchange_over(&exchange));
	assert_takes("");
	/* Half closed after the request: the answer is still wanted. */
	exchange = (struct exchange){};
	feed("codes\n");
	exchange_end(&exchange);
	assert_false(exchange_over(&exchange));
	exchange_free(&exchange);
}

static void last_events(void **state)
{
	char *got;

	(void)state;
	fake_events(&fake, "eth0", 3, 100);
	fake_events(&fake, "wan-1", 4, 3);
	fake_events(&fake, "eth0", 1, 50);
	feed("events json=1\n");
	got = take(SIZE_MAX);
	assert_int_equal(count_of(got, "\"icmp_code\":1,"), REQUEST_ROWS);
	assert_int_equal(count_of(got, "\n"), 1 + REQUEST_ROWS);
	free(got);
	exchange = (struct exchange){};
	feed("events json=1 code=4 rows=2\n");
	got = take(SIZE_MAX);
	assert_int_equal(count_of(got, "\n"), 3);
	assert_non_null(strstr(got, "-102\","));
	assert_non_null(strstr(got, "-103\","));
	free(got);
	exchange = (struct exchange){};
	feed("events rows=0 interface=eth0\n");
	got = take(SIZE_MAX);
	assert_int_equal(count_of(got, "\n"), 151);
	assert_true(exchange_over(&exchange));
	free(got);
}

static void no_events(void **state)
{
	(void)state;
	feed("events\n");
	assert_takes("ok\n");
	assert_true(exchange_over(&exchange));
}

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

static void refused_keys(void **state)
{
	(void)state;
	feed("alerts rows=3\n");
	assert_takes(
		"error no key is called 'rows' here; there are json= lines= interface= follow=\n");
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

static void refuse_in_mid_request(void **state)
{
	(void)state;
	feed("cod");
	exchange_refuse(&exchange, "too late");
	feed("es\n");
	assert_takes("error too late\n");
	assert_true(exchange_over(&exchange));
}

#define EXCHANGE_TEST(name) cmocka_unit_test_setup_teardown(name, open_exchange, close_exchange)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXCHANGE_TEST(whole_answers),
		EXCHANGE_TEST(byte_by_byte),
		EXCHANGE_TEST(refusals),
		EXCHANGE_TEST(failing_views),
		EXCHANGE_TEST(long_requests),
		EXCHANGE_TEST(ends),
		EXCHANGE_TEST(last_events),
		EXCHANGE_TEST(no_events),
		EXCHANGE_TEST(following),
		EXCHANGE_TEST(following_alerts),
		EXCHANGE_TEST(slow_follower_of_alerts),
		EXCHANGE_TEST(alerts_in_text),
		EXCHANGE_TEST(refused_keys),
		EXCHANGE_TEST(slow_follower),
		EXCHANGE_TEST(slow_follower_in_text),
		EXCHANGE_TEST(all_of_the_past_then_follow),
		EXCHANGE_TEST(refuse_in_mid_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
