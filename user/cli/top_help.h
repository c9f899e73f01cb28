/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What `top` says of itself. */
#ifndef UNREACH_CLI_TOP_HELP_H
#define UNREACH_CLI_TOP_HELP_H

#include "cli/canvas.h"

/* Keys and words, a line each, from the area's top. */
void top_help_draw(const struct area *a);

#endif
