// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The monitor's program: every frame that comes in is parsed, and if it is a
 * Destination Unreachable it is judged, counted, attributed and, within the
 * budget, written to a ring; what it tells of a path's MTU is noted. Nothing is ever dropped,
 * delayed or changed. One instance an interface; what it may use of the kernel stands in rodata.
 */
#include "answers.h"
#include "attribute.h"
#include "count.h"
#include "emit.h"
#include "paths.h"
#include "sum.h"

/* Puts the cursor over a copy of the frame of `length` bytes, as far as it is ever looked at. */
static __always_inline int load_whole(struct xdp_md *ctx, struct workspace *work, __u64 length,
				      struct unreach_cursor *c)
{
	__u64 last = length - 1;

	if (last >= sizeof(work->frame))
		last = sizeof(work->frame) - 1;
	OPAQUE(last); /* or the compiler hides from old verifiers that length > 0 */
	length = last + 1;
	if (bpf_xdp_load_bytes(ctx, 0, work->frame, length))
		return -1;
	*c = unreach_cursor(work->frame, work->frame + length);
	return 0;
}

/* What the frame is; where its linear part does not hold all that counts, by way of a copy. */
static __always_inline enum unreach_outcome find(struct xdp_md *ctx, struct unreach_cursor *c)
{
	enum unreach_outcome outcome = unreach_find(c, link_type);
	struct workspace *work;
	__u32 zero = 0;
	__u64 length;

	if (!have_load_bytes || (outcome == UNREACH_NOT_OURS && !c->ran_out))
		return outcome;
	if (!c->ran_out && c->limit <= unreach_captured(c))
		return outcome;
	length = bpf_xdp_get_buff_len(ctx);
	work = bpf_map_lookup_elem(&workspace, &zero);
	if (!work || length <= unreach_captured(c) || load_whole(ctx, work, length, c))
		return outcome;
	return unreach_find(c, link_type);
}

/* A frame that is ours, or is ICMP that can't be read; says whether it tells an MTU. */
static __noinline bool watch(struct unreach_cursor *c, enum unreach_outcome outcome, __u64 length)
{
	__u32 zero = 0, key = slot;
	struct workspace *work = bpf_map_lookup_elem(&workspace, &zero);
	struct unreach_counters *count = bpf_map_lookup_elem(&counters, &key);
	struct source source;
	__u64 now;

	if (!work || !count)
		return false;
	if (outcome != UNREACH_OK) {
		count_unclassified(count, outcome);
		return false;
	}
	now = work->now = coarse_now();
	unreach_decode(c, link_type, sum_message, &work->event);
	count_message(count, &work->event, now);
	source = attribute(count, &work->event, now);
	emit(c, count, &source, &work->event, length, now);
	return unreach_tells_mtu(&work->event);
}

SEC("xdp")
int unreach(struct xdp_md *ctx)
{
	const void *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	struct unreach_cursor c = unreach_cursor(data, end);
	enum unreach_outcome outcome = find(ctx, &c);

	if (outcome == UNREACH_NOT_OURS) {
		if (watch_flows)
			note_answer(ctx);
		return XDP_PASS;
	}
	if (watch(&c, outcome, have_load_bytes ? bpf_xdp_get_buff_len(ctx) : end - data))
		note_advert();
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
