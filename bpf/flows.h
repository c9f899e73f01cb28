/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flow watcher's tables and switches, which both programs have: the one on
 * the inside interface sees what our hosts send, the other one what the peers
 * answer. What a segment does to a row is the core's matter (flow.h).
 */
#ifndef UNREACH_BPF_FLOWS_H
#define UNREACH_BPF_FLOWS_H

#include "admit.h"
#include "unreach/flow.h"
#include "unreach/known.h"

const volatile bool watch_flows;
const volatile __u32 flow_sample; /* one flow in so many is watched; 1: each */
const volatile __u64 flow_seed; /* random, the same for both programs */
const volatile __u32 flow_shift; /* log2 of the words of cells, see known.h */
const volatile __u64 flow_interval, flow_burst; /* new flows on one CPU */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct unreach_flow_key);
	__type(value, struct unreach_flow);
	__uint(max_entries, 1); /* set before load */
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct unreach_addr);
	__type(value, struct unreach_peer);
	__uint(max_entries, 1); /* set before load */
} peers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct unreach_flow_stats);
	__uint(max_entries, 1);
} flow_stats SEC(".maps");

/* The filter in front of the flows (unreach/known.h): a flood's packets ask no more. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct unreach_known);
	__uint(max_entries, 1); /* set before load */
} flow_cells SEC(".maps");

/* What all flows share; one row. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct unreach_flow_common);
	__uint(max_entries, 1);
} flow_common SEC(".maps");

/* The bucket of new flows (bucket.h). */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} flow_admission SEC(".maps");

static __always_inline struct unreach_known *flow_word(__u64 hash)
{
	__u32 index = (__u32)hash & ((1U << flow_shift) - 1);

	return bpf_map_lookup_elem(&flow_cells, &index);
}

static __always_inline __u32 flow_generation(const struct unreach_flow_common *common)
{
	return unreach_known_generation(common->made, flow_shift);
}

/*
 * The flow's row, if there is one; `word` is its. One that was washed out of
 * the cells alone is found again by its next large segment.
 */
static __always_inline struct unreach_flow *find_flow(const struct unreach_flow_key *key,
						      struct unreach_known *word, __u64 hash,
						      const struct unreach_flow_common *common)
{
	struct unreach_flow *flow;

	if (!unreach_known_may_be(word, hash, flow_generation(common)))
		return 0;
	flow = bpf_map_lookup_elem(&flows, key);
	if (flow)
		unreach_known_mark(word, hash, flow_generation(common));
	return flow;
}

static __always_inline struct unreach_flow_common *common_row(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&flow_common, &zero);
}

static __always_inline struct unreach_flow_stats *stats_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&flow_stats, &zero);
}

#endif
