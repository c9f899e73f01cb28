/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests of both forms of output have in common. */
#ifndef UNREACH_TEST_BASE_WRITER_H
#define UNREACH_TEST_BASE_WRITER_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/writer.h"

#define MOMENT (1795228000ULL * NS_PER_SEC + NS_PER_MSEC) /* 2026-11-21 02:26:40.001 */

static inline void finish(struct writer *w, struct buf *b)
{
	assert_int_equal(writer_finish(w), 0);
	assert_false(b->failed);
}

/* What was written, to the letter; frees it. */
static inline void check(struct buf *b, const char *expected)
{
	buf_char(b, '\0');
	assert_string_equal(b->data, expected);
	buf_free(b);
}

static const struct unreach_addr ipv4 = { .bytes = { [10] = 255, [11] = 255, 192, 0, 2, 1 } };

/* Any call, right or wrong. */
static inline void random_call(struct writer *w)
{
	static const char *const keys[] = { NULL, "a", "b_c", "codes" };
	static const char *const strings[] = { NULL, "", "null", "-", "x\"\n\xff" };
	const char *key = keys[random() % 4];

	switch (random() % 11) {
	case 0:
	case 1:
		writer_object(w, key);
		break;
	case 2:
		writer_array(w, key);
		break;
	case 3:
		writer_end_object(w);
		break;
	case 4:
		writer_end_array(w);
		break;
	case 5:
		writer_u64(w, key, (uint64_t)random());
		break;
	case 6:
		writer_string(w, key, strings[random() % 5]);
		break;
	case 7:
		writer_float(w, key, (double)random() / 3);
		break;
	case 8:
		writer_bool(w, key, random() % 2);
		break;
	case 9:
		writer_addr(w, key, &ipv4);
		break;
	case 10:
		writer_time(w, key, random() % 2 ? MOMENT : 0);
		break;
	}
}

/* With the writer over a buffer that memory ran out for, the end says so. */
static inline void check_memory_error(struct writer *(*new_writer)(struct buf *out))
{
	struct buf b = {};
	struct writer *w = new_writer(&b);

	writer_object(w, NULL);
	assert_false(buf_reserve(&b, SIZE_MAX));
	writer_u64(w, "n", 1);
	writer_end_object(w);
	assert_int_equal(writer_finish(w), -ENOMEM);
	buf_free(&b);
}

#endif
