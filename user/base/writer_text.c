// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Text for people, first half: a table can't be aligned before its last row
 * is known, so the calls build a tree, and the end has it laid out. Values
 * become what people see here: "-" for what is not there, times without their
 * fraction, and nothing that could move a terminal's cursor.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/writer_tree.h"

/* "2026-11-21T02:26:40", and the place of the T */
#define TIME_LENGTH 19
#define TIME_PARTING 10

struct text {
	struct writer writer;
	struct node *root; /* an array around the outermost */
	struct node *open; /* the innermost that is not ended */
};

static struct node *new_node(enum node_kind kind, size_t length)
{
	struct node *n = calloc(1, sizeof(*n) + length);

	if (!n)
		return NULL;
	n->kind = kind;
	n->length = length;
	return n;
}

/* A new last child of what is open, with room for a text of `length`; NULL where memory is out. */
static struct node *add(struct text *t, enum node_kind kind, const char *key, size_t length)
{
	struct node *n = new_node(kind, length), *parent = t->open;

	if (!n) {
		t->writer.out->failed = true;
		return NULL;
	}
	n->parent = parent;
	if (parent->kind == NODE_OBJECT)
		n->key = key && *key ? key : "-";
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
	struct node *n = add(t, array ? NODE_ARRAY : NODE_OBJECT, key, 0);

	if (n)
		t->open = n;
}

static void text_end(struct writer *w)
{
	struct text *t = (struct text *)w;

	if (t->open->parent)
		t->open = t->open->parent;
}

static void text_value(struct writer *w, const char *key, enum value_kind kind, const char *text,
		       size_t length)
{
	struct node *n;

	if (!length) {
		text = "-";
		length = 1;
	}
	n = add((struct text *)w, NODE_VALUE, key, length);
	if (!n)
		return;
	n->value = kind;
	for (size_t i = 0; i < length; i++)
		n->text[i] = isprint((unsigned char)text[i]) ? text[i] : '?';
}

static void text_time(struct writer *w, const char *key, uint64_t unix_ns)
{
	struct buf b = {};

	clock_format_rfc3339(&b, unix_ns);
	if (b.failed) {
		w->out->failed = true;
	} else {
		b.data[TIME_PARTING] = ' ';
		text_value(w, key, VALUE_STRING, b.data, TIME_LENGTH);
	}
	buf_free(&b);
}

static void free_tree(struct node *n)
{
	for (struct node *c = n->first, *next; c; c = next) {
		next = c->next;
		free_tree(c);
	}
	free(n);
}

static int text_finish(struct writer *w)
{
	struct text *t = (struct text *)w;
	int rc;

	if (!w->out->failed)
		writer_layout(w->out, t->root);
	rc = w->out->failed ? -ENOMEM : 0;
	free_tree(t->root);
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
	t->root = t->open = new_node(NODE_ARRAY, 0);
	if (!t->root) {
		free(t);
		return NULL;
	}
	return &t->writer;
}

bool writer_is_text(const struct writer *w)
{
	return w->ops == &text_ops;
}
