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

/* "" where the slot's interface is not there: counted before, not watched now. */
static inline const char *show_interface_name(const struct model *model, uint32_t slot)
{
	unsigned int i;

	for (i = 0; i < model->count; i++)
		if (model->interfaces[i].slot == slot)
			return model->interfaces[i].name;
	return "";
}

/* What found its way into a table, and what did not: attributed, unattributed; and why. */
void show_attribution(struct writer *w, const struct unreach_attribution *a);
void show_reasons(struct writer *w, const struct unreach_attribution *a);
/* What is said of a table as a whole: attributed, unattributed, evicted, entries, size. */
void show_table(struct writer *w, const struct hosts *hosts);
/* What found its way into a table of evidence, on all interfaces. */
struct unreach_attribution show_evidence_sum(const struct model *model,
					     enum unreach_evidence which);
/* "sources", "targets" or "senders". */
const char *show_table_name(enum unreach_table table);

#endif
