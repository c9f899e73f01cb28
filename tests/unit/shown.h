/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a view says of the fake model, for the tests of views. */
#ifndef UNREACH_TESTS_UNIT_SHOWN_H
#define UNREACH_TESTS_UNIT_SHOWN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_model.h"

static struct fake fake;

static const struct query everything = { .code = -1 };

static inline int open_fake(void **state)
{
	(void)state;
	fake_open(&fake);
	return 0;
}

/* The document as a string; freed by the caller. */
static inline char *shown(view_fn show, const struct query *query, bool json)
{
	struct buf b = {};
	struct writer *w = json ? writer_json(&b) : writer_text(&b);

	assert_int_equal(show(w, &fake.model, query), 0);
	assert_int_equal(writer_finish(w), 0);
	buf_char(&b, '\0');
	return b.data;
}

/* How often `what` stands in the document. */
static inline unsigned int count_shown(view_fn show, const struct query *query, const char *what)
{
	char *got = shown(show, query, true);
	unsigned int count = count_of(got, what);

	free(got);
	return count;
}

/* The sources ("src") of the rows in their order, as "10.0.0.1 10.0.0.2". */
static inline void assert_order(view_fn show, const struct query *query, const char *expected)
{
	char *got = shown(show, query, true), *at = got, order[512] = "";
	size_t len = 0;

	while ((at = strstr(at, "\"src\":\""))) {
		at += strlen("\"src\":\"");
		len += (size_t)snprintf(order + len, sizeof(order) - len, "%s%.*s", len ? " " : "",
					(int)strcspn(at, "\""), at);
	}
	assert_string_equal(order, expected);
	free(got);
}

#endif
