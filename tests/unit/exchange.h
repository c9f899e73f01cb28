/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One conversation without a socket over a made-up model: what it is fed, what it gives. */
#ifndef UNREACH_TESTS_UNIT_EXCHANGE_H
#define UNREACH_TESTS_UNIT_EXCHANGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_model.h"
#include "serve/exchange.h"

static struct fake fake;
static struct exchange exchange;
static unsigned int prepared;

static inline void prepare(void *context)
{
	assert_ptr_equal(context, &fake);
	prepared++;
}

static inline int open_exchange(void **state)
{
	(void)state;
	fake_open(&fake);
	exchange = (struct exchange){};
	prepared = 0;
	return 0;
}

static inline int close_exchange(void **state)
{
	(void)state;
	exchange_free(&exchange);
	return 0;
}

static inline void feed_bytes(const char *bytes, size_t len, bool busy)
{
	const struct answerer a = { &fake.model, prepare, &fake, busy };

	exchange_feed(&exchange, bytes, len, &a);
}

static inline void feed(const char *bytes)
{
	feed_bytes(bytes, strlen(bytes), false);
}

/* All that is to be sent, as a string, taken in pieces of `piece` bytes. Freed by the caller. */
static inline char *take(size_t piece)
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

static inline void assert_takes(const char *expected)
{
	char *got = take(SIZE_MAX);

	assert_string_equal(got, expected);
	free(got);
}

#define EXCHANGE_TEST(name) cmocka_unit_test_setup_teardown(name, open_exchange, close_exchange)

#endif
