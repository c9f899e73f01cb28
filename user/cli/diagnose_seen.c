// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The unreachables met while a host is diagnosed: equal ones are one row with a count. */
#include "cli/diagnose_result.h"

static bool same(const struct seen_row *a, const struct seen_row *b)
{
	return a->code == b->code && a->by_monitor == b->by_monitor && a->mtu == b->mtu &&
	       a->reporter.s_addr == b->reporter.s_addr;
}

void seen_add(struct seen *seen, const struct seen_row *row)
{
	unsigned int i = 0;

	while (i < seen->count && !same(&seen->rows[i], row))
		i++;
	if (i == SEEN_MAX) {
		seen->more++;
		return;
	}
	if (i == seen->count) {
		seen->rows[seen->count++] = *row;
		seen->rows[i].times = 0;
	}
	seen->rows[i].times++;
}
