// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The order of things on the screen: three lines of what matters most, the
 * codes, then one table, or all five where there is room for them; keys last.
 */
#include "cli/top_screen.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/top_codes.h"
#include "cli/top_help.h"
#include "cli/top_pane.h"
#include "cli/top_words.h"
#include "unreach/codes.h"

#define HEADER 3 /* lines */
#define FOOTER 1
#define PANE_LEAST 6 /* lines of a table: its title, its heading, four rows */
/* From this size on all five tables are shown. */
#define LARGE_ROWS 40
#define LARGE_COLS 150

static bool is_large(int rows, int cols)
{
	return rows >= LARGE_ROWS && cols >= LARGE_COLS;
}

unsigned int top_screen_views(int rows, int cols, const struct top_choice *choice)
{
	if (is_large(rows, cols))
		return (1U << TOP_VIEWS) - 1;
	return 1U << TOP_CODES | 1U << TOP_STATUS | 1U << TOP_ALERTS | 1U << choice->pane;
}

/* The time of the last answer, and for how long the daemon has run: the columns it takes. */
static int draw_times(const struct area *a, const struct top_data *d)
{
	unsigned int day = (unsigned int)(d->time / NS_PER_SEC % 86400);
	char text[64];
	int length;

	if (!d->time)
		return 0;
	length = snprintf(text, sizeof(text), "  up %s  %02u:%02u:%02uZ",
			  top_ago(1, 1 + (uint64_t)(d->uptime * 1e9)).text, day / 3600,
			  day / 60 % 60, day % 60);
	area_text(a, 0, a->cols - length - 1, STYLE_BAR, text);
	return length + 1;
}

/* Interfaces that are waited for: their devices are not there. */
static unsigned int count_waiting(const struct top_data *d, const struct top_choice *choice)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < d->identity_count; i++)
		if (!choice->interface[0] || !strcmp(d->identities[i].name, choice->interface))
			count += !strcmp(d->identities[i].state, "waiting");
	return count;
}

static void draw_title(const struct area *a, const struct top_data *d,
		       const struct top_choice *choice)
{
	static const char *const sorts[TOP_SORTS] = { "messages", "rate", "last" };
	const struct area left = area_columns(a, 0, a->cols - draw_times(a, d));
	int col;

	col = area_text(&left, 0, 1, STYLE_BAR, "unreach");
	if (choice->paused)
		col = area_text(&left, 0, col, STYLE_BAR, "  PAUSED");
	col = area_printf(&left, 0, col, STYLE_BAR, "  interface %s",
			  choice->interface[0] ? choice->interface : "all");
	if (count_waiting(d, choice))
		col = area_printf(&left, 0, col, STYLE_BAR, " (%u gone)", count_waiting(d, choice));
	col = area_text(&left, 0, col, STYLE_BAR, "  code ");
	if (choice->code < 0)
		col = area_text(&left, 0, col, STYLE_BAR, "all");
	else
		col = area_printf(&left, 0, col, STYLE_BAR, "%d", choice->code);
	area_printf(&left, 0, col, STYLE_BAR, "  sort %s", sorts[choice->sort]);
	area_style(a, 0, STYLE_BAR);
}

/* "  bad checksum 3", in a warning's colour where it is not 0. */
static int draw_count(const struct area *a, int row, int col, const char *name, uint64_t count)
{
	return area_printf(a, row, col, count ? STYLE_WARN : STYLE_PLAIN, "  %s %llu", name,
			   (unsigned long long)count);
}

static void draw_totals(const struct area *a, const struct top_data *d,
			const struct top_choice *choice)
{
	const struct top_interface sum = top_data_sum(d, choice->interface);
	const struct top_identity *id = top_data_identity(d, choice->interface);
	/* The next line says what became of these: both are of one moment. */
	const uint64_t seen = id && d->known & 1U << TOP_STATUS ? id->seen : sum.seen;
	double rate = 0;
	char text[32];
	int col;

	for (unsigned int code = 0; code < UNREACH_CODES; code++)
		rate += sum.codes[code].rate;
	col = area_printf(a, 1, 1, STYLE_STRONG, "seen %llu", (unsigned long long)seen);
	col = area_printf(a, 1, col, STYLE_PLAIN, "  %s/s", top_rate(rate).text);
	col = draw_count(a, 1, col, "unassigned", sum.unassigned);
	col = draw_count(a, 1, col, "bad checksum", sum.bad_checksum);
	draw_count(a, 1, col, "unreadable", sum.truncated + sum.bad_header + sum.fragment);
	snprintf(text, sizeof(text), "%u alert%s", d->firing, d->firing == 1 ? "" : "s");
	area_text(a, 1, a->cols - (int)strlen(text) - 1, d->firing ? STYLE_BAD : STYLE_GOOD, text);
}

/* Is each message accounted for? What is lost comes first: it must not be cut off. */
static void draw_identity(const struct area *a, const struct top_identity *id)
{
	const enum style lost = id->lost ? STYLE_BAD : STYLE_PLAIN;
	const char *verdict = id->holds ? "holds" : "DOES NOT HOLD";
	const int room = a->cols - (int)strlen(verdict) - 1;
	const struct area sum = area_columns(a, 0, room - 2);
	int col;

	col = area_text(&sum, 2, 1, STYLE_PLAIN, "= ");
	col = area_printf(&sum, 2, col, lost, "lost %llu", (unsigned long long)id->lost);
	if (id->lost)
		col = area_printf(&sum, 2, col, lost, " (ring %llu, sink %llu)",
				  (unsigned long long)id->lost_ring,
				  (unsigned long long)id->lost_sink);
	area_printf(&sum, 2, col, STYLE_PLAIN, " + delivered %llu + pending %llu + suppressed %llu",
		    (unsigned long long)id->delivered, (unsigned long long)id->pending,
		    (unsigned long long)id->suppressed);
	area_text(a, 2, room, id->holds ? STYLE_GOOD : STYLE_BAD, verdict);
}

static void draw_trouble(const struct area *a, const struct top_trouble *t)
{
	char text[256];

	if (t->gone)
		snprintf(text, sizeof(text), "%s for %llu s, asking on: %s", t->text,
			 (unsigned long long)t->seconds, t->socket);
	else
		snprintf(text, sizeof(text), "%s", t->text);
	area_field(a, 2, 1, a->cols - 2, false, STYLE_BAD, text);
}

static void draw_header(const struct area *a, const struct top_data *d,
			const struct top_choice *choice, const struct top_trouble *trouble)
{
	const struct top_identity *id = top_data_identity(d, choice->interface);

	draw_title(a, d, choice);
	draw_totals(a, d, choice);
	if (trouble->text)
		draw_trouble(a, trouble);
	else if (id)
		draw_identity(a, id);
}

static void draw_footer(const struct area *a, const struct top_choice *choice)
{
	int row = a->rows - FOOTER;

	if (choice->typing)
		area_printf(a, row, 1, STYLE_BAR, "code, 0 to 15 or a name (nothing: all): %s_",
			    choice->typed);
	else if (choice->said[0])
		area_text(a, row, 1, STYLE_BAR, choice->said);
	else if (is_large(a->rows, a->cols))
		area_text(a, row, 1, STYLE_BAR,
			  "q quit  h help  p pause  s sort  c code  i interface");
	else
		area_text(a, row, 1, STYLE_BAR,
			  "q quit  h help  p pause  s sort  c code  i interface  Tab next table");
	area_style(a, row, STYLE_BAR);
}

/* Three tables of hosts side by side, the paths and the alerts below them. */
static void draw_panes(const struct area *a, const struct top_data *d)
{
	int upper = (a->rows + 1) / 2, third = a->cols / 3, half = a->cols / 2;
	const struct area hosts = area_below(a, 0, upper), rest = area_below(a, upper, a->rows);
	const struct area at[TOP_VIEWS] = {
		[TOP_SOURCES] = area_columns(&hosts, 0, third - 1),
		[TOP_TARGETS] = area_columns(&hosts, third, third - 1),
		[TOP_SENDERS] = area_columns(&hosts, 2 * third, a->cols),
		[TOP_PATHS] = area_columns(&rest, 0, half - 1),
		[TOP_ALERTS] = area_columns(&rest, half, a->cols),
	};

	for (enum top_view view = TOP_ALERTS; view < TOP_VIEWS; view++)
		top_pane_draw(&at[view], d, view, false);
}

static void draw_body(const struct area *a, const struct top_data *d,
		      const struct top_choice *choice, bool large)
{
	const int most = large ? 1 + UNREACH_CODES : a->rows - PANE_LEAST;
	const struct area codes = area_below(a, 0, most > 2 ? most : 2);
	const int used = top_codes_draw(&codes, d, choice);
	const struct area rest = area_below(a, used, a->rows);

	if (large)
		draw_panes(&rest, d);
	else
		top_pane_draw(&rest, d, choice->pane, true);
}

void top_screen_draw(struct canvas *c, struct top_data *d, const struct top_choice *choice,
		     const struct top_trouble *trouble)
{
	const struct area all = canvas_area(c);
	const struct area body = area_below(&all, HEADER, c->rows - HEADER - FOOTER);

	canvas_clear(c);
	top_data_sort(d, choice->sort);
	draw_header(&all, d, choice, trouble);
	if (choice->help)
		top_help_draw(&body);
	else if (d->time)
		draw_body(&body, d, choice, is_large(c->rows, c->cols));
	/* What is old looks so. */
	for (int row = 0; trouble->gone && !choice->help && row < body.rows; row++)
		area_style(&body, row, STYLE_DIM);
	draw_footer(&all, choice);
}
