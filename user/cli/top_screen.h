/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What `top` shows: what is known and what the user chose become cells. Pure;
 * knows no terminal, no socket, no clock.
 */
#ifndef UNREACH_CLI_TOP_SCREEN_H
#define UNREACH_CLI_TOP_SCREEN_H

#include "cli/canvas.h"
#include "cli/top_data.h"

/* What the user chose. */
struct top_choice {
	char interface[UNREACH_NAME_LEN]; /* "": all */
	int code; /* -1: all */
	enum top_sort sort;
	enum top_view pane; /* where there is room for one: TOP_ALERTS to TOP_PATHS */
	bool paused, help;
	bool typing; /* a code, which is asked for in the last line */
	char typed[32];
	char said[96]; /* in the last line, until a key is pressed; or "" */
};

/* What is wrong with what is shown; .text NULL: nothing. */
struct top_trouble {
	const char *text, *socket;
	uint64_t seconds; /* since it is; used if .gone */
	bool gone; /* the daemon can't be asked: what is shown is old */
};

/* The views that a screen of that size shows, as bits 1 << enum top_view. */
unsigned int top_screen_views(int rows, int cols, const struct top_choice *choice);
/* Fills the canvas; orders the rows of `d`. */
void top_screen_draw(struct canvas *c, struct top_data *d, const struct top_choice *choice,
		     const struct top_trouble *trouble);

/* The parts, each in a file of its own. */

/* All codes, or those that fit, with their rates and bars; returns how many rows it took. */
int top_codes_draw(const struct area *a, const struct top_data *d, const struct top_choice *choice);
/* One of the tables, its title line first. `tabs`: the title names the other tables too. */
void top_pane_draw(const struct area *a, const struct top_data *d, enum top_view view, bool tabs);
void top_help_draw(const struct area *a);

/* Texts of a few characters. */
struct top_word {
	char text[24];
};
/* "12s", "3m", "5h", "2d" before `now`, both Unix ns; "-" for 0. */
struct top_word top_ago(uint64_t at, uint64_t now);
/* "0.5", "12345", "1.25M"; "-" below 0. */
struct top_word top_rate(double rate);

#endif
