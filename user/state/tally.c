// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The ledger's rows on the host: the same decision as bpf/count.h for the
 * frames of a capture, the sum over CPUs for those that the kernel counted,
 * and rates from snapshots of either. Knows no map and no file.
 */
#include "state/tally.h"

#include <string.h>

#include "base/clock.h"

#define SNAPSHOTS (TALLY_SECONDS + 1)

/* The row of a message, by the ledger's table. */
static struct unreach_tally *row_of(struct unreach_counters *c, const struct unreach_event *ev)
{
	if (ev->checksum == UNREACH_CHECKSUM_BAD)
		return &c->bad_checksum[ev->family];
	if (ev->code >= UNREACH_CODES)
		return &c->unassigned[ev->family];
	return &c->codes[ev->family][ev->code];
}

void tally_frame(struct tally *t, enum unreach_outcome outcome, const struct unreach_event *ev,
		 uint64_t now)
{
	struct unreach_tally *row;

	if (outcome == UNREACH_NOT_OURS)
		return;
	if (outcome != UNREACH_OK) {
		t->counters.unclassified[UNREACH_IPV4][outcome - UNREACH_TRUNCATED]++;
		return;
	}
	row = row_of(&t->counters, ev);
	t->counters.seen++;
	row->messages++;
	row->bytes += ev->length;
	if (row->last < now)
		row->last = now;
}

static void add_row(struct unreach_tally *sum, const struct unreach_tally *cpu)
{
	sum->messages += cpu->messages;
	sum->bytes += cpu->bytes;
	if (sum->last < cpu->last)
		sum->last = cpu->last;
}

static void add_family(struct unreach_counters *sum, const struct unreach_counters *cpu,
		       enum unreach_family family)
{
	unsigned int i;

	for (i = 0; i < UNREACH_CODES; i++)
		add_row(&sum->codes[family][i], &cpu->codes[family][i]);
	add_row(&sum->unassigned[family], &cpu->unassigned[family]);
	add_row(&sum->bad_checksum[family], &cpu->bad_checksum[family]);
	for (i = 0; i < UNREACH_UNCLASSIFIED; i++)
		sum->unclassified[family][i] += cpu->unclassified[family][i];
}

static void add_attribution(struct unreach_attribution *sum, const struct unreach_attribution *cpu)
{
	unsigned int i;

	sum->attributable += cpu->attributable;
	sum->attributed += cpu->attributed;
	for (i = 0; i < UNREACH_UNATTRIBUTED_REASONS; i++)
		sum->unattributed[i] += cpu->unattributed[i];
}

void tally_add(struct unreach_counters *sum, const struct unreach_counters *cpu)
{
	unsigned int i;

	sum->seen += cpu->seen;
	for (i = 0; i < UNREACH_FAMILIES; i++)
		add_family(sum, cpu, (enum unreach_family)i);
	for (i = 0; i < UNREACH_TABLES; i++)
		add_attribution(&sum->tables[i], &cpu->tables[i]);
	for (i = 0; i < UNREACH_EVIDENCES; i++)
		add_attribution(&sum->evidence[i], &cpu->evidence[i]);
	for (i = 0; i < UNREACH_SUPPRESSED_REASONS; i++)
		sum->suppressed[i] += cpu->suppressed[i];
	sum->told += cpu->told;
	sum->lost_ring += cpu->lost_ring;
	sum->records += cpu->records;
}

void tally_tick(struct tally *t, uint64_t now)
{
	struct tally_history *h = &t->history;
	unsigned int family, code, i = h->next;

	for (family = 0; family < UNREACH_FAMILIES; family++)
		for (code = 0; code < UNREACH_CODES; code++)
			h->messages[i][family][code] = t->counters.codes[family][code].messages;
	h->at[i] = now;
	h->next = (i + 1) % SNAPSHOTS;
}

/* The youngest snapshot that is ten seconds old, or the oldest that there is; -1: none. */
static int base_snapshot(const struct tally_history *h, uint64_t now)
{
	unsigned int age;
	int found = -1;

	for (age = 1; age <= SNAPSHOTS; age++) {
		unsigned int i = (h->next + SNAPSHOTS - age) % SNAPSHOTS;

		if (!h->at[i])
			break;
		found = (int)i;
		if (now >= h->at[i] + TALLY_SECONDS * NS_PER_SEC)
			break;
	}
	return found;
}

double tally_rate(const struct tally *t, enum unreach_family family, unsigned int code,
		  uint64_t now)
{
	const struct tally_history *h = &t->history;
	int i = base_snapshot(h, now);
	uint64_t messages, ns;

	if (i < 0)
		return 0;
	messages = t->counters.codes[family][code].messages - h->messages[i][family][code];
	ns = now > h->at[i] ? now - h->at[i] : 0;
	/* A moment is no measure: within the first second, the count itself. */
	if (ns < NS_PER_SEC)
		ns = NS_PER_SEC;
	return (double)messages * NS_PER_SEC / (double)ns;
}
