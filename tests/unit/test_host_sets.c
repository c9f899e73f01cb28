// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Sets of rows (unreach/hosts.h), as the program uses them: tags are found where
 * they are and nowhere else, and over a random life a set keeps what a plain
 * list would, each address once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unreach/hosts.h"

#define LIFE 200000

static uint64_t seed = 1;

static uint32_t any(uint32_t below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33) % below;
}

static void test_each_way_has_its_tag(void **state)
{
	struct unreach_host_tags tags = {};
	uint32_t way;

	(void)state;
	for (way = 0; way < UNREACH_WAYS; way++)
		unreach_tag_put(&tags, way, 100 + way);
	for (way = 0; way < UNREACH_WAYS; way++) {
		assert_int_equal(unreach_tag_get(&tags, way), 100 + way);
		assert_int_equal(unreach_tag_find(&tags, 100 + way), way);
	}
	assert_int_equal(unreach_tag_find(&tags, 0), UNREACH_WAYS);
	unreach_tag_put(&tags, 5, 0);
	assert_int_equal(unreach_tag_find(&tags, 0), 5);
	assert_int_equal(unreach_tag_find(&tags, 105), UNREACH_WAYS);
}

/* Few values that differ in few bits, where a borrow shows. */
static void test_what_is_found_is_there(void **state)
{
	(void)state;
	for (int i = 0; i < LIFE; i++) {
		static const uint16_t values[] = { 0, 1, 2, 3, 0x7fff, 0x8000, 0x8001, 0xffff };
		struct unreach_host_tags tags = {};
		uint32_t tag = values[any(8)], way, there = 0, found;

		for (way = 0; way < UNREACH_WAYS; way++)
			unreach_tag_put(&tags, way, values[any(8)]);
		for (way = 0; way < UNREACH_WAYS; way++)
			there += unreach_tag_get(&tags, way) == tag;
		found = unreach_tag_find(&tags, tag);
		assert_int_equal(found<UNREACH_WAYS, there> 0);
		if (there)
			assert_int_equal(unreach_tag_get(&tags, found), tag);
	}
}

static void test_no_tag_is_zero(void **state)
{
	(void)state;
	assert_int_equal(unreach_host_tag(0), 1);
	assert_int_equal(unreach_host_tag(0x10000), 1);
	assert_int_equal(unreach_host_tag(0xffff), 0xffff);
}

/* What the set should hold: keys in the order of their last use, latest last. */
struct model {
	struct unreach_host_key keys[UNREACH_WAYS];
	unsigned int count;
};

static struct unreach_host_key any_key(void)
{
	return (struct unreach_host_key){ .addr.words = { 0, any(2), 0xffff0000, any(10) },
					  .slot = any(2) };
}

/* Few tags, so that some keys have the same. */
static uint32_t tag_of(const struct unreach_host_key *key)
{
	return 1 + key->addr.words[3] * 4 + key->addr.words[1] * 2 +
	       (key->slot & key->addr.words[1]);
}

static bool model_has(const struct model *m, const struct unreach_host_key *key)
{
	for (unsigned int i = 0; i < m->count; i++)
		if (!memcmp(&m->keys[i], key, sizeof(*key)))
			return true;
	return false;
}

static void model_drop(struct model *m, unsigned int i)
{
	memmove(m->keys + i, m->keys + i + 1,
		--m->count * sizeof(m->keys[0]) - i * sizeof(m->keys[0]));
}

/* Whose tag it is gives way, else, in a full set, the oldest; or nobody, where it is not `last`. */
static bool model_take(struct model *m, const struct unreach_host_key *key, bool last)
{
	unsigned int i;

	for (i = 0; i < m->count; i++)
		if (!memcmp(&m->keys[i], key, sizeof(*key)) || tag_of(&m->keys[i]) == tag_of(key))
			break;
	if (i < m->count && memcmp(&m->keys[i], key, sizeof(*key)) && !last)
		return false;
	if (i == m->count && m->count == UNREACH_WAYS) {
		if (!last)
			return false;
		i = 0;
	}
	if (i < m->count)
		model_drop(m, i);
	m->keys[m->count++] = *key;
	return true;
}

static void compare(struct unreach_host_set *set, const struct model *m)
{
	struct unreach_host_key key;
	unsigned int rows = 0;

	for (uint32_t way = 0; way < UNREACH_WAYS; way++) {
		if (!unreach_host_key_of(set, way, &key))
			continue;
		assert_true(model_has(m, &key));
		assert_true(unreach_host_is(set, &set->tags, way, &key));
		assert_int_equal(unreach_tag_find(&set->tags, tag_of(&key)), way);
		rows++;
	}
	assert_int_equal(rows, m->count);
}

static void test_random_life(void **state)
{
	static struct unreach_host_set set;
	static struct unreach_host_tags tags;
	static struct model m;

	(void)state;
	for (uint64_t now = 1; now <= LIFE; now++) {
		const struct unreach_host_key key = any_key();
		bool last = any(2);
		uint32_t way = unreach_host_settle(&set, &tags, &key, tag_of(&key), now, last);

		assert_memory_equal(&set.tags, &tags, sizeof(tags));
		assert_int_equal(way < UNREACH_WAYS, model_take(&m, &key, last));
		if (way < UNREACH_WAYS)
			set.rows[way].host.last = now;
		unreach_host_publish(&set, &tags);
		set.tags = tags;
		compare(&set, &m);
	}
}

/* Who made a row finds it with the next call, unless another one has taken it meanwhile. */
static void test_tag_comes_later(void **state)
{
	const struct unreach_host_key key = { .addr.words = { 0, 0, 0, 1 }, .slot = 15 },
				      other = { .addr.words = { 0, 0, 0, 2 } };
	static struct unreach_host_set set;
	static struct unreach_host_tags tags;
	uint32_t way;

	(void)state;
	way = unreach_host_settle(&set, &tags, &key, 7, 10, 0);
	assert_true(way < UNREACH_WAYS);
	assert_int_equal(unreach_tag_find(&tags, 7), UNREACH_WAYS);
	assert_true(unreach_host_settle(&set, &tags, &other, 8, 11, 0) < UNREACH_WAYS);
	assert_int_equal(unreach_tag_find(&tags, 7), way);
	assert_int_equal(unreach_host_settle(&set, &tags, &key, 7, 12, 0), way);
	assert_int_equal(set.rows[way].host.first, 10);
	assert_int_equal(unreach_host_settle(&set, &tags, &other, 7, 13, 1),
			 way); /* the same tag */
	assert_int_equal(unreach_host_settle(&set, &tags, &key, 7, 14, 0), UNREACH_WAYS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_way_has_its_tag),
		cmocka_unit_test(test_what_is_found_is_there),
		cmocka_unit_test(test_no_tag_is_zero),
		cmocka_unit_test(test_random_life),
		cmocka_unit_test(test_tag_comes_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
