// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A source that sends N messages a second shows in its interface's counters,
 * so the table of sources is left alone while these are slower. Of a source
 * that had less than a second's worth when the period began nothing is kept;
 * as much is taken off what it has at the end. A code is judged by what is
 * left of it when flooding sources are taken away: one flood, one finding.
 */
#include "state/floods.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "state/alerts.h"

/* Counts by code, of a source, or of an interface (whose address is zero). */
struct count_row {
	struct unreach_host_key key;
	uint64_t messages[UNREACH_CODES];
};

/* From one period to the next. */
struct turn {
	struct floods *floods;
	struct table next; /* counts now: what the next period begins with */
	uint64_t now;
	int rc;
};

static struct table counts_none(void)
{
	return (struct table){ .key_size = sizeof(struct unreach_host_key),
			       .row_size = sizeof(struct count_row) };
}

static struct table rows_none(void)
{
	return (struct table){ .key_size = sizeof(struct flood_key),
			       .row_size = sizeof(struct flood_row) };
}

struct floods floods_none(struct flood_rates rates)
{
	return (struct floods){ .rates = rates, .rows = rows_none(), .before = counts_none() };
}

/* Messages that are a flood within so long; a period that was cut short counts as a whole one. */
static uint64_t enough(uint32_t rate, uint64_t span)
{
	return (uint64_t)rate * (span < FLOOD_PERIOD_NS ? FLOOD_PERIOD_NS : span) / NS_PER_SEC;
}

static bool is_over(const struct flood *flood, uint64_t now)
{
	return now >= flood->last + ALERT_QUIET_NS;
}

/* Forgets floods that have been over for long. */
static void forget(struct floods *f, uint64_t now)
{
	struct table kept = rows_none();
	size_t i;

	for (i = 0; i < f->rows.count; i++) {
		struct flood_row *row = table_row(&f->rows, i), *copy;

		if (is_over(&row->value, now))
			continue;
		copy = table_make(&kept, &row->key);
		if (copy)
			*copy = *row;
	}
	table_free(&f->rows);
	f->rows = kept;
}

static struct flood *row_of(struct turn *t, const struct flood_key *key)
{
	struct floods *f = t->floods;
	struct flood_row *row = table_find(&f->rows, key);

	if (!row && f->rows.count < FLOODS_MOST) {
		row = table_make(&f->rows, key);
		if (!row)
			t->rc = -ENOMEM;
	}
	return row ? &row->value : NULL;
}

/* There were so many messages in this period, more than is good. */
static void note(struct turn *t, const struct flood_key *key, uint64_t messages)
{
	struct floods *f = t->floods;
	uint64_t span = t->now - f->began, rate;
	struct flood *flood = row_of(t, key);

	if (!flood)
		return;
	if (!flood->at || is_over(flood, t->now))
		*flood = (struct flood){ .first = f->began, .at = t->now };
	f->noted++;
	rate = messages * NS_PER_SEC / (span < FLOOD_PERIOD_NS ? FLOOD_PERIOD_NS : span);
	if (flood->peak < rate)
		flood->peak = (uint32_t)rate;
	flood->messages += messages;
	flood->last = t->now;
}

static uint64_t sum_of(const uint64_t *messages)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < UNREACH_CODES; i++)
		sum += messages[i];
	return sum;
}

static void keep(struct turn *t, const struct unreach_host_key *key, const uint64_t *messages)
{
	struct count_row *row = table_make(&t->next, key);

	if (row)
		memcpy(row->messages, messages, sizeof(row->messages));
	else
		t->rc = -ENOMEM;
}

/* What came of it since the period began, by code. A row that was let go and made anew begins at 0.
 */
static uint64_t grown(const struct count_row *before, const uint64_t *messages, uint64_t *growth)
{
	bool same = before && sum_of(before->messages) <= sum_of(messages);
	unsigned int i;

	for (i = 0; i < UNREACH_CODES; i++) {
		uint64_t base = same ? before->messages[i] : 0;

		growth[i] = messages[i] > base ? messages[i] - base : 0;
	}
	return sum_of(growth);
}

/* What a flooding source brought is no code's flood. */
static void explain(struct floods *f, uint32_t slot, const uint64_t *growth)
{
	const struct unreach_host_key key = { .slot = slot };
	struct count_row *interface = table_find(&f->before, &key);
	unsigned int i;

	for (i = 0; interface && i < UNREACH_CODES; i++)
		interface->messages[i] += growth[i];
}

static void read_source(const struct unreach_host *host, uint64_t *messages)
{
	unsigned int i;

	for (i = 0; i < UNREACH_CODES; i++)
		messages[i] = host->messages[i];
}

/* The evidence_fn: one row of the table of sources. */
static void take_source(void *context, const void *key, const void *value)
{
	const struct unreach_host_key *host = key;
	const struct flood_key flood = { host->addr, host->slot, FLOOD_OF_SOURCE };
	uint64_t messages[UNREACH_CODES], growth[UNREACH_CODES], sum;
	const struct count_row *before;
	struct turn *t = context;
	struct floods *f = t->floods;

	read_source(value, messages);
	if (sum_of(messages) < f->rates.source)
		return;
	keep(t, host, messages);
	if (!f->began)
		return;
	before = table_find(&f->before, host);
	sum = grown(before, messages, growth);
	if (!before)
		sum -= f->rates.source;
	if (sum < enough(f->rates.source, t->now - f->began))
		return;
	note(t, &flood, sum);
	explain(f, host->slot, growth);
}

static void read_codes(const struct tally *tally, uint64_t *messages)
{
	unsigned int i;

	for (i = 0; i < UNREACH_CODES; i++)
		messages[i] = tally->counters.codes[UNREACH_IPV4][i].messages;
}

/* Holds the codes of an interface against the period's beginning. */
static void take_codes(struct turn *t, const struct tally *tally)
{
	const struct unreach_host_key key = { .slot = tally->slot };
	uint64_t messages[UNREACH_CODES];
	struct floods *f = t->floods;
	const struct count_row *before = table_find(&f->before, &key);
	unsigned int i;

	read_codes(tally, messages);
	keep(t, &key, messages);
	for (i = 0; before && f->rates.code && i < UNREACH_CODES; i++) {
		const struct flood_key flood = { .slot = tally->slot, .code = i };

		if (messages[i] >= before->messages[i] + enough(f->rates.code, t->now - f->began))
			note(t, &flood, messages[i] - before->messages[i]);
	}
}

/* Is there an interface that is fast enough for a flood to be in it? */
static bool is_busy(const struct floods *f, const struct tally *tallies, unsigned int count,
		    uint64_t now)
{
	uint32_t least = f->rates.source && (f->rates.source < f->rates.code || !f->rates.code)
				 ? f->rates.source
				 : f->rates.code;
	unsigned int i, code;

	for (i = 0; least && i < count; i++) {
		double rate = 0;

		for (code = 0; code < UNREACH_CODES; code++)
			rate += tally_rate(&tallies[i], UNREACH_IPV4, code, now);
		if (rate >= least)
			return true;
	}
	return false;
}

/* Ends the period, where there is one, and begins the next, if it is still busy. */
static int turn(struct floods *f, const struct tally *tallies, unsigned int count,
		const struct flood_sources *sources, uint64_t now)
{
	struct turn t = { .floods = f, .next = counts_none(), .now = now };
	bool busy = is_busy(f, tallies, count, now);
	unsigned int i;
	int rc = 0;

	forget(f, now);
	if (f->rates.source)
		rc = sources->walk(sources->context, take_source, &t);
	if (rc)
		t.rc = rc;
	for (i = 0; i < count; i++)
		take_codes(&t, &tallies[i]);
	table_free(&f->before);
	f->began = 0;
	if (busy && !t.rc) {
		f->before = t.next;
		f->began = now;
	} else {
		table_free(&t.next);
	}
	return t.rc;
}

int floods_second(struct floods *f, const struct tally *tallies, unsigned int count,
		  const struct flood_sources *sources, uint64_t now)
{
	/* Seconds are not kept to the nanosecond. */
	if (f->began && now < f->began + FLOOD_PERIOD_NS - NS_PER_SEC / 2)
		return 0;
	if (!f->began && !is_busy(f, tallies, count, now))
		return 0;
	return turn(f, tallies, count, sources, now);
}

int floods_end(struct floods *f, const struct tally *tallies, unsigned int count,
	       const struct flood_sources *sources, uint64_t now)
{
	return f->began && now > f->began ? turn(f, tallies, count, sources, now) : 0;
}

void floods_walk(const struct floods *f, evidence_fn fn, void *context)
{
	size_t i;

	for (i = 0; i < f->rows.count; i++) {
		const struct flood_row *row = table_row(&f->rows, i);

		fn(context, &row->key, &row->value);
	}
}

void floods_free(struct floods *f)
{
	table_free(&f->rows);
	table_free(&f->before);
}
