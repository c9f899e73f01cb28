// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Structures of another version by their own description: what has the same name is the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <bpf/btf.h>

#include "source/xdp_layout.h"

struct ours {
	uint64_t grown; /* was 32 bits */
	uint32_t shrunk; /* was 64 bits */
	uint8_t longer[4]; /* was 2 */
	uint8_t shorter[2]; /* was 4 */
	uint64_t added;
	uint64_t other; /* was an array */
	struct {
		uint16_t half;
		uint16_t moved;
	} rows[2];
} __attribute__((packed));

struct theirs {
	uint64_t gone;
	struct {
		uint16_t moved;
		uint8_t more;
		uint16_t half;
	} __attribute__((packed)) rows[2];
	uint8_t other[8];
	uint8_t shorter[4];
	uint8_t longer[2];
	uint64_t shrunk;
	uint32_t grown;
} __attribute__((packed));

/* The numbers' types, and what stands on them. */
struct types {
	struct btf *btf;
	int index, wide, word, half, byte;
};

static struct types types_new(void)
{
	struct types t = { .btf = btf__new_empty() };

	t.index = btf__add_int(t.btf, "index", 4, 0);
	t.wide = btf__add_int(t.btf, "wide", 8, 0);
	t.word = btf__add_int(t.btf, "word", 4, 0);
	t.half = btf__add_int(t.btf, "half", 2, 0);
	t.byte = btf__add_int(t.btf, "byte", 1, 0);
	return t;
}

static int array(struct types *t, int of, unsigned int count)
{
	return btf__add_array(t->btf, t->index, of, count);
}

static void field(struct types *t, const char *name, int type, size_t offset)
{
	assert_int_equal(btf__add_field(t->btf, name, type, (uint32_t)offset * 8, 0), 0);
}

#define FIELD(types, structure, name, type) field(types, #name, type, offsetof(structure, name))

static struct btf *describe_ours(void)
{
	struct types t = types_new();
	int four = array(&t, t.byte, 4), two = array(&t, t.byte, 2), row, rows;

	row = btf__add_struct(t.btf, "row", 4);
	field(&t, "half", t.half, 0);
	field(&t, "moved", t.half, 2);
	rows = btf__add_typedef(t.btf, "rows_t", array(&t, row, 2));
	btf__add_struct(t.btf, "thing", sizeof(struct ours));
	FIELD(&t, struct ours, grown, t.wide);
	FIELD(&t, struct ours, shrunk, t.word);
	FIELD(&t, struct ours, longer, four);
	FIELD(&t, struct ours, shorter, two);
	FIELD(&t, struct ours, added, t.wide);
	FIELD(&t, struct ours, other, t.wide);
	FIELD(&t, struct ours, rows, rows);
	return t.btf;
}

static struct btf *describe_theirs(void)
{
	struct types t = types_new();
	int eight = array(&t, t.byte, 8), four = array(&t, t.byte, 4), two = array(&t, t.byte, 2);
	int row = btf__add_struct(t.btf, "row", 5), rows;

	field(&t, "moved", t.half, 0);
	field(&t, "more", t.byte, 2);
	field(&t, "half", t.half, 3);
	rows = array(&t, row, 2);
	btf__add_struct(t.btf, "thing", sizeof(struct theirs));
	FIELD(&t, struct theirs, gone, t.wide);
	FIELD(&t, struct theirs, rows, rows);
	FIELD(&t, struct theirs, other, eight);
	FIELD(&t, struct theirs, shorter, four);
	FIELD(&t, struct theirs, longer, two);
	FIELD(&t, struct theirs, shrunk, t.wide);
	FIELD(&t, struct theirs, grown, t.word);
	return t.btf;
}

static void members_by_name(void **state)
{
	struct btf *ours = describe_ours(), *theirs = describe_theirs();
	const struct theirs from = {
		.gone = 1,
		.rows = { { .moved = 2, .more = 3, .half = 4 },
			  { .moved = 5, .more = 6, .half = 7 } },
		.other = { 8, 8, 8, 8, 8, 8, 8, 8 },
		.shorter = { 9, 10, 11, 12 },
		.longer = { 13, 14 },
		.shrunk = 0x1500000016,
		.grown = 0xfffffff0,
	};
	struct ours to = { .longer = { 0, 0, 17, 18 }, .added = 19, .other = 20 };

	(void)state;
	xdp_layout_copy("thing", ours, &to, theirs, &from);
	assert_int_equal(to.grown, 0xfffffff0);
	assert_int_equal(to.shrunk, 0x16);
	assert_memory_equal(to.longer, ((uint8_t[]){ 13, 14, 17, 18 }), 4);
	assert_memory_equal(to.shorter, ((uint8_t[]){ 9, 10 }), 2);
	assert_int_equal(to.added, 19);
	assert_int_equal(to.other, 20);
	assert_int_equal(to.rows[0].moved, 2);
	assert_int_equal(to.rows[0].half, 4);
	assert_int_equal(to.rows[1].moved, 5);
	assert_int_equal(to.rows[1].half, 7);
	btf__free(ours);
	btf__free(theirs);
}

static void unknown(void **state)
{
	struct btf *ours = describe_ours(), *empty = btf__new_empty();
	struct ours to = { .added = 1 }, before = to;

	(void)state;
	assert_int_equal(xdp_layout_size(ours, "thing"), sizeof(struct ours));
	assert_int_equal(xdp_layout_size(ours, "nothing"), 0);
	xdp_layout_copy("thing", ours, &to, empty, &before);
	assert_memory_equal(&to, &before, sizeof(to));
	btf__free(ours);
	btf__free(empty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_by_name),
		cmocka_unit_test(unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
