// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Text for people, second half: a tree becomes lines. An object's values stand
 * on lines of "key value", short objects among them as "key a:1 b:2", others
 * below their key. An array of flat objects is a table; one of objects with
 * more in them is written one after the other. Where an object has several
 * arrays, each stands below its key. Knows shapes, not subjects.
 */
#include <ctype.h>

#include "base/writer_tree.h"

#define LINE_WIDTH 100
#define INLINE_MAX 60 /* longest object that stands among values */
#define COLUMNS_MAX 32
#define STEP 2 /* of indentation */
#define GAP 2 /* between columns, and between values on a line */

struct column {
	const char *key;
	size_t width;
	bool has_number;
	bool has_text;
};

struct table {
	struct column columns[COLUMNS_MAX];
	unsigned int count;
};

static void put_spaces(struct buf *b, size_t n)
{
	while (n--)
		buf_char(b, ' ');
}

/* Nothing but values in it? An empty array may as well be an empty table. */
static bool is_flat(const struct node *n)
{
	if (n->kind == NODE_ARRAY && !n->first)
		return false;
	for (const struct node *c = n->first; c; c = c->next)
		if (c->kind != NODE_VALUE)
			return false;
	return true;
}

/* A value, or a flat object or array on one line: "3:12 4:5", "-" where it is empty. */
static void put_inline(struct buf *b, const struct node *n)
{
	if (n->kind == NODE_VALUE)
		buf_mem(b, n->text, n->length);
	else if (!n->first)
		buf_char(b, '-');
	for (const struct node *c = n->first; c; c = c->next) {
		if (c != n->first)
			buf_char(b, ' ');
		if (c->key) {
			buf_str(b, c->key);
			buf_char(b, ':');
		}
		buf_mem(b, c->text, c->length);
	}
}

static size_t inline_length(const struct node *n)
{
	size_t length = 0;

	if (n->kind == NODE_VALUE)
		return n->length;
	for (const struct node *c = n->first; c; c = c->next)
		length += (c != n->first) + (c->key ? strlen(c->key) + 1 : 0) + c->length;
	return length ? length : 1;
}

/* Can it stand among an object's values? */
static bool is_short(const struct node *n)
{
	return is_flat(n) && (n->kind == NODE_VALUE || inline_length(n) <= INLINE_MAX);
}

static struct column *find_column(struct table *t, const char *key)
{
	unsigned int i;

	for (i = 0; i < t->count; i++)
		if (strcmp(t->columns[i].key, key) == 0)
			return &t->columns[i];
	if (i == COLUMNS_MAX)
		return NULL;
	t->columns[t->count++] = (struct column){ .key = key, .width = strlen(key) };
	return &t->columns[i];
}

/* Adds a row's cells to the columns; false where it does not fit a table. */
static bool measure_row(struct table *t, const struct node *row)
{
	if (row->kind != NODE_OBJECT)
		return false;
	for (const struct node *c = row->first; c; c = c->next) {
		struct column *column = is_flat(c) ? find_column(t, c->key) : NULL;
		size_t length;

		if (!column)
			return false;
		length = inline_length(c);
		if (length > column->width)
			column->width = length;
		if (c->kind == NODE_VALUE && c->value == VALUE_NUMBER)
			column->has_number = true;
		else if (c->kind != NODE_VALUE || c->value != VALUE_NULL)
			column->has_text = true;
	}
	return true;
}

/* The columns of an array: the keys of its rows as they first come; false where it is no table. */
static bool measure(struct table *t, const struct node *array)
{
	for (const struct node *row = array->first; row; row = row->next)
		if (!measure_row(t, row))
			return false;
	return t->count > 0;
}

static void put_heading(struct buf *b, const char *key)
{
	for (; *key; key++)
		buf_char(b, *key == '_' ? ' ' : (char)toupper((unsigned char)*key));
}

/* The cell of a row, or with NULL the heading. The last column is not filled up on its right. */
static void put_cell(struct buf *b, const struct column *column, const struct node *row, bool last)
{
	const struct node *cell = row ? row->first : NULL;
	size_t fill;

	while (cell && strcmp(cell->key, column->key) != 0)
		cell = cell->next;
	fill = column->width - (cell ? inline_length(cell) : row ? 1 : strlen(column->key));
	if (column->has_number && !column->has_text) {
		put_spaces(b, fill);
		fill = 0;
	}
	if (cell)
		put_inline(b, cell);
	else if (row)
		buf_char(b, '-');
	else
		put_heading(b, column->key);
	if (!last)
		put_spaces(b, fill + GAP);
}

static void put_row(struct buf *b, const struct table *t, const struct node *row, size_t indent)
{
	put_spaces(b, indent);
	for (unsigned int i = 0; i < t->count; i++)
		put_cell(b, &t->columns[i], row, i + 1 == t->count);
	buf_char(b, '\n');
}

static void put_block(struct buf *b, const struct node *n, size_t indent);

static void put_array(struct buf *b, const struct node *array, size_t indent)
{
	struct table t = {};

	if (measure(&t, array)) {
		put_row(b, &t, NULL, indent);
		for (const struct node *row = array->first; row; row = row->next)
			put_row(b, &t, row, indent);
		return;
	}
	if (!array->first) {
		put_spaces(b, indent);
		buf_str(b, "(none)\n");
	}
	for (const struct node *c = array->first; c; c = c->next) {
		if (c != array->first && c->kind != NODE_VALUE)
			buf_char(b, '\n');
		put_block(b, c, indent);
	}
}

/* The values from `c` on, as many to a line as fit; returns what comes after them. */
static const struct node *put_values(struct buf *b, const struct node *c, size_t indent)
{
	size_t used = 0;

	for (; c && is_short(c); c = c->next) {
		size_t length = strlen(c->key) + 1 + inline_length(c);

		if (used && used + GAP + length > LINE_WIDTH) {
			buf_char(b, '\n');
			used = 0;
		}
		put_spaces(b, used ? GAP : indent);
		used += used ? GAP : indent;
		buf_str(b, c->key);
		buf_char(b, ' ');
		put_inline(b, c);
		used += length;
	}
	buf_char(b, '\n');
	return c;
}

static bool has_several_arrays(const struct node *object)
{
	unsigned int count = 0;

	for (const struct node *c = object->first; c; c = c->next)
		count += c->kind == NODE_ARRAY && !is_short(c);
	return count > 1;
}

static void put_object(struct buf *b, const struct node *object, size_t indent)
{
	bool named = has_several_arrays(object), after_array = false;

	for (const struct node *c = object->first; c;) {
		bool is_array = c->kind == NODE_ARRAY && !is_short(c);
		bool below = c->kind == NODE_OBJECT || named;

		if (c != object->first && (is_array || after_array))
			buf_char(b, '\n');
		after_array = is_array;
		if (is_short(c)) {
			c = put_values(b, c, indent);
			continue;
		}
		if (below) {
			put_spaces(b, indent);
			buf_str(b, c->key);
			buf_char(b, '\n');
		}
		put_block(b, c, below ? indent + STEP : indent);
		c = c->next;
	}
}

/* Anything, on lines of its own. */
static void put_block(struct buf *b, const struct node *n, size_t indent)
{
	if (n->kind == NODE_OBJECT) {
		put_object(b, n, indent);
	} else if (n->kind == NODE_ARRAY) {
		put_array(b, n, indent);
	} else {
		put_spaces(b, indent);
		put_inline(b, n);
		buf_char(b, '\n');
	}
}

void writer_layout(struct buf *b, const struct node *root)
{
	for (const struct node *c = root->first; c; c = c->next)
		put_block(b, c, 0);
}
