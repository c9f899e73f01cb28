// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Growing bytes: numbers against libc's, failure that sticks, and many random
 * steps held against a plain model of the content.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define RANDOM_STEPS 20000
#define MODEL_ROOM 65536

static uint64_t random64(void)
{
	return (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^ (uint64_t)random();
}

static void check_number(uint64_t v)
{
	struct buf b = {};
	char expected[32];
	int n = snprintf(expected, sizeof(expected), "%" PRIu64, v);

	buf_u64(&b, v);
	assert_int_equal(b.len, n);
	assert_memory_equal(b.data, expected, b.len);
	buf_free(&b);
}

static void test_numbers(void **state)
{
	uint64_t power = 1;

	(void)state;
	for (int digits = 0; digits < 20; digits++, power *= 10) {
		check_number(power - 1);
		check_number(power);
		check_number(power + 1);
	}
	check_number(UINT64_MAX);
	for (int i = 0; i < 20000; i++)
		check_number(random64() >> random() % 64);
}

static void test_empty(void **state)
{
	struct buf b = {};

	(void)state;
	buf_mem(&b, "", 0);
	buf_str(&b, "");
	buf_consume(&b, 0);
	assert_int_equal(b.len, 0);
	assert_false(b.failed);
	buf_free(&b);
	buf_free(&b);
}

static void test_growth(void **state)
{
	struct buf b = {};
	size_t grown = 0, cap = 0;

	(void)state;
	for (int i = 0; i < 1000000; i++) {
		buf_char(&b, 'x');
		grown += b.cap != cap;
		cap = b.cap;
	}
	assert_int_equal(b.len, 1000000);
	assert_in_range(grown, 1, 20); /* by doubling: about as often as the size has bits */
	buf_consume(&b, b.len);
	for (int i = 0; i < 1000000; i++)
		buf_char(&b, 'y');
	assert_int_equal(b.cap, cap); /* once grown, nothing is allocated */
	buf_free(&b);
}

static void test_failure_sticks(void **state)
{
	struct buf b = {};

	(void)state;
	buf_str(&b, "kept");
	assert_false(buf_reserve(&b, SIZE_MAX));
	assert_true(b.failed);
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "kept", 4);
	assert_false(buf_grow(&b, 1));
	assert_true(b.failed);
	buf_free(&b);
	assert_false(b.failed);
}

static void test_printf(void **state)
{
	struct buf b = {};
	char longest[5000];

	(void)state;
	memset(longest, 'z', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	buf_printf(&b, "%s", "");
	assert_int_equal(b.len, 0);
	buf_printf(&b, "<%s|%d>", longest, -1);
	assert_int_equal(b.len, sizeof(longest) - 1 + 5);
	assert_memory_equal(b.data + b.len - 4, "|-1>", 4);
	buf_free(&b);
}

static void random_step(struct buf *b, char *model, size_t *len)
{
	char bytes[300];
	size_t n = (size_t)random() % sizeof(bytes);
	uint64_t v = random64();

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)random();
	switch (random() % 5) {
	case 0:
		buf_mem(b, bytes, n);
		memcpy(model + *len, bytes, n);
		*len += n;
		break;
	case 1:
		buf_char(b, bytes[0]);
		model[(*len)++] = bytes[0];
		break;
	case 2:
		buf_u64(b, v);
		*len += (size_t)sprintf(model + *len, "%" PRIu64, v);
		break;
	case 3:
		buf_printf(b, "%" PRIx64 "/%s", v, "text");
		*len += (size_t)sprintf(model + *len, "%" PRIx64 "/%s", v, "text");
		break;
	case 4:
		n = *len ? (size_t)random() % (*len + 1) : 0;
		buf_consume(b, n);
		memmove(model, model + n, *len - n);
		*len -= n;
		break;
	}
}

static void test_random_steps(void **state)
{
	struct buf b = {};
	char *model = malloc(MODEL_ROOM);
	size_t len = 0;

	(void)state;
	assert_non_null(model);
	for (int i = 0; i < RANDOM_STEPS; i++) {
		if (len > MODEL_ROOM / 2) {
			buf_consume(&b, len);
			len = 0;
		}
		random_step(&b, model, &len);
		assert_false(b.failed);
		assert_true(b.len <= b.cap);
		assert_int_equal(b.len, len);
		assert_memory_equal(b.data ? b.data : "", model, len);
	}
	free(model);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_empty),
		cmocka_unit_test(test_growth),	cmocka_unit_test(test_failure_sticks),
		cmocka_unit_test(test_printf),	cmocka_unit_test(test_random_steps),
	};

	srandom(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
