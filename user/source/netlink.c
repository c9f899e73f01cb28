// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Answers know their question by its number: one that came too late must not
 * be taken for the next one's.
 */
#include "source/netlink.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>

int netlink_open(struct netlink *n, int protocol)
{
	const struct timeval wait = { .tv_usec = NETLINK_WAIT_MS * 1000 };
	int rc;

	*n = (struct netlink){ .socket = mnl_socket_open2(protocol, SOCK_CLOEXEC) };
	if (n->socket && !mnl_socket_bind(n->socket, 0, MNL_SOCKET_AUTOPID) &&
	    !setsockopt(mnl_socket_get_fd(n->socket), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)))
		return 0;
	rc = -errno;
	netlink_close(n);
	return rc;
}

int netlink_ask(struct netlink *n, char *buffer, mnl_cb_t take, void *data)
{
	struct nlmsghdr *header = (struct nlmsghdr *)buffer;
	ssize_t length;

	header->nlmsg_seq = ++n->sequence;
	if (mnl_socket_sendto(n->socket, header, header->nlmsg_len) < 0)
		return -errno;
	do {
		length = mnl_socket_recvfrom(n->socket, buffer, NETLINK_ROOM);
		if (length < 0)
			return -errno;
		/* An answer that came too late for the question before is passed over. */
	} while (mnl_nlmsg_ok(header, (int)length) && header->nlmsg_seq != n->sequence);
	if (mnl_cb_run(buffer, (size_t)length, n->sequence, mnl_socket_get_portid(n->socket), take,
		       data) < 0)
		return -errno;
	return 0;
}

void netlink_close(struct netlink *n)
{
	if (n->socket)
		mnl_socket_close(n->socket);
	n->socket = NULL;
}
