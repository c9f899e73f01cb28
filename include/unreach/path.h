/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What one more "fragmentation needed" does to what is known: who told whom
 * which path MTU, which TCP segments were quoted again, which adverts are
 * implausible. Time is a parameter, rows are found by the caller's functions,
 * so kernel and host come to the same result. What it means to a user, and
 * whether it is worth an alert, is the detectors' matter.
 *
 * Rows are shared by CPUs without a lock. Only the counts of messages are
 * exact; a race of two messages for the rest ends as one of the two orders, or
 * costs one episode.
 */
#ifndef UNREACH_PATH_H
#define UNREACH_PATH_H

#include "classify.h"
#include "mix.h"

#define UNREACH_MS 1000000ULL
/* Below TCP's least retransmission timeout in use (200 ms), above copies made on the way. */
#define UNREACH_EPISODE_NS (150 * UNREACH_MS)
/* So often over so long quoted again, a segment's sender does not hear. */
#define UNREACH_IGNORED_EPISODES 3
#define UNREACH_IGNORED_NS (500 * UNREACH_MS)
/* A sender's longest pause between retransmissions, and a little (RFC 6298, 2.5: 120 s in Linux).
 */
#define UNREACH_IDLE_NS (130000 * UNREACH_MS)
/* After so long a told MTU has reached everybody and all queues are empty. */
#define UNREACH_GRACE_NS (2000 * UNREACH_MS)
/* For so long a host remembers it (RFC 1191, 6.3), so for so long it is not told anew. */
#define UNREACH_TOLD_NS (600000 * UNREACH_MS)
/* Three implausible adverts within so long are no accident. */
#define UNREACH_IMPLAUSIBLE_NS (60000 * UNREACH_MS)

/* Does the message tell a next-hop MTU for a known pair of hosts? Others leave no evidence. */
static UNREACH_INLINE int unreach_tells_mtu(const struct unreach_event *ev)
{
	const __u32 needed = UNREACH_HAS_MTU | UNREACH_HAS_ORIG_SRC | UNREACH_HAS_ORIG_DST;

	return ev->checksum != UNREACH_CHECKSUM_BAD && (ev->present & needed) == needed;
}

/* Could the sender act upon it: a smaller size, for a packet of its own that must not be split? */
static UNREACH_INLINE int unreach_usable(const struct unreach_event *ev)
{
	const __u32 needed = UNREACH_HAS_ORIG_LENGTH | UNREACH_HAS_ORIG_FRAG;
	const __u16 spoilt = UNREACH_FLAG_LEGACY | UNREACH_FLAG_IMPOSSIBLE |
			     UNREACH_FLAG_POINTLESS | UNREACH_FLAG_NO_DF | UNREACH_FLAG_OFF_PATH;

	return (ev->present & needed) == needed && !(ev->flags & spoilt);
}

/* What is implausible about it: the worst, if it is more than one thing (RFC 5927, 7). */
static UNREACH_INLINE enum unreach_class unreach_class_of(const struct unreach_event *ev)
{
	if (ev->flags & UNREACH_FLAG_IMPOSSIBLE)
		return UNREACH_CLASS_IMPOSSIBLE;
	if (ev->flags & UNREACH_FLAG_TINY)
		return UNREACH_CLASS_TINY;
	if (ev->flags & UNREACH_FLAG_LEGACY)
		return UNREACH_CLASS_LEGACY;
	if (ev->flags & UNREACH_FLAG_OFF_PATH)
		return UNREACH_CLASS_OFF_PATH;
	if (ev->flags & UNREACH_FLAG_ECHO)
		return UNREACH_CLASS_ECHO;
	if (ev->flags & UNREACH_FLAG_NO_DF)
		return UNREACH_CLASS_NO_DF;
	if (ev->flags & UNREACH_FLAG_POINTLESS)
		return UNREACH_CLASS_POINTLESS;
	return UNREACH_CLASS_NONE;
}

/* Is it about a TCP segment that can be told from all others? */
static UNREACH_INLINE int unreach_is_segment(const struct unreach_event *ev)
{
	const __u32 needed = UNREACH_HAS_ORIG_PROTO | UNREACH_HAS_SRC_PORT | UNREACH_HAS_DST_PORT |
			     UNREACH_HAS_TCP_SEQ;

	return (ev->present & needed) == needed && ev->orig_proto == UNREACH_PROTO_TCP;
}

/* A segment's hash under a random seed: who picks the quotes must not pick the cells. */
static UNREACH_INLINE __u64 unreach_head_hash(const struct unreach_head_key *key, __u64 seed)
{
	const __u32 *src = key->orig_src.words, *dst = key->orig_dst.words;
	__u64 hash = unreach_mix(seed, (__u64)src[0] << 32 | src[1]);

	hash = unreach_mix(hash, (__u64)src[2] << 32 | src[3]);
	hash = unreach_mix(hash, (__u64)dst[0] << 32 | dst[1]);
	hash = unreach_mix(hash, (__u64)dst[2] << 32 | dst[3]);
	hash = unreach_mix(hash, (__u64)key->slot << 32 | key->tcp_seq);
	hash = unreach_mix(hash, (__u64)key->src_port << 16 | key->dst_port);
	return unreach_mix(hash, seed);
}

/*
 * The cells in front of the heads: an array of u64 by the hash's lower half,
 * each with the hash's upper half and the time in ms when the segment came
 * first. Remembers the segment in its cell, in place of whatever was there.
 * Returns when it came first, if that was an episode or more ago, else 0.
 */
static UNREACH_INLINE __u64 unreach_quoted_before(__u64 *cell, __u64 hash, __u64 now)
{
	__u32 ms = (__u32)(now / UNREACH_MS), age;
	__u64 was = *cell;

	age = ms - (__u32)was;
	if (!was || was >> 32 != hash >> 32 || age > UNREACH_IDLE_NS / UNREACH_MS) {
		*cell = (hash & 0xffffffff00000000ULL) | ms;
		return 0;
	}
	return age >= UNREACH_EPISODE_NS / UNREACH_MS ? now - age * UNREACH_MS : 0;
}

/*
 * One more quote of the row's segment. For a new row `first` is when the
 * segment was quoted before.
 */
static UNREACH_INLINE void unreach_head_update(struct unreach_head *head,
					       const struct unreach_event *ev, __u64 first,
					       __u64 now)
{
	if (!head->first) {
		head->first = first;
		head->last = first;
		head->episodes = 1;
		__sync_fetch_and_add(&head->messages, 1);
	} else if (now > head->last + UNREACH_IDLE_NS || ev->orig_length <= head->mtu) {
		/* It was forgotten, or heeded, and is now too long for another link. */
		head->first = now;
		head->last = now;
		head->episodes = 1;
		head->alarmed = 0;
	}
	__sync_fetch_and_add(&head->messages, 1);
	head->reporter = ev->src;
	head->mtu = ev->mtu;
	head->quoted_length = ev->orig_length;
	if (now < head->last + UNREACH_EPISODE_NS)
		return;
	head->last = now;
	head->episodes++;
	if (!head->alarmed && head->episodes >= UNREACH_IGNORED_EPISODES &&
	    now >= head->first + UNREACH_IGNORED_NS)
		head->alarmed = now;
}

/*
 * A TCP flow was quoted longer than all were told long ago. One that is slow to
 * learn, or a host that has just forgotten, shows in one moment; flow after
 * flow is a host that is never told. So each must be another one, and come a
 * while after the last.
 */
static UNREACH_INLINE void unreach_path_late(struct unreach_path *path,
					     const struct unreach_event *ev, __u64 now)
{
	__u32 ports = (__u32)ev->src_port << 16 | ev->dst_port, i;

	if (path->late_flows && now < path->late_last + UNREACH_GRACE_NS)
		return;
	for (i = 0; i < UNREACH_LATE_FLOWS && i < path->late_flows; i++)
		if (path->late[i] == ports)
			return;
	path->late_last = now;
	if (i < UNREACH_LATE_FLOWS) {
		path->late[i] = ports;
		path->late_flows = i + 1;
	}
	if (path->late_flows == UNREACH_LATE_FLOWS && !path->alarmed)
		path->alarmed = now;
}

/* UDP has no answer to it but to go on: counted for who asks. */
static UNREACH_INLINE void unreach_path_udp(struct unreach_path *path, __u64 now)
{
	if (path->udp_episodes && now < path->udp_last + UNREACH_EPISODE_NS)
		return;
	if (!path->udp_episodes)
		path->udp_first = now;
	path->udp_last = now;
	path->udp_episodes++;
}

/* An MTU is told, or told anew. */
static UNREACH_INLINE void unreach_path_tell(struct unreach_path *path,
					     const struct unreach_event *ev, __u64 now)
{
	int tcp = unreach_is_segment(ev);

	if (ev->flags & UNREACH_FLAG_ECHO && path->tcp_mtu &&
	    now < path->tcp_last + UNREACH_TOLD_NS)
		return; /* what TCP was told stands */
	path->quoted_length = ev->orig_length;
	if (tcp) {
		path->tcp_mtu = ev->mtu;
		path->tcp_last = now;
	}
	if (path->mtu != ev->mtu || !path->told || now >= path->told + UNREACH_TOLD_NS) {
		path->told = now;
		path->mtu = ev->mtu;
		path->late_flows = 0;
		path->alarmed = 0;
	} else if (ev->orig_length > path->mtu && now > path->told + UNREACH_GRACE_NS) {
		__sync_fetch_and_add(&path->longer, 1);
		if (tcp)
			unreach_path_late(path, ev, now);
	}
}

/* One more advert for the row's path. */
static UNREACH_INLINE void unreach_path_update(struct unreach_path *path,
					       const struct unreach_event *ev, __u64 now)
{
	__sync_fetch_and_add(&path->messages, 1);
	if (!path->first || now < path->first)
		path->first = now;
	if (path->last < now)
		path->last = now;
	path->flags |= ev->flags;
	if (!unreach_usable(ev)) {
		if (!path->usable) {
			path->mtu = ev->mtu;
			path->quoted_length = ev->orig_length;
		}
		return;
	}
	path->usable = 1;
	unreach_path_tell(path, ev, now);
	if (ev->present & UNREACH_HAS_ORIG_PROTO && ev->orig_proto == UNREACH_PROTO_UDP)
		unreach_path_udp(path, now);
}

/* Echoes: the least that was told counts, for as long as a host remembers it. */
static UNREACH_INLINE void unreach_advert_echo(struct unreach_advert *advert,
					       const struct unreach_event *ev, __u64 now)
{
	if (!advert->alarmed || ev->mtu < advert->mtu || now >= advert->before + UNREACH_TOLD_NS) {
		advert->alarmed = now;
		advert->mtu = ev->mtu;
	}
	if (ev->mtu == advert->mtu)
		advert->before = now;
}

/* The others: the impossible and the tiny are certain at once, the rest by number. */
static UNREACH_INLINE void unreach_advert_count(struct unreach_advert *advert, __u32 class,
						const struct unreach_event *ev, __u64 now)
{
	advert->mtu = ev->mtu;
	if (!advert->alarmed &&
	    (class <= UNREACH_CLASS_TINY ||
	     (advert->before && now <= advert->before + UNREACH_IMPLAUSIBLE_NS)))
		advert->alarmed = now;
	advert->before = advert->last;
}

/* One more implausible advert of the row's class. */
static UNREACH_INLINE void unreach_advert_update(struct unreach_advert *advert, __u32 class,
						 const struct unreach_event *ev, __u64 now)
{
	if (advert->last && now >= advert->last + UNREACH_TOLD_NS) {
		advert->messages = 0;
		advert->first = advert->last = advert->before = advert->alarmed = 0;
	}
	__sync_fetch_and_add(&advert->messages, 1);
	if (!advert->first || now < advert->first) {
		advert->first = now;
		advert->orig_src = ev->orig_src;
	}
	advert->quoted_length = ev->orig_length;
	advert->flags |= ev->flags;
	advert->proto = ev->orig_proto;
	if (class == UNREACH_CLASS_ECHO)
		unreach_advert_echo(advert, ev, now);
	else
		unreach_advert_count(advert, class, ev, now);
	if (advert->last < now)
		advert->last = now;
}

/*
 * Where a target keeps the rows. A row that is made is zeroed; NULL where
 * there is none and the table takes none.
 */
struct unreach_shelf {
	struct unreach_path *(*path)(void *context, const struct unreach_path_key *key);
	/* Made only where `make` says so. */
	struct unreach_head *(*head)(void *context, const struct unreach_head_key *key, int make);
	struct unreach_advert *(*advert)(void *context, const struct unreach_advert_key *key);
	/* The cell of a hash. */
	__u64 *(*cell)(void *context, __u64 hash);
};

/* The segment's row, if it was quoted before; *first is then when, for a row just made. */
static UNREACH_INLINE struct unreach_head *
unreach_take_head(const struct unreach_shelf *shelf, void *context, const struct unreach_event *ev,
		  __u32 slot, __u64 seed, __u64 *first, __u64 now)
{
	const struct unreach_head_key key = {
		.orig_src = ev->orig_src,
		.orig_dst = ev->orig_dst,
		.slot = slot,
		.tcp_seq = ev->tcp_seq,
		.src_port = ev->src_port,
		.dst_port = ev->dst_port,
	};
	/* Sent again shorter, it is another one: its sender has heard. */
	__u64 hash = unreach_mix(unreach_head_hash(&key, seed), ev->orig_length);
	__u64 *cell = shelf->cell(context, hash);
	__u64 before = cell ? unreach_quoted_before(cell, hash, now) : 0;

	*first = before ? before : now;
	/* The row is the shelf's, the key is only looked at. */
	/* cppcheck-suppress returnDanglingLifetime */
	return shelf->head(context, &key, before != 0);
}

/*
 * Takes in one message that unreach_tells_mtu, from the interface `slot`, at
 * `now` (ns). `seed` is random and stays as long as the cells do.
 */
static UNREACH_INLINE void unreach_take_advert(const struct unreach_shelf *shelf, void *context,
					       const struct unreach_event *ev, __u32 slot,
					       __u64 seed, __u64 now)
{
	const struct unreach_path_key path_key = { ev->orig_src, ev->orig_dst, ev->src, slot };
	struct unreach_path *path = shelf->path(context, &path_key);
	__u32 class = unreach_class_of(ev);
	struct unreach_head *head = 0;
	__u64 first;

	if (path)
		unreach_path_update(path, ev, now);
	if (unreach_is_segment(ev) && unreach_usable(ev))
		head = unreach_take_head(shelf, context, ev, slot, seed, &first, now);
	if (head) {
		unreach_head_update(head, ev, first, now);
		if (path && head->alarmed)
			path->ignored = now;
	}
	if (class != UNREACH_CLASS_NONE) {
		const struct unreach_advert_key key = { ev->src, ev->orig_dst, slot, class };
		struct unreach_advert *advert = shelf->advert(context, &key);

		if (advert)
			unreach_advert_update(advert, class, ev, now);
	}
}

#endif
