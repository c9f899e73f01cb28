/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ledger: which row a frame belongs to. Rows are per CPU, so plain
 * additions are exact; `seen` is counted on its own, so that it can be held
 * against the rows.
 */
#ifndef UNREACH_BPF_COUNT_H
#define UNREACH_BPF_COUNT_H

#include "maps.h"
#include "message.h"

/* The row of a message. */
static __always_inline struct unreach_tally *tally_of(struct unreach_counters *count,
						      const struct message *m)
{
	__u32 code = m->code;

	OPAQUE(code);
	if (m->checksum == UNREACH_CHECKSUM_BAD)
		return &count->bad_checksum[UNREACH_IPV4];
	if (code >= UNREACH_CODES)
		return &count->unassigned[UNREACH_IPV4];
	return &count->codes[UNREACH_IPV4][code];
}

static __always_inline void count_message(struct unreach_counters *count, const struct message *m)
{
	struct unreach_tally *tally = tally_of(count, m);

	count->seen++;
	tally->messages++;
	tally->bytes += m->length;
	tally->last = m->now;
}

static __always_inline void count_unclassified(struct unreach_counters *count,
					       enum unreach_outcome outcome)
{
	__u32 reason = outcome - UNREACH_TRUNCATED;

	OPAQUE(reason);
	if (reason < UNREACH_UNCLASSIFIED)
		count->unclassified[UNREACH_IPV4][reason]++;
}

#endif
