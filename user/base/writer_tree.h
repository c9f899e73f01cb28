/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A document as a tree: writer_text.c builds it, writer_layout.c turns it into lines. */
#ifndef UNREACH_BASE_WRITER_TREE_H
#define UNREACH_BASE_WRITER_TREE_H

#include "base/writer_ops.h"

enum node_kind { NODE_VALUE, NODE_OBJECT, NODE_ARRAY };

struct node {
	enum node_kind kind;
	enum value_kind value; /* of a NODE_VALUE */
	const char *key; /* a literal of the caller's; NULL in arrays, and only there */
	struct node *parent, *first, *last, *next;
	size_t length; /* of the text of a NODE_VALUE: at least 1, printable ASCII */
	char text[];
};

/* Appends what stands in `root`, an array of what is outermost. */
void writer_layout(struct buf *b, const struct node *root);

#endif
