/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sources, targets, senders: a message is counted at each of its addresses
 * that has a row, or gets one while the table's admission bucket allows (sample
 * and hold, see admit.h), else as unattributed.
 */
#ifndef UNREACH_BPF_ATTRIBUTE_H
#define UNREACH_BPF_ATTRIBUTE_H

#include "hosts.h"
#include "message.h"

/* A message's source: its row, if it has one, and whether it had one before this message. */
struct source {
	struct unreach_host *row;
	bool known;
};

/*
 * The address's row, made at need. `reason` says why there is none. No lock is held
 * while counting: if another CPU gives the row away just then, the message is counted
 * at the wrong address.
 */
static __always_inline struct source row_of(void *map, enum unreach_table table,
					    const struct message *m,
					    enum unreach_unattributed *reason)
{
	struct unreach_host_key key = host_key(m->hosts[table]);
	struct source found = { .row = find_row(map, table, &key,
						unreach_host_hash(&key, cell_seed)) };
	__u64 *bucket;

	found.known = found.row;
	if (found.row)
		return found;
	bucket = admission_bucket(table);
	*reason = UNREACH_UNATTRIBUTED_ADMISSION;
	if (!bucket || !unreach_bucket_take(bucket, m->now, RATE(admission)))
		return found;
	*reason = UNREACH_UNATTRIBUTED_TABLE;
	found.row = row_at(map, make_row(table, unreach_addr_half(&key.addr, 0),
					 unreach_addr_half(&key.addr, 1), m->now));
	return found;
}

static __always_inline void host_count(struct unreach_host *host, const struct message *m)
{
	__u32 i = m->code;

	OPAQUE(i);
	if (i > UNREACH_CODES)
		i = UNREACH_CODES;
	__sync_fetch_and_add(&host->messages[i], 1);
	if (host->last != m->now) /* spare the shared cache line */
		host->last = m->now;
}

/* Counts the message in one table. */
static __always_inline struct source attribute_to(void *map, enum unreach_table table,
						  struct unreach_counters *count,
						  const struct message *m)
{
	struct unreach_attribution *sum = &count->tables[table];
	enum unreach_unattributed reason;
	struct source found;

	sum->attributable++;
	found = row_of(map, table, m, &reason);
	if (!found.row) {
		sum->unattributed[reason]++;
		return found;
	}
	host_count(found.row, m);
	sum->attributed++;
	return found;
}

/* Counts the message in the tables that are kept; returns its source. */
static __always_inline struct source attribute(struct unreach_counters *count,
					       const struct message *m)
{
	struct source source = {};

	if (m->checksum == UNREACH_CHECKSUM_BAD)
		return source;
	if (m->tables & 1 << UNREACH_SOURCES)
		source = attribute_to(&sources, UNREACH_SOURCES, count, m);
	if (m->tables & 1 << UNREACH_TARGETS)
		attribute_to(&targets, UNREACH_TARGETS, count, m);
	if (m->tables & 1 << UNREACH_SENDERS)
		attribute_to(&senders, UNREACH_SENDERS, count, m);
	return source;
}

#endif
