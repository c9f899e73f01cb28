/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sockets that probes are sent from, none of which takes privileges, and
 * what their error queues hold (IP_RECVERR, ip(7)): the ICMP error itself, and
 * who sent it. Knows no order of probes and no verdict.
 */
#ifndef UNREACH_CLI_DIAGNOSE_SOCKET_H
#define UNREACH_CLI_DIAGNOSE_SOCKET_H

#include "cli/diagnose_result.h"

/* Headers before a probe's payload: IPv4 without options, and ICMP echo or UDP. */
enum { PROBE_HEADERS = 28, IPV4_MOST = 65535 };

/*
 * A nonblocking socket with its error queue on; `whole`: it sends with DF set,
 * whatever the kernel believes of the path. A descriptor, or -errno: -EACCES
 * or -EPERM where such sockets are not allowed.
 */
int socket_new(enum probe_kind kind, bool whole);
/* Sends to `to` from now on; TCP: begins to connect. 0 or -errno: our own kernel refuses. */
int socket_connect(int fd, const struct sockaddr_in *to);
/* What was wrong with sending or connecting, from the error queue or SO_ERROR; false: nothing. */
struct socket_error {
	bool local; /* our own kernel says so, not the network */
	uint8_t type, code; /* ICMP, where it is not local */
	int error;
	uint32_t mtu; /* code 4: what is told; local EMSGSIZE: of our link */
	struct in_addr reporter;
};
bool socket_error_read(int fd, struct socket_error *e);
/*
 * Sends an echo request with that sequence number, or a datagram, of `size`
 * bytes with its IP header (PROBE_HEADERS to IPV4_MOST). 0 or -errno.
 */
int socket_send(enum probe_kind kind, int fd, uint16_t sequence, uint32_t size);
/* Takes an answer: true where one came. TCP: connected. */
bool socket_answered(enum probe_kind kind, int fd);

#endif
