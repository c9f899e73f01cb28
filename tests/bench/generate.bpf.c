// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Gives the frame of a test run other addresses each time and hands it on to
 * the program under test by a tail call. The outer source is no part of the
 * ICMP checksum; where the quoted addresses change, it is put right for them.
 * What this costs by itself is measured with the empty program behind it.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <stdbool.h>

/* Set before load. */
const volatile bool random_quotes;

struct frame {
	struct ethhdr eth;
	struct iphdr ip;
	__u8 type, code;
	__u16 checksum;
	__u32 unused;
	struct iphdr quoted;
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
} target SEC(".maps");

static __always_inline __u16 fold(__s64 sum)
{
	__u32 v = sum;

	v = (v & 0xffff) + (v >> 16);
	return (v & 0xffff) + (v >> 16);
}

static __always_inline void change_quote(struct frame *f)
{
	__be32 fresh[2] = { bpf_get_prandom_u32(), bpf_get_prandom_u32() };
	__be32 old[2] = { f->quoted.saddr, f->quoted.daddr };

	f->checksum =
		~fold(bpf_csum_diff(old, sizeof(old), fresh, sizeof(fresh), (__u16)~f->checksum));
	f->quoted.saddr = fresh[0];
	f->quoted.daddr = fresh[1];
}

SEC("xdp")
int generate(struct xdp_md *ctx)
{
	struct frame *f = (void *)(long)ctx->data;

	if ((void *)(f + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	f->ip.saddr = bpf_get_prandom_u32();
	if (random_quotes)
		change_quote(f);
	bpf_tail_call(ctx, &target, 0);
	return XDP_ABORTED;
}

char _license[] SEC("license") = "Dual BSD/GPL";
