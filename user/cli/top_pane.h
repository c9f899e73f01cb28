/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tables below the codes on the screen of `top`. */
#ifndef UNREACH_CLI_TOP_PANE_H
#define UNREACH_CLI_TOP_PANE_H

#include "cli/canvas.h"
#include "cli/top_data.h"

/* One of the tables, its title line first. `tabs`: the title names the other tables too. */
void top_pane_draw(const struct area *a, const struct top_data *d, enum top_view view, bool tabs);

#endif
