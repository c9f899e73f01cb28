/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What base/writer_lines.c wrote, read again: lines, places in arrays, and
 * members of structures by a table of their keys. Knows no views.
 */
#ifndef UNREACH_CLI_TOP_ANSWER_H
#define UNREACH_CLI_TOP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

enum field_kind {
	FIELD_U64, /* uint64_t */
	FIELD_FLOAT, /* double */
	FIELD_WORD, /* bool: is it "true"? */
	FIELD_TEXT, /* char[size], cut where it is too long */
};

/* A key and the member that takes its value. */
struct field {
	const char *key; /* NULL ends the table */
	enum field_kind kind;
	size_t offset, size;
};

#define FIELD_OF(type, member, key_, kind_)                                       \
	{                                                                         \
		.key = (key_), .kind = (kind_), .offset = offsetof(type, member), \
		.size = sizeof(((type *)0)->member)                               \
	}

/* Cuts the next line off *rest and in two, at its tab; false at the end. */
bool answer_next(char **rest, char **path, char **value);
/* In "rows.12.mtu", of the array "rows", "mtu" and 12; NULL where it is none of that array. */
char *answer_item(char *path, const char *array, size_t *index);
/* Stores a value where the table says; keys without a row there are let go. */
void answer_take(void *to, const struct field *fields, const char *key, const char *value);

#endif
