// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The flow watcher's program on the inside interface: what our hosts send. A
 * flow has a row from its first large segment on; everything else passes
 * after a look at its headers. Nothing is ever dropped, delayed or changed.
 */
#include "flows.h"

const volatile bool have_frags; /* frames in several pieces, and bpf_xdp_get_buff_len, 5.18 */

static const struct unreach_flow no_flow;

/* The flow's row; made for a large segment, if the bucket allows. */
static __always_inline struct unreach_flow *flow_of(const struct unreach_segment *s,
						    struct unreach_flow_common *common,
						    struct unreach_flow_stats *stats, __u64 now)
{
	const struct unreach_flow_key key = unreach_flow_of_host(s);
	__u64 hash = unreach_flow_hash(&key, flow_seed);
	enum unreach_unattributed reason;
	struct unreach_flow *flow;
	struct unreach_known *word = flow_word(hash);
	__u32 zero = 0;

	if (!word || !unreach_flow_sampled(hash, flow_sample))
		return 0;
	flow = find_flow(&key, word, hash, common);
	if (flow || !unreach_is_large(s))
		return flow;
	flow = admit(&flows, &key, &no_flow, bpf_map_lookup_elem(&flow_admission, &zero),
		     RATE(flow), now, &reason);
	if (!flow) {
		stats->refused++;
		return 0;
	}
	unreach_known_mark(word, hash, flow_generation(common));
	__sync_fetch_and_add(&common->made, 1);
	return flow;
}

/* Is the frame that long, and not its header alone, which anybody can write? */
static __always_inline bool is_too_long(struct xdp_md *ctx, const struct unreach_segment *s,
					const struct unreach_cursor *c, __u32 longest)
{
	__u64 there = have_frags ? bpf_xdp_get_buff_len(ctx) : unreach_captured(c);

	return s->length > longest && there >= c->limit;
}

/* A segment of our host; what was put together before XDP is counted, and not judged. */
static __always_inline void watch_segment(struct xdp_md *ctx, const struct unreach_segment *s,
					  const struct unreach_cursor *c)
{
	struct unreach_flow_common *common = common_row();
	struct unreach_flow_stats *stats = stats_of_cpu();
	struct unreach_peer *peer = 0;
	struct unreach_flow *flow;
	__u64 now;

	if (!stats || !common)
		return;
	stats->sent += unreach_is_large(s);
	if (is_too_long(ctx, s, c, common->longest)) {
		stats->too_long++;
		return;
	}
	now = coarse_now();
	flow = flow_of(s, common, stats, now);
	if (!flow)
		return;
	if (unreach_flow_is_resend(flow, s))
		peer = bpf_map_lookup_elem(&peers, &s->dst);
	if (unreach_flow_send(flow, peer, s, now))
		unreach_flow_judge(flow, peer, &common->loss, now);
}

SEC("xdp")
int unreach_flows(struct xdp_md *ctx)
{
	const void *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	struct unreach_cursor c = unreach_cursor(data, end);
	struct unreach_segment segment = {};

	if (unreach_find_segment(&c, link_type, &segment) && unreach_is_data(&segment))
		watch_segment(ctx, &segment, &c);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
