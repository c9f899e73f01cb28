/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A table on a canvas: cells are made first, then columns get the width that
 * their longest cell needs. What does not fit on the right is left out, so what
 * matters stands on the left. Knows texts only.
 */
#ifndef UNREACH_CLI_TOP_GRID_H
#define UNREACH_CLI_TOP_GRID_H

#include "cli/canvas.h"

#define GRID_ROWS 64
#define GRID_COLUMNS 9
#define GRID_CELL 96

struct grid_column {
	const char *title; /* NULL ends the list */
	int least; /* width, so that a column does not jump with each digit */
	bool right;
};

struct grid_row {
	char cells[GRID_COLUMNS][GRID_CELL];
	enum style style;
	char note[400]; /* on lines of its own below */
};

struct grid {
	const struct grid_column *columns;
	struct grid_row rows[GRID_ROWS];
	int count;
};

/* A row to be filled; NULL where there is no room for one more. */
struct grid_row *grid_add(struct grid *g, enum style style);
/* Headings and rows from the area's top; returns the column behind the last one drawn. */
int grid_draw(const struct grid *g, const struct area *a);

#endif
