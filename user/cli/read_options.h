/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What `unreach read` is asked for: its command line as a question. Opens nothing. */
#ifndef UNREACH_CLI_READ_OPTIONS_H
#define UNREACH_CLI_READ_OPTIONS_H

#include "view/view.h"

/* What is shown; the tables in the order of enum unreach_table. */
enum read_subject { SHOW_EVENTS, SHOW_ALERTS, SHOW_CODES, SHOW_PATHS, SHOW_TABLES };

struct read_options {
	uint32_t show; /* enum read_subject, of the tables SHOW_TABLES + enum unreach_table */
	uint32_t rows;
	bool json, community_id, help;
	const char *interface, *code, *source, *target, *inside;
	struct query query; /* what the texts mean */
};

/*
 * Reads the command line; the captures' paths, at least one, are then
 * paths[0..*count). With .help nothing but that is to be looked at. 0 or
 * -EINVAL, which is said.
 */
int read_options_take(struct read_options *o, int argc, char **argv, char **paths, int *count);
/* "events": the subject's name, which is its view's. */
const char *read_subject(uint32_t show);
/* Puts the help on stdout; the exit status. */
int read_usage(void);

#endif
