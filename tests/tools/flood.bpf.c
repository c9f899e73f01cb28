// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Gives each frame that test_run makes its source (and its quoted target), puts
 * the checksums right, and sends it out of the device whose peer is under test.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/if_ether.h>
#include <linux/ip.h>

#include "tools/flood.h"

struct flood_job job;

struct frame {
	struct ethhdr eth;
	struct iphdr ip;
	struct flood_message message;
} __attribute__((packed));

static __always_inline __u16 fold(__s64 sum)
{
	__u32 v = sum;

	v = (v & 0xffff) + (v >> 16);
	return ~((v & 0xffff) + (v >> 16));
}

/* The next of `span` addresses from `base` on, or any at all (but 0) where span is 0. */
static __always_inline __be32 pick(struct flood_range *range)
{
	if (!range->span)
		return bpf_get_prandom_u32() | 1;
	return bpf_htonl(range->base + range->next++ % range->span);
}

/* The source of the next message: of a group that is due, or of the flood; 0: nothing is due. */
static __always_inline __be32 next_source(void)
{
	__u64 now = bpf_ktime_get_ns();
	int i;

	for (i = 0; i < FLOOD_GROUPS; i++) {
		struct flood_group *group = &job.groups[i];

		if (!group->due || now < group->due)
			continue;
		group->due += group->interval;
		group->sent++;
		return pick(&group->sources);
	}
	if (!job.left)
		return 0;
	job.left--;
	job.sent++;
	return pick(&job.sources);
}

SEC("xdp")
int flood(struct xdp_md *ctx)
{
	struct frame *f = (void *)(long)ctx->data;
	__be32 source = next_source();

	if (!source || (void *)(f + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	f->ip.saddr = source;
	f->message.quoted.daddr = pick(&job.targets);
	if (job.random_quotes) {
		*(__u32 *)f->message.transport = bpf_get_prandom_u32();
		*(__u32 *)(f->message.transport + 4) = bpf_get_prandom_u32();
	}
	f->ip.check = 0;
	f->ip.check = fold(bpf_csum_diff(0, 0, (void *)&f->ip, sizeof(f->ip), 0));
	f->message.checksum = 0;
	f->message.checksum = fold(bpf_csum_diff(0, 0, (void *)&f->message, sizeof(f->message), 0));
	return bpf_redirect(job.ifindex, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
