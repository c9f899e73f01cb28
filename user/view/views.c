// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The subjects by name, one row each, and how a question names a code. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unreach/codes.h"
#include "view/view.h"

const struct view views[] = {
	{ "codes", view_codes },     { "sources", view_sources },
	{ "targets", view_targets }, { "senders", view_senders },
	{ "paths", view_paths },     { "alerts", view_alerts },
	{ "status", view_status },   {},
};

int view_code(const char *text)
{
	unsigned int code;
	char number[4];

	for (code = 0; code < UNREACH_CODES; code++) {
		snprintf(number, sizeof(number), "%u", code);
		if (!strcmp(text, number) || !strcmp(text, unreach_code_name(code)))
			return (int)code;
	}
	return -EINVAL;
}
