/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One TCP flow, and words to say what is sent and answered in it, at which
 * time. What comes of it stands in `flow`, `peer`, `all` and `counted`.
 */
#ifndef UNREACH_TESTS_UNIT_SEGMENTS_H
#define UNREACH_TESTS_UNIT_SEGMENTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unreach/flow.h"

#define MS UNREACH_MS
#define START (5000000 * MS)

static struct unreach_flow flow;
static struct unreach_peer peer;
static struct unreach_loss all;
static struct unreach_loss counted; /* what was followed and arrived, each with all its losses */
static uint64_t sack; /* what the next answers' SACK option says, as unreach_sack_read does */
static uint32_t beyond; /* bytes that it tells of behind the last large segment */

static inline __u64 read_sack(void *context, __u32 above, __u32 border)
{
	(void)context;
	(void)above;
	if (!beyond)
		return sack;
	/* A block that begins where the first segment ends. */
	return UNREACH_SACK_THERE | (unreach_before(1461, border) ? beyond : UNREACH_SACK_BEYOND);
}

static inline int fresh(void **state)
{
	(void)state;
	memset(&flow, 0, sizeof(flow));
	memset(&peer, 0, sizeof(peer));
	memset(&all, 0, sizeof(all));
	memset(&counted, 0, sizeof(counted));
	sack = 0;
	beyond = 0;
	return 0;
}

static inline void sends_as(uint32_t seq, uint32_t length, uint8_t df, uint8_t flags,
			    uint64_t after)
{
	const struct unreach_segment s = {
		.seq = seq, .length = length, .payload = length - 40, .flags = flags, .df = df
	};

	if (unreach_flow_send(&flow, &peer, &s, START + after))
		unreach_flow_judge(&flow, &peer, &all, START + after);
}

/* Our host sends `length` bytes of IP from `seq` on, 40 of them headers. */
static inline void sends(uint32_t seq, uint32_t length, uint64_t after)
{
	sends_as(seq, length, 1, UNREACH_TCP_ACK, after);
}

/* A segment of the peer; says what length is known to have arrived now. */
static inline uint32_t hears(const struct unreach_segment *s, uint64_t after)
{
	struct unreach_arrival arrival;

	if (unreach_flow_answer(&flow, &peer, &all, s, read_sack, NULL, &arrival, START + after))
		unreach_flow_judge(&flow, &peer, &all, START + after);
	if (arrival.tries)
		unreach_loss_count(&counted, arrival.tries - 1, START + after);
	return arrival.length;
}

static inline uint32_t answers_with(uint32_t ack, uint16_t window, uint32_t payload, uint8_t flags,
				    uint64_t after)
{
	const struct unreach_segment s = { .ack = ack,
					   .length = 40 + payload,
					   .payload = payload,
					   .window = window,
					   .flags = flags };

	return hears(&s, after);
}

static inline uint32_t answers(uint32_t ack, uint64_t after)
{
	return answers_with(ack, 100, 0, UNREACH_TCP_ACK, after);
}

/* The peer says so many bytes from its `seq` on, and acknowledges no more than 1. */
static inline void speaks(uint32_t seq, uint32_t payload, uint64_t after)
{
	const struct unreach_segment s = { .seq = seq,
					   .ack = 1,
					   .length = 40 + payload,
					   .payload = payload,
					   .window = 100,
					   .flags = UNREACH_TCP_ACK };

	hears(&s, after);
}

/* The head at 1 again at RTO's times: 0.3, 0.8, 1.7 s. */
static inline void resends(uint32_t length)
{
	sends(1, length, 300 * MS);
	sends(1, length, 800 * MS);
	sends(1, length, 1700 * MS);
}

#endif
