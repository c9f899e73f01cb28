// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Columns are as wide as what stands in them, numbers on the right. A table
 * that is too wide is folded: objects go on below themselves. What holds a
 * sentence, or more than flat objects, is no table.
 */
#include <ctype.h>

#include "base/writer_inline.h"
#include "base/writer_table.h"

#define TABLE_WIDTH 120 /* wider ones fold what can be folded, */
#define FOLD_LEAST 16 /* but not below this */
#define COLUMNS_MAX 32

struct column {
	const char *key;
	size_t width;
	size_t least; /* what it can be folded to; where it holds no object, its width */
	const struct node *rest; /* of the row's object: what stands on the next line */
	bool has_number;
	bool has_text;
};

struct table {
	struct column columns[COLUMNS_MAX];
	unsigned int count;
};

static void widen(size_t *width, size_t length)
{
	if (length > *width)
		*width = length;
}

/* How narrow it can be made. */
static size_t least_length(const struct node *n)
{
	size_t least = FOLD_LEAST;

	if (!n->first || inline_length(n) <= FOLD_LEAST)
		return inline_length(n);
	for (const struct node *c = n->first; c; c = c->next)
		widen(&least, inline_item_length(c));
	return least;
}

static struct column *find_column(struct table *t, const char *key)
{
	unsigned int i;

	for (i = 0; i < t->count; i++)
		if (strcmp(t->columns[i].key, key) == 0)
			return &t->columns[i];
	if (i == COLUMNS_MAX)
		return NULL;
	t->columns[t->count++] =
		(struct column){ .key = key, .width = strlen(key), .least = strlen(key) };
	return &t->columns[i];
}

/* Does it hold a sentence, or longer? Those are for lines, not for columns. */
static bool is_wordy(const struct node *n)
{
	if (n->kind == NODE_VALUE)
		return n->length > LINE_WIDTH;
	for (const struct node *c = n->first; c; c = c->next)
		if (is_wordy(c))
			return true;
	return false;
}

/* Adds a row's cells to the columns; false where it does not fit a table. */
static bool measure_row(struct table *t, const struct node *row)
{
	if (row->kind != NODE_OBJECT || is_wordy(row))
		return false;
	for (const struct node *c = row->first; c; c = c->next) {
		struct column *column = inline_is_flat(c) ? find_column(t, c->key) : NULL;

		if (!column)
			return false;
		widen(&column->width, inline_length(c));
		widen(&column->least, least_length(c));
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

/* Makes columns narrower, from the left, until the table fits or nothing more can be folded. */
static void fold(struct table *t, size_t indent)
{
	size_t width = indent + LINE_GAP * (t->count - 1);

	for (unsigned int i = 0; i < t->count; i++)
		width += t->columns[i].width;
	for (unsigned int i = 0; i < t->count && width > TABLE_WIDTH; i++) {
		struct column *column = &t->columns[i];
		size_t spare = column->width - column->least, over = width - TABLE_WIDTH;

		column->width -= spare < over ? spare : over;
		width -= spare < over ? spare : over;
	}
}

/*
 * What stands before a cell of `length`. `blanks` are owed from what is on its
 * left: only a cell has them written, so that none end a line.
 */
static void begin_cell(struct buf *b, const struct column *column, size_t length, size_t *blanks)
{
	size_t fill = column->width - length;
	bool right = column->has_number && !column->has_text;

	buf_spaces(b, *blanks + (right ? fill : 0));
	*blanks = LINE_GAP + (right ? 0 : fill);
}

/* As much of what is left of an object as goes on one line. */
static void put_part(struct buf *b, struct column *column, size_t *blanks)
{
	const struct node *from = column->rest;
	size_t length;

	column->rest = inline_fit(from, column->width, &length);
	begin_cell(b, column, length, blanks);
	inline_put_items(b, from, column->rest);
}

static void put_cell(struct buf *b, struct column *column, const struct node *row, size_t *blanks)
{
	const struct node *cell = row->first;

	while (cell && strcmp(cell->key, column->key) != 0)
		cell = cell->next;
	column->rest = cell ? cell->first : NULL;
	if (column->rest) {
		put_part(b, column, blanks);
		return;
	}
	begin_cell(b, column, cell ? inline_length(cell) : 1, blanks);
	if (cell)
		inline_put(b, cell);
	else
		buf_char(b, '-');
}

/* The next line of a row; false where nothing is left. */
static bool put_rest(struct buf *b, struct table *t, size_t indent)
{
	size_t blanks = indent;
	bool any = false;

	for (unsigned int i = 0; i < t->count; i++) {
		if (t->columns[i].rest) {
			put_part(b, &t->columns[i], &blanks);
			any = true;
		} else {
			blanks += t->columns[i].width + LINE_GAP;
		}
	}
	if (any)
		buf_char(b, '\n');
	return any;
}

static void put_row(struct buf *b, struct table *t, const struct node *row, size_t indent)
{
	size_t blanks = indent;

	for (unsigned int i = 0; i < t->count; i++)
		put_cell(b, &t->columns[i], row, &blanks);
	buf_char(b, '\n');
	while (put_rest(b, t, indent))
		;
}

static void put_headings(struct buf *b, const struct table *t, size_t indent)
{
	size_t blanks = indent;

	for (unsigned int i = 0; i < t->count; i++) {
		begin_cell(b, &t->columns[i], strlen(t->columns[i].key), &blanks);
		put_heading(b, t->columns[i].key);
	}
	buf_char(b, '\n');
}

bool writer_table(struct buf *b, const struct node *array, size_t indent)
{
	struct table t = {};

	if (!measure(&t, array))
		return false;
	fold(&t, indent);
	put_headings(b, &t, indent);
	for (const struct node *row = array->first; row; row = row->next)
		put_row(b, &t, row, indent);
	return true;
}
