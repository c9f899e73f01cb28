/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A screen as memory: cells of one character and one style. What is put beside
 * it is cut off; of texts only printable ASCII gets in, so nothing that came
 * over a wire can steer a terminal. Knows no terminal and no subject.
 */
#ifndef UNREACH_CLI_CANVAS_H
#define UNREACH_CLI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

enum style {
	STYLE_PLAIN,
	STYLE_BAR, /* the first and the last line */
	STYLE_HEAD, /* headings of columns */
	STYLE_STRONG,
	STYLE_DIM,
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_GRAPH,
	STYLES,
};

struct cell {
	wchar_t c; /* never 0 */
	enum style style;
};

/* Zeroed is ready, and has no room. */
struct canvas {
	int rows, cols;
	struct cell *cells; /* row by row */
	bool unicode; /* can the terminal show more than ASCII? */
};

/* A part of a canvas; where it lies outside, nothing is drawn. */
struct area {
	struct canvas *canvas;
	int row, col, rows, cols;
};

/* Another size, all blank; 0 or -ENOMEM, with the old one then. */
int canvas_resize(struct canvas *c, int rows, int cols);
void canvas_free(struct canvas *c);
void canvas_clear(struct canvas *c);
/* All of it. */
struct area canvas_area(struct canvas *c);

/* The rows from `row` on, at most `rows` of them. */
struct area area_below(const struct area *a, int row, int rows);
/* Some of the columns, all rows. */
struct area area_columns(const struct area *a, int col, int cols);
/* Puts a text at a place in the area, cut ("~") at its right edge; returns the column behind it. */
int area_text(const struct area *a, int row, int col, enum style style, const char *text);
/* The same by a format; what it makes must be short: 255 bytes are shown. */
int area_printf(const struct area *a, int row, int col, enum style style, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* Puts a text into columns of its own, at their right side or their left. */
void area_field(const struct area *a, int row, int col, int width, bool right, enum style style,
		const char *text);
/* Puts a text on at most `lines` lines, parted at blanks; the row behind them. */
int area_wrap(const struct area *a, int row, int lines, enum style style, const char *text);
/* One character of ours; `ascii` where the terminal has no other. */
void area_glyph(const struct area *a, int row, int col, enum style style, wchar_t c, char ascii);
/* Gives a row a style, whatever stands in it. */
void area_style(const struct area *a, int row, enum style style);
/* A bar of eighths: `share` of the height of one line, 0 to 1; above 0 something is seen. */
void area_eighths(const struct area *a, int row, int col, double share);

#endif
