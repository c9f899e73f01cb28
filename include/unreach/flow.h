/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What one more segment does to what is known of a TCP flow in which large
 * packets of ours may vanish (RFC 2923, 2.1). Segments of our hosts come in on
 * the inside interface, those of the peer on the outside one. Time is a
 * parameter, rows are found by the caller. What that is worth says
 * flow_judge.h, and what follows is the detector's matter.
 */
#ifndef UNREACH_FLOW_H
#define UNREACH_FLOW_H

#include "flow_judge.h"
#include "mix.h"
#include "segment.h"

/* What is so far behind the last byte is another connection's. */
#define UNREACH_RECENT_BYTES (1U << 20)
/* A reset so little above what the peer said last is the peer's: in-window, see RFC 5961. */
#define UNREACH_RESET_WINDOW (1U << 16)
/* How often a flow chooses a large segment that is followed on its way. */
#define UNREACH_PROBE_NS (250 * UNREACH_MS)

/* Is it one for unreach_flow_send? What comes with a SYN (RFC 7413) is not sent again as it is. */
static UNREACH_INLINE int unreach_is_data(const struct unreach_segment *s)
{
	return s->payload && !(s->flags & UNREACH_TCP_SYN);
}

static UNREACH_INLINE int unreach_is_large(const struct unreach_segment *s)
{
	return s->df && s->length > UNREACH_LARGE && unreach_is_data(s);
}

/* A large segment leaves for the first time: is it one to follow? */
static UNREACH_INLINE void unreach_flow_follow(struct unreach_flow *f,
					       const struct unreach_segment *s, __u64 now)
{
	if (f->probe_length || (f->probed && now < f->probed + UNREACH_PROBE_NS))
		return;
	f->probed = now;
	f->probe = s->seq + s->payload;
	f->probe_length = s->length;
	f->probe_payload = (__u16)s->payload;
	f->probe_resends = 0;
}

/* Old bytes are sent again, of the probe maybe: in another form, it is not the probe any more. */
static UNREACH_INLINE void unreach_flow_follow_resend(struct unreach_flow *f,
						      const struct unreach_segment *s)
{
	if (!f->probe_length || !unreach_before(s->seq, f->probe) ||
	    !unreach_before(f->probe - f->probe_payload, s->seq + s->payload))
		return;
	f->probe_resends++;
	if (s->length < f->probe_length || !s->df) {
		f->probe_length = 0;
		f->probed = 0;
	}
}

/* Sets what is known of the head back; it begins at `una`, and was sent at `sent` (0: not yet). */
static UNREACH_INLINE void unreach_flow_reset(struct unreach_flow *f, __u32 una, __u32 head,
					      __u64 sent, __u64 now)
{
	f->una = una;
	f->head = head;
	f->first = now;
	f->sent[0] = sent;
	f->sent[1] = f->sent[2] = 0;
	f->spoke = 0;
	f->shorter = 0;
	f->resends = 0;
	f->seen &= UNREACH_FLOW_ACKED | UNREACH_FLOW_ZERO_WINDOW;
	f->smalls = f->duplicates = 0;
}

/* A large segment, and nothing is outstanding. */
static UNREACH_INLINE void unreach_flow_begin(struct unreach_flow *f,
					      const struct unreach_segment *s, __u64 now)
{
	unreach_flow_reset(f, s->seq, s->length, now, now);
	f->seen &= ~(__u32)UNREACH_FLOW_ACKED; /* the peer may have gone on meanwhile */
	f->next = s->seq + s->payload;
	f->large_end = f->next;
	f->probe_length = 0;
	unreach_flow_follow(f, s, now);
	unreach_flow_acquit(f);
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
 * what was told; else it is the sender who tries by itself, smaller segments
 * (RFC 4821) or such that may be fragmented.
 */
static UNREACH_INLINE void unreach_flow_resend(struct unreach_flow *f,
					       const struct unreach_peer *peer,
					       const struct unreach_segment *s, __u64 now)
{
	if (!f->sent[0] ||
	    (s->length < f->head && !f->suspect && unreach_peer_told(peer, s->length, now))) {
		unreach_flow_reset(f, f->una, s->df ? s->length : 0, now, now);
		if (s->df)
			unreach_flow_follow(f, s, now);
		return;
	}
	f->resends++;
	f->sent[2] = f->sent[1];
	f->sent[1] = f->sent[0];
	f->sent[0] = now;
	if (!s->df)
		f->seen |= UNREACH_FLOW_MAY_FRAGMENT;
	else if (s->length >= f->head)
		f->head = s->length;
	else
		f->shorter = s->length;
}

/* New bytes. */
static UNREACH_INLINE void unreach_flow_extend(struct unreach_flow *f,
					       const struct unreach_segment *s, __u64 now)
{
	f->next = s->seq + s->payload;
	if (unreach_is_large(s)) {
		f->large_end = f->next;
		unreach_flow_follow(f, s, now);
	} else if (f->smalls < 255) {
		f->smalls++;
	}
}

/* Have its bytes left before, as small segments that are now sent as one? */
static UNREACH_INLINE int unreach_flow_sent_before(const struct unreach_flow *f,
						   const struct unreach_segment *s)
{
	return f->seen & UNREACH_FLOW_ACKED && f->next - s->seq - 1 < UNREACH_RECENT_BYTES;
}

static UNREACH_INLINE int unreach_flow_is_resend(const struct unreach_flow *f,
						 const struct unreach_segment *s)
{
	return f->first && s->seq == f->una;
}

/*
 * A segment of our host that unreach_is_data. A row that is new is zeroed; one is
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
		unreach_flow_extend(f, s, now);
		return 0;
	}
	unreach_flow_follow_resend(f, s);
	if (s->seq != f->una)
		return 0;
	unreach_flow_resend(f, peer, s, now);
	return f->resends >= UNREACH_STUCK_RESENDS;
}

/* What an acknowledgement says of sizes. */
struct unreach_arrival {
	__u32 length; /* of a datagram that arrived; 0: no such news */
	__u32 tries; /* transmissions that it took; 0: it was not followed */
};

/*
 * The head is acknowledged, and maybe the probe. Of what may have been
 * fragmented no size is known to have arrived.
 */
static UNREACH_INLINE struct unreach_arrival unreach_flow_arrive(struct unreach_flow *f,
								 const struct unreach_peer *peer,
								 const struct unreach_loss *all,
								 __u32 ack, __u64 now)
{
	struct unreach_arrival arrival = {};

	if (f->shorter || f->seen & UNREACH_FLOW_MAY_FRAGMENT)
		unreach_flow_confirm(f, peer, all, now);
	if (!(f->seen & UNREACH_FLOW_MAY_FRAGMENT) && f->resends)
		arrival.length = f->shorter ? f->shorter : f->head;
	if (f->probe_length && !unreach_before(ack, f->probe)) {
		if (f->probe_length > arrival.length)
			arrival.length = f->probe_length;
		/* While the sender adapts to what it was told, it repeats much that is not lost. */
		if (!f->advert || now >= f->advert + UNREACH_GRACE_NS)
			arrival.tries = 1 + f->probe_resends;
		f->probe_length = 0;
	}
	if (arrival.length > f->arrived)
		f->arrived = arrival.length;
	if (f->stuck && arrival.length >= f->stuck)
		unreach_flow_forget_verdict(f); /* it passes after all */
	unreach_flow_acquit(f);
	return arrival;
}

/* The peer's window, and what it means for the head: when it opens, counting begins anew. */
static UNREACH_INLINE void unreach_flow_heed_window(struct unreach_flow *f, __u16 window, __u64 now)
{
	if (!window) {
		f->seen |= UNREACH_FLOW_ZERO_WINDOW;
	} else if (f->seen & UNREACH_FLOW_ZERO_WINDOW) {
		f->seen &= ~(__u32)UNREACH_FLOW_ZERO_WINDOW;
		unreach_flow_reset(f, f->una, 0, 0, now);
	}
	f->window = window;
}

/* What the peer sends, and whether that is new; see unreach_flow_peer_hears. */
static UNREACH_INLINE void unreach_flow_hear(struct unreach_flow *f,
					     const struct unreach_segment *s, __u64 now)
{
	__u32 end = s->seq + s->payload + !!(s->flags & UNREACH_TCP_FIN);
	int known = f->seen & UNREACH_FLOW_ACKED;

	if (known && end != s->seq) {
		if (unreach_before(s->seq, f->peer_next))
			f->spoke = 0;
		else if (!f->spoke && f->resends && now >= f->first + UNREACH_STUCK_NS)
			f->spoke = now;
	}
	if (!known || unreach_before(f->peer_next, end))
		f->peer_next = end;
	f->seen |= UNREACH_FLOW_ACKED;
}

/*
 * Is an acknowledgement of what was acknowledged already a duplicate (RFC 5681,
 * 2)? One that opens the window is none, and neither is a keepalive, which has
 * the number of a byte before the next one (RFC 9293, 3.8.4).
 */
static UNREACH_INLINE int unreach_flow_is_duplicate(const struct unreach_flow *f,
						    const struct unreach_segment *s)
{
	return f->seen & UNREACH_FLOW_ACKED && !s->payload && !(s->flags & UNREACH_TCP_FIN) &&
	       s->window == f->window && s->seq == f->peer_next;
}

/*
 * The peer stays where it was, and says so; `sack` is unreach_sack_read's. A
 * block before the last large segment that is wider than small ones, and so may
 * hold a large one, does. A duplicate without blocks is about something small
 * that came behind the head; late, when nothing but the head is sent again, it
 * answers what is no data at all, such as a keepalive or a reset (RFC 5961).
 */
static UNREACH_INLINE void unreach_flow_stay(struct unreach_flow *f,
					     const struct unreach_segment *s, __u64 sack, __u64 now)
{
	if ((__u32)sack + UNREACH_IPV4_HEADER + UNREACH_TCP_HEADER > UNREACH_LARGE) {
		f->seen |= UNREACH_FLOW_LARGE_ARRIVED;
	} else if ((__u32)sack || sack & UNREACH_SACK_BEYOND) {
		f->seen &= ~(__u32)UNREACH_FLOW_SMALL_HOLES;
		f->seen |= UNREACH_FLOW_SMALL_SACKED |
			   (sack & UNREACH_SACK_HOLES ? UNREACH_FLOW_SMALL_HOLES : 0);
	} else if (!(sack & UNREACH_SACK_THERE) && unreach_flow_is_duplicate(f, s)) {
		if (f->duplicates < 255)
			f->duplicates++;
		if (unreach_flow_may_be_stuck(f, now))
			f->seen |= UNREACH_FLOW_PEER_REACTED;
	}
	unreach_flow_hear(f, s, now);
	unreach_flow_heed_window(f, s->window, now);
}

/* The peer acknowledges more than before: what was the head has arrived, in one form or another. */
static UNREACH_INLINE struct unreach_arrival
unreach_flow_progress(struct unreach_flow *f, const struct unreach_peer *peer,
		      const struct unreach_loss *all, const struct unreach_segment *s, __u64 now)
{
	struct unreach_arrival arrival = unreach_flow_arrive(f, peer, all, s->ack, now);

	unreach_flow_reset(f, s->ack, 0, now, now);
	unreach_flow_hear(f, s, now);
	unreach_flow_heed_window(f, s->window, now);
	if (!unreach_before(s->ack, f->next))
		f->first = 0; /* nothing is outstanding */
	return arrival;
}

/*
 * Does the peer's RST or SYN end the connection? Anybody can send one (RFC 5961,
 * 3 and 4): a reset must follow what the peer said last, and nobody begins anew
 * while our host still sends.
 */
static UNREACH_INLINE int unreach_flow_ends(const struct unreach_flow *f,
					    const struct unreach_segment *s, __u64 now)
{
	if (s->flags & UNREACH_TCP_SYN)
		return !f->resends || now >= f->sent[0] + UNREACH_IDLE_NS;
	return !(f->seen & UNREACH_FLOW_ACKED) || s->seq - f->peer_next < UNREACH_RESET_WINDOW;
}

/*
 * The connection ends, or another one begins. What it was suspect of stands as
 * long as it is not known that the ports are used again.
 */
static UNREACH_INLINE void unreach_flow_end(struct unreach_flow *f, __u8 flags)
{
	struct unreach_flow ended = {};

	if (!(flags & UNREACH_TCP_SYN)) {
		ended.suspect = f->suspect;
		ended.probable = f->probable;
		ended.confirmed = f->confirmed;
		ended.resends = f->resends;
		ended.stuck = f->stuck;
		ended.arrived = f->stuck ? f->arrived : 0;
		ended.proved = f->proved;
		ended.slot = f->slot;
	}
	*f = ended;
}

/* Reads unreach_sack_read of the segment in question; each target brings its own. */
typedef __u64 (*unreach_sack_fn)(void *context, __u32 above, __u32 border);

/*
 * A segment of the peer, of a flow that has a row. `peer` is its row, and `all`
 * what all flows lose, where these are known; they are needed where f->resends.
 * *arrival is for unreach_peer_passed, and for the count of losses. Says
 * whether unreach_flow_judge may have something to say now.
 */
static UNREACH_INLINE int unreach_flow_answer(struct unreach_flow *f,
					      const struct unreach_peer *peer,
					      const struct unreach_loss *all,
					      const struct unreach_segment *s,
					      unreach_sack_fn sacked, void *context,
					      struct unreach_arrival *arrival, __u64 now)
{
	*arrival = (struct unreach_arrival){};
	unreach_flow_wait(f, now); /* what was certain before this one stays so */
	if (s->flags & (UNREACH_TCP_SYN | UNREACH_TCP_RST)) {
		if (unreach_flow_ends(f, s, now))
			unreach_flow_end(f, s->flags);
		return 0;
	}
	if (!f->first || !(s->flags & UNREACH_TCP_ACK))
		return 0;
	if (s->ack == f->una) {
		unreach_flow_stay(f, s, sacked(context, f->una, f->large_end), now);
		return f->resends >= UNREACH_STUCK_RESENDS;
	}
	if (unreach_before(f->una, s->ack) && !unreach_before(f->next, s->ack))
		*arrival = unreach_flow_progress(f, peer, all, s, now);
	return 0;
}

/*
 * A usable advert (code 4) that unreach_is_segment is about this flow, and its
 * peer (NULL: no row). One that quotes nothing that is on its way is made up,
 * and must not hide a hole (RFC 5927, 4.1).
 */
static UNREACH_INLINE void unreach_flow_advert(struct unreach_flow *f, struct unreach_peer *peer,
					       const struct unreach_event *ev, __u64 now)
{
	if (!f->first || ev->tcp_seq - f->una >= f->next - f->una)
		return;
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

/* The same for both directions, and to be foreseen by nobody who does not know the seed. */
static UNREACH_INLINE __u64 unreach_flow_hash(const struct unreach_flow_key *key, __u64 seed)
{
	__u64 hash = unreach_mix(seed, (__u64)key->host.words[3] << 32 | key->peer.words[3]);

	return unreach_mix(hash, (__u64)(key->host.words[2] ^ key->peer.words[2]) << 32 |
					 (__u32)key->host_port << 16 | key->peer_port);
}

/* Is it one of the flows that are looked at, one in `sample`? */
static UNREACH_INLINE int unreach_flow_sampled(__u64 hash, __u32 sample)
{
	return (hash >> 32) * sample >> 32 == 0;
}

/*
 * Counts it among all flows' losses, before unreach_peer_passed. A peer votes
 * with its first few transmissions, and then once for as long as they are
 * remembered; only whether a segment was lost at all counts: nobody who withholds
 * acknowledgements may make us deaf to holes elsewhere.
 */
static UNREACH_INLINE void unreach_peer_vote(struct unreach_peer *peer, struct unreach_loss *all,
					     const struct unreach_arrival *arrival, __u64 now)
{
	int has_voted = peer->loss.passed + peer->loss.lost >= UNREACH_LOSS_VOTES;

	if (!arrival->tries || (has_voted && now < peer->voted + UNREACH_LOSS_NS))
		return;
	peer->voted = now;
	unreach_loss_count(all, arrival->tries > 1, now);
}

/* A datagram has arrived at the peer, as unreach_flow_answer says. */
static UNREACH_INLINE void unreach_peer_passed(struct unreach_peer *peer,
					       const struct unreach_arrival *arrival, __u64 now)
{
	if (arrival->tries)
		unreach_loss_count(&peer->loss, arrival->tries - 1, now);
	if (arrival->length < peer->passed)
		return;
	peer->passed = arrival->length;
	peer->passed_at = now;
}

#endif
