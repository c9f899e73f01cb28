/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Questions to this machine's own kernel (netlink(7)), one after the other; no
 * answer takes longer than NETLINK_WAIT_MS. Knows no question: source/route.c
 * and source/sockdiag.c do.
 */
#ifndef UNREACH_SOURCE_NETLINK_H
#define UNREACH_SOURCE_NETLINK_H

#include <libmnl/libmnl.h>

#define NETLINK_WAIT_MS 100
/* Room for a question, and for its answer. */
#define NETLINK_ROOM 8192

struct netlink {
	struct mnl_socket *socket; /* NULL: not open */
	unsigned int sequence; /* number of the last question */
};

/* `protocol` is NETLINK_ROUTE or another; 0 or -errno, then there is nothing to close. */
int netlink_open(struct netlink *n, int protocol);
/*
 * Sends the question at the start of `buffer` (NETLINK_ROOM bytes, aligned for
 * a nlmsghdr), numbers it, and gives its answer to `take`, as mnl_cb_run(3)
 * does. 0 or -errno: what the kernel answered, -EAGAIN where it did not in time.
 */
int netlink_ask(struct netlink *n, char *buffer, mnl_cb_t take, void *data);
/* Does nothing to one that is not open. */
void netlink_close(struct netlink *n);

#endif
