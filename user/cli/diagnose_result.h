/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the probes found: filled by them, read by the verdict and by the
 * output, which know no socket. Sizes are those of whole IPv4 packets in
 * bytes, addresses in_addr (network order), times ns of CLOCK_MONOTONIC.
 */
#ifndef UNREACH_CLI_DIAGNOSE_RESULT_H
#define UNREACH_CLI_DIAGNOSE_RESULT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Where traceroute begins: a UDP port that hardly anything listens on. */
enum { TRACEROUTE_PORT = 33434 };

enum probe_kind { PROBE_ECHO, PROBE_TCP, PROBE_UDP, PROBES };

enum outcome {
	OUTCOME_SILENT, /* nothing came back */
	OUTCOME_ANSWERED, /* echo reply, SYN-ACK, a datagram */
	OUTCOME_REFUSED, /* TCP only: a reset */
	OUTCOME_UNREACHABLE, /* ICMP type 3 with `code`, from `reporter` */
	OUTCOME_EXPIRED, /* ICMP type 11 from `reporter`: it went round in circles */
	OUTCOME_LOCAL, /* our own kernel refused to send: `error` */
	OUTCOME_FORBIDDEN, /* we may not have such a socket: `error` */
};

struct probe_result {
	enum outcome outcome;
	uint8_t code;
	int error; /* an errno */
	struct in_addr reporter;
	uint64_t rtt; /* until an answer came, from the last sending; an error: from the first */
};

enum path_state {
	PATH_NOT_MEASURED, /* nothing could be learned */
	PATH_WHOLE, /* packets as long as our own link takes go through */
	PATH_TOLD, /* shorter ones, and a router says how long */
	PATH_HOLE, /* long ones vanish, and nobody says so */
	PATH_UNCLEAR, /* time ran out, or the host went quiet midway */
};

struct path_result {
	enum path_state state;
	uint32_t link_mtu; /* of our own link */
	uint32_t known; /* what this host believed before */
	uint32_t passes; /* longest that was answered; 0: none */
	uint32_t stuck; /* with a hole: shortest that vanished */
	uint32_t told; /* least that a router named; 0: none */
	struct in_addr told_by;
};

/* One ICMP unreachable about the destination, by whoever saw it; equal ones are one row. */
struct seen_row {
	uint8_t code;
	bool by_monitor;
	struct in_addr reporter;
	uint32_t mtu; /* code 4 only */
	uint32_t times;
};

enum { SEEN_MAX = 32 };
struct seen {
	struct seen_row rows[SEEN_MAX];
	unsigned int count;
	uint32_t more; /* messages that found no row left */
};

enum monitor_state {
	MONITOR_ABSENT,
	MONITOR_NO_PERMISSION,
	MONITOR_FAILED, /* it is there, and its answer was not whole or too late */
	MONITOR_ASKED,
};

struct diagnosis {
	const char *host; /* as it was asked for */
	struct in_addr address, local; /* local: what we send from; 0: no route */
	uint16_t tcp_port, udp_port; /* host order */
	struct probe_result probes[PROBES];
	struct path_result path;
	struct seen seen;
	enum monitor_state monitor;
};

/* Notes one message. */
void seen_add(struct seen *seen, const struct seen_row *row);

#endif
