// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Records out of the rings. The order makes the promise: hand over, flush,
 * store the last number, release. A kill before the store repeats the batch
 * (its event_ids tell), a kill after it finds the numbers known and skips
 * them: nothing is lost between ring and log. Numbers have no gaps, so a gap
 * tells how many records never came; they count as not accepted.
 */
#include "base/clock.h"
#include "base/log.h"
#include "source/xdp_internal.h"

#include <stdatomic.h>

#define BATCH_BYTES (256U << 10)

/* One batch of one ring on its way. */
struct batch {
	struct xdp *x;
	const struct event_taker *taker;
	unsigned int ring;
	int64_t to_wall;
	uint64_t last[UNREACH_SLOTS]; /* number of the last record, 0: none in this batch */
	uint64_t events[UNREACH_SLOTS];
	uint64_t missing[UNREACH_SLOTS]; /* numbers before the last that never came */
};

static struct unreach_ack *ack_of(const struct batch *b, unsigned int slot)
{
	return &b->x->acks[UNREACH_STREAM(b->ring, slot, b->x->cpus)];
}

static const struct unreach_ack_state *acked(const struct unreach_ack *ack)
{
	return &ack->state[ack->current & 1];
}

/* Is it whole? A record's size is rounded up, and what is kept of a frame may fill less of it. */
static bool is_whole(const struct unreach_record *record, size_t size)
{
	return size >= sizeof(*record) && record->envelope.slot < UNREACH_SLOTS &&
	       record->envelope.kept <= size - sizeof(*record);
}

static void take(void *context, const void *data, size_t size)
{
	const struct unreach_record *record = data;
	struct batch *b = context;
	unsigned int slot;
	uint64_t last;
	struct event ev = {
		.record = record,
		.to_wall = b->to_wall,
		.nonce = b->x->instance->nonce,
		.community_id = b->x->options.community_id,
	};

	if (!is_whole(record, size))
		return;
	slot = record->envelope.slot;
	last = b->last[slot] ? b->last[slot] : acked(ack_of(b, slot))->number;
	if (record->envelope.number <= last)
		return;
	b->missing[slot] += record->envelope.number - last - 1;
	ev.stream = UNREACH_STREAM(b->ring, slot, b->x->cpus);
	ev.interface = b->x->instance->slots[slot].name;
	ev.link = b->x->instance->slots[slot].link;
	b->last[slot] = record->envelope.number;
	b->events[slot]++;
	b->taker->event(b->taker->context, &ev);
}

/* Stores how far we are: the idle copy first, then one store that makes it the current one. */
static void acknowledge(struct unreach_ack *ack, uint64_t number, uint64_t lost)
{
	const struct unreach_ack_state *old = acked(ack);
	uint64_t idle = (ack->current + 1) & 1;

	ack->state[idle].number = number;
	ack->state[idle].lost_sink = old->lost_sink + lost;
	atomic_store_explicit((_Atomic uint64_t *)&ack->current, idle, memory_order_release);
}

/* Stores what became of a slot's records of this batch; `failed`: no sink has them. */
static void settle(struct batch *b, unsigned int slot, bool failed)
{
	uint64_t missing = b->missing[slot];

	if (missing)
		log_error("%s: %llu records were gone before they could be read; they count as "
			  "lost by the sink",
			  b->x->instance->slots[slot].name, (unsigned long long)missing);
	acknowledge(ack_of(b, slot), b->last[slot], missing + (failed ? b->events[slot] : 0));
	b->last[slot] = b->events[slot] = b->missing[slot] = 0;
}

static size_t drain_batch(struct batch *b)
{
	struct ring *ring = &b->x->rings[b->ring];
	size_t bytes = ring_read(ring, BATCH_BYTES, take, b);
	bool failed;

	if (!bytes)
		return 0;
	failed = b->taker->flush(b->taker->context);
	for (unsigned int slot = 0; slot < UNREACH_SLOTS; slot++)
		if (b->events[slot])
			settle(b, slot, failed);
	ring_release(ring, bytes);
	return bytes;
}

bool xdp_drain(struct xdp *x, const struct event_taker *taker, uint64_t most)
{
	struct batch b = { .x = x, .taker = taker, .to_wall = clock_mono_to_wall() };
	uint64_t end = clock_mono() + most;
	size_t bytes;

	do {
		bytes = 0;
		for (b.ring = 0; b.ring < x->cpus; b.ring++)
			bytes += drain_batch(&b);
	} while (bytes && clock_mono() < end);
	return bytes;
}
