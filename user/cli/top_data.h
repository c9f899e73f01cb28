/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What `top` knows: the last answer to each question, and what only time tells:
 * rates of rows and the history of the codes. Knows no socket and no screen;
 * `now` is CLOCK_MONOTONIC, other times are Unix ns, as the daemon says them.
 */
#ifndef UNREACH_CLI_TOP_DATA_H
#define UNREACH_CLI_TOP_DATA_H

#include <stdbool.h>
#include <stdint.h>

#include "unreach/abi.h"

#define TOP_ROWS 100 /* that are asked for, of each table */
#define TOP_SAMPLES 256 /* seconds of history */

/* What is asked. The first three are always shown. */
enum top_view {
	TOP_CODES,
	TOP_STATUS,
	TOP_ALERTS,
	TOP_SOURCES,
	TOP_TARGETS,
	TOP_SENDERS,
	TOP_PATHS,
	TOP_VIEWS,
};

enum top_sort { TOP_BY_MESSAGES, TOP_BY_RATE, TOP_BY_LAST, TOP_SORTS };

struct top_code {
	uint64_t messages, bytes;
	double rate; /* messages a second over the last 10 s */
	uint64_t last; /* 0: never */
};

struct top_interface {
	char name[UNREACH_NAME_LEN];
	uint64_t seen, unassigned, bad_checksum, truncated, bad_header, fragment;
	struct top_code codes[UNREACH_CODES];
};

/* Of one interface, kept as long as it is watched. */
struct top_history {
	char name[UNREACH_NAME_LEN];
	uint64_t base[UNREACH_CODES]; /* messages at the last sample */
	float samples[UNREACH_CODES][TOP_SAMPLES]; /* messages a second */
};

/* The loss identity (docs/flow.md). */
struct top_identity {
	char name[UNREACH_NAME_LEN], state[16]; /* of the interface */
	uint64_t seen, delivered, pending, suppressed, lost, lost_ring, lost_sink;
	bool holds;
};

struct top_host {
	char interface[UNREACH_NAME_LEN], address[48];
	char codes[96]; /* "3:12 4:5" */
	uint64_t messages, last;
	double rate; /* a second, since the last answer; below 0: not known yet */
};

/* Sources, targets or senders. */
struct top_table {
	uint64_t entries, size, unattributed;
	struct top_host rows[TOP_ROWS];
	unsigned int count;
	struct top_host base[TOP_ROWS]; /* as they were at base_at, to reckon rates from */
	unsigned int base_count;
	uint64_t base_at; /* now; 0: there are none */
};

struct top_path {
	char interface[UNREACH_NAME_LEN], src[48], dst[48], reporter[48], link[32], verdict[16];
	uint64_t mtu, messages, last;
};

struct top_alert {
	char state[16], severity[16], kind[24], path[56], src[48], reporter[48];
	char code[8]; /* of a flood of many sources; "" */
	char evidence[400];
	uint64_t mtu, flows, last;
};

struct top_data {
	unsigned int known; /* the views that were answered: bits 1 << enum top_view */
	uint64_t time; /* of the codes; 0: nothing was answered yet */
	struct top_interface interfaces[UNREACH_SLOTS];
	unsigned int count;
	struct top_history histories[UNREACH_SLOTS];
	uint64_t sampled_at, samples; /* now of the last one, and how many there were */

	double uptime; /* seconds */
	struct top_identity total, identities[UNREACH_SLOTS];
	unsigned int identity_count;

	struct top_table tables[TOP_PATHS - TOP_SOURCES];
	struct top_path paths[TOP_ROWS];
	unsigned int path_count;
	struct top_alert alerts[TOP_ROWS];
	unsigned int alert_count, firing;
};

/* What is wrong with what is known; .text NULL: nothing. */
struct top_trouble {
	const char *text, *socket;
	uint64_t seconds; /* since it is; used if .gone */
	bool gone; /* the daemon can't be asked: what is shown is old */
};

/* "codes" */
const char *top_view_name(enum top_view view);
/* Takes the lines of an answer, which are cut apart. */
void top_data_take(struct top_data *d, enum top_view view, char *document, uint64_t now);
/* Another question will be asked: rows of tables, paths and alerts are of no use any more. */
void top_data_forget(struct top_data *d);
/* Orders the rows of tables and paths; paths have no rate and go by their messages. */
void top_data_sort(struct top_data *d, enum top_sort sort);

/* Of one interface, or all of them where `name` is "". */
struct top_interface top_data_sum(const struct top_data *d, const char *name);
/* NULL where that interface has none. */
const struct top_identity *top_data_identity(const struct top_data *d, const char *name);
/* Messages a second of a code, `age` samples ago (0: the last); below 0: before the first. */
double top_data_sample(const struct top_data *d, const char *name, unsigned int code,
		       unsigned int age);

#endif
