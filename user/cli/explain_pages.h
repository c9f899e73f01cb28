/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What there is to explain, as tables; explain.c finds and shows it. */
#ifndef UNREACH_CLI_EXPLAIN_PAGES_H
#define UNREACH_CLI_EXPLAIN_PAGES_H

#include <stdint.h>

#include "unreach/abi.h"

/* A row of codes.def; see there. */
struct explain_code {
	const char *name, *title, *sender, *rfc, *meaning, *check;
	const char *nft, *iptables, *history; /* may be NULL */
};
extern const struct explain_code explain_codes[UNREACH_CODES];

/* A kind of link that an MTU speaks of. */
struct explain_link {
	uint32_t mtu; /* the most usual */
	const char *headers; /* where the bytes go, with the RFC */
	const char *meaning, *check;
};
enum { EXPLAIN_LINKS = 12 };
extern const struct explain_link explain_links[EXPLAIN_LINKS];
/* Of the same kind as `mtu` (state/links.h); NULL where it speaks of none. */
const struct explain_link *explain_link(uint32_t mtu);

/* A question that is about no single code. */
struct explain_topic {
	const char *name, *title;
	const char *text; /* as prose.h takes it */
};
enum { EXPLAIN_TOPICS = 4 };
extern const struct explain_topic explain_topics[EXPLAIN_TOPICS];

#endif
