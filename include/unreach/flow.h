/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What one more segment does to what is known of a TCP flow in which large
 * packets of ours may vanish (RFC 2923, 2.1). Segments of our hosts come in on
 * the inside interface, those of the peer on the outside one. Time is a
 * parameter, rows are found by the caller. A row says what was seen and from
 * when on it was too much for chance; what follows is the detector's matter.
 */
#ifndef UNREACH_FLOW_H
#define UNREACH_FLOW_H

#include "path.h"
#include "segment.h"

/* A datagram longer than this is large: it may be too long for some path. */
#define UNREACH_LARGE 1200
/* A head sent again so often, over so long, does not get through. */
#define UNREACH_STUCK_RESENDS 3
#define UNREACH_STUCK_NS (1000 * UNREACH_MS)
/* What is so far behind the last byte is another connection's. */
#define UNREACH_RECENT_BYTES (1U << 20)
/* How often a flow that does well tells its peer's row so. */
#define UNREACH_PASSED_NS (250 * UNREACH_MS)

/* Is a before b, in TCP's circle of sequence numbers (RFC 9293, 3.4)? */
static UNREACH_INLINE int unreach_before(__u32 a, __u32 b)
{
	return (__s32)(a - b) < 0;
}

static UNREACH_INLINE int unreach_is_large(const struct unreach_segment *s)
{
	return s->df && s->length > UNREACH_LARGE && s->payload;
}

/* Has the head been sent so often, for so long, that chance is no answer any more? */
static UNREACH_INLINE int unreach_flow_is_stuck(const struct unreach_flow *f, __u64 now)
{
	return f->head > UNREACH_LARGE && unreach_before(f->una, f->large_end) &&
	       f->resends >= UNREACH_STUCK_RESENDS && now >= f->first + UNREACH_STUCK_NS;
}

/* Does anything speak against a hole that swallows packets as long as the head? */
static UNREACH_INLINE int unreach_flow_vetoed(const struct unreach_flow *f,
					      const struct unreach_peer *peer)
{
	const __u32 against = UNREACH_FLOW_ZERO_WINDOW | UNREACH_FLOW_LARGE_ARRIVED;
	const __u32 small = f->seen & (UNREACH_FLOW_SMALL_ABOVE | UNREACH_FLOW_SMALL_ARRIVED);
	__u64 since = f->sent[2];

	if (f->seen & against || f->advert >= since || f->arrived >= f->head)
		return 1;
	if (peer && peer->passed >= f->head && peer->passed_at >= since)
		return 1;
	return small == UNREACH_FLOW_SMALL_ABOVE; /* small ones die too: it is not the size */
}

static UNREACH_INLINE void unreach_flow_mark_stuck(struct unreach_flow *f)
{
	if (!f->stuck || f->head < f->stuck)
		f->stuck = f->head;
}

/* It was chance, or something else; unless it is certain already. */
static UNREACH_INLINE void unreach_flow_acquit(struct unreach_flow *f)
{
	if (f->confirmed)
		return;
	f->suspect = 0;
	f->probable = 0;
}

/* Notes from when on the flow is suspect, and more. */
static UNREACH_INLINE void unreach_flow_judge(struct unreach_flow *f,
					      const struct unreach_peer *peer, __u64 now)
{
	const __u32 evidence = UNREACH_FLOW_SMALL_ARRIVED | UNREACH_FLOW_PEER_SPOKE;

	if (!unreach_flow_is_stuck(f, now))
		return;
	if (unreach_flow_vetoed(f, peer)) {
		unreach_flow_acquit(f);
		return;
	}
	unreach_flow_mark_stuck(f);
	if (!f->suspect)
		f->suspect = now;
	if (!f->probable && f->seen & evidence)
		f->probable = now;
}

/* Sets what is known of the head back; it begins at `una`. */
static UNREACH_INLINE void unreach_flow_reset(struct unreach_flow *f, __u32 una, __u32 head,
					      __u64 now)
{
	f->una = una;
	f->head = head;
	f->first = now;
	f->sent[0] = now;
	f->sent[1] = f->sent[2] = 0;
	f->shorter = 0;
	f->resends = 0;
}

/* A large segment, and nothing is outstanding. */
static UNREACH_INLINE void unreach_flow_begin(struct unreach_flow *f,
					      const struct unreach_segment *s, __u64 now)
{
	unreach_flow_reset(f, s->seq, s->length, now);
	f->next = s->seq + s->payload;
	f->large_end = f->next;
	f->probe = f->next;
	f->probe_length = s->length;
	unreach_flow_acquit(f);
	f->seen = 0;
}

/* Was our side told of a path to the peer that takes no more than this? */
static UNREACH_INLINE int unreach_peer_told(const struct unreach_peer *peer, __u32 length,
					    __u64 now)
{
	return peer && peer->told_at && now < peer->told_at + UNREACH_TOLD_NS &&
	       length <= peer->told;
}

/*
 * The head is sent again. Shorter than before it is another one, if that is
 * what was told; else it is the sender who tries by itself (RFC 4821).
 */
static UNREACH_INLINE void unreach_flow_resend(struct unreach_flow *f,
					       const struct unreach_peer *peer,
					       const struct unreach_segment *s, __u64 now)
{
	if (s->length < f->head && !f->suspect && unreach_peer_told(peer, s->length, now)) {
		unreach_flow_reset(f, f->una, s->length, now);
		return;
	}
	f->resends++;
	f->sent[2] = f->sent[1];
	f->sent[1] = f->sent[0];
	f->sent[0] = now;
	if (s->length >= f->head)
		f->head = s->length;
	else
		f->shorter = s->length;
}

/* New bytes; one large segment at a time is followed on its way. */
static UNREACH_INLINE void unreach_flow_extend(struct unreach_flow *f,
					       const struct unreach_segment *s)
{
	f->next = s->seq + s->payload;
	if (!unreach_is_large(s)) {
		f->seen |= UNREACH_FLOW_SMALL_ABOVE;
		return;
	}
	f->large_end = f->next;
	if (!f->probe_length) {
		f->probe = f->next;
		f->probe_length = s->length;
	}
}

/* Have its bytes left before, as small segments that are now sent as one? */
static UNREACH_INLINE int unreach_flow_sent_before(const struct unreach_flow *f,
						   const struct unreach_segment *s)
{
	return f->sent[0] && f->next - s->seq - 1 < UNREACH_RECENT_BYTES;
}

static UNREACH_INLINE int unreach_flow_is_resend(const struct unreach_flow *f,
						 const struct unreach_segment *s)
{
	return f->first && s->seq == f->una;
}

/*
 * A segment of our host, with payload. A row that is new is zeroed; one is
 * needed only for what unreach_is_large; its peer's only for what
 * unreach_flow_is_resend. Says whether unreach_flow_judge may
 * have something to say now.
 */
static UNREACH_INLINE int unreach_flow_send(struct unreach_flow *f, const struct unreach_peer *peer,
					    const struct unreach_segment *s, __u64 now)
{
	if (!f->first) {
		if (unreach_is_large(s) && !unreach_flow_sent_before(f, s))
			unreach_flow_begin(f, s, now);
		else if (unreach_before(f->next, s->seq + s->payload))
			f->next = s->seq + s->payload;
		return 0;
	}
	if (unreach_before(f->next, s->seq + s->payload)) {
		unreach_flow_extend(f, s);
		return 0;
	}
	/* What carries bytes of the probe again, and is shorter, may be what is acknowledged then.
	 */
	if (s->length < f->probe_length && unreach_before(s->seq, f->probe) &&
	    unreach_before(f->probe - f->probe_length, s->seq + s->payload))
		f->probe_length = 0;
	if (s->seq != f->una)
		return 0;
	unreach_flow_resend(f, peer, s, now);
	return f->resends >= UNREACH_STUCK_RESENDS;
}

/* What the peer's acknowledgement says of sizes: one that arrived, or 0. */
static UNREACH_INLINE __u32 unreach_flow_arrive(struct unreach_flow *f,
						const struct unreach_peer *peer, __u32 ack,
						__u64 now)
{
	__u32 length = 0;

	if (f->shorter) {
		length = f->shorter;
		if (!f->confirmed && unreach_flow_is_stuck(f, now) &&
		    !unreach_flow_vetoed(f, peer)) {
			unreach_flow_mark_stuck(f);
			f->confirmed = now; /* evidence B */
			f->proved = f->shorter;
		}
	} else if (f->resends) {
		length = f->head;
	} else if (f->probe_length && !unreach_before(ack, f->probe)) {
		length = f->probe_length;
		f->probe_length = 0;
	}
	if (length > f->arrived)
		f->arrived = length;
	unreach_flow_acquit(f);
	return length;
}

/* The peer acknowledges more than before: what was the head has arrived, in one form or another. */
static UNREACH_INLINE __u32 unreach_flow_progress(struct unreach_flow *f,
						  const struct unreach_peer *peer, __u32 ack,
						  __u64 now)
{
	__u32 length = unreach_flow_arrive(f, peer, ack, now);

	unreach_flow_reset(f, ack, 0, now);
	f->seen = UNREACH_FLOW_ACKED;
	if (!unreach_before(ack, f->next))
		f->first = 0; /* nothing is outstanding */
	return length;
}

/*
 * The peer stays where it was, and says so; `sacked` is what
 * unreach_sack_widest finds above, the large segments' end being the border.
 * What is wider than small segments and may hold a large one does.
 */
static UNREACH_INLINE void unreach_flow_stay(struct unreach_flow *f,
					     const struct unreach_segment *s, __u64 sacked)
{
	const __u32 again = f->seen & UNREACH_FLOW_ACKED;

	f->seen |= UNREACH_FLOW_ACKED;
	if (s->window)
		f->seen &= ~(__u32)UNREACH_FLOW_ZERO_WINDOW;
	else
		f->seen |= UNREACH_FLOW_ZERO_WINDOW;
	if ((sacked >> 32) + UNREACH_IPV4_HEADER + UNREACH_TCP_HEADER > UNREACH_LARGE)
		f->seen |= UNREACH_FLOW_LARGE_ARRIVED;
	else if (sacked || (again && f->seen & UNREACH_FLOW_SMALL_ABOVE && !s->payload))
		f->seen |= UNREACH_FLOW_SMALL_ARRIVED;
	else if (f->resends)
		f->seen |= UNREACH_FLOW_PEER_SPOKE;
}

/* Reads unreach_sack_widest of the segment in question; each target brings its own. */
typedef __u64 (*unreach_sack_fn)(void *context, __u32 above, __u32 border);

/*
 * A segment of the peer, of a flow that has a row. *passed is the length of a
 * datagram that is now known to have arrived, for the peer's row; 0: nothing
 * new. Says whether unreach_flow_judge may have something to say now.
 */
static UNREACH_INLINE int unreach_flow_answer(struct unreach_flow *f,
					      const struct unreach_peer *peer,
					      const struct unreach_segment *s,
					      unreach_sack_fn sacked, void *context, __u32 *passed,
					      __u64 now)
{
	__u32 length;

	*passed = 0;
	if (!f->first || !(s->flags & UNREACH_TCP_ACK))
		return 0;
	if (s->flags & UNREACH_TCP_RST) {
		f->first = 0;
		f->sent[0] = 0;
		return 0;
	}
	if (s->ack == f->una) {
		unreach_flow_stay(f, s, sacked(context, f->una, f->large_end));
		return f->resends >= UNREACH_STUCK_RESENDS;
	}
	if (!unreach_before(f->una, s->ack) || unreach_before(f->next, s->ack))
		return 0;
	length = unreach_flow_progress(f, peer, s->ack, now);
	if (length && now >= f->told + UNREACH_PASSED_NS) {
		f->told = now;
		*passed = length;
	}
	return 0;
}

/* A usable advert (code 4) was about this flow (NULL: none that is watched), and its peer. */
static UNREACH_INLINE void unreach_flow_advert(struct unreach_flow *f, struct unreach_peer *peer,
					       const struct unreach_event *ev, __u64 now)
{
	if (f)
		f->advert = now;
	if (!peer)
		return;
	peer->told_at = now;
	peer->told = ev->mtu;
}

/* The row's key of a segment that our host sent, and of one that its peer did. */
static UNREACH_INLINE struct unreach_flow_key unreach_flow_of_host(const struct unreach_segment *s)
{
	return (struct unreach_flow_key){ s->src, s->dst, s->src_port, s->dst_port };
}

static UNREACH_INLINE struct unreach_flow_key unreach_flow_of_peer(const struct unreach_segment *s)
{
	return (struct unreach_flow_key){ s->dst, s->src, s->dst_port, s->src_port };
}

/* Is it one of the flows that are looked at, one in `sample`? The same for both directions. */
static UNREACH_INLINE int unreach_flow_sampled(const struct unreach_flow_key *key, __u64 seed,
					       __u32 sample)
{
	__u64 hash = unreach_mix(seed, (__u64)key->host.words[3] << 32 | key->peer.words[3]);

	hash = unreach_mix(hash, (__u64)key->host.words[2] << 32 | key->peer.words[2]);
	hash = unreach_mix(hash, (__u64)key->host_port << 16 | key->peer_port);
	return (hash >> 32) * sample >> 32 == 0;
}

/* A datagram of so many bytes has arrived at the peer. */
static UNREACH_INLINE void unreach_peer_passed(struct unreach_peer *peer, __u32 length, __u64 now)
{
	if (length < peer->passed)
		return;
	peer->passed = length;
	peer->passed_at = now;
}

#endif
