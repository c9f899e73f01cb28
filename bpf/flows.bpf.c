// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The flow watcher's program on the inside interface: what our hosts send. A
 * flow has a row from its first large segment on; everything else passes
 * after a look at its headers. Nothing is ever dropped, delayed or changed.
 */
#include "flows.h"

const volatile __u32 longest; /* IP length that the device can send and receive in one piece */

static const struct unreach_flow no_flow;

/* The flow's row; made for a large segment, if the bucket allows. */
static __always_inline struct unreach_flow *flow_of(const struct unreach_segment *s,
						    struct unreach_flow_stats *stats, __u64 now)
{
	const struct unreach_flow_key key = unreach_flow_of_host(s);
	enum unreach_unattributed reason;
	struct unreach_flow *flow;
	__u32 zero = 0;

	if (!is_sampled(&key))
		return 0;
	flow = bpf_map_lookup_elem(&flows, &key);
	if (flow || !unreach_is_large(s))
		return flow;
	flow = admit(&flows, &key, &no_flow, bpf_map_lookup_elem(&flow_admission, &zero),
		     RATE(flow), now, &reason);
	if (!flow)
		stats->refused++;
	return flow;
}

/* A segment of our host. */
static __always_inline void watch_segment(const struct unreach_segment *s)
{
	struct unreach_flow_stats *stats = stats_of_cpu();
	__u64 now = coarse_now();
	struct unreach_peer *peer = 0;
	struct unreach_flow *flow;

	if (!stats)
		return;
	stats->sent += unreach_is_large(s);
	stats->too_long += s->length > longest;
	flow = flow_of(s, stats, now);
	if (!flow)
		return;
	if (unreach_flow_is_resend(flow, s))
		peer = bpf_map_lookup_elem(&peers, &s->dst);
	if (unreach_flow_send(flow, peer, s, now))
		unreach_flow_judge(flow, peer, now);
}

SEC("xdp")
int unreach_flows(struct xdp_md *ctx)
{
	const void *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	struct unreach_cursor c = unreach_cursor(data, end);
	struct unreach_segment segment = {};

	if (unreach_find_segment(&c, link_type, &segment) && segment.payload)
		watch_segment(&segment);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
