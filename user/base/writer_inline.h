/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What of a document's tree stands on one line as text: a value, or an object
 * or array of values. Knows neither lines of text nor columns.
 */
#ifndef UNREACH_BASE_WRITER_INLINE_H
#define UNREACH_BASE_WRITER_INLINE_H

#include "base/writer_tree.h"

/* Columns of a line of text; blanks between values on one, and between columns. */
enum { LINE_WIDTH = 100, LINE_GAP = 2 };

/* Nothing but values in it? An empty array may as well be an empty table. */
bool inline_is_flat(const struct node *n);
/* "key:value" of an object, the value alone of an array. */
size_t inline_item_length(const struct node *n);
/* The items from `from` on that fit `width`, at least one: their length, and what comes next. */
const struct node *inline_fit(const struct node *from, size_t width, size_t *length);
/* The items from `from` on, as far as `end`; NULL: all. */
void inline_put_items(struct buf *b, const struct node *from, const struct node *end);
/* A value, or a flat object or array on one line: "3:12 4:5", "-" where it is empty. */
void inline_put(struct buf *b, const struct node *n);
size_t inline_length(const struct node *n);

#endif
