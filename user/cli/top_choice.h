/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the user of `top` chose, by keys or options. Knows neither screen nor keys. */
#ifndef UNREACH_CLI_TOP_CHOICE_H
#define UNREACH_CLI_TOP_CHOICE_H

#include "cli/top_data.h"

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

#endif
