/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flow watcher's other half, in the program on the outside interface: what
 * peers answer, and adverts about flows that are watched.
 */
#ifndef UNREACH_BPF_ANSWERS_H
#define UNREACH_BPF_ANSWERS_H

#include "flows.h"
#include "maps.h"

static const struct unreach_peer no_peer;

/* The peer's row, made at need. */
static __always_inline struct unreach_peer *peer_of(const struct unreach_addr *addr)
{
	struct unreach_peer *peer = bpf_map_lookup_elem(&peers, addr);

	if (peer)
		return peer;
	bpf_map_update_elem(&peers, addr, &no_peer, BPF_NOEXIST);
	return bpf_map_lookup_elem(&peers, addr);
}

/*
 * What the frame's SACK option says, see unreach_sack_read. Not static, so
 * that the verifier walks it by itself, and not once for each way to get here.
 */
__noinline __u64 read_sack(struct xdp_md *ctx, __u32 above, __u32 border)
{
	const void *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	struct unreach_cursor c = unreach_cursor(data, end);
	struct unreach_segment segment = {};

	return unreach_find_segment(&c, link_type, &segment)
		       ? unreach_sack_read(&c, &segment, above, border)
		       : 0;
}

static __always_inline __u64 sacked(void *context, __u32 above, __u32 border)
{
	return read_sack(context, above, border);
}

/* The peer's answer to a flow that is watched. */
static __always_inline void take_answer(struct xdp_md *ctx, struct unreach_flow *flow,
					struct unreach_flow_common *common,
					const struct unreach_segment *s)
{
	struct unreach_flow_stats *stats = stats_of_cpu();
	struct unreach_peer *peer = 0;
	struct unreach_arrival arrival;
	__u64 now = coarse_now();

	if (!stats)
		return;
	stats->answered++;
	flow->slot = slot;
	if (flow->resends)
		peer = bpf_map_lookup_elem(&peers, &s->src);
	if (unreach_flow_answer(flow, peer, &common->loss, s, sacked, ctx, &arrival, now))
		unreach_flow_judge(flow, peer, &common->loss, now);
	peer = arrival.length ? peer_of(&s->src) : 0;
	if (!peer)
		return;
	unreach_peer_vote(peer, &common->loss, &arrival, now);
	unreach_peer_passed(peer, &arrival, now);
}

/*
 * A frame that is no unreachable: a peer's answer, maybe. Not static, so that
 * the verifier walks it by itself.
 */
__noinline int note_answer(struct xdp_md *ctx)
{
	const void *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	struct unreach_cursor c = unreach_cursor(data, end);
	struct unreach_segment segment = {};
	struct unreach_flow_key key;
	struct unreach_flow *flow;
	struct unreach_flow_common *common = common_row();
	__u64 hash;
	struct unreach_known *word;

	if (!unreach_find_segment(&c, link_type, &segment))
		return 0;
	key = unreach_flow_of_peer(&segment);
	hash = unreach_flow_hash(&key, flow_seed);
	word = flow_word(hash);
	if (!word || !common || !unreach_flow_sampled(hash, flow_sample))
		return 0;
	flow = find_flow(&key, word, hash, common);
	if (flow)
		take_answer(ctx, flow, common, &segment);
	return 0;
}

/* A message that unreach_tells_mtu, in the workspace: is it about a flow that is watched? */
static __always_inline void note_flow_advert(const struct unreach_event *ev, __u64 now)
{
	const struct unreach_flow_key key = { ev->orig_src, ev->orig_dst, ev->src_port,
					      ev->dst_port };
	struct unreach_flow *flow;

	if (!watch_flows || !unreach_is_segment(ev) || !unreach_usable(ev))
		return;
	/* A peer's row is for those that our hosts are known to talk to: anybody can make adverts.
	 */
	flow = bpf_map_lookup_elem(&flows, &key);
	if (flow)
		unreach_flow_advert(flow, peer_of(&ev->orig_dst), ev, now);
}

#endif
