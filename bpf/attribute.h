/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sources, targets, senders: a message is counted at each of its addresses
 * that has a row or is let in (admit.h), else as unattributed.
 */
#ifndef UNREACH_BPF_ATTRIBUTE_H
#define UNREACH_BPF_ATTRIBUTE_H

#include "admit.h"
#include "maps.h"

static __always_inline void host_count(struct unreach_host *host, __u8 code, __u64 now)
{
	__u32 i = code;

	OPAQUE(i);
	if (i > UNREACH_CODES)
		i = UNREACH_CODES;
	__sync_fetch_and_add(&host->messages[i], 1);
	if (host->last != now) /* spare the shared cache line */
		host->last = now;
}

/* A message's source: its row, if it has one, and whether it had one before this message. */
struct source {
	struct unreach_host *row;
	bool known;
};

/* Counts the message at `addr` in one table. */
static __always_inline struct source attribute_to(void *map, enum unreach_table table,
						  const struct unreach_addr *addr,
						  struct unreach_counters *count,
						  const struct unreach_event *ev, __u64 now)
{
	struct unreach_host_key key = { .addr = *addr, .slot = slot };
	struct unreach_attribution *sum = &count->tables[table];
	enum unreach_unattributed reason = 0;
	struct unreach_host fresh = { .first = now, .last = now };
	struct source found = {};

	sum->attributable++;
	found.row = bpf_map_lookup_elem(map, &key);
	found.known = found.row;
	if (!found.row)
		found.row = admit(map, &key, &fresh, admission_bucket(table), RATE(admission), now,
				  &reason);
	if (found.row) {
		host_count(found.row, ev->code, now);
		sum->attributed++;
	} else {
		sum->unattributed[reason]++;
	}
	return found;
}

/* Counts the message in the tables that are kept; returns its source. */
static __always_inline struct source attribute(struct unreach_counters *count,
					       const struct unreach_event *ev, __u64 now)
{
	struct source source = {};

	if (ev->checksum == UNREACH_CHECKSUM_BAD)
		return source;
	if (track & 1 << UNREACH_SOURCES)
		source = attribute_to(&sources, UNREACH_SOURCES, &ev->src, count, ev, now);
	if (track & 1 << UNREACH_TARGETS && ev->present & UNREACH_HAS_ORIG_DST)
		attribute_to(&targets, UNREACH_TARGETS, &ev->orig_dst, count, ev, now);
	if (track & 1 << UNREACH_SENDERS && ev->present & UNREACH_HAS_ORIG_SRC)
		attribute_to(&senders, UNREACH_SENDERS, &ev->orig_src, count, ev, now);
	return source;
}

#endif
