/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Arrays of flat objects as tables of text. */
#ifndef UNREACH_BASE_WRITER_TABLE_H
#define UNREACH_BASE_WRITER_TABLE_H

#include "base/writer_tree.h"

/* Puts the rows below a heading, all `indent` columns in; false, and nothing put, where the array
 * is no table. */
bool writer_table(struct buf *b, const struct node *array, size_t indent);

#endif
