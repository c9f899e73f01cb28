/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The codes on the screen of `top`. */
#ifndef UNREACH_CLI_TOP_CODES_H
#define UNREACH_CLI_TOP_CODES_H

#include "cli/canvas.h"
#include "cli/top_choice.h"

/* All codes, or those that fit, with their rates and bars; returns how many rows it took. */
int top_codes_draw(const struct area *a, const struct top_data *d, const struct top_choice *choice);

#endif
