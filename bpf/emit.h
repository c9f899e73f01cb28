/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Events: which messages leave a record, and the record itself. Budgets keep
 * any flood from crowding out the rest; every message that leaves none is
 * counted by its reason, and what a known source did not get to say is told by
 * its next event.
 */
#ifndef UNREACH_BPF_EMIT_H
#define UNREACH_BPF_EMIT_H

#include "attribute.h"
#include "unreach/cursor.h"

#define KEEP_CHUNK 64
/* Most frames are no longer: they take this much of a ring where longer ones may take more. */
#define KEEP_SHORT 128

/* Takes from the budget of one class. */
static __always_inline bool budget_take(__u32 class, __u64 now)
{
	__u64 *bucket = bpf_map_lookup_elem(&budget, &class);

	return bucket && unreach_bucket_take(bucket, now, RATE(budget));
}

/* A known source has a rate of its own and both halves of the budget, a new one has one half. */
static __always_inline bool may_emit(const struct source *source, __u64 now)
{
	if (events_mode == EVENTS_ALL)
		return true;
	if (!source->known)
		return budget_take(BUDGET_NEW, now);
	if (!unreach_bucket_take(&source->row->bucket, now, RATE(source)))
		return false;
	return budget_take(BUDGET_KNOWN, now) || budget_take(BUDGET_NEW, now);
}

/* Does the source owe word of messages that were suppressed since its last event? */
static __always_inline bool owes(const struct source *source)
{
	return source->row && source->row->suppressed != source->row->told;
}

/* Takes over what the source of that address owes, where it still has its row. */
static __always_inline __u64 take_owed(__u32 address, struct unreach_counters *count)
{
	struct unreach_host_key key = host_key(address);
	struct unreach_host *row =
		find_row(&sources, UNREACH_SOURCES, &key, unreach_host_hash(&key, cell_seed));
	struct settling *settle;
	__u32 zero = 0;
	__u64 owed;

	settle = bpf_map_lookup_elem(&settling, &zero);
	if (!row || !settle)
		return 0;
	bpf_spin_lock(&settle->lock);
	/* A row that the table gave to another address meanwhile can hold a mix of both. */
	owed = row->suppressed > row->told ? row->suppressed - row->told : 0;
	row->told += owed;
	bpf_spin_unlock(&settle->lock);
	count->told += owed;
	return owed;
}

/* Copies `size` bytes (constant, a power of two) of the frame at `offset`, if `room` takes them. */
static __always_inline void keep_chunk(struct unreach_cursor *c, __u8 *to, __u32 room, __u32 offset,
				       __u32 size)
{
	const __u8 *p = unreach_at(c, offset, size);
	__u32 i;

	if (!p || size > room || offset > room - size)
		return;
	to += offset;
	switch (size) {
	case 1:
		*to = *p;
		break;
	case 2:
		*(__u16 *)to = *(const __u16 *)p;
		break;
	case 4:
		*(__u32 *)to = *(const __u32 *)p;
		break;
	default:
#pragma unroll
		for (i = 0; i < size; i += 8)
			*(__u64 *)(to + i) = *(const __u64 *)(p + i);
	}
}

/* How much of the ring is taken for the frame; constants to the verifier, one branch each. */
static __always_inline __u32 keep_room(const struct unreach_cursor *c, const struct workspace *work)
{
	__u32 copied = work->message.place.copied, there = copied ? copied : unreach_captured(c);

	return snaplen > KEEP_SHORT && there <= KEEP_SHORT ? KEEP_SHORT : snaplen;
}

/*
 * Copies the frame's first bytes behind the record, `room` of them at the
 * most; returns how many. In chunks whose places follow from the length alone,
 * as in sum.h and for the same reason.
 */
static __always_inline __u16 keep(struct unreach_cursor *c, __u8 *to, __u32 room)
{
	__u32 there = unreach_captured(c), length = there < room ? there : room, size, i;

	c->limit = UNREACH_FRAME_SPAN;
	for (i = 0; i < UNREACH_SNAPLEN_MAX / KEEP_CHUNK && i < length / KEEP_CHUNK; i++)
		keep_chunk(c, to, room, i * KEEP_CHUNK, KEEP_CHUNK);
#pragma unroll
	for (size = KEEP_CHUNK / 2; size >= 1; size /= 2)
		if (length & size)
			keep_chunk(c, to, room, length & -2 * size, size);
	return length;
}

/*
 * Wakes the consumer where the ring's fill has passed the mark, which every so
 * many records is looked at; a timer does the rest.
 */
static __always_inline __u64 wake_flag(void *ring, __u64 emitted)
{
	if (emitted & wake_mask)
		return BPF_RB_NO_WAKEUP;
	return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) < ring_wake ? BPF_RB_NO_WAKEUP
								      : BPF_RB_FORCE_WAKEUP;
}

/* What emit is to know of a message: it stands in the workspace; its source owes. */
enum { EMIT_DECODED = 1, EMIT_OWED = 2 };

/*
 * Writes the message to the ring: as the workspace has it, or decoded into the
 * record, where nobody else wants it. `flags` are EMIT_*; `address` is the source's.
 * Always 0. Not static, so that the verifier walks it by itself.
 */
__noinline int emit(struct xdp_md *ctx, __u32 checksum, __u32 flags, __u32 address)
{
	__u32 cpu = bpf_get_smp_processor_id(), key = slot, room;
	struct unreach_counters *count = bpf_map_lookup_elem(&counters, &key);
	struct workspace *work = workspace_of_cpu();
	void *ring = bpf_map_lookup_elem(&rings, &cpu);
	struct unreach_cursor c = frame_cursor(ctx);
	struct unreach_record *record;

	if (!work || !count)
		return 0;
	room = keep_room(&c, work);
	record = ring ? bpf_ringbuf_reserve(ring, sizeof(*record) + room, 0) : 0;
	if (!record) {
		count->lost_ring++;
		return 0;
	}
	record->envelope.number = ++count->records;
	record->envelope.time = bpf_ktime_get_ns();
	record->envelope.suppressed = flags & EMIT_OWED ? take_owed(address, count) : 0;
	record->envelope.frame_length = 0;
	record->envelope.slot = slot;
	record->envelope.ring = cpu;
	record->envelope.kept = 0;
	if (flags & EMIT_DECODED) {
		copy_mac(record->envelope.neighbour, work->neighbour);
		record->event = work->event;
	} else {
		decode(&c, &work->message.place, checksum, &record->event,
		       record->envelope.neighbour);
	}
	if (snaplen) {
		record->envelope.frame_length =
			have_load_bytes ? bpf_xdp_get_buff_len(ctx) : unreach_captured(&c);
		if (work->message.place.copied)
			c = copy_cursor(work, work->message.place.copied);
		record->envelope.kept = keep(&c, (__u8 *)(record + 1), room);
	}
	bpf_ringbuf_submit(record, wake_flag(ring, ++work->emitted));
	return 0;
}

/* Is the message to have an event? Counts why not. */
static __always_inline bool is_reported(struct unreach_counters *count, const struct source *source,
					__u64 now)
{
	__u32 zero = 0;
	struct unreach_instance *self;

	if (events_mode == EVENTS_NONE) {
		count->suppressed[UNREACH_SUPPRESSED_OFF]++;
		return false;
	}
	self = bpf_map_lookup_elem(&instance, &zero);
	if (!self || !self->consumer) {
		count->suppressed[UNREACH_SUPPRESSED_NO_CONSUMER]++;
		return false;
	}
	if (!may_emit(source, now)) {
		count->suppressed[UNREACH_SUPPRESSED_BUDGET]++;
		if (source->row)
			__sync_fetch_and_add(&source->row->suppressed, 1);
		return false;
	}
	return true;
}

#endif
