// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The cells, and the few ways to fill them. Each write is held against the bounds here, once. */
#include "cli/canvas.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EIGHTHS 8

int canvas_resize(struct canvas *c, int rows, int cols)
{
	struct cell *cells = calloc((size_t)rows * (size_t)cols + 1, sizeof(*cells));

	if (!cells)
		return -ENOMEM;
	free(c->cells);
	c->cells = cells;
	c->rows = rows;
	c->cols = cols;
	canvas_clear(c);
	return 0;
}

void canvas_free(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){};
}

void canvas_clear(struct canvas *c)
{
	for (size_t i = 0; i < (size_t)c->rows * (size_t)c->cols; i++)
		c->cells[i] = (struct cell){ L' ', STYLE_PLAIN };
}

struct area canvas_area(struct canvas *c)
{
	return (struct area){ .canvas = c, .rows = c->rows, .cols = c->cols };
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

struct area area_below(const struct area *a, int row, int rows)
{
	struct area part = *a;

	part.row += row;
	part.rows = least(rows, a->rows - row);
	return part;
}

struct area area_columns(const struct area *a, int col, int cols)
{
	struct area part = *a;

	part.col += col;
	part.cols = least(cols, a->cols - col);
	return part;
}

/* The cell of a place; NULL outside. */
static struct cell *at(const struct area *a, int row, int col)
{
	const struct canvas *c = a->canvas;

	if (row < 0 || col < 0 || row >= a->rows || col >= a->cols)
		return NULL;
	row += a->row;
	col += a->col;
	return row < c->rows && col < c->cols ? &c->cells[row * c->cols + col] : NULL;
}

static void put(const struct area *a, int row, int col, enum style style, wchar_t c)
{
	struct cell *cell = at(a, row, col);

	if (cell)
		*cell = (struct cell){ c, style };
}

int area_text(const struct area *a, int row, int col, enum style style, const char *text)
{
	for (; *text && col < a->cols; text++, col++)
		put(a, row, col, style, *text >= ' ' && *text <= '~' ? (wchar_t)*text : L'?');
	if (*text)
		put(a, row, a->cols - 1, style, L'~');
	return col;
}

int area_printf(const struct area *a, int row, int col, enum style style, const char *format, ...)
{
	char text[256];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	return area_text(a, row, col, style, text);
}

void area_field(const struct area *a, int row, int col, int width, bool right, enum style style,
		const char *text)
{
	struct area field = area_columns(a, col, width);
	int length = (int)strnlen(text, 1024);

	area_text(&field, row, right && length < width ? width - length : 0, style, text);
}

/* How much of the text goes on a line of `cols`: up to the last blank there is, or all of that. */
static int line_length(const char *text, int cols)
{
	int length = (int)strnlen(text, (size_t)cols + 1), cut = cols;

	if (length <= cols)
		return length;
	while (cut > 0 && text[cut] != ' ')
		cut--;
	return cut ? cut : cols;
}

int area_wrap(const struct area *a, int row, int lines, enum style style, const char *text)
{
	char line[512];

	for (; *text && lines > 1 && a->cols > 0; lines--) {
		int length = line_length(text, least(a->cols, (int)sizeof(line) - 1));

		snprintf(line, sizeof(line), "%.*s", length, text);
		area_text(a, row++, 0, style, line);
		text += length + (text[length] == ' ');
	}
	if (*text)
		area_text(a, row++, 0, style, text);
	return row;
}

void area_glyph(const struct area *a, int row, int col, enum style style, wchar_t c, char ascii)
{
	put(a, row, col, style, a->canvas->unicode ? c : (wchar_t)ascii);
}

void area_style(const struct area *a, int row, enum style style)
{
	for (int col = 0; col < a->cols; col++) {
		struct cell *cell = at(a, row, col);

		if (cell)
			cell->style = style;
	}
}

void area_eighths(const struct area *a, int row, int col, double share)
{
	static const char ascii[EIGHTHS + 1] = " .:-=+*#@";
	int eighths = (int)(share * EIGHTHS + 0.5);

	if (!(share > 0))
		return;
	eighths = eighths < 1 ? 1 : least(eighths, EIGHTHS);
	/* U+2581, lower one eighth block, to U+2588, full block */
	area_glyph(a, row, col, STYLE_GRAPH, (wchar_t)(0x2580 + eighths), ascii[eighths]);
}
