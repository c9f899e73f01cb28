// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The rules of evidence, one by one, at their exact borders: what counts at
 * all, the cells, the episodes of a segment. Time is a parameter, so minutes
 * pass in no time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adverts.h"

#define HASH 0x1234567800000042ULL
#define OTHER_HASH 0x8765432100000042ULL /* the same cell, another segment */

/* Takes the present fields away one by one: none may be missed. */
static void check_needs(int (*judge)(const struct unreach_event *ev), struct unreach_event ev,
			uint32_t needed)
{
	uint32_t present = ev.present, bit;

	assert_true(judge(&ev));
	for (bit = 1; bit; bit <<= 1) {
		ev.present = present & ~bit;
		assert_int_equal(!judge(&ev), !!(needed & bit));
	}
}

static int tells(const struct unreach_event *ev)
{
	return unreach_tells_mtu(ev);
}

static int usable(const struct unreach_event *ev)
{
	return unreach_usable(ev);
}

static int is_segment(const struct unreach_event *ev)
{
	return unreach_is_segment(ev);
}

static void test_what_counts(void **state)
{
	struct unreach_event ev = tcp_advert(1, 1, 1400, 1500);

	(void)state;
	check_needs(tells, ev, UNREACH_HAS_MTU | UNREACH_HAS_ORIG_SRC | UNREACH_HAS_ORIG_DST);
	check_needs(usable, ev, UNREACH_HAS_ORIG_LENGTH | UNREACH_HAS_ORIG_FRAG);
	check_needs(is_segment, ev,
		    UNREACH_HAS_ORIG_PROTO | UNREACH_HAS_SRC_PORT | UNREACH_HAS_DST_PORT |
			    UNREACH_HAS_TCP_SEQ);
	ev.checksum = UNREACH_CHECKSUM_UNVERIFIED;
	assert_true(unreach_tells_mtu(&ev));
	ev.checksum = UNREACH_CHECKSUM_BAD;
	assert_false(unreach_tells_mtu(&ev));
	ev.orig_proto = 17;
	assert_false(unreach_is_segment(&ev));
}

/* One for each MTU at which a judgement changes. */
static void test_usable_by_mtu(void **state)
{
	static const struct {
		uint32_t mtu;
		enum unreach_class class;
		int usable;
	} rows[] = {
		{ 0, UNREACH_CLASS_LEGACY, 0 },	       { 1, UNREACH_CLASS_IMPOSSIBLE, 0 },
		{ 67, UNREACH_CLASS_IMPOSSIBLE, 0 },   { 68, UNREACH_CLASS_TINY, 1 },
		{ 551, UNREACH_CLASS_TINY, 1 },	       { 552, UNREACH_CLASS_NONE, 1 },
		{ 1499, UNREACH_CLASS_NONE, 1 },       { 1500, UNREACH_CLASS_POINTLESS, 0 },
		{ 65535, UNREACH_CLASS_POINTLESS, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct unreach_event ev = tcp_advert(1, 1, rows[i].mtu, 1500);

		assert_int_equal(unreach_class_of(&ev), rows[i].class);
		assert_int_equal(unreach_usable(&ev), rows[i].usable);
	}
}

/* Every set of flags: the worst one names the class, and five of them spoil it. */
static void test_precedence(void **state)
{
	static const uint16_t worst_first[UNREACH_CLASSES] = {
		UNREACH_FLAG_IMPOSSIBLE, UNREACH_FLAG_TINY, UNREACH_FLAG_LEGACY,
		UNREACH_FLAG_OFF_PATH,	 UNREACH_FLAG_ECHO, UNREACH_FLAG_NO_DF,
		UNREACH_FLAG_POINTLESS,
	};
	const uint16_t spoilt = UNREACH_FLAG_IMPOSSIBLE | UNREACH_FLAG_LEGACY |
				UNREACH_FLAG_OFF_PATH | UNREACH_FLAG_NO_DF | UNREACH_FLAG_POINTLESS;
	struct unreach_event ev = tcp_advert(1, 1, 1400, 1500);
	unsigned int flags, want;

	(void)state;
	for (flags = 0; flags < 256; flags++) {
		for (want = 0; want < UNREACH_CLASSES && !(flags & worst_first[want]); want++)
			;
		ev.flags = (uint16_t)flags;
		assert_int_equal(unreach_class_of(&ev), want);
		assert_int_equal(unreach_usable(&ev), !(flags & spoilt));
	}
}

static void test_hash(void **state)
{
	struct unreach_head_key key = { .tcp_seq = 7, .src_port = 1, .dst_port = 2, .slot = 3 };
	uint64_t hash = unreach_head_hash(&key, 99);
	uint8_t *bytes = (uint8_t *)&key;
	size_t i;

	(void)state;
	assert_true(unreach_head_hash(&key, 98) != hash);
	for (i = 0; i < sizeof(key); i++) {
		bytes[i] ^= 1;
		assert_true(unreach_head_hash(&key, 99) != hash);
		bytes[i] ^= 1;
	}
}

static void test_cell_episode(void **state)
{
	__u64 cell = 0, was;

	(void)state;
	assert_int_equal(unreach_quoted_before(&cell, HASH, START), 0);
	was = cell;
	assert_int_equal(unreach_quoted_before(&cell, HASH, START), 0);
	assert_int_equal(unreach_quoted_before(&cell, HASH, START + 149 * MS), 0);
	assert_int_equal(unreach_quoted_before(&cell, HASH, START + 150 * MS - 1), 0);
	assert_int_equal(cell, was); /* when it came first stands */
	assert_int_equal(unreach_quoted_before(&cell, HASH, START + 150 * MS), START);
	assert_int_equal(unreach_quoted_before(&cell, HASH, START + 900 * MS), START);
	assert_int_equal(cell, was);
}

/* Times are kept to a ms: what is 150 ms apart is never missed, what is 149 apart never taken. */
static void test_cell_between_ms(void **state)
{
	uint64_t first, apart;
	__u64 cell;

	(void)state;
	for (first = START; first < START + MS; first += MS / 10) {
		for (apart = 145 * MS; apart < 155 * MS; apart += MS / 10) {
			uint64_t before;

			cell = 0;
			unreach_quoted_before(&cell, HASH, first);
			before = unreach_quoted_before(&cell, HASH, first + apart);
			if (apart >= 150 * MS)
				assert_true(before);
			if (apart <= 149 * MS)
				assert_false(before);
			if (before)
				assert_true(before > first - MS && before < first + MS);
		}
	}
}

static void test_cell_overwritten(void **state)
{
	uint64_t now = START;
	__u64 cell = 0;
	int i;

	(void)state;
	unreach_quoted_before(&cell, HASH, now);
	assert_int_equal(unreach_quoted_before(&cell, OTHER_HASH, now + 200 * MS), 0);
	assert_int_equal(unreach_quoted_before(&cell, OTHER_HASH, now + 500 * MS), now + 200 * MS);
	assert_int_equal(unreach_quoted_before(&cell, HASH, now + 600 * MS), 0);
	assert_int_equal(unreach_quoted_before(&cell, HASH, now + 750 * MS), now + 600 * MS);
	/* Two that fight for it never get anywhere. */
	for (i = 0; i < 1000; i++) {
		now += 300 * MS;
		assert_int_equal(unreach_quoted_before(&cell, i & 1 ? HASH : OTHER_HASH, now), 0);
	}
}

/* Another hash each time, as a flow has another sequence number each time: never quoted before. */
static void test_cell_never_promoted(void **state)
{
	struct unreach_head_key key = { .src_port = 1, .dst_port = 443 };
	__u64 cell = 0;
	uint32_t seq;

	(void)state;
	for (seq = 0; seq < 100000; seq++) {
		key.tcp_seq = seq * 1448;
		assert_int_equal(unreach_quoted_before(&cell, unreach_head_hash(&key, 5),
						       START + seq * 200 * MS),
				 0);
	}
}

static void test_cell_idle(void **state)
{
	__u64 cell = 0;

	(void)state;
	unreach_quoted_before(&cell, HASH, START);
	assert_int_equal(unreach_quoted_before(&cell, HASH, START + 130000 * MS), START);
	assert_int_equal(unreach_quoted_before(&cell, HASH, START + 130001 * MS), 0);
	assert_int_equal(unreach_quoted_before(&cell, HASH, START + 130151 * MS),
			 START + 130001 * MS);
}

/* The cell's 32 bits of ms begin anew every 49.7 days. */
static void test_cell_wraps(void **state)
{
	const uint64_t wrap = (1ULL << 32) * MS;
	__u64 cell = 0;

	(void)state;
	assert_int_equal(unreach_quoted_before(&cell, HASH, wrap - 100 * MS), 0);
	assert_int_equal(unreach_quoted_before(&cell, HASH, wrap + 49 * MS), 0);
	assert_int_equal(unreach_quoted_before(&cell, HASH, wrap + 50 * MS), wrap - 100 * MS);
	/* Exactly one round later it is not the same moment, nor is it within the idle time. */
	cell = 0;
	unreach_quoted_before(&cell, HASH, START);
	assert_int_equal(unreach_quoted_before(&cell, HASH, START + wrap - MS), 0);
}

static void test_cell_backwards(void **state)
{
	__u64 cell = 0;

	(void)state;
	unreach_quoted_before(&cell, HASH, START);
	assert_int_equal(unreach_quoted_before(&cell, HASH, START - 1000 * MS), 0);
	assert_int_equal(unreach_quoted_before(&cell, HASH, START - 850 * MS), START - 1000 * MS);
}

/* The same segment quoted at each of these times, from the second on by its row. */
static struct unreach_head quote_at(const uint64_t *times, size_t count)
{
	const struct unreach_event ev = tcp_advert(1, 1, 1400, 1500);
	struct unreach_head head = {};
	size_t i;

	for (i = 1; i < count; i++)
		unreach_head_update(&head, &ev, START + times[0], START + times[i]);
	assert_int_equal(head.messages, count);
	return head;
}

#define QUOTE(...)                                  \
	quote_at((const uint64_t[]){ __VA_ARGS__ }, \
		 sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

static void test_head_borders(void **state)
{
	struct unreach_head head;

	(void)state;
	head = QUOTE(0, 250 * MS, 500 * MS);
	assert_int_equal(head.episodes, 3);
	assert_int_equal(head.alarmed, START + 500 * MS);
	assert_int_equal(head.first, START);
	assert_int_equal(head.last, START + 500 * MS);
	/* Three, but too soon; the fourth is late enough. */
	assert_int_equal(QUOTE(0, 250 * MS, 500 * MS - 1).alarmed, 0);
	assert_int_equal(QUOTE(0, 150 * MS, 300 * MS).episodes, 3);
	assert_int_equal(QUOTE(0, 150 * MS, 300 * MS).alarmed, 0);
	head = QUOTE(0, 150 * MS, 300 * MS, 500 * MS);
	assert_int_equal(head.alarmed, START + 500 * MS);
	/* Copies within an episode are none of their own. */
	head = QUOTE(0, 250 * MS, 300 * MS, 350 * MS, 400 * MS - 1);
	assert_int_equal(head.episodes, 2);
	assert_int_equal(head.last, START + 250 * MS);
	assert_int_equal(QUOTE(0, 250 * MS, 400 * MS).episodes, 3);
	/* Two, however long apart. */
	assert_int_equal(QUOTE(0, 120 * SECOND).alarmed, 0);
}

static void test_head_alarmed_once(void **state)
{
	struct unreach_head head = QUOTE(0, 300 * MS, 800 * MS, 1700 * MS, 3500 * MS, 60 * SECOND);

	(void)state;
	assert_int_equal(head.alarmed, START + 800 * MS);
	assert_int_equal(head.episodes, 6);
	assert_int_equal(head.last, START + 60 * SECOND);
	assert_int_equal(head.mtu, 1400);
	assert_int_equal(head.quoted_length, 1500);
}

static void test_head_idle(void **state)
{
	const uint64_t last = 800 * MS;
	struct unreach_head head;

	(void)state;
	head = QUOTE(0, 300 * MS, last, last + 130 * SECOND);
	assert_int_equal(head.episodes, 4);
	assert_int_equal(head.alarmed, START + last);
	head = QUOTE(0, 300 * MS, last, last + 130 * SECOND + 1);
	assert_int_equal(head.episodes, 1);
	assert_int_equal(head.alarmed, 0);
	assert_int_equal(head.first, START + last + 130 * SECOND + 1);
	/* It can be ignored for certain a second time. */
	head = QUOTE(0, 300 * MS, last, 200 * SECOND, 200 * SECOND + 300 * MS,
		     200 * SECOND + 800 * MS);
	assert_int_equal(head.alarmed, START + 200 * SECOND + 800 * MS);
}

static void test_head_backwards(void **state)
{
	struct unreach_head head = QUOTE(1000 * MS, 1200 * MS, 0, 1 * MS, 1349 * MS);

	(void)state;
	assert_int_equal(head.episodes, 2);
	assert_int_equal(head.last, START + 1200 * MS);
	assert_int_equal(head.alarmed, 0);
}

/*
 * A segment that is sent again, but shorter, each time as the last router told:
 * its sender hears well, there are only several narrow links on the way.
 */
static void test_head_that_learns(void **state)
{
	struct unreach_event ev = tcp_advert(1, 1, 1400, 1500);
	struct unreach_head head = {};

	(void)state;
	ev.mtu = 1300;
	ev.orig_length = 1400;
	unreach_head_update(&head, &ev, START, START + 300 * MS);
	ev.mtu = 1200;
	ev.orig_length = 1300;
	unreach_head_update(&head, &ev, START, START + 600 * MS);
	ev.mtu = 1100;
	ev.orig_length = 1200;
	unreach_head_update(&head, &ev, START, START + 900 * MS);
	assert_int_equal(head.alarmed, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_counts),
		cmocka_unit_test(test_usable_by_mtu),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_cell_episode),
		cmocka_unit_test(test_cell_between_ms),
		cmocka_unit_test(test_cell_overwritten),
		cmocka_unit_test(test_cell_never_promoted),
		cmocka_unit_test(test_cell_idle),
		cmocka_unit_test(test_cell_wraps),
		cmocka_unit_test(test_cell_backwards),
		cmocka_unit_test(test_head_borders),
		cmocka_unit_test(test_head_alarmed_once),
		cmocka_unit_test(test_head_idle),
		cmocka_unit_test(test_head_backwards),
		cmocka_unit_test(test_head_that_learns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
