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

/* How far a batch has come with the records of one slot. */
struct progress {
	uint64_t last; /* number of the last record, of this batch or before; 0: not looked up */
	uint64_t events;
	uint64_t missing; /* numbers before the last that never came */
};

/* One batch of one ring on its way. */
struct batch {
	struct xdp *x;
	const struct event_taker *taker;
	unsigned int ring;
	unsigned int slot; /* of the record before; UNREACH_SLOTS: there is none */
	struct event event; /* all but the record is the same until the slot changes */
	struct progress progress[UNREACH_SLOTS];
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

/* From here on come records of that slot. */
static void turn_to_slot(struct batch *b, unsigned int slot)
{
	b->slot = slot;
	b->event.stream = UNREACH_STREAM(b->ring, slot, b->x->cpus);
	b->event.interface = b->x->instance->slots[slot].name;
	b->event.link = b->x->instance->slots[slot].link;
	if (!b->progress[slot].last)
		b->progress[slot].last = acked(ack_of(b, slot))->number;
}

static void take(void *context, const void *data, size_t size)
{
	const struct unreach_record *record = data;
	struct batch *b = context;
	struct progress *progress;

	if (!is_whole(record, size))
		return;
	if (record->envelope.slot != b->slot)
		turn_to_slot(b, record->envelope.slot);
	progress = &b->progress[record->envelope.slot];
	if (record->envelope.number <= progress->last)
		return;
	progress->missing += record->envelope.number - progress->last - 1;
	progress->last = record->envelope.number;
	progress->events++;
	b->event.record = record;
	b->taker->event(b->taker->context, &b->event);
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
static void settle(const struct batch *b, unsigned int slot, bool failed)
{
	const struct progress *progress = &b->progress[slot];

	if (progress->missing)
		log_error("%s: %llu records were gone before they could be read; they count as "
			  "lost by the sink",
			  b->x->instance->slots[slot].name, (unsigned long long)progress->missing);
	acknowledge(ack_of(b, slot), progress->last,
		    progress->missing + (failed ? progress->events : 0));
}

/* Drains up to a batch of one ring; how many bytes of it. */
static size_t drain_batch(struct xdp *x, const struct event_taker *taker, unsigned int number,
			  int64_t to_wall)
{
	struct ring *ring = &x->rings[number];
	struct batch b = {
		.x = x,
		.taker = taker,
		.ring = number,
		.slot = UNREACH_SLOTS,
		.event = { .to_wall = to_wall,
			   .nonce = x->instance->nonce,
			   .community_id = x->options.community_id },
	};
	size_t bytes = ring_read(ring, BATCH_BYTES, take, &b);
	bool failed;

	if (!bytes)
		return 0;
	failed = taker->flush(taker->context);
	for (unsigned int slot = 0; slot < UNREACH_SLOTS; slot++)
		if (b.progress[slot].events)
			settle(&b, slot, failed);
	ring_release(ring, bytes);
	return bytes;
}

bool xdp_drain(struct xdp *x, const struct event_taker *taker, uint64_t most)
{
	int64_t to_wall = clock_mono_to_wall();
	uint64_t end = clock_mono() + most;
	size_t bytes;

	do {
		bytes = 0;
		for (unsigned int ring = 0; ring < x->cpus; ring++)
			bytes += drain_batch(x, taker, ring, to_wall);
	} while (bytes && clock_mono() < end);
	return bytes;
}
