/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A document that a command makes by itself, without a view of the model: its
 * frame as JSON, and its way to stdout. Knows no subject.
 */
#ifndef UNREACH_CLI_PAGE_H
#define UNREACH_CLI_PAGE_H

#include "base/writer.h"

/* Begins an object whose view is called so; NULL where memory is out, which b->failed says. */
struct writer *page_json(struct buf *b, const char *view);
/* Ends it. */
void page_json_end(struct writer *w);
/* Puts the page on stdout and frees it; the exit status, of which the reason is said. */
int page_show(struct buf *page);

#endif
