/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Between the files that hold the verdicts' words; others take diagnose_verdict.h. */
#ifndef UNREACH_CLI_DIAGNOSE_WORDS_H
#define UNREACH_CLI_DIAGNOSE_WORDS_H

#include "cli/diagnose_verdict.h"

/* Where to, about what, and the probe's result that decided. */
struct words {
	struct buf *b;
	const struct diagnosis *d;
	const struct probe_result *p;
};

/* A dotted quad that lives as long as the expression it is used in. */
struct words_address {
	char text[INET_ADDRSTRLEN];
};
struct words_address words_address(struct in_addr a);

/* Append what it means, and what to do. */
void words_open_means(const struct words *w);
void words_open_advice(const struct words *w);
void words_narrow_means(const struct words *w);
void words_narrow_advice(const struct words *w);
void words_hole_means(const struct words *w);
void words_hole_advice(const struct words *w);
void words_unheard_means(const struct words *w);
void words_unheard_advice(const struct words *w);

#endif
