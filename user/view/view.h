/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What can be asked for: a subject by name and a question, answered once over
 * base/writer for text and JSON, live and from captures. Views read the model
 * and nothing else: whose it is, a daemon's or a capture's, they don't know.
 */
#ifndef UNREACH_VIEW_VIEW_H
#define UNREACH_VIEW_VIEW_H

#include "base/writer.h"
#include "state/alerts.h"
#include "state/evidence.h"
#include "state/flow_watch.h"
#include "state/hosts.h"
#include "state/ledger.h"
#include "state/recent.h"
#include "state/tally.h"

/* The fill of one ring or table, for `status`. */
struct fill {
	char name[32];
	uint64_t used;
	uint64_t size;
};

struct model {
	const char *version;
	uint64_t started; /* timeline ns */
	uint64_t now; /* timeline ns */
	int64_t to_wall; /* add to the timeline for Unix ns */
	struct tally *interfaces;
	unsigned int count;
	const struct recent *recent;
	const struct alerts *alerts;
	struct evidence_source evidence; /* walked by `paths` */
	unsigned int cpus;
	/* Reads one table now; 0 or -errno. The caller frees with hosts_free. */
	int (*load_hosts)(void *context, enum unreach_table table, struct hosts *out);
	/* Counts its rows without keeping any; 0 or -errno (live only, NULL else). */
	int (*count_hosts)(void *context, enum unreach_table table, struct hosts_count *out);
	/* Reads the counters of all interfaces again into `interfaces`; 0 or -errno. NULL: they
	 * stand. */
	int (*refresh)(void *context);
	/* Up to `max` fills of rings (live only, NULL else); returns how many. */
	unsigned int (*ring_fills)(void *context, struct fill *out, unsigned int max);
	/* The flow watcher as it stands; NULL: there is none (both). */
	const struct flow_watch *(*flow_watch)(void *context);
	void *context;
};

struct query {
	const char *interface; /* NULL: all */
	int code; /* -1: all */
	uint32_t rows; /* most rows; 0: all */
	bool has_source, has_target;
	struct unreach_addr source, target; /* events only */
};

/* Writes the answer; 0 or -errno. */
typedef int (*view_fn)(struct writer *w, const struct model *model, const struct query *query);

int view_codes(struct writer *w, const struct model *model, const struct query *query);
int view_sources(struct writer *w, const struct model *model, const struct query *query);
int view_targets(struct writer *w, const struct model *model, const struct query *query);
int view_senders(struct writer *w, const struct model *model, const struct query *query);
int view_paths(struct writer *w, const struct model *model, const struct query *query);
int view_alerts(struct writer *w, const struct model *model, const struct query *query);
int view_status(struct writer *w, const struct model *model, const struct query *query);

/* NULL-name-terminated: the subjects that answer with one document. */
struct view {
	const char *name;
	view_fn show;
};
extern const struct view views[];

/* The number of a code that is named by number (0 to 15) or name; -EINVAL where there is none. */
int view_code(const char *text);

/* Does the event pass the query? Events are a stream: serve and cli write them one by one. */
bool view_event_matches(const struct query *query, const struct event *ev);
/* Appends one event as `json` or text line. */
void view_event(struct buf *b, const struct event *ev, bool json);
/* The same for a change of an alert. */
bool view_alert_matches(const struct query *query, const struct alert *a);
void view_alert(struct buf *b, const struct alert *a, int64_t to_wall, bool json);

#endif
