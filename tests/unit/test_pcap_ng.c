// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What pcapng has beyond the classic format: sections in two byte orders,
 * interfaces with names and clocks, three kinds of packet blocks, and many
 * lengths, each of which can lie.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "source/pcapng.h"
#include "unit/captures.h"

/* Two sections in two byte orders; interface numbers begin anew in each. */
static void test_sections(void **state)
{
	struct maker m = {};
	struct seen s = {};
	struct capture c;

	(void)state;
	put_section(&m);
	put_interface(&m, 1, 0, "eth0", -1, 0);
	put_interface(&m, 101, 0, "tun0", 9, 0);
	put_packet(&m, 1, 1795228000123456789, "ninechars");
	put_packet(&m, 0, 1795228000123456, "");
	m.swap = true;
	put_section(&m);
	put_interface(&m, 113, 0, NULL, -1, 0);
	put_packet(&m, 0, 7, "abc");
	assert_int_equal(read_made(&m, &s, &c), 0);
	assert_int_equal(s.count, 3);
	assert_string_equal(s.frames[0].interface, "tun0");
	assert_int_equal(s.frames[0].time, 1795228000123456789);
	assert_int_equal(s.frames[0].captured, 9);
	assert_int_equal(s.frames[0].link, UNREACH_LINK_IP);
	assert_string_equal(s.frames[1].interface, "eth0");
	assert_int_equal(s.frames[1].time, 1795228000123456000);
	assert_int_equal(s.frames[1].captured, 0);
	assert_string_equal(s.frames[2].interface, "(none)");
	assert_int_equal(s.frames[2].time, 7000);
	assert_int_equal(s.frames[2].length, 100);
	assert_int_equal(s.frames[2].link, UNREACH_LINK_SLL);
	buf_free(&m.b);
}

static void test_clocks(void **state)
{
	static const struct {
		int resolution;
		int64_t offset;
		uint64_t ticks, ns;
	} cases[] = {
		{ -1, 0, 1795228000000001, 1795228000000001000 },
		{ 0, 0, 1795228000, 1795228000000000000 },
		{ 3, 0, 1795228000001, 1795228000001000000 },
		{ 9, 0, 1795228000000000001, 1795228000000000001 },
		{ 12, 0, 1795228000001999, 1795228000001 }, /* picoseconds, cut off */
		{ 19, 0, UINT64_MAX, 1844674407 },
		{ 0x80, 0, 3, 3000000000 },
		{ 0x80 | 10, 0, 1024 + 512, 1500000000 },
		{ 0x80 | 32, 0, 0x100000001, 1000000000 },
		{ 0x80 | 63, 0, 1ULL << 62, 500000000 },
		{ 6, 1795228000, 1, 1795228000000001000 },
		{ 6, -1, 1000001, 1000 },
		{ 6, -2, 1000001, 0 }, /* before 1970 */
		{ 0, 0, UINT64_MAX, INT64_MAX },
		{ 9, INT64_MAX, 0, INT64_MAX },
		{ 9, INT64_MIN, 5, 0 },
	};
	struct seen s = {};
	struct capture c;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		struct maker m = { .swap = i & 1 };

		put_section(&m);
		put_interface(&m, 1, 0, NULL, cases[i / 2].resolution, cases[i / 2].offset);
		put_packet(&m, 0, cases[i / 2].ticks, "x");
		assert_int_equal(read_made(&m, &s, &c), 0);
		assert_int_equal(s.frames[0].time, cases[i / 2].ns);
		buf_free(&m.b);
	}
}

static void test_other_packet_blocks(void **state)
{
	struct maker m = {};
	struct seen s = {};
	struct capture c;
	size_t start;

	(void)state;
	put_section(&m);
	put_interface(&m, 1, 4, "eth0", -1, 0);
	put_interface(&m, 1, 0, "eth1", -1, 0);
	start = begin_block(&m, SPB);
	put32(&m, 6); /* of which the interface keeps 4 */
	buf_str(&m.b, "simp");
	end_block(&m, start);
	start = begin_block(&m, PB);
	put16(&m, 1);
	put16(&m, 0);
	put32(&m, 0);
	put32(&m, 5);
	put32(&m, 3);
	put32(&m, 60);
	buf_str(&m.b, "old");
	end_block(&m, start);
	start = begin_block(&m, 0x40000bad);
	buf_str(&m.b, "not a packet");
	end_block(&m, start);
	assert_int_equal(read_made(&m, &s, &c), 0);
	assert_int_equal(s.count, 2);
	assert_string_equal(s.frames[0].interface, "eth0");
	assert_int_equal(s.frames[0].captured, 4);
	assert_int_equal(s.frames[0].length, 6);
	assert_int_equal(s.frames[0].time, 0);
	assert_string_equal(s.frames[1].interface, "eth1");
	assert_int_equal(s.frames[1].captured, 3);
	assert_int_equal(s.frames[1].length, 60);
	assert_int_equal(s.frames[1].time, 5000);
	buf_free(&m.b);
}

static void test_names(void **state)
{
	char name[200];
	struct maker m = {};
	struct seen s = {};
	struct capture c;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	put_section(&m);
	put_interface(&m, 1, 0, name, -1, 0);
	put_interface(&m, 1, 0, "", -1, 0);
	put_packet(&m, 0, 0, "x");
	put_packet(&m, 1, 0, "x");
	assert_int_equal(read_made(&m, &s, &c), 0);
	assert_int_equal(strlen(s.frames[0].interface), 63);
	assert_string_equal(s.frames[1].interface, "(none)");
	buf_free(&m.b);
}

/* A made pcapng file with one word changed, which must be found to be damaged after `frames`. */
static void check_damage(size_t at_from_packet, uint32_t value, unsigned int frames,
			 const char *reason)
{
	struct maker m = {};
	struct seen s = {};
	struct capture c;
	size_t start;

	put_section(&m);
	put_interface(&m, 1, 0, "eth0", -1, 0);
	put_packet(&m, 0, 0, "first");
	start = put_packet(&m, 0, 0, "second");
	put_packet(&m, 0, 0, "third");
	set32(&m, start + at_from_packet, value);
	assert_int_equal(read_made(&m, &s, &c), -EINVAL);
	assert_int_equal(s.count, frames);
	if (!strstr(c.error, reason))
		fail_msg("'%s' has no '%s'", c.error, reason);
	assert_non_null(strstr(c.error, "test is damaged after frame 1"));
	buf_free(&m.b);
}

static void test_damage(void **state)
{
	(void)state;
	check_damage(4, 0, 1, "a block's length can't be right");
	check_damage(4, 8, 1, "a block's length can't be right");
	check_damage(4, 13, 1, "a block's length can't be right");
	check_damage(4, PCAPNG_BLOCK_MAX + 4, 1, "a block's length can't be right");
	check_damage(4, UINT32_MAX, 1, "a block's length can't be right");
	check_damage(4, 28, 1, "a block's two lengths differ");
	check_damage(8, 1, 1, "a packet names an interface that is not described");
	check_damage(8, UINT32_MAX, 1, "a packet names an interface that is not described");
	check_damage(20, 25, 1, "a packet is longer than its block");
	check_damage(20, UINT32_MAX, 1, "a packet is longer than its block");
	check_damage(0, 0x0a0d0d0a, 1, "a section's byte order can't be told");
}

/* A section with one more block of `type`, whose body is `words`, in little-endian. */
static void check_bad_block(uint32_t type, const uint32_t *words, size_t count, const char *reason)
{
	struct maker m = { .swap = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ };
	struct seen s = {};
	struct capture c;
	size_t start, i;

	put_section(&m);
	start = begin_block(&m, type);
	for (i = 0; i < count; i++)
		put32(&m, words[i]);
	end_block(&m, start);
	assert_int_equal(read_made(&m, &s, &c), -EINVAL);
	if (!strstr(c.error, reason))
		fail_msg("'%s' has no '%s'", c.error, reason);
	buf_free(&m.b);
}

static void test_bad_blocks(void **state)
{
	const uint32_t zeros[8] = {}, long_option[] = { 1, 0, 0x00050002, 0 },
		       no_clock[] = { 1, 0, 0x00020009, 0 }, big_clock[] = { 1, 0, 0x00010009, 20 },
		       binary_clock[] = { 1, 0, 0x00010009, 0xc0 },
		       short_offset[] = { 1, 0, 0x0004000e, 0 },
		       version[] = { 0x1a2b3c4d, 2, UINT32_MAX, UINT32_MAX };

	(void)state;
	check_bad_block(EPB, zeros, 4, "too short");
	check_bad_block(PB, zeros, 4, "too short");
	check_bad_block(SPB, zeros, 0, "too short");
	check_bad_block(IDB, zeros, 1, "too short");
	check_bad_block(0x0a0d0d0a, version, 3, "too short");
	check_bad_block(0x0a0d0d0a, version, 4, "version is not 1");
	check_bad_block(EPB, zeros, 8, "an interface that is not described");
	check_bad_block(SPB, zeros, 1, "before any interface");
	check_bad_block(IDB, long_option, 4, "an option is longer than its block");
	check_bad_block(IDB, no_clock, 4, "clock");
	check_bad_block(IDB, big_clock, 4, "clock");
	check_bad_block(IDB, binary_clock, 4, "clock");
	check_bad_block(IDB, short_offset, 4, "clock");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_other_packet_blocks),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_bad_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
