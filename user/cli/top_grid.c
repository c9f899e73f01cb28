// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Measure, then draw. */
#include "cli/top_grid.h"

#include <string.h>

#define MARGIN 1
#define INDENT 3 /* of notes */
#define NOTE_LINES 3
#define ROOMY 90 /* columns from which on there are two blanks between ours */

struct grid_row *grid_add(struct grid *g, enum style style)
{
	struct grid_row *row;

	if (g->count == GRID_ROWS)
		return NULL;
	row = &g->rows[g->count++];
	memset(row, 0, sizeof(*row));
	row->style = style;
	return row;
}

static int width_of(const struct grid *g, int column)
{
	int width = (int)strlen(g->columns[column].title);

	if (width < g->columns[column].least)
		width = g->columns[column].least;
	for (int i = 0; i < g->count; i++) {
		int length = (int)strlen(g->rows[i].cells[column]);

		if (width < length)
			width = length;
	}
	return width;
}

static void draw_row(const struct grid *g, const struct grid_row *row, const struct area *a, int at,
		     const int *places, const int *widths)
{
	for (int i = 0; g->columns[i].title; i++)
		area_field(a, at, places[i], widths[i], g->columns[i].right, row->style,
			   row->cells[i]);
}

/* Headings where there is room for them at least; cut cells end in "~". */
static int place(const struct grid *g, const struct area *a, int *places, int *widths)
{
	int at = MARGIN, gap = a->cols < ROOMY ? 1 : 2, behind = MARGIN;

	for (int i = 0; g->columns[i].title; i++) {
		int room = a->cols - at, title = (int)strlen(g->columns[i].title);

		widths[i] = width_of(g, i);
		if (widths[i] > room)
			widths[i] = room >= title ? room : 0;
		places[i] = at;
		at += widths[i] + gap;
		if (widths[i])
			behind = places[i] + widths[i];
		else
			at = a->cols;
	}
	return behind;
}

int grid_draw(const struct grid *g, const struct area *a)
{
	int places[GRID_COLUMNS], widths[GRID_COLUMNS], at = 1;
	int behind = place(g, a, places, widths);
	const struct area notes = area_columns(a, INDENT, a->cols - INDENT - MARGIN);

	area_style(a, 0, STYLE_HEAD);
	for (int i = 0; g->columns[i].title; i++)
		area_field(a, 0, places[i], widths[i], g->columns[i].right, STYLE_HEAD,
			   g->columns[i].title);
	for (int i = 0; i < g->count && at < a->rows; i++) {
		draw_row(g, &g->rows[i], a, at++, places, widths);
		at = area_wrap(&notes, at, NOTE_LINES, STYLE_DIM, g->rows[i].note);
	}
	return behind;
}
