/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One message on its way through user space, and its two written forms: the
 * JSON line of the event log and the line for people. Sinks and views both
 * write events by these, so that a log, a live view and a capture agree.
 */
#ifndef UNREACH_STATE_EVENT_H
#define UNREACH_STATE_EVENT_H

#include "base/buf.h"
#include "unreach/abi.h"

struct event {
	/* The frame's first bytes follow it: record + 1, envelope.kept of them. */
	const struct unreach_record *record;
	/* NULL: a capture that does not tell; live: UNREACH_NAME_LEN bytes. */
	const char *interface;
	uint64_t pcap_cnt; /* number of the frame in its capture, from 1; 0 live */
	int64_t to_wall; /* add to envelope.time for Unix ns */
	uint32_t nonce; /* of the instance; live only */
	uint32_t stream; /* UNREACH_STREAM; live only */
	enum unreach_link link; /* of the kept bytes */
	bool community_id; /* its JSON line has that of the quoted flow */
};

/*
 * Who takes events from a source: each message of a batch, then the batch's
 * end, where 0 says that all of it is safe and -errno that it is not.
 */
struct event_taker {
	void (*event)(void *context, const struct event *ev);
	int (*flush)(void *context);
	void *context;
};

/* Unix ns. */
static inline uint64_t event_unix_ns(const struct event *ev)
{
	return ev->record->envelope.time + (uint64_t)ev->to_wall;
}

/* Appends the line of the contract, newline included. */
void event_json(struct buf *b, const struct event *ev);
/* Appends one line for people, newline included. */
void event_text(struct buf *b, const struct event *ev);
/* Appends code and judgements in words, "fragmentation-needed mtu 1400 pointless". */
void event_verdict(struct buf *b, const struct unreach_event *e);
/* "ok", "bad", "unverified". */
const char *event_checksum_name(const struct unreach_event *e);
/* The judgement of a bit of enum unreach_flag, "legacy" for 0; NULL beyond the last. */
const char *event_flag_name(unsigned int bit);
/* "TCP", or NULL for a protocol without a name here. */
const char *event_proto_name(uint8_t proto);

#endif
