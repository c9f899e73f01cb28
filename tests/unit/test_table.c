// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Tables against plain arrays: rows found by keys of any size, in the order in
 * which they came, through many sizes of the index; forgotten and filled
 * again; rows added without a key, alone and among others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/table.h"

#define KEY_MAX 61
#define VALUE 8
#define KEYS 3000
#define STEPS 100000
#define HANG_SECONDS 5

/* A key of `size` bytes; those of two numbers differ in one bit at least, anywhere. */
static void key_of(uint8_t *key, size_t size, uint32_t n)
{
	memset(key, 0x5a, size);
	key[n % size] ^= (uint8_t)(n / size);
	if (size > 2) {
		key[(n + 1) % size] ^= (uint8_t)(n / size >> 8);
		key[size - 1] ^= (uint8_t)n;
		key[0] ^= (uint8_t)(n >> 8);
	}
}

/* Are the keys of both the same? Short keys run out. */
static bool same_key(size_t size, uint32_t a, uint32_t b)
{
	uint8_t one[KEY_MAX], other[KEY_MAX];

	key_of(one, size, a);
	key_of(other, size, b);
	return !memcmp(one, other, size);
}

/* The place in `made` of a number with the same key, or `count`. */
static uint32_t place_of(size_t size, const uint32_t *made, uint32_t count, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < count && !same_key(size, made[i], n); i++)
		;
	return i;
}

static void check_keys(size_t size)
{
	struct table t = { .key_size = size, .row_size = size + VALUE };
	static uint32_t made[KEYS];
	uint8_t key[KEY_MAX];
	uint64_t value;
	uint32_t count = 0, n, place;
	const void *row;

	for (n = 0; n < KEYS / 10; n++) {
		key_of(key, size, n);
		place = place_of(size, made, count, n);
		assert_int_equal(table_find(&t, key) != NULL, place < count);
		if (place == count)
			made[count++] = n;
		row = table_make(&t, key);
		assert_ptr_equal(row, table_row(&t, place));
		assert_ptr_equal(table_find(&t, key), row);
		memcpy(&value, (char *)table_row(&t, place) + size, VALUE);
		value++;
		memcpy((char *)table_row(&t, place) + size, &value, VALUE);
	}
	assert_int_equal(t.count, count);
	for (n = 0; n < count; n++) {
		key_of(key, size, made[n]);
		assert_memory_equal(table_row(&t, n), key, size);
		memcpy(&value, (char *)table_row(&t, n) + size, VALUE);
		assert_true(value >= 1);
	}
	table_free(&t);
}

static void test_key_sizes(void **state)
{
	size_t size;

	(void)state;
	for (size = 1; size <= KEY_MAX; size++)
		check_keys(size);
}

struct row {
	uint32_t key;
	uint32_t count;
};

static void test_random(void **state)
{
	struct table t = { .key_size = sizeof(uint32_t), .row_size = sizeof(struct row) };
	static uint32_t want[KEYS];
	uint32_t seed = 1, i;

	(void)state;
	for (i = 0; i < STEPS; i++) {
		uint32_t key;

		seed = seed * 1664525 + 1013904223;
		key = seed % KEYS;
		if (seed >> 31) {
			const struct row *row = table_find(&t, &key);

			assert_int_equal(row ? row->count : 0, want[key]);
			continue;
		}
		((struct row *)table_make(&t, &key))->count++;
		want[key]++;
	}
	for (i = 0; i < t.count; i++) {
		const struct row *row = table_row(&t, i);

		assert_int_equal(row->count, want[row->key]);
		want[row->key] = 0;
	}
	for (i = 0; i < KEYS; i++)
		assert_int_equal(want[i], 0);
	table_free(&t);
}

static void test_empty(void **state)
{
	struct table t = { .key_size = 4, .row_size = 8 };
	uint32_t key = 0;

	(void)state;
	assert_null(table_find(&t, &key));
	table_free(&t);
	assert_int_equal(t.key_size, 4);
	assert_int_equal(t.row_size, 8);
	assert_null(table_find(&t, &key));
	/* A key of zeros is one like others; what was made is zero behind it. */
	assert_non_null(table_make(&t, &key));
	assert_int_equal(((struct row *)table_find(&t, &key))->count, 0);
	key = 1;
	assert_null(table_find(&t, &key));
	table_free(&t);
	table_free(&t);
}

static void test_again(void **state)
{
	struct table t = { .key_size = 4, .row_size = 8 };
	uint32_t round, key;

	(void)state;
	for (round = 0; round < 5; round++) {
		for (key = 0; key < 1000; key++)
			((struct row *)table_make(&t, &key))->count += round + key;
		for (key = 0; key < 1000; key++)
			assert_int_equal(((struct row *)table_find(&t, &key))->count, round + key);
		assert_int_equal(t.count, 1000);
		table_free(&t);
		assert_int_equal(t.count, 0);
	}
}

static void test_append(void **state)
{
	struct table t = { .key_size = 4, .row_size = 8 };
	struct row row = {};

	(void)state;
	for (row.key = 0; row.key < 10000; row.key++) {
		row.count = 3 * row.key;
		assert_int_equal(table_append(&t, &row), 0);
	}
	assert_int_equal(t.count, 10000);
	for (row.key = 0; row.key < 10000; row.key++)
		assert_int_equal(((struct row *)table_row(&t, row.key))->count, 3 * row.key);
	table_free(&t);
}

/* Rows with a key among rows without one; exits with what was wrong. */
static void mix(void)
{
	struct table t = { .key_size = 4, .row_size = 8 };
	struct row row = { .key = 1000000 };
	uint32_t key = 0;

	table_make(&t, &key);
	while (t.count < 600)
		table_append(&t, &row);
	for (key = 1; key < 400; key++)
		((struct row *)table_make(&t, &key))->count = key;
	for (key = 1; key < 400; key++)
		if (((struct row *)table_find(&t, &key))->count != key)
			_exit(1);
	_exit(0);
}

/* In a child, for a search that does not end can only be ended from outside. */
static void test_mixed(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (!child) {
		alarm(HANG_SECONDS);
		mix();
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* The same under one seed; under another, other keys meet. */
static void test_hash(void **state)
{
	uint8_t one[KEY_MAX], other[KEY_MAX];
	unsigned int met[2] = {};
	size_t size, i;

	(void)state;
	for (size = 1; size <= KEY_MAX; size++) {
		key_of(one, size, 1);
		key_of(other, size, 2);
		assert_int_equal(table_hash(one, size, 7), table_hash(one, size, 7));
		assert_int_not_equal(table_hash(one, size, 7), table_hash(one, size, 8));
		assert_int_not_equal(table_hash(one, size, 7), table_hash(other, size, 7));
	}
	for (i = 1; i < KEYS; i++) {
		bool meet = table_hash(&i, sizeof(i), 7) % 16 == table_hash("", 0, 7) % 16;

		met[0] += meet;
		met[1] += meet && table_hash(&i, sizeof(i), 8) % 16 == table_hash("", 0, 8) % 16;
	}
	assert_in_range(met[0], KEYS / 32, KEYS / 8);
	assert_true(met[1] < met[0] / 4);
	assert_int_not_equal(table_seed(), table_seed());
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key_sizes), cmocka_unit_test(test_random),
		cmocka_unit_test(test_empty),	  cmocka_unit_test(test_again),
		cmocka_unit_test(test_append),	  cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
