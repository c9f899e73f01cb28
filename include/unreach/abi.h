/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What kernel and user space share in memory: the event record, map keys and
 * values, limits. Pinned maps outlive a daemon, so a change of anything here
 * changes UNREACH_ABI_VERSION. Knows no packet bytes and no helper; everything
 * is in host byte order, every structure is zeroed before it is filled, and
 * padding is spelled out.
 */
#ifndef UNREACH_ABI_H
#define UNREACH_ABI_H

#include <linux/types.h>

#define UNREACH_ABI_VERSION 5

/* The core is inlined into both targets; the verifier wants it so. */
#define UNREACH_INLINE inline __attribute__((always_inline))

/* Interfaces that one instance can watch; a slot is an interface's stable number. */
#define UNREACH_SLOTS 16
/* Length of an interface's name with its terminating zero (IFNAMSIZ). */
#define UNREACH_NAME_LEN 16
/* Code slots of one address family: IPv4 type 3 takes them by code. */
#define UNREACH_CODES 16
/* VLAN tags that are looked through; a frame with more is not ours. */
#define UNREACH_VLANS 4
/* Label stack entries kept of an RFC 4884 extension. */
#define UNREACH_LABELS 4
/* Longest ICMP message whose checksum is verified, in bytes; beyond: unverified. */
#define UNREACH_CHECKSUM_SPAN 9216
/* Bytes of one frame that are ever looked at: link header, tags, IP header, ICMP message. */
#define UNREACH_FRAME_SPAN (14 + 4 * UNREACH_VLANS + 60 + UNREACH_CHECKSUM_SPAN)
/* Most bytes of a frame that a record can carry (--snaplen). */
#define UNREACH_SNAPLEN_MAX 1536

enum unreach_family { UNREACH_IPV4, UNREACH_IPV6, UNREACH_FAMILIES };

/* What the first bytes of a frame are. Values are stable: they stand in rodata. */
enum unreach_link {
	UNREACH_LINK_ETHERNET,
	UNREACH_LINK_IP, /* no link header: tun, WireGuard, PPP */
	UNREACH_LINK_SLL, /* Linux cooked capture v1: captures only */
	UNREACH_LINK_SLL2, /* Linux cooked capture v2: captures only */
};

/* What a frame turned out to be: the ledger's rows by the parser's word. */
enum unreach_outcome {
	UNREACH_OK, /* an ICMP Destination Unreachable message */
	UNREACH_NOT_OURS,
	/* ICMP whose type cannot be read: counted as unclassified, in this order */
	UNREACH_TRUNCATED,
	UNREACH_BAD_HEADER,
	UNREACH_FRAGMENT,
	UNREACH_OUTCOMES,
};
#define UNREACH_UNCLASSIFIED (UNREACH_OUTCOMES - UNREACH_TRUNCATED)

enum unreach_checksum {
	UNREACH_CHECKSUM_UNVERIFIED, /* bytes are missing, or the message is beyond the span */
	UNREACH_CHECKSUM_OK,
	UNREACH_CHECKSUM_BAD,
};

/* How much of the original datagram is quoted (RFC 792: its header and 8 bytes). */
enum unreach_quote {
	UNREACH_QUOTE_NONE, /* nothing, or nothing that is an IP header */
	UNREACH_QUOTE_CUT,
	UNREACH_QUOTE_FULL,
};

/* unreach_event.present: which optional fields hold something. */
enum unreach_present {
	UNREACH_HAS_MTU = 1 << 0,
	UNREACH_HAS_ORIG_TOS = 1 << 1,
	UNREACH_HAS_ORIG_LENGTH = 1 << 2,
	UNREACH_HAS_ORIG_ID = 1 << 3,
	UNREACH_HAS_ORIG_FRAG = 1 << 4, /* orig_df, orig_frag_offset */
	UNREACH_HAS_ORIG_TTL = 1 << 5,
	UNREACH_HAS_ORIG_PROTO = 1 << 6,
	UNREACH_HAS_ORIG_SRC = 1 << 7,
	UNREACH_HAS_ORIG_DST = 1 << 8,
	UNREACH_HAS_SRC_PORT = 1 << 9,
	UNREACH_HAS_DST_PORT = 1 << 10,
	UNREACH_HAS_TCP_SEQ = 1 << 11,
	UNREACH_HAS_UDP_LENGTH = 1 << 12,
	UNREACH_HAS_ICMP_TYPE = 1 << 13,
	UNREACH_HAS_ICMP_CODE = 1 << 14,
	UNREACH_HAS_TCP_FLAGS = 1 << 15,
	UNREACH_HAS_ESP_SPI = 1 << 16,
};

/* unreach_event.flags: judgements on one message alone, see classify.h. */
enum unreach_flag {
	UNREACH_FLAG_LEGACY = 1 << 0,
	UNREACH_FLAG_IMPOSSIBLE = 1 << 1,
	UNREACH_FLAG_TINY = 1 << 2,
	UNREACH_FLAG_POINTLESS = 1 << 3,
	UNREACH_FLAG_NO_DF = 1 << 4,
	UNREACH_FLAG_OFF_PATH = 1 << 5,
	UNREACH_FLAG_ECHO = 1 << 6,
	UNREACH_FLAG_BAD_QUOTE = 1 << 7,
};

/* 16 bytes in network order; IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). */
struct unreach_addr {
	union {
		__u8 bytes[16];
		__u32 words[4];
	};
};

/* One decoded message. The same bytes come out of the host and of the kernel. */
struct unreach_event {
	struct unreach_addr src; /* who reports */
	struct unreach_addr dst;
	struct unreach_addr orig_src; /* whose packet it was */
	struct unreach_addr orig_dst; /* what could not be reached */
	__u32 present; /* enum unreach_present */
	__u32 mtu; /* next-hop MTU, code 4 (RFC 1191) */
	__u32 length; /* of the outer datagram, by its IP header */
	__u32 id; /* outer identification */
	__u32 orig_length;
	__u32 orig_id;
	__u32 tcp_seq;
	__u32 esp_spi;
	__u32 labels[UNREACH_LABELS]; /* RFC 4950 */
	__u16 vlan[UNREACH_VLANS]; /* tag control, outermost first */
	__u16 flags; /* enum unreach_flag */
	__u16 src_port;
	__u16 dst_port;
	__u16 udp_length;
	__u16 orig_frag_offset; /* bytes */
	__u8 family; /* enum unreach_family */
	__u8 vlans;
	__u8 type;
	__u8 code;
	__u8 ttl;
	__u8 tos;
	__u8 checksum; /* enum unreach_checksum */
	__u8 quote; /* enum unreach_quote */
	__u8 orig_proto;
	__u8 orig_ttl;
	__u8 orig_tos;
	__u8 orig_df;
	__u8 orig_icmp_type;
	__u8 orig_icmp_code;
	__u8 tcp_flags;
	__u8 label_count;
	__u8 reserved[6];
};

/* What the kernel knows of a frame beside its bytes. */
struct unreach_envelope {
	__u64 number; /* of this record in its ring and slot, from 1, without gaps */
	__u64 time; /* ns; CLOCK_MONOTONIC live, Unix time from a capture */
	__u64 suppressed; /* messages of this source that gave no event since its last one */
	__u32 frame_length; /* bytes on the wire; 0 where the kernel keeps none of them */
	__u16 kept; /* bytes of the frame that follow the record */
	__u16 slot;
	__u16 ring;
	__u8 neighbour[6]; /* MAC that handed us the frame; zero without Ethernet */
};

struct unreach_record {
	struct unreach_envelope envelope;
	struct unreach_event event;
	/* envelope.kept bytes of the frame follow */
};

/* Which of a message's addresses a table remembers. */
enum unreach_table {
	UNREACH_SOURCES, /* outer source: who reports */
	UNREACH_TARGETS, /* quoted destination: what could not be reached */
	UNREACH_SENDERS, /* quoted source: whose packet it was */
	UNREACH_TABLES,
};

struct unreach_host_key {
	struct unreach_addr addr;
	__u32 slot;
};

/*
 * One remembered address; hosts.h says where it stands. Counters are atomic; times are coarse
 * CLOCK_MONOTONIC ns.
 */
struct unreach_host {
	__u64 last;
	__u64 messages[UNREACH_CODES + 1]; /* by code; the last is "unassigned" */
	__u64 first;
	__u64 bucket; /* event budget of this address: see bucket.h */
	__u64 suppressed; /* messages that gave no event for want of budget */
	__u64 told; /* of these, told by a later event */
};

/* Classes of adverts (code 4) that no honest router sends, or that do harm; see path.h. */
enum unreach_class {
	UNREACH_CLASS_IMPOSSIBLE,
	UNREACH_CLASS_TINY,
	UNREACH_CLASS_LEGACY,
	UNREACH_CLASS_OFF_PATH,
	UNREACH_CLASS_ECHO,
	UNREACH_CLASS_NO_DF,
	UNREACH_CLASS_POINTLESS,
	UNREACH_CLASSES,
	UNREACH_CLASS_NONE = UNREACH_CLASSES,
};

/* Different flows that make an MTU count as ignored, where each was told once. */
#define UNREACH_LATE_FLOWS 3

/*
 * What adverts leave behind: three tables, their rows zeroed when they are
 * made. path.h says how a row goes on. All times are coarse CLOCK_MONOTONIC ns,
 * 0 is never.
 */
enum unreach_evidence {
	UNREACH_PATHS, /* who told which of our hosts what MTU for which destination */
	UNREACH_HEADS, /* TCP segments that were quoted again */
	UNREACH_ADVERTS, /* implausible adverts by reporter and destination */
	UNREACH_EVIDENCES,
	UNREACH_FLOWS = UNREACH_EVIDENCES, /* of the flow watcher: see flow.h */
	UNREACH_WALKS, /* all that detectors look at */
};

struct unreach_path_key {
	struct unreach_addr orig_src;
	struct unreach_addr orig_dst;
	struct unreach_addr reporter;
	__u32 slot;
};

struct unreach_path {
	__u64 messages;
	__u64 longer; /* quoted longer than told, more than UNREACH_GRACE_NS after that */
	__u64 first;
	__u64 last;
	__u64 told; /* since when `mtu` is told */
	__u64 tcp_last; /* when TCP was told last */
	__u64 late_last; /* when the last of late_flows came */
	__u64 alarmed; /* when late_flows was full; 0: it is not */
	__u64 ignored; /* last time that a segment on this path was ignored for certain */
	__u64 udp_first;
	__u64 udp_last;
	__u32 udp_episodes; /* times that UDP was quoted, UNREACH_EPISODE_NS apart */
	__u32 late_flows;
	__u32 late[UNREACH_LATE_FLOWS]; /* ports of those, see path.h */
	__u32 mtu; /* that is told now */
	__u32 tcp_mtu; /* what TCP was told last; 0: it was not */
	__u32 quoted_length; /* of the last packet that `mtu` was told for */
	__u32 flags; /* enum unreach_flag, of all messages */
	__u32 usable; /* was there an advert that a host can act upon? */
};

struct unreach_head_key {
	struct unreach_addr orig_src;
	struct unreach_addr orig_dst;
	__u32 slot;
	__u32 tcp_seq;
	__u16 src_port;
	__u16 dst_port;
};

struct unreach_head {
	struct unreach_addr reporter; /* of the last quote */
	__u64 messages;
	__u64 first;
	__u64 last; /* when the last episode began */
	__u64 alarmed; /* when the segment was ignored for certain; 0: it is not */
	__u32 episodes;
	__u32 mtu;
	__u32 quoted_length;
	__u32 reserved;
};

struct unreach_advert_key {
	struct unreach_addr reporter;
	struct unreach_addr orig_dst;
	__u32 slot;
	__u32 class; /* enum unreach_class */
};

/* Of one bout: after UNREACH_TOLD_NS without a message a new one begins. */
struct unreach_advert {
	struct unreach_addr orig_src; /* of the first message */
	__u64 messages;
	__u64 first;
	__u64 last;
	__u64 before; /* when the message before the last came; echoes: the last that told `mtu` */
	/*
	 * When they were too many to be chance; 0: they are not. Echoes, which are
	 * honest by themselves: since when `mtu` is told.
	 */
	__u64 alarmed;
	__u32 mtu; /* of the last message; echoes: the least that was told */
	__u32 quoted_length;
	__u32 flags; /* enum unreach_flag, of all messages */
	__u32 proto; /* quoted protocol of the last message */
};

/* unreach_flow.seen: what was seen since the head was first sent. */
enum unreach_flow_seen {
	UNREACH_FLOW_SMALL_SACKED = 1 << 0, /* small segments above the head arrived */
	UNREACH_FLOW_SMALL_HOLES = 1 << 1, /* between these, others are missing */
	UNREACH_FLOW_LARGE_ARRIVED = 1 << 2, /* as much as the head at once was SACKed */
	UNREACH_FLOW_ACKED = 1 << 3, /* the peer was heard: window and peer_next are known */
	UNREACH_FLOW_PEER_REACTED = 1 << 4, /* evidence C: to something else than the head */
	UNREACH_FLOW_ZERO_WINDOW = 1 << 5, /* the peer takes nothing */
	UNREACH_FLOW_MAY_FRAGMENT = 1 << 6, /* the head was sent again without DF */
};

/* Our host's side first. */
struct unreach_flow_key {
	struct unreach_addr host;
	struct unreach_addr peer;
	__u16 host_port;
	__u16 peer_port;
};

struct unreach_flow {
	__u64 first; /* since when the head is the head; 0: nothing large is outstanding */
	__u64 sent[3]; /* the last times that it was sent, latest first */
	__u64 advert; /* when the last usable code 4 about this flow came */
	__u64 probed; /* when `probe` was chosen */
	__u64 spoke; /* since when the peer says new things, and repeats none; 0: it does not */
	__u64 suspect, probable, confirmed; /* from when on it was; 0: it is not */
	__u32 una; /* first byte that is not acknowledged: where the head begins */
	__u32 next; /* one past the last byte that was sent */
	__u32 head; /* IP length of the head, the longest that was tried; 0: not known */
	__u32 shorter; /* IP length of the head when it was sent shorter; 0: it was not */
	__u32 resends; /* of the head */
	__u32 probe; /* one past a large segment that is followed; see probe_length */
	__u32 probe_length; /* its IP length; 0: there is none */
	__u32 probe_resends;
	__u32 arrived; /* longest datagram of this flow that was acknowledged */
	__u32 stuck; /* shortest that was suspect */
	__u32 seen; /* enum unreach_flow_seen */
	__u32 large_end; /* one past the last large segment that was sent */
	__u32 proved; /* IP length that got through when the flow was confirmed; 0: not known */
	__u32 peer_next; /* one past the last byte that the peer sent */
	__u16 probe_payload; /* bytes of the probe */
	__u16 window; /* of the peer, unscaled, as it said last */
	__u16 slot; /* of the interface on which the peer answers */
	__u8 smalls; /* small segments sent above the head, 255: or more */
	__u8 duplicates; /* acknowledgements that tell of one more each (RFC 5681, 2) */
};

/* How many transmissions of large segments arrived lately, of those that were followed. */
struct unreach_loss {
	__u64 at; /* when it was last counted */
	__u32 passed;
	__u32 lost; /* though one of the same length arrived in the end */
};

/* What is known of a peer from all its flows. */
struct unreach_peer {
	__u64 passed_at; /* when a datagram of `passed` bytes last arrived */
	__u64 told_at; /* when a usable advert about it last came */
	struct unreach_loss loss;
	__u64 voted; /* when it last counted among all flows' losses */
	__u32 passed; /* longest that is known to arrive */
	__u32 told; /* MTU of that advert */
};

/* What all flows share. */
struct unreach_flow_common {
	struct unreach_loss loss;
	__u64 made; /* rows of flows, ever */
	__u32 longest; /* IP length that the inside device can bring in one piece, its MTU */
	__u32 reserved;
};

/* What became of the segments that the flow watcher saw, on one CPU. */
struct unreach_flow_stats {
	__u64 sent; /* large segments of our hosts */
	__u64 answered; /* segments of peers, of flows that have a row */
	__u64 refused; /* large segments whose flow got no row: no admission left */
	__u64 too_long; /* of these, frames longer than the MTU: put together before XDP */
};

struct unreach_tally {
	__u64 messages;
	__u64 bytes; /* IP total lengths */
	__u64 last; /* coarse CLOCK_MONOTONIC ns, 0: never */
};

enum unreach_suppressed {
	UNREACH_SUPPRESSED_BUDGET,
	UNREACH_SUPPRESSED_OFF,
	UNREACH_SUPPRESSED_NO_CONSUMER,
	UNREACH_SUPPRESSED_REASONS,
};

enum unreach_unattributed {
	UNREACH_UNATTRIBUTED_ADMISSION, /* a new address, and no admission left */
	UNREACH_UNATTRIBUTED_TABLE, /* the table took no new row */
	UNREACH_UNATTRIBUTED_REASONS,
};

struct unreach_attribution {
	__u64 attributable; /* messages that bear this address */
	__u64 attributed;
	__u64 unattributed[UNREACH_UNATTRIBUTED_REASONS];
};

/* The ledger of one interface on one CPU. */
struct unreach_counters {
	__u64 seen;
	struct unreach_tally codes[UNREACH_FAMILIES][UNREACH_CODES];
	struct unreach_tally unassigned[UNREACH_FAMILIES];
	struct unreach_tally bad_checksum[UNREACH_FAMILIES];
	__u64 unclassified[UNREACH_FAMILIES][UNREACH_UNCLASSIFIED];
	struct unreach_attribution tables[UNREACH_TABLES];
	struct unreach_attribution evidence[UNREACH_EVIDENCES];
	__u64 suppressed[UNREACH_SUPPRESSED_REASONS];
	__u64 told; /* suppressed messages that a later event of their source has told */
	__u64 lost_ring; /* no room in the ring */
	__u64 records; /* numbered: the last record's number */
};

/* How far the daemon has come with one ring's records of one slot. */
struct unreach_ack_state {
	__u64 number; /* last record taken out of the ring */
	__u64 lost_sink; /* of these, not accepted by a sink, or gone before they could be read */
};

/*
 * Two copies: the daemon fills the idle one, then flips `current` by one store,
 * so that a kill at any moment leaves a consistent pair.
 */
struct unreach_ack {
	struct unreach_ack_state state[2];
	__u64 current;
};

struct unreach_slot {
	char name[UNREACH_NAME_LEN]; /* empty: free */
	__u32 link; /* enum unreach_link: what its frames start with */
};

/* One per set of pinned maps. */
struct unreach_instance {
	__u32 abi_version;
	__u32 nonce; /* random, the first part of each event_id */
	__u32 rings;
	__u32 consumer; /* 1 while a daemon drains the rings */
	__u64 seed; /* random, of the cells' hash; unlike the nonce it is told to nobody */
	struct unreach_slot slots[UNREACH_SLOTS];
};

/*
 * A ring's records of one slot as one number: the row of the ack array, and
 * the second part of an event_id. The rings of slot 0 come first.
 */
#define UNREACH_STREAM(ring, slot, rings) ((slot) * (rings) + (ring))

_Static_assert(sizeof(struct unreach_event) == 152, "layout of unreach_event");
_Static_assert(sizeof(struct unreach_envelope) == 40, "layout of unreach_envelope");
_Static_assert(sizeof(struct unreach_record) == 192, "layout of unreach_record");
_Static_assert(sizeof(struct unreach_host_key) == 20, "layout of unreach_host_key");
_Static_assert(sizeof(struct unreach_host) == 176, "layout of unreach_host");
_Static_assert(sizeof(struct unreach_path_key) == 52, "layout of unreach_path_key");
_Static_assert(sizeof(struct unreach_path) == 128, "layout of unreach_path");
_Static_assert(sizeof(struct unreach_head_key) == 44, "layout of unreach_head_key");
_Static_assert(sizeof(struct unreach_head) == 64, "layout of unreach_head");
_Static_assert(sizeof(struct unreach_advert_key) == 40, "layout of unreach_advert_key");
_Static_assert(sizeof(struct unreach_advert) == 72, "layout of unreach_advert");
_Static_assert(sizeof(struct unreach_flow_key) == 36, "layout of unreach_flow_key");
_Static_assert(sizeof(struct unreach_flow) == 144, "layout of unreach_flow");
_Static_assert(sizeof(struct unreach_peer) == 48, "layout of unreach_peer");
_Static_assert(sizeof(struct unreach_flow_common) == 32, "layout of unreach_flow_common");
_Static_assert(sizeof(struct unreach_counters) == 1160, "layout of unreach_counters");
_Static_assert(sizeof(struct unreach_ack) == 40, "layout of unreach_ack");
_Static_assert(sizeof(struct unreach_instance) == 344, "layout of unreach_instance");

#endif
