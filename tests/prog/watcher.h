/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flow watcher under test: the program of the outside with it switched on
 * (prog/kernel.h) and that of the inside, over the same maps.
 */
#ifndef UNREACH_TESTS_PROG_WATCHER_H
#define UNREACH_TESTS_PROG_WATCHER_H

#include "flows.skel.h"
#include "prog/kernel.h"

#define SEED 0x13198a2e03707344

static struct kernel k;
static struct flows_bpf *inside;

/* `interval`: ns for one new flow. */
static inline void open_programs(uint32_t rows, uint64_t interval)
{
	const struct unreach_flow_common common = { .longest = 1500 };
	__u32 zero = 0;

	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.skel->rodata->watch_flows = true;
	k.skel->rodata->events_mode = 2; /* none: a ring would run full */
	bpf_map__set_max_entries(k.skel->maps.flows, rows);
	bpf_map__set_max_entries(k.skel->maps.peers, rows);
	bpf_map__set_max_entries(k.skel->maps.flow_cells, rows);
	k.skel->rodata->flow_shift = (__u32)__builtin_ctz(rows);
	k.skel->rodata->flow_seed = SEED;
	kernel_load(&k);
	inside = flows_bpf__open();
	assert_non_null(inside);
	bpf_map__reuse_fd(inside->maps.flows, bpf_map__fd(k.skel->maps.flows));
	bpf_map__reuse_fd(inside->maps.peers, bpf_map__fd(k.skel->maps.peers));
	bpf_map__reuse_fd(inside->maps.flow_stats, bpf_map__fd(k.skel->maps.flow_stats));
	bpf_map__reuse_fd(inside->maps.flow_common, bpf_map__fd(k.skel->maps.flow_common));
	bpf_map__reuse_fd(inside->maps.flow_admission, bpf_map__fd(k.skel->maps.flow_admission));
	inside->rodata->have_coarse_clock = kernel_has(BPF_FUNC_ktime_get_coarse_ns);
	bpf_map__reuse_fd(inside->maps.flow_cells, bpf_map__fd(k.skel->maps.flow_cells));
	inside->rodata->flow_sample = 1;
	inside->rodata->flow_shift = (__u32)__builtin_ctz(rows);
	inside->rodata->flow_seed = SEED;
	inside->rodata->flow_interval = interval;
	inside->rodata->flow_burst = 1000000000;
	inside->rodata->have_frags = k.frags;
	if (k.frags)
		bpf_program__set_flags(inside->progs.unreach_flows, BPF_F_XDP_HAS_FRAGS);
	assert_int_equal(flows_bpf__load(inside), 0);
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(k.skel->maps.flow_common), &zero, &common, 0), 0);
}

static inline void close_programs(void)
{
	flows_bpf__destroy(inside);
	kernel_close(&k);
}

/* A TCP segment of 1500 bytes from our host, or an answer to it. */
static inline void make_frame(uint8_t frame[1514], bool answer, uint16_t length)
{
	static const uint8_t host[4] = { 192, 0, 2, 2 }, peer[4] = { 203, 0, 113, 2 };

	memset(frame, 0, 1514);
	frame[12] = 8;
	frame[14] = 0x45;
	frame[16] = (uint8_t)(length >> 8);
	frame[17] = (uint8_t)length;
	frame[20] = 0x40; /* DF */
	frame[22] = 64;
	frame[23] = 6;
	memcpy(frame + 26, answer ? peer : host, 4);
	memcpy(frame + 30, answer ? host : peer, 4);
	frame[34] = answer ? 1 : 0xc3;
	frame[35] = answer ? 0xbb : 0x50;
	frame[36] = answer ? 0xc3 : 1;
	frame[37] = answer ? 0x50 : 0xbb;
	frame[46] = 0x50;
	frame[47] = 0x10; /* ACK */
	frame[48] = 0x10; /* window */
}

#endif
