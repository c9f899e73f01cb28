// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A ring of copies: writing never waits for a reader, and a reader that is too
 * slow finds the oldest number moved on. What was kept of the frame is left
 * out; only sinks want it, and they have it while the record is in its ring.
 */
#include "state/recent.h"

#include <string.h>

static const struct recent_entry *entry_of(const struct recent *r, uint64_t number)
{
	return &r->entries[number % RECENT_EVENTS];
}

void recent_add(struct recent *r, const struct event *ev)
{
	struct recent_entry *entry = &r->entries[r->next++ % RECENT_EVENTS];

	entry->record = *ev->record;
	entry->record.envelope.kept = 0;
	memcpy(entry->interface, ev->interface, sizeof(entry->interface));
	entry->nonce = ev->nonce;
	entry->stream = ev->stream;
	entry->to_wall = ev->to_wall;
	entry->community_id = ev->community_id;
}

uint64_t recent_oldest(const struct recent *r)
{
	return r->next > RECENT_EVENTS ? r->next - RECENT_EVENTS : 0;
}

struct event recent_get(const struct recent *r, uint64_t number)
{
	const struct recent_entry *entry = entry_of(r, number);

	return (struct event){
		.record = &entry->record,
		.interface = entry->interface,
		.to_wall = entry->to_wall,
		.nonce = entry->nonce,
		.stream = entry->stream,
		.community_id = entry->community_id,
	};
}
