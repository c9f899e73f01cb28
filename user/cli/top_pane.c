// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The tables below the codes: who reports, what for, whose packets, which paths, what alarms. */
#include "cli/top_pane.h"

#include <stdio.h>
#include <string.h>

#include "cli/top_grid.h"
#include "cli/top_words.h"

#define SUM_MARGIN 2

static const struct grid_column host_columns[] = {
	{ "ADDRESS", 15, false },
	{ "MESSAGES", 10, true },
	{ "RATE/S", 7, true },
	{ "LAST", 4, true },
	{ "IFACE", 0, false },
	{ "CODES", 0, false },
	{},
};

static const struct grid_column path_columns[] = {
	{ "VERDICT", 0, false },  { "FROM", 13, false },
	{ "TO", 13, false },	  { "MTU", 4, true },
	{ "TOLD BY", 13, false }, { "TIMES", 6, true },
	{ "LAST", 4, true },	  { "IFACE", 0, false },
	{ "LINK", 0, false },	  {},
};

static const struct grid_column alert_columns[] = {
	{ "STATE", 8, false }, { "SEVERITY", 8, false }, { "KIND", 13, false },
	{ "FROM", 13, false }, { "TO", 16, false },	 { "MTU", 4, true },
	{ "LAST", 4, true },   { "FLOWS", 0, true },	 {},
};

static void set(struct grid_row *row, int column, const char *text)
{
	snprintf(row->cells[column], GRID_CELL, "%s", text);
}

static void set_u64(struct grid_row *row, int column, uint64_t value)
{
	snprintf(row->cells[column], GRID_CELL, "%llu", (unsigned long long)value);
}

/* What a silent path has not. */
static void set_known(struct grid_row *row, int column, uint64_t value)
{
	if (value)
		set_u64(row, column, value);
	else
		set(row, column, "-");
}

static void add_hosts(struct grid *g, const struct top_data *d, const struct top_table *t)
{
	struct grid_row *row;

	g->columns = host_columns;
	for (unsigned int i = 0; i < t->count && (row = grid_add(g, STYLE_PLAIN)); i++) {
		const struct top_host *h = &t->rows[i];

		set(row, 0, h->address);
		set_u64(row, 1, h->messages);
		set(row, 2, top_rate(h->rate).text);
		set(row, 3, top_ago(h->last, d->time).text);
		set(row, 4, h->interface);
		set(row, 5, h->codes);
	}
}

static enum style style_of_verdict(const char *verdict)
{
	if (!strcmp(verdict, "told"))
		return STYLE_PLAIN;
	return strcmp(verdict, "invalid") ? STYLE_BAD : STYLE_WARN;
}

static void add_paths(struct grid *g, const struct top_data *d)
{
	struct grid_row *row;

	g->columns = path_columns;
	for (unsigned int i = 0; i < d->path_count; i++) {
		const struct top_path *p = &d->paths[i];

		row = grid_add(g, style_of_verdict(p->verdict));
		if (!row)
			return;
		set(row, 0, p->verdict);
		set(row, 1, p->src);
		set(row, 2, p->dst);
		set_known(row, 3, p->mtu);
		set(row, 4, p->reporter[0] ? p->reporter : "-");
		set_u64(row, 5, p->messages);
		set(row, 6, top_ago(p->last, d->time).text);
		set(row, 7, p->interface);
		set(row, 8, p->link[0] ? p->link : "-");
	}
}

static enum style style_of_alert(const struct top_alert *t)
{
	if (strcmp(t->state, "firing"))
		return STYLE_DIM;
	return strcmp(t->severity, "critical") ? STYLE_WARN : STYLE_BAD;
}

/* Whose packets it is about; of a flood the source, or the code of many sources. */
static void set_from(struct grid_row *row, int column, const struct top_alert *t)
{
	if (t->src[0] || !t->code[0])
		set(row, column, t->src[0] ? t->src : t->reporter);
	else
		snprintf(row->cells[column], GRID_CELL, "code %s", t->code);
}

static void add_alerts(struct grid *g, const struct top_data *d)
{
	struct grid_row *row;

	g->columns = alert_columns;
	for (unsigned int i = 0; i < d->alert_count; i++) {
		const struct top_alert *t = &d->alerts[i];

		row = grid_add(g, style_of_alert(t));
		if (!row)
			return;
		set(row, 0, t->state);
		set(row, 1, t->severity);
		set(row, 2, t->kind);
		set_from(row, 3, t);
		set(row, 4, t->path[0] ? t->path : "-");
		set_known(row, 5, t->mtu);
		set(row, 6, top_ago(t->last, d->time).text);
		set_u64(row, 7, t->flows);
		snprintf(row->note, sizeof(row->note), "%s", t->evidence);
	}
}

/* How much of it there is, on the right of the title line: what fits behind `col`. */
static void draw_sum(const struct area *a, const struct top_data *d, enum top_view view, int col)
{
	unsigned long long unattributed = 0;
	char text[96];

	if (view == TOP_ALERTS) {
		snprintf(text, sizeof(text), " %u firing ", d->firing);
	} else if (view == TOP_PATHS) {
		snprintf(text, sizeof(text), " %u%s ", d->path_count,
			 d->path_count == TOP_ROWS ? " or more" : "");
	} else {
		const struct top_table *t = &d->tables[view - TOP_SOURCES];

		unattributed = t->unattributed;
		snprintf(text, sizeof(text), " %llu of %llu, %llu unattributed ",
			 (unsigned long long)t->entries, (unsigned long long)t->size, unattributed);
	}
	if (col + (int)strlen(text) + SUM_MARGIN > a->cols && !unattributed)
		return;
	if (col + (int)strlen(text) + SUM_MARGIN > a->cols)
		snprintf(text, sizeof(text), " %llu unattributed ", unattributed);
	area_text(a, 0, a->cols - (int)strlen(text) - SUM_MARGIN, STYLE_DIM, text);
}

/* A line across, with the table's name in it, and the others' where they can be had. */
static void draw_title(const struct area *a, const struct top_data *d, enum top_view view,
		       bool tabs)
{
	static const enum top_view order[] = { TOP_SOURCES, TOP_TARGETS, TOP_SENDERS, TOP_PATHS,
					       TOP_ALERTS };
	int col = 2;

	for (int i = 0; i < a->cols; i++)
		area_glyph(a, 0, i, STYLE_DIM, L'\u2500', '-');
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		if (order[i] == view)
			col = area_printf(a, 0, col, STYLE_STRONG, tabs ? "[%s]" : " %s ",
					  top_view_name(order[i]));
		else if (tabs)
			col = area_printf(a, 0, col, STYLE_DIM, " %s ", top_view_name(order[i]));
	}
	if (tabs)
		col = area_text(a, 0, col, STYLE_DIM, " ");
	if (d->known & 1U << view)
		draw_sum(a, d, view, col);
}

void top_pane_draw(const struct area *a, const struct top_data *d, enum top_view view, bool tabs)
{
	struct area body = area_below(a, 1, a->rows);
	struct grid g = {};

	draw_title(a, d, view, tabs);
	if (view == TOP_ALERTS)
		add_alerts(&g, d);
	else if (view == TOP_PATHS)
		add_paths(&g, d);
	else
		add_hosts(&g, d, &d->tables[view - TOP_SOURCES]);
	if (g.count)
		grid_draw(&g, &body);
	else
		area_text(&body, 0, 3, STYLE_DIM, d->known & 1U << view ? "none" : "not known yet");
}
