/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How many transmissions of large segments are lost by chance, and how many in
 * a row are too many for that. Counted per peer and over all flows, from those
 * that arrive in the end: what never arrives is what is to be judged. Used by
 * flow.h alone; time is a parameter.
 */
#ifndef UNREACH_LOSS_H
#define UNREACH_LOSS_H

#include "path.h"

/* Rates are in thousandths. What is supposed where nothing was counted. */
#define UNREACH_LOSS_USUAL 10
/* A supposition weighs as much as so many transmissions. */
#define UNREACH_LOSS_WEIGHT 32
/* Transmissions of a peer that count among all flows', see unreach_peer_vote. */
#define UNREACH_LOSS_VOTES 8
/* So many are remembered; older ones count half, a quarter, and so on. */
#define UNREACH_LOSS_MEMORY 256
/* What is older says nothing of now. */
#define UNREACH_LOSS_NS (600000 * UNREACH_MS)
/* A segment sent again so often does not get through where nearly nothing is lost. */
#define UNREACH_STUCK_RESENDS 3

/* One more segment arrived, after `lost` vain transmissions. */
static UNREACH_INLINE void unreach_loss_count(struct unreach_loss *loss, __u32 lost, __u64 now)
{
	if (now >= loss->at + UNREACH_LOSS_NS)
		loss->passed = loss->lost = 0;
	if (loss->passed + loss->lost >= UNREACH_LOSS_MEMORY) {
		loss->passed /= 2;
		loss->lost /= 2;
	}
	loss->at = now;
	loss->passed++;
	loss->lost += lost;
}

/*
 * Thousandths of transmissions that are in vain, where `supposed` was what one
 * knew before. Losses weigh triple: a lost acknowledgement makes a transmission
 * vain too, and shows only where no later one comes in its place, so that twice
 * as many may be in vain; the third is for luck, for the longest series have
 * not been counted yet.
 */
static UNREACH_INLINE __u32 unreach_loss_rate(const struct unreach_loss *loss, __u32 supposed,
					      __u64 now)
{
	__u32 lost = 3 * loss->lost;

	if (now >= loss->at + UNREACH_LOSS_NS)
		return supposed;
	return (lost * 1000 + supposed * UNREACH_LOSS_WEIGHT) /
	       (lost + loss->passed + UNREACH_LOSS_WEIGHT);
}

/*
 * Is it no chance any more that a segment was sent so often in vain: sent again
 * as often, that is, for of the last one nothing is known yet? The rate to that
 * power must be one in 1,000,000 at most: the table says the largest rate for 3
 * in vain, for 4, and so on to 15, which is where TCP gives up. What is known
 * of all flows is what is supposed of a peer.
 */
static UNREACH_INLINE int unreach_loss_rules_out(const struct unreach_loss *all,
						 const struct unreach_loss *peer, __u32 resends,
						 __u64 now)
{
	static const __u16 most[] = {
		10, 31, 63, 100, 138, 177, 215, 251, 284, 316, 345, 372, 398
	};
	__u32 rate = UNREACH_LOSS_USUAL, row = resends - UNREACH_STUCK_RESENDS;

	if (resends < UNREACH_STUCK_RESENDS)
		return 0;
	if (row >= sizeof(most) / sizeof(most[0]))
		row = sizeof(most) / sizeof(most[0]) - 1;
	if (all)
		rate = unreach_loss_rate(all, rate, now);
	if (peer)
		rate = unreach_loss_rate(peer, rate, now);
	return rate <= most[row];
}

#endif
