// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The loss identity over readings that were taken while counters moved. A
 * reading takes the acknowledged numbers, then CPU after CPU its counters from
 * the first to the last: `seen` stands first, and the program too counts it
 * before anything else. So what a reading's other counters add up to is at
 * least its own `seen`, save for the message that each CPU has in hand, and at
 * most what a later reading calls seen.
 */
#include "state/ledger.h"

#include <string.h>

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t rows_of(const struct unreach_counters *c)
{
	uint64_t sum = 0;
	unsigned int family, code;

	for (family = 0; family < UNREACH_FAMILIES; family++) {
		for (code = 0; code < UNREACH_CODES; code++)
			sum += c->codes[family][code].messages;
		sum += c->unassigned[family].messages + c->bad_checksum[family].messages;
	}
	return sum;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t last_of(const struct unreach_counters *c)
{
	uint64_t last = 0;
	unsigned int family, code;

	for (family = 0; family < UNREACH_FAMILIES; family++) {
		for (code = 0; code < UNREACH_CODES; code++)
			last = later(last, c->codes[family][code].last);
		last = later(last, c->unassigned[family].last);
		last = later(last, c->bad_checksum[family].last);
	}
	return last;
}

void ledger_add(struct ledger *l, const struct tally *t)
{
	const struct unreach_counters *c = &t->counters;
	unsigned int i;

	l->seen += c->seen;
	l->rows += rows_of(c);
	/*
	 * Where numbers contradict (more acknowledged than recorded, more failed
	 * than acknowledged), these stop at 0 and the sum comes out too big: the
	 * identity then fails, as it must, and nothing is shown as 2^64.
	 */
	l->delivered += less(t->acked.number, t->acked.lost_sink);
	l->pending += less(c->records, t->acked.number);
	for (i = 0; i < UNREACH_SUPPRESSED_REASONS; i++)
		l->suppressed[i] += c->suppressed[i];
	l->told += c->told;
	l->lost_ring += c->lost_ring;
	l->lost_sink += t->acked.lost_sink;
	l->last = later(l->last, last_of(c));
}

uint64_t ledger_suppressed(const struct ledger *l)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < UNREACH_SUPPRESSED_REASONS; i++)
		sum += l->suppressed[i];
	return sum;
}

uint64_t ledger_lost(const struct ledger *l)
{
	return l->lost_ring + l->lost_sink;
}

bool ledger_at_rest(const struct ledger *before, const struct ledger *after, uint64_t now)
{
	return !memcmp(before, after, sizeof(*before)) && now >= after->last + LEDGER_REST_NS;
}

static bool between(uint64_t sum, uint64_t least, uint64_t most, unsigned int slack)
{
	return sum + slack >= least && sum <= most + slack;
}

bool ledger_holds(const struct ledger *before, const struct ledger *after, uint64_t now,
		  unsigned int cpus)
{
	uint64_t fates = before->delivered + before->pending + ledger_suppressed(before) +
			 ledger_lost(before);
	bool rest = ledger_at_rest(before, after, now);
	unsigned int slack = rest ? 0 : cpus;

	if (rest && before->drained && before->pending)
		return false;
	return between(fates, before->seen, after->seen, slack) &&
	       between(before->rows, before->seen, after->seen, slack);
}
