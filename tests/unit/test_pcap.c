// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reading captures, whatever their format: the classic one in its four kinds,
 * link types, ends in mid-packet at every byte, files that are no capture, and
 * a reader that has enough.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/captures.h"

static void test_classic(void **state)
{
	static const struct {
		uint32_t magic;
		uint64_t ns; /* in one unit */
	} kinds[] = { { 0xa1b2c3d4, 1000 }, { 0xa1b23c4d, 1 } };
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct maker m = { .swap = i & 1 };
		struct seen s = {};
		struct capture c;

		put_classic(&m, kinds[i / 2].magic, 1);
		put_classic_frame(&m, 1795228000, 999999, "first");
		put_classic_frame(&m, 4294967295U, 0, ""); /* seconds are unsigned: until 2106 */
		assert_int_equal(read_made(&m, &s, &c), 0);
		assert_int_equal(s.count, 2);
		assert_int_equal(s.frames[0].time, 1795228000000000000 + 999999 * kinds[i / 2].ns);
		assert_int_equal(s.frames[1].time, 4294967295000000000);
		assert_int_equal(s.frames[0].captured, 5);
		assert_int_equal(s.frames[0].length, 100);
		assert_int_equal(s.frames[1].number, 2);
		assert_memory_equal(s.frames[0].bytes, "first", 5);
		assert_string_equal(s.frames[0].interface, "(none)");
		assert_false(c.cut);
		assert_int_equal(c.frames, 2);
		buf_free(&m.b);
	}
}

static void test_links(void **state)
{
	static const struct {
		uint16_t linktype;
		enum unreach_link link;
	} known[] = {
		{ 1, UNREACH_LINK_ETHERNET }, { 101, UNREACH_LINK_IP }, { 12, UNREACH_LINK_IP },
		{ 14, UNREACH_LINK_IP },      { 228, UNREACH_LINK_IP }, { 113, UNREACH_LINK_SLL },
		{ 276, UNREACH_LINK_SLL2 },
	};
	struct maker m = {};
	struct seen s = {};
	struct capture c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		restart(&m);
		put_classic(&m, 0xa1b2c3d4, known[i].linktype);
		put_classic_frame(&m, 1, 0, "x");
		assert_int_equal(read_made(&m, &s, &c), 0);
		assert_int_equal(s.frames[0].link, known[i].link);

		restart(&m);
		put_section(&m);
		put_interface(&m, known[i].linktype, 0, NULL, -1, 0);
		put_packet(&m, 0, 1, "x");
		assert_int_equal(read_made(&m, &s, &c), 0);
		assert_int_equal(s.frames[0].link, known[i].link);
	}
	buf_free(&m.b);
}

static void test_unread_link(void **state)
{
	struct maker m = {};
	struct seen s = {};
	struct capture c;

	(void)state;
	put_classic(&m, 0xa1b2c3d4, 105);
	put_classic_frame(&m, 1, 0, "x");
	put_classic_frame(&m, 2, 0, "y");
	assert_int_equal(read_made(&m, &s, &c), 0);
	assert_int_equal(s.count, 0);
	assert_int_equal(c.frames, 2);
	assert_int_equal(c.skipped, 2);
	assert_int_equal(c.skipped_link, 105);

	restart(&m);
	put_section(&m);
	put_interface(&m, 105, 0, "wlan0", -1, 0);
	put_interface(&m, 1, 0, "eth0", -1, 0);
	put_packet(&m, 0, 1, "x");
	put_packet(&m, 1, 1, "y");
	assert_int_equal(read_made(&m, &s, &c), 0);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.frames[0].number, 2); /* skipped frames have numbers too */
	assert_string_equal(s.frames[0].interface, "eth0");
	assert_int_equal(c.skipped, 1);
	buf_free(&m.b);
}

/* Cut at each byte, a file gives the whole frames before, and says so. */
static void check_cuts(struct maker *m, const size_t ends[2])
{
	struct seen s = {};
	struct capture c;
	size_t size;

	for (size = ends[0] + 1; size < ends[1]; size++) {
		assert_int_equal(read_bytes(m->b.data, size, &s, &c), 0);
		assert_int_equal(s.count, 1);
		assert_int_equal(c.frames, 1);
		assert_true(c.cut);
	}
	for (size = 1; size < 24; size++) {
		assert_int_equal(read_bytes(m->b.data, size, &s, &c), -EINVAL);
		assert_non_null(strstr(c.error, "test is no capture"));
	}
	assert_int_equal(read_bytes(m->b.data, ends[0], &s, &c), 0);
	assert_false(c.cut);
}

static void test_cut(void **state)
{
	struct maker m = {};
	size_t ends[2];

	(void)state;
	put_classic(&m, 0xa1b2c3d4, 1);
	put_classic_frame(&m, 1, 0, "first");
	ends[0] = m.b.len;
	put_classic_frame(&m, 1, 0, "second");
	ends[1] = m.b.len;
	check_cuts(&m, ends);

	restart(&m);
	put_section(&m);
	put_interface(&m, 1, 0, "eth0", -1, 0);
	put_packet(&m, 0, 0, "first");
	ends[0] = m.b.len;
	put_packet(&m, 0, 0, "second");
	ends[1] = m.b.len;
	check_cuts(&m, ends);
	buf_free(&m.b);
}

static void test_no_capture(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} files[] = {
		{ "some text\n", 10 },
		{ "\n", 1 },
		{ "\nsome text that begins with a newline", 37 },
		{ "\x7f"
		  "ELF",
		  4 },
	};
	struct seen s = {};
	struct capture c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		assert_int_equal(read_bytes(files[i].bytes, files[i].size, &s, &c), -EINVAL);
		if (!strstr(c.error, "test is no capture (pcap or pcapng)"))
			fail_msg("'%s'", c.error);
	}
	assert_int_equal(capture_read(&c, "/dev/null", take, &s), -EINVAL);
	assert_string_equal(c.error, "/dev/null is empty, not a capture");
	assert_int_equal(capture_read(&c, "/nonexistent/file", take, &s), -ENOENT);
	assert_string_equal(c.error, "cannot open /nonexistent/file: No such file or directory");
	assert_int_equal(capture_read(&c, "/", take, &s), -EISDIR);
	assert_string_equal(c.error, "cannot read /: Is a directory");
}

static void test_stop(void **state)
{
	struct maker m = {};
	struct seen s = { .stop_at = 2 };
	struct capture c;

	(void)state;
	put_classic(&m, 0xa1b2c3d4, 1);
	put_classic_frame(&m, 1, 0, "1");
	put_classic_frame(&m, 1, 0, "2");
	put_classic_frame(&m, 1, 0, "3");
	assert_int_equal(read_made(&m, &s, &c), 77);
	assert_int_equal(s.count, 2);
	assert_string_equal(c.error, "");

	restart(&m);
	put_section(&m);
	put_interface(&m, 1, 0, "eth0", -1, 0);
	put_packet(&m, 0, 0, "1");
	put_packet(&m, 0, 0, "2");
	put_packet(&m, 0, 0, "3");
	assert_int_equal(read_made(&m, &s, &c), 77);
	assert_int_equal(s.count, 2);
	buf_free(&m.b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classic),	    cmocka_unit_test(test_links),
		cmocka_unit_test(test_unread_link), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_no_capture),  cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
