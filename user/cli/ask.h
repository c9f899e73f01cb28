/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One request to the daemon, its answer to stdout. Knows no views and no options. */
#ifndef UNREACH_CLI_ASK_H
#define UNREACH_CLI_ASK_H

#include <stdbool.h>

struct ask {
	const char *socket;
	const char *request; /* with its newline */
	const char *heading; /* written before the answer, if there is one; may be "" */
	bool follow; /* the answer has no end: when it ends, the daemon went away */
};

/*
 * 0 where all of the answer was written; 1 where not, which is said on stderr
 * unless whoever read stdout has gone. SIGPIPE must be ignored.
 */
int ask(const struct ask *a);
/* 0 where somebody listens at the path; 1 where not, said likewise. Asks nothing. */
int ask_try(const char *path);

#endif
