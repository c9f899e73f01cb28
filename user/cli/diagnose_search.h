/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The search for a path's MTU, without sockets and clocks: which size to try
 * next, and what its fate teaches (RFC 1191; where nobody says anything, RFC
 * 4821's way). Sizes are those of whole IPv4 packets in bytes.
 */
#ifndef UNREACH_CLI_DIAGNOSE_SEARCH_H
#define UNREACH_CLI_DIAGNOSE_SEARCH_H

#include "cli/diagnose_result.h"

/* Every link takes so much: RFC 791, 3.1. */
enum { SEARCH_LEAST = 68 };

struct search {
	uint32_t link_mtu;
	uint32_t low; /* longest that was answered; 0: none */
	uint32_t high; /* shortest that did not get through; link_mtu + 1: none */
	uint32_t stuck; /* shortest that vanished in silence; 0: none */
	uint32_t told; /* least that was named; 0: none */
	uint32_t next;
	struct in_addr told_by;
	bool told_something; /* a router refused, with a plausible number or without */
};

/*
 * `passes`: a size known to be answered; 0: the host answers nothing that we
 * could tell by, so that only what routers say can be learned.
 */
void search_begin(struct search *s, uint32_t link_mtu, uint32_t passes);
/* The size to try, 0: the search is over. */
uint32_t search_next(const struct search *s);
/* The fate of search_next(): answered, refused by a router that named `mtu`, or neither. */
void search_passed(struct search *s);
void search_told(struct search *s, uint32_t mtu, struct in_addr by);
void search_silent(struct search *s);
/* What is known; `cut`: the search was ended before it was over. */
void search_result(const struct search *s, bool cut, struct path_result *result);

#endif
