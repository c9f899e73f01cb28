// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A netlink socket in the kernel's group for interfaces, over libmnl. */
#include "source/links.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

/* Messages taken in one turn of the loop; what is left makes the next turn. */
#define TAKEN_AT_ONCE 64

struct links {
	struct mnl_socket *socket;
};

struct links *links_open(void)
{
	struct links *l = calloc(1, sizeof(*l));
	int error;

	if (!l)
		return NULL;
	l->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (l->socket && !mnl_socket_bind(l->socket, RTMGRP_LINK, MNL_SOCKET_AUTOPID))
		return l;
	error = errno;
	links_close(l);
	errno = error;
	return NULL;
}

int links_fd(const struct links *l)
{
	return mnl_socket_get_fd(l->socket);
}

void links_take(struct links *l)
{
	char message; /* what does not fit is cut off, and not looked at anyway */

	/* ENOBUFS: words were lost, and more may stand there. */
	for (int i = 0; i < TAKEN_AT_ONCE; i++)
		if (recv(links_fd(l), &message, sizeof(message), 0) < 0 && errno != ENOBUFS)
			return;
}

void links_close(struct links *l)
{
	if (!l)
		return;
	if (l->socket)
		mnl_socket_close(l->socket);
	free(l);
}
