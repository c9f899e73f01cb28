// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Host-side decoding: gives the core a cursor over the frame's bytes and its
 * ones' complement sum, and puts an envelope around what comes out. What is
 * done with the record is not known here.
 */
#include "source/frame.h"

#include <string.h>

bool frame_link(uint32_t linktype, enum unreach_link *link)
{
	switch (linktype) {
	case 1: /* ETHERNET */
		*link = UNREACH_LINK_ETHERNET;
		return true;
	case 12: /* raw IP, as BSD numbers it */
	case 14: /* raw IP, as OpenBSD numbers it */
	case 101: /* RAW */
	case 228: /* IPV4 */
		*link = UNREACH_LINK_IP;
		return true;
	case 113: /* LINUX_SLL */
		*link = UNREACH_LINK_SLL;
		return true;
	case 276: /* LINUX_SLL2 */
		*link = UNREACH_LINK_SLL2;
		return true;
	default:
		return false;
	}
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The sum of up to 7 bytes, filled up with zeros as RFC 1071 wants it. */
static uint64_t sum_tail(const uint8_t *p, uint32_t length)
{
	uint32_t whole = 0, rest = 0;

	if (length & 4) {
		memcpy(&whole, p, sizeof(whole));
		p += sizeof(whole);
	}
	if (length & 3)
		memcpy(&rest, p, length & 3);
	return (uint64_t)whole + rest;
}

/*
 * Words of 32 bits into 64: a sum of 16-bit words is the same modulo 0xffff
 * (RFC 1071, 2 (C)), and a span of 9 kB can't overflow.
 */
int frame_sum(struct unreach_cursor *c, uint32_t offset, uint32_t length, uint32_t *sum)
{
	const uint8_t *p = unreach_at(c, offset, length);
	uint64_t total = *sum;

	if (!p)
		return -1;
	for (; length >= 8; p += 8, length -= 8) {
		uint64_t v = load64(p);

		total += (v & 0xffffffff) + (v >> 32);
	}
	total += sum_tail(p, length);
	total = (total & 0xffffffff) + (total >> 32);
	total = (total & 0xffffffff) + (total >> 32);
	*sum = (uint32_t)total;
	return 0;
}

static void fill_envelope(struct unreach_envelope *envelope, const struct frame *frame)
{
	memset(envelope, 0, sizeof(*envelope));
	envelope->time = frame->time;
	envelope->frame_length = frame->length;
	if (frame->link == UNREACH_LINK_ETHERNET)
		memcpy(envelope->neighbour, frame->bytes + 6, sizeof(envelope->neighbour));
}

enum unreach_outcome frame_decode(const struct frame *frame, struct unreach_record *record)
{
	uint32_t span = frame->captured < UNREACH_FRAME_SPAN ? frame->captured : UNREACH_FRAME_SPAN;
	struct unreach_cursor c = unreach_cursor(frame->bytes, frame->bytes + span);
	enum unreach_outcome outcome = unreach_find(&c, frame->link);

	if (outcome != UNREACH_OK)
		return outcome;
	unreach_fill(&c, frame->link, &record->event);
	unreach_judge(unreach_checksum(&c, frame_sum), &record->event);
	fill_envelope(&record->envelope, frame);
	return UNREACH_OK;
}

bool frame_segment(const struct frame *frame, struct unreach_cursor *c, struct unreach_segment *s)
{
	*c = unreach_cursor(frame->bytes, frame->bytes + frame->captured);
	*s = (struct unreach_segment){};
	return unreach_find_segment(c, frame->link, s);
}
