/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What `top` shows: what is known and what the user chose become cells. Pure;
 * knows no terminal, no socket, no clock.
 */
#ifndef UNREACH_CLI_TOP_SCREEN_H
#define UNREACH_CLI_TOP_SCREEN_H

#include "cli/canvas.h"
#include "cli/top_choice.h"

/* The views that a screen of that size shows, as bits 1 << enum top_view. */
unsigned int top_screen_views(int rows, int cols, const struct top_choice *choice);
/* Fills the canvas; orders the rows of `d`. */
void top_screen_draw(struct canvas *c, struct top_data *d, const struct top_choice *choice,
		     const struct top_trouble *trouble);

#endif
