// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The codes in the order of their numbers, so that each keeps its place. Where
 * there are too few lines for all, those never seen go first, then those with
 * the fewest messages, and a line says how many. A bar is as high as its share
 * of the highest that its line shows.
 */
#include "cli/top_codes.h"

#include <stdio.h>
#include <string.h>

#include "cli/top_grid.h"
#include "cli/top_words.h"
#include "unreach/codes.h"

#define WIDE 120 /* columns from which on bytes and peaks are shown */
#define BARS_LEAST 8

static const struct grid_column narrow_columns[] = {
	{ "CODE", 0, true },   { "NAME", 25, false }, { "MESSAGES", 10, true },
	{ "RATE/S", 7, true }, { "LAST", 4, true },   {},
};

static const struct grid_column wide_columns[] = {
	{ "CODE", 0, true }, { "NAME", 25, false }, { "MESSAGES", 10, true }, { "RATE/S", 8, true },
	{ "LAST", 4, true }, { "BYTES", 12, true }, { "PEAK/S", 8, true },    {},
};

/* Which codes are shown, in a number of lines. */
struct selection {
	bool shown[UNREACH_CODES];
	unsigned int count, silent, fewer; /* hidden ones: never seen, and others */
};

static bool is_wanted(const struct top_choice *choice, unsigned int code)
{
	return choice->code < 0 || choice->code == (int)code;
}

/* The code with the fewest messages that is shown. */
static unsigned int least_code(const struct selection *s, const struct top_interface *sum)
{
	unsigned int least = UNREACH_CODES;

	for (unsigned int code = 0; code < UNREACH_CODES; code++)
		if (s->shown[code] && (least == UNREACH_CODES ||
				       sum->codes[code].messages < sum->codes[least].messages))
			least = code;
	return least;
}

/* Into `lines` of which one is needed to say what is hidden, if anything is. */
static struct selection select_codes(const struct top_interface *sum,
				     const struct top_choice *choice, unsigned int lines)
{
	struct selection s = {};

	for (unsigned int code = 0; code < UNREACH_CODES; code++)
		s.count += s.shown[code] = is_wanted(choice, code);
	if (s.count <= lines)
		return s;
	for (unsigned int code = 0; code < UNREACH_CODES; code++) {
		if (!s.shown[code] || sum->codes[code].messages)
			continue;
		s.shown[code] = false;
		s.count--;
		s.silent++;
	}
	for (; s.count && s.count + 1 > lines; s.count--, s.fewer++)
		s.shown[least_code(&s, sum)] = false;
	return s;
}

static double peak_of(const struct top_data *d, const struct top_choice *choice, unsigned int code,
		      int bars)
{
	double peak = 0;

	for (int age = 0; age < bars; age++) {
		double rate = top_data_sample(d, choice->interface, code, (unsigned int)age);

		peak = rate > peak ? rate : peak;
	}
	return peak;
}

static void add_row(struct grid *g, unsigned int code, const struct top_code *t,
		    const struct top_data *d, double peak)
{
	struct grid_row *row = grid_add(g, t->messages ? STYLE_PLAIN : STYLE_DIM);

	snprintf(row->cells[0], GRID_CELL, "%u", code);
	snprintf(row->cells[1], GRID_CELL, "%s", unreach_code_name(code));
	snprintf(row->cells[2], GRID_CELL, "%llu", (unsigned long long)t->messages);
	snprintf(row->cells[3], GRID_CELL, "%s", top_rate(t->rate).text);
	snprintf(row->cells[4], GRID_CELL, "%s", top_ago(t->last, d->time).text);
	snprintf(row->cells[5], GRID_CELL, "%llu", (unsigned long long)t->bytes);
	snprintf(row->cells[6], GRID_CELL, "%s", top_rate(peak).text);
}

/* The newest on the right. */
static void draw_bars(const struct area *a, int row, const struct top_data *d,
		      const struct top_choice *choice, unsigned int code)
{
	double peak = peak_of(d, choice, code, a->cols);

	for (int age = 0; age < a->cols; age++) {
		double rate = top_data_sample(d, choice->interface, code, (unsigned int)age);

		if (peak > 0 && rate > 0)
			area_eighths(a, row, a->cols - 1 - age, rate / peak);
	}
}

/* To the right of the table. */
static void draw_history(const struct area *a, const struct top_data *d,
			 const struct top_choice *choice, const struct selection *s)
{
	int row = 1;

	if (a->cols < BARS_LEAST)
		return;
	area_printf(a, 0, 0, STYLE_HEAD, a->cols < 20 ? "HISTORY %d s" : "HISTORY OF %d SECONDS",
		    a->cols);
	for (unsigned int code = 0; code < UNREACH_CODES; code++)
		if (s->shown[code])
			draw_bars(a, row++, d, choice, code);
}

static void say_hidden(const struct area *a, int row, const struct selection *s)
{
	int col = 7;

	if (s->fewer)
		col = area_printf(a, row, col, STYLE_DIM, "%u with fewer messages%s", s->fewer,
				  s->silent ? " and " : "");
	if (s->silent)
		col = area_printf(a, row, col, STYLE_DIM, "%u never seen", s->silent);
	area_text(a, row, col, STYLE_DIM, s->fewer + s->silent == 1 ? " is hidden" : " are hidden");
}

int top_codes_draw(const struct area *a, const struct top_data *d, const struct top_choice *choice)
{
	const bool wide = a->cols >= WIDE;
	struct grid g = { .columns = wide ? wide_columns : narrow_columns };
	const struct top_interface sum = top_data_sum(d, choice->interface);
	struct selection s = select_codes(&sum, choice, (unsigned int)(a->rows - 1));
	struct area bars;
	int col;

	for (unsigned int code = 0; code < UNREACH_CODES; code++)
		if (s.shown[code])
			add_row(&g, code, &sum.codes[code], d,
				wide ? peak_of(d, choice, code, TOP_SAMPLES) : 0);
	col = grid_draw(&g, a) + 2;
	bars = area_columns(a, col,
			    a->cols - col - 1 < TOP_SAMPLES ? a->cols - col - 1 : TOP_SAMPLES);
	draw_history(&bars, d, choice, &s);
	if (s.silent || s.fewer)
		say_hidden(a, g.count + 1, &s);
	return 1 + g.count + (s.silent || s.fewer);
}
