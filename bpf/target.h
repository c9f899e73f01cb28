/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What every program here needs of the kernel: helpers, the clock, the first
 * switches. Switches stand in rodata and are set before load, so the verifier
 * drops what a kernel doesn't have or a user doesn't want.
 */
#ifndef UNREACH_BPF_TARGET_H
#define UNREACH_BPF_TARGET_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "unreach/abi.h"
#include "unreach/bucket.h"

const volatile __u32 link_type; /* enum unreach_link, of this program's interface */
const volatile bool have_coarse_clock; /* bpf_ktime_get_coarse_ns, 5.11 */

/* A rate that stands in two switches: the compiler takes a constant structure for zeros. */
#define RATE(of) ((struct unreach_rate){ .interval = of##_interval, .burst = of##_burst })

/*
 * Makes the compiler forget what it knows of a value, so that it compares the
 * very register that it uses then: the verifier knows no other as bounded.
 */
#define OPAQUE(value) asm volatile("" : "+r"(value))

/* CLOCK_MONOTONIC as of the last tick; precise, and dearer, before 5.11. */
static __always_inline __u64 coarse_now(void)
{
	return have_coarse_clock ? bpf_ktime_get_coarse_ns() : bpf_ktime_get_ns();
}

/* What the clock was when this CPU last asked, and the tick (jiffy) in which it did. */
struct unreach_tick {
	__u64 now;
	__u64 jiffies;
};

/*
 * The same, but asked once a tick on each CPU, so up to a tick older: a call of the
 * clock costs more than all of a message's counters; to read jiffies is a load (5.6).
 */
static __always_inline __u64 tick_now(struct unreach_tick *tick)
{
	__u64 jiffies = bpf_jiffies64();

	if (tick->jiffies != jiffies) {
		tick->now = coarse_now();
		tick->jiffies = jiffies;
	}
	return tick->now;
}

#endif
