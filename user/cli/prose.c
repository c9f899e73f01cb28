// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Breaks lines; a word that is longer than a line stays whole. */
#include "cli/prose.h"

/* One paragraph of `length` bytes; the first line is indented already. */
static void paragraph(struct buf *b, unsigned int indent, const char *text, size_t length)
{
	size_t column = indent;

	for (size_t at = 0; at < length;) {
		size_t word = 0;

		while (at + word < length && text[at + word] != ' ')
			word++;
		if (column > indent && column + 1 + word > PROSE_COLUMNS) {
			buf_char(b, '\n');
			buf_spaces(b, indent);
			column = indent;
		} else if (column > indent) {
			buf_char(b, ' ');
			column++;
		}
		buf_mem(b, text + at, word);
		column += word;
		at += word + 1;
	}
	buf_char(b, '\n');
}

/* The line at `text`, and where the next one begins. */
static const char *line(struct buf *b, unsigned int indent, const char *text)
{
	size_t length = strcspn(text, "\n");

	if (*text == ' ') {
		buf_mem(b, text, length);
		buf_char(b, '\n');
	} else {
		paragraph(b, indent, text, length);
	}
	return text[length] ? text + length + 1 : NULL;
}

void prose_labelled(struct buf *b, unsigned int indent, const char *label, const char *text)
{
	buf_printf(b, "%-*s", (int)indent, label);
	text = line(b, indent, text);
	prose(b, indent, text ? text : "");
}

void prose_labelled_buf(struct buf *b, unsigned int indent, const char *label, struct buf *text)
{
	buf_char(text, 0);
	if (text->failed)
		b->failed = true;
	else
		prose_labelled(b, indent, label, text->data);
	text->len = 0;
}

void prose(struct buf *b, unsigned int indent, const char *text)
{
	if (!*text)
		return;
	do {
		if (*text != '\n')
			buf_spaces(b, indent);
		text = line(b, indent, text);
	} while (text);
}
