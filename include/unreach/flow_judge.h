/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is to be thought of a TCP flow's row (flow.h fills it): what speaks for
 * a hole that swallows large packets, what against it, and from when on it is
 * too much for chance. Knows no segments; time is a parameter.
 */
#ifndef UNREACH_FLOW_JUDGE_H
#define UNREACH_FLOW_JUDGE_H

#include "loss.h"

/* A datagram longer than this is large: it may be too long for some path. */
#define UNREACH_LARGE 1200
/* A head that does not get through is sent again for at least so long. */
#define UNREACH_STUCK_NS (1000 * UNREACH_MS)
/* Whoever is not heard says the same again by then: twice the least time-out of RFC 6298, 2.4. */
#define UNREACH_REPEAT_NS (2000 * UNREACH_MS)

/* Is a before b, in TCP's circle of sequence numbers (RFC 9293, 3.4)? */
static UNREACH_INLINE int unreach_before(__u32 a, __u32 b)
{
	return (__s32)(a - b) < 0;
}

/* Has the head been sent so often that it is worth to look closer, see unreach_flow_judge? */
static UNREACH_INLINE int unreach_flow_may_be_stuck(const struct unreach_flow *f, __u64 now)
{
	return f->head > UNREACH_LARGE && unreach_before(f->una, f->large_end) &&
	       f->resends >= UNREACH_STUCK_RESENDS && now >= f->first + UNREACH_STUCK_NS;
}

/*
 * Does anything speak against a hole that swallows packets as long as the head?
 * Small segments that die too say that it is not the size.
 */
static UNREACH_INLINE int unreach_flow_vetoed(const struct unreach_flow *f,
					      const struct unreach_peer *peer)
{
	__u64 since = f->sent[2];

	if (f->seen & (UNREACH_FLOW_ZERO_WINDOW | UNREACH_FLOW_LARGE_ARRIVED))
		return 1;
	if (f->advert >= since)
		return 1;
	if (peer && peer->passed >= f->head && peer->passed_at >= since)
		return 1;
	return f->smalls && !(f->seen & UNREACH_FLOW_SMALL_SACKED) && !f->duplicates;
}

/*
 * Evidence A: what is small arrives where the head does not. All of it, as far
 * as the peer tells: a hole between small ones is loss, and no matter of size.
 * Without SACK each that arrives is a duplicate acknowledgement, but for the
 * first one, which may be about what was sent before.
 */
static UNREACH_INLINE int unreach_flow_small_arrived(const struct unreach_flow *f)
{
	if (f->seen & UNREACH_FLOW_SMALL_SACKED)
		return !(f->seen & UNREACH_FLOW_SMALL_HOLES);
	return f->smalls && f->duplicates && f->duplicates + 1 >= f->smalls;
}

/*
 * Evidence C: the peer lives, hears us, and has not got the head. That it
 * speaks is not enough, for it does so as well where nothing of ours arrives.
 * But then it says the same again, and stops; who says new things and repeats
 * none has got our acknowledgements. So has who reacts to what we say. Since
 * when that is certain, or 0.
 */
static UNREACH_INLINE __u64 unreach_flow_peer_hears(const struct unreach_flow *f, __u64 now)
{
	if (f->spoke && now >= f->spoke + UNREACH_REPEAT_NS)
		return f->spoke + UNREACH_REPEAT_NS;
	return f->seen & UNREACH_FLOW_PEER_REACTED ? now : 0;
}

static UNREACH_INLINE void unreach_flow_mark_stuck(struct unreach_flow *f)
{
	if (!f->stuck || f->head < f->stuck)
		f->stuck = f->head;
}

static UNREACH_INLINE void unreach_flow_forget_verdict(struct unreach_flow *f)
{
	f->suspect = f->probable = f->confirmed = 0;
	f->stuck = f->proved = 0;
}

/* It was chance, or something else; unless it is certain already. */
static UNREACH_INLINE void unreach_flow_acquit(struct unreach_flow *f)
{
	if (!f->confirmed)
		unreach_flow_forget_verdict(f);
}

/*
 * Notes from when on the flow is suspect, and more. Where something as long
 * arrived before, a head alone says nothing: so it looks when a peer dies. With
 * evidence of its life the path may have become narrow: suspect, and no more,
 * for a box may end connections after so many bytes.
 */
static UNREACH_INLINE void unreach_flow_judge(struct unreach_flow *f,
					      const struct unreach_peer *peer,
					      const struct unreach_loss *all, __u64 now)
{
	__u64 alive = unreach_flow_small_arrived(f) ? now : unreach_flow_peer_hears(f, now);
	int passed = f->arrived >= f->head;

	if (!unreach_flow_may_be_stuck(f, now))
		return;
	if (unreach_flow_vetoed(f, peer) || (passed && !alive)) {
		unreach_flow_acquit(f);
		return;
	}
	if (!unreach_loss_rules_out(all, peer ? &peer->loss : 0, f->resends, now))
		return;
	unreach_flow_mark_stuck(f);
	if (!f->suspect)
		f->suspect = now;
	if (!f->probable && alive && !passed)
		f->probable = alive > f->suspect ? alive : f->suspect;
}

/*
 * A suspect's peer that has said nothing again until `now`: to be asked before
 * anything else happens to a row, and when it is looked at.
 */
static UNREACH_INLINE void unreach_flow_wait(struct unreach_flow *f, __u64 now)
{
	__u64 hears = f->suspect && !f->probable && f->spoke ? unreach_flow_peer_hears(f, now) : 0;

	if (hears && f->arrived < f->head)
		f->probable = hears;
}

/* A head that is acknowledged in another form than before: evidence B, if it was stuck. */
static UNREACH_INLINE void unreach_flow_confirm(struct unreach_flow *f,
						const struct unreach_peer *peer,
						const struct unreach_loss *all, __u64 now)
{
	/* Where something as long arrived before, and nobody is heard, the path was down for all.
	 */
	if (f->arrived >= f->head && !unreach_flow_small_arrived(f) &&
	    !unreach_flow_peer_hears(f, now))
		return;
	if (f->confirmed || !unreach_flow_may_be_stuck(f, now) || unreach_flow_vetoed(f, peer) ||
	    !unreach_loss_rules_out(all, peer ? &peer->loss : 0, f->resends, now))
		return;
	unreach_flow_mark_stuck(f);
	f->confirmed = now;
	f->proved = f->seen & UNREACH_FLOW_MAY_FRAGMENT ? 0 : f->shorter;
}

#endif
