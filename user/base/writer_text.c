// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Text for people. A table can't be aligned before its last row is known, so
 * the calls build a tree, and finishing it lays it out: an object's values on
 * lines of "key value", objects in it indented under their key, an array of
 * flat objects as a table, an array of objects with arrays in them one after
 * the other.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/writer_ops.h"

#define LINE_WIDTH 100
#define COLUMNS_MAX 32

enum node_kind { NODE_VALUE, NODE_OBJECT, NODE_ARRAY };

struct node {
	enum node_kind kind;
	enum value_kind value;
	const char *key; /* a literal of the caller's */
	char *text;
	size_t length;
	struct node *parent, *first, *last, *next;
};

struct text {
	struct writer writer;
	struct node root;  /* an object around the outermost object */
	struct node *open; /* the innermost that is not ended */
};

static struct node *add(struct text *t, enum node_kind kind, const char *key)
{
	struct node *n = calloc(1, sizeof(*n)), *parent = t->open;

	if (!n) {
		t->writer.out->failed = true;
		return NULL;
	}
	*n = (struct node){ .kind = kind, .key = key, .parent = parent };
	if (parent->last)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	return n;
}

static void text_begin(struct writer *w, const char *key, bool array)
{
	struct text *t = (struct text *)w;
	struct node *n = add(t, array ? NODE_ARRAY : NODE_OBJECT, key);

	if (n)
		t->open = n;
}

static void text_end(struct writer *w, bool array)
{
	struct text *t = (struct text *)w;

	(void)array;
	if (t->open->parent)
		t->open = t->open->parent;
}

static void text_value(struct writer *w, const char *key, enum value_kind kind, const char *text,
		       size_t length)
{
	struct node *n = add((struct text *)w, NODE_VALUE, key);

	if (!n)
		return;
	if (kind == VALUE_WORD)
		kind = VALUE_STRING;
	if (length == 4 && memcmp(text, "null", 4) == 0) {
		text = "-";
		length = 1;
	}
	n->value = kind;
	n->text = malloc(length + 1);
	if (!n->text) {
		w->out->failed = true;
		return;
	}
	for (size_t i = 0; i < length; i++) /* nothing that a remote party sends moves the cursor */
		n->text[i] = iscntrl((unsigned char)text[i]) ? '?' : text[i];
	n->length = length;
}

/* "2026-11-21 02:26:40" */
static void text_time(struct writer *w, const char *key, uint64_t unix_ns)
{
	struct buf b = {};

	if (unix_ns) {
		clock_format_rfc3339(&b, unix_ns);
		if (b.len > 19)
			b.data[10] = ' ';
		text_value(w, key, VALUE_STRING, b.data, b.len > 19 ? 19 : b.len);
	} else {
		text_value(w, key, VALUE_STRING, "-", 1);
	}
	buf_free(&b);
}

/* "3:12 4:5" */
static void put_inline(struct buf *b, const struct node *n)
{
	if (n->kind == NODE_VALUE) {
		buf_mem(b, n->text, n->length);
		return;
	}
	for (const struct node *c = n->first; c; c = c->next) {
		if (c != n->first)
			buf_char(b, ' ');
		if (c->key) {
			buf_str(b, c->key);
			buf_char(b, ':');
		}
		put_inline(b, c);
	}
}

static size_t inline_length(const struct node *n)
{
	size_t length = 0;

	if (n->kind == NODE_VALUE)
		return n->length;
	for (const struct node *c = n->first; c; c = c->next)
		length += (c != n->first) + (c->key ? strlen(c->key) + 1 : 0) + inline_length(c);
	return length;
}

static void put_spaces(struct buf *b, size_t n)
{
	while (n--)
		buf_char(b, ' ');
}

struct column {
	const char *key;
	size_t width;
	bool right; /* numbers only */
};

static const struct node *cell(const struct node *row, const char *key)
{
	for (const struct node *c = row->first; c; c = c->next)
		if (c->key && strcmp(c->key, key) == 0)
			return c;
	return NULL;
}

/* The columns of a table: the keys of its rows as they first come. */
static unsigned int find_columns(const struct node *array, struct column *columns)
{
	unsigned int count = 0, i;

	for (const struct node *row = array->first; row; row = row->next) {
		for (const struct node *c = row->first; c; c = c->next) {
			size_t length = inline_length(c);

			for (i = 0; i < count && strcmp(columns[i].key, c->key) != 0; i++)
				;
			if (i == COLUMNS_MAX)
				continue;
			if (i == count)
				columns[count++] = (struct column){ c->key, strlen(c->key), true };
			if (length > columns[i].width)
				columns[i].width = length;
			if (c->kind != NODE_VALUE || (c->value != VALUE_NUMBER && c->length > 1))
				columns[i].right = false;
		}
	}
	return count;
}

/* Appends `text` or the cell into a column; the last column is not filled up. */
static void put_cell(struct buf *b, const struct column *column, const struct node *c,
		     const char *heading, bool last)
{
	size_t length = heading ? strlen(heading) : c ? inline_length(c) : 0;
	size_t fill = column->width > length ? column->width - length : 0;

	if (column->right)
		put_spaces(b, fill);
	for (const char *p = heading; p && *p; p++)
		buf_char(b, *p == '_' ? ' ' : (char)toupper((unsigned char)*p));
	if (!heading && c)
		put_inline(b, c);
	if (!column->right && !last)
		put_spaces(b, fill);
	if (!last)
		buf_mem(b, "  ", 2);
}

static void put_table(struct buf *b, const struct node *array, size_t indent)
{
	struct column columns[COLUMNS_MAX];
	unsigned int count = find_columns(array, columns), i;

	put_spaces(b, indent);
	if (!count)
		buf_str(b, "(none)");
	for (i = 0; i < count; i++)
		put_cell(b, &columns[i], NULL, columns[i].key, i + 1 == count);
	buf_char(b, '\n');
	for (const struct node *row = array->first; row; row = row->next) {
		put_spaces(b, indent);
		for (i = 0; i < count; i++)
			put_cell(b, &columns[i], cell(row, columns[i].key), NULL, i + 1 == count);
		buf_char(b, '\n');
	}
}

static bool has_compound(const struct node *n)
{
	for (const struct node *c = n->first; c; c = c->next)
		if (c->kind != NODE_VALUE)
			return true;
	return false;
}

/* Do the objects hold more than values and objects of values? Then they don't fit a table. */
static bool is_nested(const struct node *array)
{
	for (const struct node *row = array->first; row; row = row->next)
		for (const struct node *c = row->first; c; c = c->next)
			if (c->kind == NODE_ARRAY || (c->kind == NODE_OBJECT && has_compound(c)))
				return true;
	return false;
}

static void put_object(struct buf *b, const struct node *object, size_t indent);

static void put_array(struct buf *b, const struct node *array, size_t indent)
{
	if (array->first && array->first->kind == NODE_VALUE) {
		put_spaces(b, indent);
		put_inline(b, array);
		buf_char(b, '\n');
	} else if (is_nested(array)) {
		for (const struct node *c = array->first; c; c = c->next) {
			if (c != array->first)
				buf_char(b, '\n');
			put_object(b, c, indent);
		}
	} else {
		put_table(b, array, indent);
	}
}

/* Values and short objects that follow each other, as many to a line as fit; returns what comes
 * next. */
static const struct node *put_values(struct buf *b, const struct node *c, size_t indent)
{
	size_t used = 0;

	for (; c && (c->kind == NODE_VALUE ||
		     (c->kind == NODE_OBJECT && inline_length(c) < LINE_WIDTH / 2));
	     c = c->next) {
		size_t length = (c->key ? strlen(c->key) + 1 : 0) + inline_length(c);

		if (used && used + 2 + length > LINE_WIDTH) {
			buf_char(b, '\n');
			used = 0;
		}
		if (used)
			buf_mem(b, "  ", 2);
		else
			put_spaces(b, indent);
		if (c->key) {
			buf_str(b, c->key);
			buf_char(b, ' ');
		}
		put_inline(b, c);
		used += 2 + length;
	}
	if (used)
		buf_char(b, '\n');
	return c;
}

static void put_object(struct buf *b, const struct node *object, size_t indent)
{
	const struct node *c = object->first;

	while ((c = put_values(b, c, indent))) {
		if (c->key && c->kind == NODE_OBJECT) {
			put_spaces(b, indent);
			buf_str(b, c->key);
			buf_char(b, '\n');
			put_object(b, c, indent + 2);
		} else if (c->kind == NODE_OBJECT) {
			put_object(b, c, indent);
		} else {
			if (c != object->first)
				buf_char(b, '\n');
			put_array(b, c, indent);
			if (c->next)
				buf_char(b, '\n');
		}
		c = c->next;
	}
}

static void free_children(struct node *n)
{
	struct node *c = n->first, *next;

	for (; c; c = next) {
		next = c->next;
		free_children(c);
		free(c->text);
		free(c);
	}
}

static int text_finish(struct writer *w)
{
	struct text *t = (struct text *)w;
	int rc;

	if (!w->out->failed)
		put_object(w->out, &t->root, 0);
	rc = w->out->failed ? -ENOMEM : 0;
	free_children(&t->root);
	free(t);
	return rc;
}

static const struct writer_ops text_ops = {
	.begin = text_begin,
	.end = text_end,
	.value = text_value,
	.time = text_time,
	.finish = text_finish,
};

struct writer *writer_text(struct buf *out)
{
	struct text *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->writer = (struct writer){ .ops = &text_ops, .out = out };
	t->root.kind = NODE_OBJECT;
	t->open = &t->root;
	return &t->writer;
}
