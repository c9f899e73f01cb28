/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One alert: what it is about, how sure it is, what was counted, and its
 * written forms. Detectors make findings, state/alerts.c makes alerts of them;
 * the words are alert_words.c's. Times are of the timeline, in ns.
 */
#ifndef UNREACH_STATE_ALERT_H
#define UNREACH_STATE_ALERT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/writer.h"
#include "state/tally.h"
#include "unreach/abi.h"

enum alert_kind {
	ALERT_IGNORED, /* adverts come, their host goes on as before */
	ALERT_INVALID, /* adverts that no honest router sends */
	ALERT_SILENT, /* large packets vanish, and nobody says so */
	ALERT_FLOOD, /* messages of one source, or one code, come too fast */
	ALERT_SCAN, /* one host of ours could not reach many targets */
	ALERT_KINDS,
};

/* On what a finding rests. */
enum alert_basis {
	BASIS_SEGMENT, /* one TCP segment was quoted again and again */
	BASIS_FLOWS, /* flow after flow between two hosts was too long, each told anew */
	BASIS_UNLEARNED, /* this machine's own kernel does not know what was told */
	BASIS_CLASS, /* implausible by itself or by number: enum unreach_class */
	BASIS_STUCK, /* large segments were never acknowledged, though the peer lives */
	BASIS_SHORTER, /* and when one was sent shorter, it was */
	BASIS_SOURCE_RATE, /* messages a second of one source */
	BASIS_CODE_RATE, /* messages a second of one code, from others than flooding sources */
	BASIS_TARGETS, /* different targets within a minute */
};

enum alert_severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL };
enum alert_level { LEVEL_SUSPECT, LEVEL_PROBABLE, LEVEL_CONFIRMED };

/* What a detector has to say of one row: the same row is found again at each look. */
struct finding {
	enum alert_kind kind;
	enum alert_basis basis;
	enum unreach_class class; /* BASIS_CLASS, else UNREACH_CLASS_NONE */
	enum alert_severity severity;
	enum alert_level level;
	uint32_t slot;
	struct unreach_addr src, dst; /* quoted; zero: it is not about one */
	struct unreach_addr reporter; /* zero: nobody reports, or many */
	uint64_t flow; /* tells TCP flows apart; 0: it is not about one */
	uint64_t messages;
	uint64_t first, last; /* evidence */
	uint64_t at; /* when it became certain: not 0 */
	uint32_t episodes; /* BASIS_SEGMENT: how often quoted, BASIS_FLOWS: by how many flows */
	uint32_t mtu;
	uint32_t quoted_length; /* bytes */
	uint32_t passes, stuck; /* ALERT_SILENT: longest that arrives (0: not known), shortest that
				   does not */
	uint32_t code; /* BASIS_CODE_RATE, else 0 */
	uint32_t peak; /* ALERT_FLOOD: most messages a second; ALERT_SCAN: most targets a minute */
};

struct alert {
	uint64_t id; /* the same after a restart, as far as the evidence is the same */
	struct finding lead; /* the finding that made it, kept up to date */
	char interface[TALLY_NAME_LEN]; /* where it was seen first; may be empty */
	bool resolved;
	uint64_t messages; /* of all findings together */
	uint64_t first, last;
	uint64_t ended; /* when it was resolved */
	uint32_t flows, hosts, destinations; /* different ones */
	bool more; /* not all of these three could be counted: "at least" */
};

/* Does a reporter tell an MTU? Silence, floods and scans have none. */
bool alert_tells_mtu(enum alert_kind kind);
/* Is it about a path? Floods and scans are not. */
bool alert_has_path(enum alert_kind kind);
/* "pmtud-ignored" */
const char *alert_kind_name(enum alert_kind kind);
/* "legacy"; NULL for UNREACH_CLASS_NONE. */
const char *alert_class_name(enum unreach_class class);
const char *alert_severity_name(enum alert_severity severity);
const char *alert_level_name(enum alert_level level);
/* The destination's network, in which findings are one path: its /24, or /48 for IPv6. */
struct unreach_addr alert_net(const struct unreach_addr *dst);
/* The same as text. */
void alert_path(struct buf *b, const struct unreach_addr *dst);
/* When the alert came to its present state: the time of its line. */
uint64_t alert_time(const struct alert *a);

/* alert_words.c: a sentence or two each, no newline. */
void alert_evidence(struct buf *b, const struct alert *a);
void alert_meaning(struct buf *b, const struct alert *a);
void alert_unknown(struct buf *b, const struct alert *a); /* what it can't tell */
void alert_advice(struct buf *b, const struct alert *a);

/* Writes the keys of the contract's alert object into the object that is open. */
void alert_write(struct writer *w, const struct alert *a, int64_t to_wall);
/* Appends the event log's line, newline included; `to_wall` turns the timeline into Unix ns. */
void alert_json(struct buf *b, const struct alert *a, int64_t to_wall);
/* Appends one line for people, newline included. */
void alert_text(struct buf *b, const struct alert *a, int64_t to_wall);

#endif
