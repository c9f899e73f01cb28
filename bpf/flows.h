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

const volatile bool watch_flows;
const volatile __u32 flow_sample; /* one flow in so many is watched; 1: each */
const volatile __u64 flow_seed; /* random, the same for both programs */
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

/* The bucket of new flows (bucket.h). */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} flow_admission SEC(".maps");

static __always_inline bool is_sampled(const struct unreach_flow_key *key)
{
	return flow_sample == 1 || unreach_flow_sampled(key, flow_seed, flow_sample);
}

static __always_inline struct unreach_flow_stats *stats_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&flow_stats, &zero);
}

#endif
