/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sources, targets, senders: sample and hold (Estan and Varghese, 2002). An
 * address that has a row is always counted; a new one gets a row only while
 * its table's admission bucket on this CPU allows, else the message is counted
 * as unattributed. So a flood of made-up addresses costs one look-up each, and
 * can't wash out the table: the bucket's rate follows the table's size.
 */
#ifndef UNREACH_BPF_ATTRIBUTE_H
#define UNREACH_BPF_ATTRIBUTE_H

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

/* Makes a row for the key, if the table lets one in; says why not in *reason. */
static __always_inline struct unreach_host *host_admit(void *map, __u32 table,
						       const struct unreach_host_key *key,
						       __u64 now, enum unreach_unattributed *reason)
{
	struct unreach_host *host = 0, fresh = { .first = now, .last = now };
	__u64 *bucket = bpf_map_lookup_elem(&admission, &table);

	*reason = UNREACH_UNATTRIBUTED_ADMISSION;
	if (!bucket || !unreach_bucket_take(bucket, now, RATE(admission)))
		return 0;
	/* EEXIST: another CPU was faster, its row is as good. */
	bpf_map_update_elem(map, key, &fresh, BPF_NOEXIST);
	host = bpf_map_lookup_elem(map, key);
	*reason = UNREACH_UNATTRIBUTED_TABLE;
	return host;
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
	struct source found = {};

	sum->attributable++;
	found.row = bpf_map_lookup_elem(map, &key);
	found.known = found.row;
	if (!found.row)
		found.row = host_admit(map, table, &key, now, &reason);
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
