// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the program under test is held against: a program that does nothing,
 * and one that calls what the kernel offers in the same sequence without any
 * of our logic. It knows where the bytes stand, so it looks nothing up in the
 * packet, checks its bounds once, and judges nothing.
 */
#include "unreach/abi.h"

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>

#define CHUNK 512 /* the most that bpf_csum_diff takes on every kernel */
#define CODE 3

/*
 * Where the ICMP message is, how much of it is summed (a multiple of 4), where the outer source
 * address is, how many tables are kept: those of the least message in Ethernet, or set before load.
 */
const volatile __u32 icmp_offset = 34, icmp_length = 36, source_offset = 26, tables = 1;
const volatile bool events;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct unreach_tally);
	__uint(max_entries, UNREACH_CODES);
} tallies SEC(".maps");

#define HOSTS_MAP(name)                               \
	struct {                                      \
		__uint(type, BPF_MAP_TYPE_LRU_HASH);  \
		__type(key, struct unreach_host_key); \
		__type(value, struct unreach_host);   \
		__uint(max_entries, 65536);           \
	} name SEC(".maps")

HOSTS_MAP(sources);
HOSTS_MAP(targets);
HOSTS_MAP(senders);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* set before load */
} ring SEC(".maps");

/* What did not go as it should: no figure is worth anything then. */
__u64 failures;

static __always_inline void checksum(const __u8 *icmp)
{
	__u32 done = 0;
	__s64 sum = 0;

	for (; done + CHUNK <= icmp_length; done += CHUNK)
		sum = bpf_csum_diff(0, 0, (__be32 *)(icmp + done), CHUNK, sum);
	if (done < icmp_length)
		sum = bpf_csum_diff(0, 0, (__be32 *)(icmp + done), icmp_length - done, sum);
	if (sum < 0)
		failures++;
}

static __always_inline void count_at(void *map, __u32 address, __u64 now)
{
	struct unreach_host_key key = { .addr.words = { 0, 0, 0xffff0000, address } };
	struct unreach_host *host = bpf_map_lookup_elem(map, &key);

	if (!host) {
		const struct unreach_host first = { .messages[CODE] = 1, .last = now };

		if (bpf_map_update_elem(map, &key, &first, BPF_NOEXIST))
			failures++;
		return;
	}
	__sync_fetch_and_add(&host->messages[CODE], 1);
	if (host->last != now)
		host->last = now;
}

static __always_inline void record(void)
{
	struct unreach_record *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);

	if (!r) {
		failures++;
		return;
	}
	r->envelope.time = bpf_ktime_get_ns();
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
}

SEC("xdp")
int primitives(struct xdp_md *ctx)
{
	const __u8 *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	const __u8 *icmp = data + icmp_offset;
	struct unreach_tally *tally;
	__u32 code = CODE;
	__u64 now;

	if (icmp + icmp_length > end)
		return XDP_ABORTED;
	checksum(icmp);
	now = bpf_ktime_get_coarse_ns();
	tally = bpf_map_lookup_elem(&tallies, &code);
	if (!tally)
		return XDP_ABORTED;
	tally->messages++;
	tally->bytes += icmp_length;
	tally->last = now;
	if (tables > 0)
		count_at(&sources, *(const __u32 *)(data + source_offset), now);
	if (tables > 1)
		count_at(&targets, *(const __u32 *)(icmp + 8 + 16), now);
	if (tables > 2)
		count_at(&senders, *(const __u32 *)(icmp + 8 + 12), now);
	if (events)
		record();
	return XDP_PASS;
}

SEC("xdp")
int empty(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
