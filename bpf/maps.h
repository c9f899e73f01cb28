/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps and the switches. Sizes marked "set before load" depend on the
 * machine or an option; the switches stand in rodata, so the verifier drops
 * what a kernel doesn't have or a user doesn't want.
 */
#ifndef UNREACH_BPF_MAPS_H
#define UNREACH_BPF_MAPS_H

#include "target.h"
#include "unreach/hosts.h"

enum unreach_events_mode { EVENTS_LIMITED, EVENTS_ALL, EVENTS_NONE };

/* This program's interface. */
const volatile __u32 slot;

/* Of these maps. */
const volatile __u64 cell_seed; /* random */
const volatile __u32 cell_mask; /* cells less one; they are a power of two */

/* What the kernel has. */
const volatile bool have_load_bytes; /* bpf_xdp_load_bytes, bpf_xdp_get_buff_len, 5.18 */

/* What the user wants. */
const volatile __u32 track; /* a bit for each enum unreach_table */
const volatile __u32 events_mode;
const volatile __u32 snaplen; /* bytes kept of each frame; 0: none */
const volatile __u32 ring_wake; /* bytes in a ring that wake the consumer */
const volatile __u32 wake_mask; /* looked for every wake_mask + 1 records of a ring */
/* Rates, two numbers each. */
const volatile __u64 source_interval, source_burst; /* events of one known source */
const volatile __u64 budget_interval, budget_burst; /* events of each class, a half of the budget */
const volatile __u64 admission_interval, admission_burst; /* new rows of one table on one CPU */
const volatile __u64 evidence_interval, evidence_burst; /* the same of heads and adverts */

/* The ledger, by slot. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct unreach_counters);
	__uint(max_entries, UNREACH_SLOTS);
} counters SEC(".maps");

/* The tables of addresses (unreach/hosts.h). */
const volatile __u32 host_sets; /* of each table */

/* Nobody maps them: the flag makes them begin with a page, and so each row with a cache's line. */
#define HOSTS_MAP(name)                                       \
	struct {                                              \
		__uint(type, BPF_MAP_TYPE_ARRAY);             \
		__uint(map_flags, BPF_F_MMAPABLE);            \
		__type(key, __u32);                           \
		__type(value, struct unreach_host_set);       \
		__uint(max_entries, 1); /* set before load */ \
	} name SEC(".maps")

HOSTS_MAP(sources);
HOSTS_MAP(targets);
HOSTS_MAP(senders);

/* Of all sets, one table behind the other; the set's lock guards them. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct unreach_host_tags);
	__uint(max_entries, UNREACH_TABLES); /* times host_sets, set before load */
} host_tags SEC(".maps");

#define EVIDENCE_MAP(name, row)                               \
	struct {                                              \
		__uint(type, BPF_MAP_TYPE_LRU_HASH);          \
		__type(key, struct row##_key);                \
		__type(value, struct row);                    \
		__uint(max_entries, 1); /* set before load */ \
	} name SEC(".maps")

EVIDENCE_MAP(paths, unreach_path);
EVIDENCE_MAP(heads, unreach_head);
EVIDENCE_MAP(adverts, unreach_advert);

/* In front of the heads: see unreach_quoted_before. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1); /* set before load */
} cells SEC(".maps");

/* Admission buckets (bucket.h), by table, then by evidence. */
#define ADMISSION_EVIDENCE UNREACH_TABLES
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, UNREACH_TABLES + UNREACH_EVIDENCES);
} admission SEC(".maps");

static __always_inline __u64 *admission_bucket(__u32 table)
{
	return bpf_map_lookup_elem(&admission, &table);
}

/* The event budget, shared by all CPUs and slots. */
enum budget_class { BUDGET_NEW, BUDGET_KNOWN, BUDGET_CLASSES };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, BUDGET_CLASSES);
} budget SEC(".maps");

/* Two CPUs must not tell the same suppressed messages. */
struct settling {
	struct bpf_spin_lock lock;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct settling);
	__uint(max_entries, 1);
} settling SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct unreach_instance);
	__uint(max_entries, 1);
} instance SEC(".maps");

/* Only user space writes here; it lives with the maps so that it outlives a daemon. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct unreach_ack);
	__uint(max_entries, UNREACH_SLOTS); /* times the rings, set before load */
} acks SEC(".maps");

/* One ring a CPU, so that each has one producer. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 1); /* CPUs, set before load */
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_RINGBUF);
			__uint(max_entries, 4096);
		});
} rings SEC(".maps");

/* Where a message stands: offsets in the frame, see struct unreach_cursor. */
struct place {
	__u32 ip;
	__u32 at;
	__u32 limit;
	__u32 copied; /* bytes of the frame's copy in the workspace; 0: it is read where it is */
};

/* What every message is asked for (message.h). */
struct message {
	__u64 now; /* coarse ns */
	__u32 length; /* of the datagram, by its IP header */
	__u32 code;
	enum unreach_checksum checksum;
	__u32 tables; /* a bit for each enum unreach_table that it has an address for */
	__u32 hosts[UNREACH_TABLES]; /* these addresses: IPv4, network order */
	struct place place;
};

/*
 * Room for one message on its way. The event stands here and not on the stack
 * because the verifier tracks every value on the stack, and would walk all that
 * follows once for each way to fill it.
 */
struct workspace {
	struct unreach_tick tick; /* the message's coarse time */
	__u64 emitted; /* records into this CPU's ring, of all interfaces */
	struct message message; /* its place, to be decoded; all of it, if read from the copy */
	__u8 neighbour[8]; /* MAC address of who handed us the frame */
	struct unreach_event event;
	__u8 frame[UNREACH_FRAME_SPAN]; /* copy of a frame whose linear part is too short */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct workspace);
	__uint(max_entries, 1);
} workspace SEC(".maps");

#endif
