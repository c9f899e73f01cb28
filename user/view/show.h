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
/* Rows of a table of evidence; 0 or -errno. */
int show_evidence_entries(const struct model *model, enum unreach_evidence which,
			  uint64_t *entries);
/* "sources", "targets" or "senders". */
const char *show_table_name(enum unreach_table table);
/* "paths", "heads" or "adverts". */
const char *show_evidence_name(enum unreach_evidence which);
/* From UNREACH_TRUNCATED on, in the order of enum unreach_outcome. */
extern const char *const show_unclassified_names[UNREACH_UNCLASSIFIED];
/* By enum unreach_suppressed. */
extern const char *const show_suppressed_names[UNREACH_SUPPRESSED_REASONS];

/* Two readings of one interface, and the verdict on the loss identity. */
struct identity {
	struct ledger before;
	struct ledger after;
	bool at_rest;
	bool holds;
};

/* Reads the counters again and judges each interface, a row of `ids` each; 0 or -errno. */
int show_judge(const struct model *model, struct identity *ids);

/* What is said of a path. */
enum path_verdict { PATH_TOLD, PATH_IGNORED, PATH_INVALID, PATH_SILENT, PATH_VERDICTS };
extern const char *const show_verdict_names[PATH_VERDICTS];
/* How many rows `paths` has of each; 0 or -errno. */
int show_count_verdicts(const struct model *model, uint64_t counts[PATH_VERDICTS]);

#endif
