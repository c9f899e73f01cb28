// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The flow watcher on any bytes. First as one frame: a TCP segment lies within
 * it, and its SACK blocks are read within its options, whatever they say. Then
 * as steps of a conversation between one host and one peer, seen from both
 * sides of the border: what is made of it must come to an end, and be the same
 * again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fuzz/fuzz.h"
#include "source/frame.h"
#include "state/flows.h"

#define OPTIONS_MOST 40
#define HEADERS (UNREACH_IPV4_HEADER + UNREACH_TCP_HEADER)

/* One step: who sends what, and how much later. */
struct step {
	uint8_t what; /* bit 0: the peer's, 1: seen again inside and outside, 2: DF */
	uint8_t pause; /* tenths of a second */
	uint8_t flags;
	uint8_t options; /* bytes that follow, in words */
	uint16_t seq, ack; /* times 100 */
	uint16_t payload; /* bytes */
	uint16_t window;
};

static void check_segment(struct frame *frame, uint32_t above, uint32_t border)
{
	struct unreach_cursor cursor;
	struct unreach_segment s;
	uint64_t sack;

	if (!frame_segment(frame, &cursor, &s))
		return;
	CHECK(s.length >= HEADERS && s.payload <= s.length - HEADERS);
	CHECK(s.options_length <= OPTIONS_MOST && s.options_length % 4 == 0);
	CHECK(s.options + s.options_length + s.payload == cursor.limit);
	CHECK(s.df <= 1);
	sack = unreach_sack_read(&cursor, &s, above, border);
	CHECK(!(sack &
		~(UNREACH_SACK_THERE | UNREACH_SACK_BEYOND | UNREACH_SACK_HOLES | UINT32_MAX)));
	CHECK(sack & UNREACH_SACK_THERE || !sack);
	CHECK(sack & UNREACH_SACK_BEYOND || !(sack & UNREACH_SACK_HOLES));
	CHECK((uint32_t)sack <= INT32_MAX);
}

static void as_frame(const uint8_t *data, size_t size)
{
	static const enum unreach_link links[] = { UNREACH_LINK_ETHERNET, UNREACH_LINK_IP };
	/* A buffer of its own size, so that the sanitizer knows its end. */
	uint8_t *bytes = malloc(size);
	struct frame frame = { .bytes = bytes, .captured = (uint32_t)size, .number = 1 };

	CHECK(bytes);
	memcpy(bytes, data, size);
	frame.length = frame.captured;
	frame.link = links[size % 2];
	check_segment(&frame, 1000, 3000);
	check_segment(&frame, UINT32_MAX - 1000, 1000);
	free(bytes);
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* The packet of a step; its bytes. */
static uint32_t write_packet(uint8_t *p, const struct step *step, const uint8_t *options)
{
	static const uint8_t host[4] = { 192, 0, 2, 1 }, peer[4] = { 203, 0, 113, 9 };
	uint32_t length = step->options * 4U;
	bool of_peer = step->what & 1;

	memset(p, 0, HEADERS);
	p[0] = 0x45;
	put16(p + 2, HEADERS + length + step->payload % 9000U);
	p[6] = step->what & 4 ? 0x40 : 0;
	p[8] = 60;
	p[9] = UNREACH_PROTO_TCP;
	memcpy(p + 12, of_peer ? peer : host, 4);
	memcpy(p + 16, of_peer ? host : peer, 4);
	p += UNREACH_IPV4_HEADER;
	put16(p, of_peer ? 443 : 50000);
	put16(p + 2, of_peer ? 50000 : 443);
	put32(p + 4, step->seq * 100U);
	put32(p + 8, step->ack * 100U);
	p[12] = (uint8_t)((UNREACH_TCP_HEADER + length) / 4 << 4);
	p[13] = step->flags;
	put16(p + 14, step->window);
	memcpy(p + UNREACH_TCP_HEADER, options, length);
	return HEADERS + length;
}

/* On the interface where it is seen first, and on the other one where it goes through. */
static void take(struct flows *flows, const struct frame *frame, const struct step *step)
{
	for (int i = 0; i <= (step->what >> 1 & 1); i++) {
		bool inside = !(step->what & 1) != !!i;
		struct unreach_cursor cursor;
		struct unreach_segment s;

		CHECK(frame_segment(frame, &cursor, &s));
		CHECK(!(inside ? flows_sent(flows, &s, frame->time)
			       : flows_answered(flows, &cursor, &s, 0, frame->time)));
	}
}

/* The fnv-1a_64 of all that is kept of the flow. */
static void add_row(void *context, const void *key, const void *value)
{
	uint64_t *hash = context;
	const uint8_t *bytes = value;

	CHECK(key);
	for (size_t i = 0; i < sizeof(struct unreach_flow); i++)
		*hash = (*hash ^ bytes[i]) * 0x100000001b3ULL;
}

static uint64_t converse(const uint8_t *data, size_t size)
{
	struct flows flows = flows_none();
	uint64_t now = 1000 * NS_PER_SEC, hash = 0xcbf29ce484222325ULL;
	uint8_t packet[HEADERS + OPTIONS_MOST];
	struct step step;
	size_t at;

	for (at = 0; at + sizeof(step) <= size; at += step.options * 4U) {
		struct frame frame = { .bytes = packet, .link = UNREACH_LINK_IP, .number = 1 };

		memcpy(&step, data + at, sizeof(step));
		at += sizeof(step);
		step.options %= OPTIONS_MOST / 4 + 1;
		if (at + step.options * 4U > size)
			break;
		now += step.pause * 100 * NS_PER_MSEC;
		frame.time = now;
		frame.captured = write_packet(packet, &step, data + at);
		frame.length = frame.captured;
		take(&flows, &frame, &step);
	}
	flows_walk(&flows, add_row, &hash);
	flows_free(&flows);
	return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return -1;
	as_frame(data, size);
	CHECK(converse(data, size) == converse(data, size));
	return 0;
}
