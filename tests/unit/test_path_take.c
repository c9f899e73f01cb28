// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which rows of evidence one message goes into, and what happens where there is no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adverts.h"

/* A shelf of one row each, and how it was used. */
struct shelf {
	struct unreach_path path;
	struct unreach_head head;
	struct unreach_advert advert;
	__u64 cell;
	struct unreach_path_key path_key;
	struct unreach_head_key head_key;
	struct unreach_advert_key advert_key;
	unsigned int paths, heads, made, adverts;
	bool full; /* takes no rows */
};

static struct unreach_path *shelf_path(void *context, const struct unreach_path_key *key)
{
	struct shelf *s = context;

	s->paths++;
	s->path_key = *key;
	return s->full ? NULL : &s->path;
}

static struct unreach_head *shelf_head(void *context, const struct unreach_head_key *key, int make)
{
	struct shelf *s = context;

	s->heads++;
	s->made += make != 0;
	s->head_key = *key;
	return s->full || (!make && !s->head.first) ? NULL : &s->head;
}

static struct unreach_advert *shelf_advert(void *context, const struct unreach_advert_key *key)
{
	struct shelf *s = context;

	s->adverts++;
	s->advert_key = *key;
	return s->full ? NULL : &s->advert;
}

static __u64 *shelf_cell(void *context, __u64 hash)
{
	struct shelf *s = context;

	(void)hash;
	return s->full ? NULL : &s->cell;
}

static void take(struct shelf *s, const struct unreach_event *ev, uint64_t after)
{
	static const struct unreach_shelf shelf = { shelf_path, shelf_head, shelf_advert,
						    shelf_cell };

	unreach_take_advert(&shelf, s, ev, 3, 77, START + after);
}

static void test_take(void **state)
{
	const struct unreach_event ev = tcp_advert(50000, 7, 1400, 1500);
	struct shelf s = {};

	(void)state;
	take(&s, &ev, 0);
	take(&s, &ev, 300 * MS);
	assert_int_equal(s.path.ignored, 0);
	take(&s, &ev, 800 * MS);
	assert_int_equal(s.path.ignored, START + 800 * MS);
	take(&s, &ev, 810 * MS); /* no episode of its own, but ignored all the same */
	assert_int_equal(s.path.ignored, START + 810 * MS);
	assert_int_equal(s.head.messages, 4);
	assert_int_equal(s.head.episodes, 3);
	assert_int_equal(s.path.messages, 4);
	assert_int_equal(s.adverts, 0);
	assert_int_equal(s.head_key.slot, 3);
	assert_int_equal(s.head_key.tcp_seq, 7);
	assert_int_equal(s.head_key.src_port, 50000);
	assert_int_equal(s.head_key.dst_port, 443);
	assert_int_equal(s.path_key.slot, 3);
	assert_memory_equal(&s.path_key.reporter, &ev.src, sizeof(ev.src));
	assert_memory_equal(&s.head.reporter, &ev.src, sizeof(ev.src));
}

static void test_take_classes(void **state)
{
	struct unreach_event ev = tcp_advert(50000, 7, 20, 1500);
	struct shelf s = {};

	(void)state;
	take(&s, &ev, 0);
	assert_int_equal(s.heads, 0); /* nothing that could be ignored */
	assert_int_equal(s.adverts, 1);
	assert_int_equal(s.advert_key.class, UNREACH_CLASS_IMPOSSIBLE);
	assert_int_equal(s.advert_key.slot, 3);
	ev = tcp_advert(50000, 7, 300, 1500);
	take(&s, &ev, 1); /* tiny: a host can act upon it, and it is implausible too */
	assert_int_equal(s.heads, 1);
	assert_int_equal(s.adverts, 2);
	ev = echo_advert(1400, 1500);
	take(&s, &ev, 2);
	assert_int_equal(s.heads, 1);
	assert_int_equal(s.advert_key.class, UNREACH_CLASS_ECHO);
	ev = udp_advert(1, 1400, 1500);
	take(&s, &ev, 3);
	assert_int_equal(s.heads, 1);
	assert_int_equal(s.adverts, 3);
	assert_int_equal(s.paths, 4);
}

static void test_take_without_room(void **state)
{
	struct unreach_event ev = tcp_advert(50000, 7, 300, 1500);
	struct shelf s = { .full = true };

	(void)state;
	take(&s, &ev, 0);
	take(&s, &ev, 300 * MS);
	assert_int_equal(s.paths, 2);
	assert_int_equal(s.heads, 2);
	assert_int_equal(s.made, 0);
	assert_int_equal(s.adverts, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_take_classes),
		cmocka_unit_test(test_take_without_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
