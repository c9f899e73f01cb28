// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A table that is counted into against a plain array over many random steps,
 * through several sizes of its index; and one that is only read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "state/hosts.h"

#define ADDRESSES 3000
#define STEPS 60000

static struct unreach_host_key key_of(unsigned int n)
{
	struct unreach_host_key key = { .slot = n % 3 };

	key.addr.words[2] = 0xffff0000;
	key.addr.words[3] = n / 3;
	return key;
}

/* Numbers that are the same in each run (Numerical Recipes' generator). */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void test_count(void **state)
{
	static uint64_t want[ADDRESSES][UNREACH_CODES + 1];
	struct hosts h = hosts_none();
	uint32_t seed = 1;
	unsigned int i, code;
	size_t row;

	(void)state;
	for (i = 0; i < STEPS; i++) {
		unsigned int n = next_random(&seed) % ADDRESSES;
		struct unreach_host_key key = key_of(n);
		struct unreach_event ev = { .code = (uint8_t)(next_random(&seed) % 20) };

		want[n][ev.code < UNREACH_CODES ? ev.code : UNREACH_CODES]++;
		assert_int_equal(hosts_count(&h, &key, &ev, 1000 + i), 0);
	}
	assert_true(hosts_entries(&h) <= ADDRESSES);
	assert_int_equal(h.attribution.attributable, STEPS);
	assert_int_equal(h.attribution.attributed, STEPS);
	assert_int_equal(hosts_evicted(&h), 0);
	for (row = 0; row < hosts_entries(&h); row++) {
		const struct unreach_host_key *key = &hosts_row(&h, row)->key;
		unsigned int n = key->addr.words[3] * 3 + key->slot;

		for (code = 0; code <= UNREACH_CODES; code++) {
			assert_int_equal(hosts_row(&h, row)->value.messages[code], want[n][code]);
			want[n][code] = 0;
		}
	}
	for (i = 0; i < ADDRESSES; i++)
		for (code = 0; code <= UNREACH_CODES; code++)
			assert_int_equal(want[i][code], 0);
	hosts_free(&h);
	assert_int_equal(hosts_entries(&h), 0);
	assert_int_equal(hosts_entries(&h), 0);
}

static void test_times(void **state)
{
	struct unreach_host_key key = key_of(1);
	struct unreach_event ev = { .code = 3 };
	struct hosts h = hosts_none();

	(void)state;
	hosts_count(&h, &key, &ev, 50);
	hosts_count(&h, &key, &ev, 70);
	hosts_count(&h, &key, &ev, 40);
	hosts_count(&h, &key, &ev, 60);
	assert_int_equal(hosts_entries(&h), 1);
	assert_int_equal(hosts_row(&h, 0)->value.first, 40);
	assert_int_equal(hosts_row(&h, 0)->value.last, 70);
	assert_int_equal(hosts_messages(&hosts_row(&h, 0)->value), 4);
	hosts_free(&h);
}

static void test_append(void **state)
{
	struct host_row row = { .value = { .messages = { [2] = 3, [UNREACH_CODES] = 1 } } };
	struct hosts h = hosts_none();
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		row.key = key_of(i);
		assert_int_equal(hosts_append(&h, &row), 0);
	}
	assert_int_equal(hosts_entries(&h), 1000);
	assert_int_equal(hosts_row(&h, 999)->key.slot, 0);
	assert_int_equal(hosts_messages(&hosts_row(&h, 999)->value), 4);
	h.attribution.attributed = 4010;
	assert_int_equal(hosts_evicted(&h), 10);
	h.attribution.attributed = 3990; /* rows were read after the sum */
	assert_int_equal(hosts_evicted(&h), 0);
	hosts_free(&h);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_append),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
