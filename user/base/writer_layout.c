// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Text for people, second half: a tree becomes lines. An object's values stand
 * on lines of "key value", short objects among them as "key a:1 b:2", others
 * below their key. An array of flat objects is a table; one of objects with
 * more in them is written one after the other. In a table that is too wide,
 * objects go on below themselves. Where an object has several arrays, each
 * stands below its key. Knows shapes, not subjects.
 */
#include <ctype.h>

#include "base/writer_tree.h"

#define LINE_WIDTH 100
#define TABLE_WIDTH 120 /* wider ones fold what can be folded, */
#define FOLD_LEAST 16 /* but not below this */
#define INLINE_MAX 60 /* longest object that stands among values */
#define COLUMNS_MAX 32
#define STEP 2 /* of indentation */
#define GAP 2 /* between columns, and between values on a line */

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

/* "key:value" of an object, the value alone of an array. */
static size_t item_length(const struct node *n)
{
	return (n->key ? strlen(n->key) + 1 : 0) + n->length;
}

/* The items from `from` on that fit `width`, at least one: their length, and what comes next. */
static const struct node *fit(const struct node *from, size_t width, size_t *length)
{
	const struct node *c = from;

	*length = item_length(c);
	for (c = c->next; c && *length + 1 + item_length(c) <= width; c = c->next)
		*length += 1 + item_length(c);
	return c;
}

static void put_items(struct buf *b, const struct node *from, const struct node *end)
{
	for (const struct node *c = from; c != end; c = c->next) {
		if (c != from)
			buf_char(b, ' ');
		if (c->key) {
			buf_str(b, c->key);
			buf_char(b, ':');
		}
		buf_mem(b, c->text, c->length);
	}
}

/* A value, or a flat object or array on one line: "3:12 4:5", "-" where it is empty. */
static void put_inline(struct buf *b, const struct node *n)
{
	if (n->kind == NODE_VALUE)
		buf_mem(b, n->text, n->length);
	else if (!n->first)
		buf_char(b, '-');
	else
		put_items(b, n->first, NULL);
}

static size_t inline_length(const struct node *n)
{
	size_t length = 1;

	if (n->kind == NODE_VALUE)
		return n->length;
	if (n->first)
		fit(n->first, SIZE_MAX, &length);
	return length;
}

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
		widen(&least, item_length(c));
	return least;
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
		struct column *column = is_flat(c) ? find_column(t, c->key) : NULL;

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
	size_t width = indent + GAP * (t->count - 1);

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

	put_spaces(b, *blanks + (right ? fill : 0));
	*blanks = GAP + (right ? 0 : fill);
}

/* As much of what is left of an object as goes on one line. */
static void put_part(struct buf *b, struct column *column, size_t *blanks)
{
	const struct node *from = column->rest;
	size_t length;

	column->rest = fit(from, column->width, &length);
	begin_cell(b, column, length, blanks);
	put_items(b, from, column->rest);
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
		put_inline(b, cell);
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
			blanks += t->columns[i].width + GAP;
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

static void put_block(struct buf *b, const struct node *n, size_t indent);

static void put_array(struct buf *b, const struct node *array, size_t indent)
{
	struct table t = {};

	if (measure(&t, array)) {
		fold(&t, indent);
		put_headings(b, &t, indent);
		for (const struct node *row = array->first; row; row = row->next)
			put_row(b, &t, row, indent);
		return;
	}
	for (const struct node *c = array->first; c; c = c->next) {
		if (c != array->first && c->kind != NODE_VALUE)
			buf_char(b, '\n');
		put_block(b, c, indent);
	}
}

/* A text from column `used` on, going on below where a line is full. */
static void put_wrapped(struct buf *b, const struct node *n, size_t indent, size_t used)
{
	const char *word = n->text, *end = n->text + n->length;
	bool first = true;

	while (word < end) {
		const char *space = memchr(word, ' ', (size_t)(end - word));
		size_t length = (size_t)((space ? space : end) - word);

		if (!first && used + 1 + length > LINE_WIDTH) {
			buf_char(b, '\n');
			put_spaces(b, indent + STEP);
			used = indent + STEP;
		} else if (!first) {
			buf_char(b, ' ');
			used++;
		}
		buf_mem(b, word, length);
		used += length;
		word += length + 1;
		first = false;
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
		used += strlen(c->key) + 1;
		if (c->kind == NODE_VALUE)
			put_wrapped(b, c, indent, used);
		else
			put_inline(b, c);
		used += length - strlen(c->key) - 1;
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

/* Anything, on lines of its own: at least one, or what parts them would add up. */
static void put_block(struct buf *b, const struct node *n, size_t indent)
{
	if (n->first && n->kind == NODE_OBJECT) {
		put_object(b, n, indent);
	} else if (n->first) {
		put_array(b, n, indent);
	} else {
		put_spaces(b, indent);
		if (n->kind == NODE_VALUE)
			put_inline(b, n);
		else
			buf_str(b, "(none)");
		buf_char(b, '\n');
	}
}

void writer_layout(struct buf *b, const struct node *root)
{
	for (const struct node *c = root->first; c; c = c->next)
		put_block(b, c, 0);
}
