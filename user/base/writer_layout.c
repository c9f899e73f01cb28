// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Text for people, second half: a tree becomes lines. An object's values stand
 * on lines of "key value", short objects among them as "key a:1 b:2", others
 * below their key. An array of flat objects is a table (writer_table.c); one of
 * objects with more in them is written one after the other. Where an object has
 * several arrays, each stands below its key. Knows shapes, not subjects.
 */
#include "base/writer_inline.h"
#include "base/writer_table.h"

#define INLINE_MAX 60 /* longest object that stands among values */
#define STEP 2 /* of indentation */

/* Can it stand among an object's values? */
static bool is_short(const struct node *n)
{
	return inline_is_flat(n) && (n->kind == NODE_VALUE || inline_length(n) <= INLINE_MAX);
}

static void put_block(struct buf *b, const struct node *n, size_t indent);

static void put_array(struct buf *b, const struct node *array, size_t indent)
{
	if (writer_table(b, array, indent))
		return;
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
			buf_spaces(b, indent + STEP);
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

		if (used && used + LINE_GAP + length > LINE_WIDTH) {
			buf_char(b, '\n');
			used = 0;
		}
		buf_spaces(b, used ? LINE_GAP : indent);
		used += used ? LINE_GAP : indent;
		buf_str(b, c->key);
		buf_char(b, ' ');
		used += strlen(c->key) + 1;
		if (c->kind == NODE_VALUE)
			put_wrapped(b, c, indent, used);
		else
			inline_put(b, c);
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
			buf_spaces(b, indent);
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
		buf_spaces(b, indent);
		if (n->kind == NODE_VALUE)
			inline_put(b, n);
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
