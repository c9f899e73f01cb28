/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text for people on 80 columns. Knows no subject. */
#ifndef UNREACH_CLI_PROSE_H
#define UNREACH_CLI_PROSE_H

#include "base/buf.h"

enum { PROSE_COLUMNS = 80 };

/*
 * Appends `text`, each of its lines a paragraph that is broken at spaces and
 * indented by `indent` columns. Lines that begin with a space are commands or
 * drawings and stay as they are. Ends with a newline.
 */
void prose(struct buf *b, unsigned int indent, const char *text);
/* The same behind a label of `indent` columns in the first line. */
void prose_labelled(struct buf *b, unsigned int indent, const char *label, const char *text);
/* The same of what `text` holds, which is emptied; where it has failed, so has `b`. */
void prose_labelled_buf(struct buf *b, unsigned int indent, const char *label, struct buf *text);

#endif
