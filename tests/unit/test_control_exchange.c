// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One conversation without a socket: what is asked for and how, statuses and documents. */
#include "exchange.h"

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

static void refused_keys(void **state)
{
	(void)state;
	feed("alerts rows=3\n");
	assert_takes(
		"error no key is called 'rows' here; there are json= lines= interface= follow=\n");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXCHANGE_TEST(whole_answers), EXCHANGE_TEST(byte_by_byte),
		EXCHANGE_TEST(refusals),      EXCHANGE_TEST(failing_views),
		EXCHANGE_TEST(long_requests), EXCHANGE_TEST(ends),
		EXCHANGE_TEST(last_events),   EXCHANGE_TEST(no_events),
		EXCHANGE_TEST(refused_keys),  EXCHANGE_TEST(refuse_in_mid_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
