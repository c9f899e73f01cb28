// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Each sender has cells for eight times as many targets as make a scan, in
 * groups of eight; a cell bears a target's hash and the second of its last
 * message, and is free again a minute later. So up to the threshold the count
 * is right, whatever comes, and beyond it never too high. Senders stand in
 * sets, too: where there is no room, who has the fewest targets gives way, and
 * not too often, or a flood of made-up senders would wash out the others
 * before they have their second target.
 */
#include "state/scans.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <linux/icmp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "base/clock.h"
#include "state/alerts.h"
#include "unreach/bucket.h"
#include "unreach/mix.h"

/* All cells together: 16 MiB, taken only as far as there are senders. */
#define CELLS_ALL (1U << 21)
#define CELLS_LEAST 512
#define CELLS_PER_TARGET 8
/* Cells that one target can have, and senders that stand in one set. */
#define GROUP 8
#define WAYS 8
/* How long a sender stays at least, in the mean, when all are crowded out. */
#define STAY_NS (10 * NS_PER_SEC)
/* Below these services listen (RFC 6335, 6); above, who asks them. */
#define PORT_ASKS 1024

struct cell {
	uint32_t target; /* a hash */
	uint32_t second; /* when it was heard of last, see second_of; 0: never */
};

struct sender {
	struct unreach_host_key key;
	bool taken;
	uint32_t fresh; /* targets within SCAN_SECONDS before `second` */
	uint32_t second; /* up to which `born` goes */
	uint32_t heard; /* second of its last message */
	uint32_t born[SCAN_SECONDS]; /* targets by the second of their last message */
	struct cell *cells;
	uint64_t since; /* when there were none the last time, and then one */
	struct scan scan;
};

struct scans {
	uint32_t targets;
	uint32_t cells; /* of one sender; a power of two */
	uint32_t sets; /* of senders; a power of two */
	uint64_t seed;
	uint64_t noted;
	__u64 crowding; /* bucket of senders that take the place of others */
	struct sender *last; /* who was counted last, and for which target */
	struct unreach_addr last_target;
	struct sender *senders; /* WAYS to a set */
};

/* The second of the timeline, from one on at which a cell that is zero is free. */
static uint32_t second_of(uint64_t now)
{
	return (uint32_t)(now / NS_PER_SEC) + SCAN_SECONDS;
}

static uint32_t power_of_two(uint32_t least)
{
	uint32_t n = CELLS_LEAST;

	while (n < least)
		n *= 2;
	return n;
}

struct scans *scans_new(uint32_t targets, uint64_t seed)
{
	struct scans *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->targets = targets;
	s->cells = power_of_two(targets * CELLS_PER_TARGET);
	s->sets = CELLS_ALL / s->cells / WAYS;
	s->seed = seed;
	s->senders = calloc((size_t)s->sets * WAYS, sizeof(*s->senders));
	if (s->senders)
		return s;
	free(s);
	return NULL;
}

/* Did a service answer, or a connection that was there speak? Then somebody else came first. */
static bool is_answer(const struct unreach_event *e)
{
	if (e->present & UNREACH_HAS_ICMP_TYPE)
		return e->orig_icmp_type != ICMP_ECHO && e->orig_icmp_type != ICMP_TIMESTAMP;
	if (e->present & UNREACH_HAS_TCP_FLAGS)
		return e->tcp_flags & (TH_ACK | TH_RST);
	return e->present & UNREACH_HAS_SRC_PORT && e->present & UNREACH_HAS_DST_PORT &&
	       e->src_port < PORT_ASKS && e->dst_port >= PORT_ASKS;
}

/* Does it say that a packet with which a host of ours began something did not get there? */
static bool tells_of_target(const struct unreach_event *e)
{
	const uint32_t both = UNREACH_HAS_ORIG_SRC | UNREACH_HAS_ORIG_DST;

	return e->checksum != UNREACH_CHECKSUM_BAD && e->code < UNREACH_CODES &&
	       e->code != ICMP_FRAG_NEEDED && (e->present & both) == both &&
	       !(e->flags & UNREACH_FLAG_OFF_PATH) && !e->orig_frag_offset && !is_answer(e);
}

static bool same_addr(const struct unreach_addr *a, const struct unreach_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Every event is looked at, so this is not table_hash, whose keys are of any size. */
static uint64_t hash_of(const struct unreach_addr *a, uint32_t slot, uint64_t seed)
{
	uint64_t words[2];

	memcpy(words, a, sizeof(words));
	return unreach_mix(unreach_mix(unreach_mix(seed, words[0]), words[1]), slot);
}

static struct sender *find(const struct scans *s, const struct unreach_host_key *key,
			   struct sender **set)
{
	uint64_t hash = hash_of(&key->addr, key->slot, s->seed);
	unsigned int i;

	*set = &s->senders[(hash & (s->sets - 1)) * WAYS];
	for (i = 0; i < WAYS; i++)
		if ((*set)[i].taken && !memcmp(&(*set)[i].key, key, sizeof(*key)))
			return &(*set)[i];
	return NULL;
}

/* Takes the sender's window on to a second; what came before it began is fresh no more. */
static void advance(struct sender *sender, uint32_t second)
{
	uint32_t passed = second > sender->second ? second - sender->second : 0, i;

	for (i = 1; i <= passed && i <= SCAN_SECONDS; i++) {
		uint32_t *old = &sender->born[(sender->second + i) % SCAN_SECONDS];

		sender->fresh -= *old;
		*old = 0;
	}
	sender->second += passed;
}

static bool alerts_still(const struct scan *scan, uint64_t now)
{
	return scan->at && now < scan->last + ALERT_QUIET_NS;
}

/* Is something known of it that is not over? */
static bool is_of_use(const struct sender *sender, uint64_t now)
{
	return sender->taken && (sender->fresh || alerts_still(&sender->scan, now));
}

/* Should the one rather give way than the other? */
static bool is_less(const struct sender *one, const struct sender *other, uint64_t now)
{
	bool alert = alerts_still(&one->scan, now);

	if (alert != alerts_still(&other->scan, now))
		return !alert;
	if (one->fresh != other->fresh)
		return one->fresh < other->fresh;
	return one->heard < other->heard;
}

static bool may_crowd_out(struct scans *s, uint64_t now)
{
	const struct unreach_rate rate = { STAY_NS / (s->sets * WAYS), NS_PER_SEC };

	return unreach_bucket_take(&s->crowding, now, rate);
}

/* Room for a sender, of whoever is worth least; NULL where there is none. */
static struct sender *make(struct scans *s, struct sender *set, const struct unreach_host_key *key,
			   uint64_t now)
{
	struct sender *least = set;
	struct cell *cells;
	unsigned int i;

	for (i = 0; i < WAYS; i++) {
		if (set[i].taken)
			advance(&set[i], second_of(now));
		if (is_less(&set[i], least, now))
			least = &set[i];
	}
	if (is_of_use(least, now) && !may_crowd_out(s, now))
		return NULL;
	cells = least->cells ? least->cells : malloc(s->cells * sizeof(*cells));
	if (!cells)
		return NULL;
	memset(cells, 0, s->cells * sizeof(*cells));
	*least = (struct sender){
		.key = *key, .taken = true, .second = second_of(now), .cells = cells
	};
	return least;
}

/* The target's cell, or a free one for it; NULL where its group is full. */
static struct cell *cell_of(const struct scans *s, struct sender *sender,
			    const struct unreach_addr *target)
{
	uint64_t hash = hash_of(target, 0, s->seed);
	struct cell *group = &sender->cells[hash & (s->cells - 1) & ~(GROUP - 1U)], *free = NULL;
	uint32_t name = (uint32_t)(hash >> 32);
	unsigned int i;

	for (i = 0; i < GROUP; i++) {
		if (group[i].second && group[i].target == name)
			return &group[i];
		if (!free && group[i].second + SCAN_SECONDS <= sender->second)
			free = &group[i];
	}
	if (free)
		*free = (struct cell){ .target = name };
	return free;
}

/* Counts the target as one of the sender's present second. */
static void count(struct sender *sender, struct cell *cell, uint64_t now)
{
	if (cell->second && cell->second + SCAN_SECONDS > sender->second)
		sender->born[cell->second % SCAN_SECONDS]--;
	else if (!sender->fresh++)
		sender->since = now;
	sender->born[sender->second % SCAN_SECONDS]++;
	cell->second = sender->second;
}

/* When the oldest target that still counts was last heard of, to the second. */
static uint64_t window_began(const struct sender *sender)
{
	uint32_t second = sender->second - SCAN_SECONDS + 1;
	uint64_t began;

	while (!sender->born[second % SCAN_SECONDS])
		second++;
	began = (second - SCAN_SECONDS) * NS_PER_SEC;
	return began > sender->since ? began : sender->since;
}

/* There are enough targets for a scan: one that has begun, or goes on. */
static void note(struct scans *s, struct sender *sender, uint64_t now)
{
	struct scan *scan = &sender->scan;

	if (alerts_still(scan, now)) {
		scan->messages++;
	} else {
		*scan = (struct scan){ .at = now,
				       .first = window_began(sender),
				       .messages = sender->fresh };
	}
	if (scan->last / NS_PER_SEC != now / NS_PER_SEC)
		s->noted++;
	if (scan->last < now)
		scan->last = now;
	if (scan->targets < sender->fresh)
		scan->targets = sender->fresh;
}

/* What came last came again, within the second: a flood does so, and it changes no count. */
static bool is_repeated(const struct scans *s, const struct unreach_event *e, uint32_t slot,
			uint64_t now)
{
	const struct sender *last = s->last;

	return last && last->heard == second_of(now) && last->key.slot == slot &&
	       same_addr(&last->key.addr, &e->orig_src) && same_addr(&s->last_target, &e->orig_dst);
}

/* Counts a target as its sender's; the sender, NULL where there is no room for it. */
static struct sender *take(struct scans *s, const struct unreach_event *e, uint32_t slot,
			   uint64_t now)
{
	const struct unreach_host_key key = { .addr = e->orig_src, .slot = slot };
	struct sender *set, *sender = find(s, &key, &set);
	struct cell *cell;

	if (!sender)
		sender = make(s, set, &key, now);
	if (!sender)
		return NULL;
	advance(sender, second_of(now));
	sender->heard = sender->second;
	cell = cell_of(s, sender, &e->orig_dst);
	if (cell)
		count(sender, cell, now);
	s->last = sender;
	s->last_target = e->orig_dst;
	return sender;
}

void scans_take(struct scans *s, const struct unreach_event *e, uint32_t slot, uint64_t now)
{
	struct sender *sender;

	if (!s->targets || !tells_of_target(e))
		return;
	sender = is_repeated(s, e, slot, now) ? s->last : take(s, e, slot, now);
	if (sender && sender->fresh >= s->targets)
		note(s, sender, now);
}

uint64_t scans_noted(const struct scans *s)
{
	return s->noted;
}

void scans_walk(const struct scans *s, evidence_fn fn, void *context)
{
	size_t i;

	for (i = 0; s->noted && i < (size_t)s->sets * WAYS; i++)
		if (s->senders[i].scan.at)
			fn(context, &s->senders[i].key, &s->senders[i].scan);
}

void scans_free(struct scans *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < (size_t)s->sets * WAYS; i++)
		free(s->senders[i].cells);
	free(s->senders);
	free(s);
}
