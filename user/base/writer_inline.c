// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Items are parted by a blank each; of nothing there is a dash. */
#include "base/writer_inline.h"

bool inline_is_flat(const struct node *n)
{
	if (n->kind == NODE_ARRAY && !n->first)
		return false;
	for (const struct node *c = n->first; c; c = c->next)
		if (c->kind != NODE_VALUE)
			return false;
	return true;
}

size_t inline_item_length(const struct node *n)
{
	return (n->key ? strlen(n->key) + 1 : 0) + n->length;
}

const struct node *inline_fit(const struct node *from, size_t width, size_t *length)
{
	const struct node *c = from;

	*length = inline_item_length(c);
	for (c = c->next; c && *length + 1 + inline_item_length(c) <= width; c = c->next)
		*length += 1 + inline_item_length(c);
	return c;
}

void inline_put_items(struct buf *b, const struct node *from, const struct node *end)
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

void inline_put(struct buf *b, const struct node *n)
{
	if (n->kind == NODE_VALUE)
		buf_mem(b, n->text, n->length);
	else if (!n->first)
		buf_char(b, '-');
	else
		inline_put_items(b, n->first, NULL);
}

size_t inline_length(const struct node *n)
{
	size_t length = 1;

	if (n->kind == NODE_VALUE)
		return n->length;
	if (n->first)
		inline_fit(n->first, SIZE_MAX, &length);
	return length;
}
