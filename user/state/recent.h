/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The last events, copied, each with a running number: what `unreach events`
 * shows, and from where followers take their lines at their own pace.
 */
#ifndef UNREACH_STATE_RECENT_H
#define UNREACH_STATE_RECENT_H

#include "state/event.h"

#define RECENT_EVENTS 4096 /* a power of two */

struct recent_entry {
	struct unreach_record record; /* its kept bytes are not */
	char interface[UNREACH_NAME_LEN];
	uint32_t nonce;
	uint32_t stream;
	int64_t to_wall;
	bool community_id;
};

struct recent {
	uint64_t next; /* number of the next event; the last RECENT_EVENTS are there */
	struct recent_entry entries[RECENT_EVENTS];
};

/* A live event, with a name of UNREACH_NAME_LEN bytes as its interface. */
void recent_add(struct recent *r, const struct event *ev);
/* Number of the oldest event that is still there. */
uint64_t recent_oldest(const struct recent *r);
/* The event of that number, from recent_oldest to next - 1; the pointers in it live as long as the
 * entry. */
struct event recent_get(const struct recent *r, uint64_t number);

#endif
