/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the views have in common; theirs alone. */
#ifndef UNREACH_VIEW_SHOW_H
#define UNREACH_VIEW_SHOW_H

#include <string.h>

#include "view/view.h"

/* A moment of the timeline (ns) as wall time; 0, "never", stays so. */
static inline void show_time(struct writer *w, const char *key, const struct model *model,
			     uint64_t at)
{
	writer_time(w, key, at ? at + (uint64_t)model->to_wall : 0);
}

static inline bool show_selected(const struct query *query, const char *interface)
{
	return !query->interface || !strcmp(query->interface, interface);
}

/* What is said of a table as a whole: attributed, unattributed, evicted, entries, size. */
void show_table(struct writer *w, const struct hosts *hosts);
/* "sources", "targets" or "senders". */
const char *show_table_name(enum unreach_table table);

#endif
