// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Records out of rings in our own memory: what is handed over, what is stored
 * as acknowledged, and what is said of numbers that never came.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "base/clock.h"
#include "source/xdp_internal.h"

#define RINGS 2
#define RING_SIZE 16384
#define SLOT 1

/* A source whose rings nobody else fills. */
struct source {
	struct xdp x;
	struct ring rings[RINGS];
	struct unreach_instance instance;
	struct unreach_ack acks[UNREACH_SLOTS * RINGS];
	uint64_t positions[RINGS][2]; /* consumer, producer */
	_Alignas(8) uint8_t data[RINGS][RING_SIZE];
	uint64_t taken; /* events handed over */
	uint64_t number; /* of the last */
	int flushed; /* what flush is to return */
};

static void set_up(struct source *s)
{
	memset(s, 0, sizeof(*s));
	s->x.cpus = RINGS;
	s->x.rings = s->rings;
	s->x.instance = &s->instance;
	s->x.acks = s->acks;
	strcpy(s->instance.slots[SLOT].name, "out");
	for (unsigned int i = 0; i < RINGS; i++)
		s->rings[i] = (struct ring){
			.size = RING_SIZE,
			.consumer = &s->positions[i][0],
			.producer = &s->positions[i][1],
			.data = s->data[i],
		};
}

/* Puts a record into a ring as the kernel does: `size` bytes, kept and number as given. */
static void put(struct source *s, unsigned int ring, uint64_t number, uint32_t size, uint16_t kept)
{
	uint64_t *producer = &s->positions[ring][1];
	uint8_t *header = s->data[ring] + *producer;
	struct unreach_record record = {
		.envelope = { .number = number, .slot = SLOT, .kept = kept },
	};

	memcpy(header, &size, sizeof(size));
	memcpy(header + BPF_RINGBUF_HDR_SZ, &record, size < sizeof(record) ? size : sizeof(record));
	*producer += (size + BPF_RINGBUF_HDR_SZ + 7) & ~7U;
}

static void put_numbers(struct source *s, unsigned int ring, uint64_t first, uint64_t last)
{
	for (uint64_t number = first; number <= last; number++)
		put(s, ring, number, sizeof(struct unreach_record), 0);
}

static void on_event(void *context, const struct event *ev)
{
	struct source *s = context;

	s->taken++;
	s->number = ev->record->envelope.number;
}

static int on_flush(void *context)
{
	struct source *s = context;

	return s->flushed;
}

/* Drains; how many events came. */
static uint64_t drained(struct source *s)
{
	const struct event_taker taker = { on_event, on_flush, s };
	uint64_t before = s->taken;

	assert_false(xdp_drain(&s->x, &taker, NS_PER_SEC));
	for (unsigned int ring = 0; ring < RINGS; ring++)
		assert_int_equal(ring_used(&s->rings[ring]), 0);
	return s->taken - before;
}

static struct unreach_ack_state acked(const struct source *s, unsigned int ring)
{
	const struct unreach_ack *ack = &s->acks[UNREACH_STREAM(ring, SLOT, RINGS)];

	return ack->state[ack->current];
}

static void assert_acked(const struct source *s, unsigned int ring, uint64_t number, uint64_t lost)
{
	assert_int_equal(acked(s, ring).number, number);
	assert_int_equal(acked(s, ring).lost_sink, lost);
}

static void in_order(void **state)
{
	struct source s;

	(void)state;
	set_up(&s);
	put_numbers(&s, 0, 1, 5);
	put_numbers(&s, 1, 1, 3);
	assert_int_equal(drained(&s), 8);
	assert_acked(&s, 0, 5, 0);
	assert_acked(&s, 1, 3, 0);
	s.flushed = -1;
	put_numbers(&s, 1, 4, 5);
	assert_int_equal(drained(&s), 2);
	assert_acked(&s, 1, 5, 2);
}

/* A record that was acknowledged, but not released before a kill, is known. */
static void again(void **state)
{
	struct source s;

	(void)state;
	set_up(&s);
	put_numbers(&s, 0, 1, 5);
	drained(&s);
	put_numbers(&s, 0, 3, 6);
	assert_int_equal(drained(&s), 1);
	assert_int_equal(s.number, 6);
	assert_acked(&s, 0, 6, 0);
}

/* Numbers that never came are lost, at the front of a batch and within it, once. */
static void gaps(void **state)
{
	struct source s;

	(void)state;
	set_up(&s);
	put_numbers(&s, 0, 6, 7);
	put_numbers(&s, 1, 1, 2);
	assert_int_equal(drained(&s), 4);
	assert_acked(&s, 0, 7, 5);
	assert_acked(&s, 1, 2, 0);
	put_numbers(&s, 0, 8, 9);
	put_numbers(&s, 0, 12, 12);
	assert_int_equal(drained(&s), 3);
	assert_acked(&s, 0, 12, 7);
	s.flushed = -1;
	put_numbers(&s, 0, 14, 15);
	assert_int_equal(drained(&s), 2);
	assert_acked(&s, 0, 15, 10);
}

/* What does not hold what it says it holds is not handed over, and its number counts as lost. */
static void not_whole(void **state)
{
	const uint32_t size = sizeof(struct unreach_record);
	struct source s;

	(void)state;
	set_up(&s);
	put(&s, 0, 1, size + 64, 64);
	put(&s, 0, 2, size + 64, 65);
	put(&s, 0, 3, size - 1, 0);
	put(&s, 0, 4, 8, 0);
	put(&s, 0, 5, size, 0);
	assert_int_equal(drained(&s), 2);
	assert_int_equal(s.number, 5);
	assert_acked(&s, 0, 5, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(again),
		cmocka_unit_test(gaps),
		cmocka_unit_test(not_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
