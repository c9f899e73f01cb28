// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Ping sockets (the kernel fills in checksum and identifier, and lets through
 * only the replies to them), TCP and UDP sockets, and their error queues.
 */
#include "cli/diagnose_socket.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int set(int fd, int option, int value)
{
	return setsockopt(fd, IPPROTO_IP, option, &value, sizeof(value)) ? -errno : 0;
}

int socket_new(enum probe_kind kind, bool whole)
{
	static const struct {
		int type, protocol;
	} sockets[PROBES] = {
		[PROBE_ECHO] = { SOCK_DGRAM, IPPROTO_ICMP },
		[PROBE_TCP] = { SOCK_STREAM, IPPROTO_TCP },
		[PROBE_UDP] = { SOCK_DGRAM, IPPROTO_UDP },
	};
	int fd = socket(AF_INET, sockets[kind].type | SOCK_NONBLOCK | SOCK_CLOEXEC,
			sockets[kind].protocol);
	int rc;

	if (fd < 0)
		return -errno;
	rc = set(fd, IP_RECVERR, 1);
	if (!rc && whole)
		rc = set(fd, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

int socket_connect(int fd, const struct sockaddr_in *to)
{
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) && errno != EINPROGRESS)
		return -errno;
	return 0;
}

/* One control message of the error queue, which ends at `end`; false: it is another. */
static bool read_control(const struct cmsghdr *control, const char *end, struct socket_error *e)
{
	const struct sock_extended_err *from = (const void *)CMSG_DATA(control);
	const struct sockaddr_in *offender = (const void *)SO_EE_OFFENDER(from);

	if (control->cmsg_level != SOL_IP || control->cmsg_type != IP_RECVERR ||
	    control->cmsg_len < CMSG_LEN(sizeof(*from) + sizeof(*offender)) ||
	    control->cmsg_len > (size_t)(end - (const char *)control))
		return false;
	*e = (struct socket_error){
		.local = from->ee_origin != SO_EE_ORIGIN_ICMP,
		.type = from->ee_type,
		.code = from->ee_code,
		.error = (int)from->ee_errno,
		.mtu = from->ee_info,
	};
	if (offender->sin_family == AF_INET)
		e->reporter = offender->sin_addr;
	return true;
}

bool socket_error_read(int fd, struct socket_error *e)
{
	char bytes[64];
	union {
		struct cmsghdr align;
		char bytes[512];
	} control;
	struct iovec vector = { bytes, sizeof(bytes) };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	socklen_t length = sizeof(int);
	int error = 0;

	if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) {
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
			if (read_control(c, control.bytes + message.msg_controllen, e))
				return true;
		return false;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) || !error)
		return false;
	*e = (struct socket_error){ .local = true, .error = error };
	return true;
}

int socket_send(enum probe_kind kind, int fd, uint16_t sequence, uint32_t size)
{
	static char packet[IPV4_MOST]; /* zeros, but for the echo header of the moment */
	const struct icmphdr echo = { .type = ICMP_ECHO, .un.echo.sequence = htons(sequence) };
	size_t length = size - PROBE_HEADERS;

	if (kind == PROBE_ECHO) {
		memcpy(packet, &echo, sizeof(echo));
		length += sizeof(echo);
	} else {
		memset(packet, 0, sizeof(echo));
	}
	return send(fd, packet, length, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* An echo reply, not something that a socket's peer may send besides. */
static bool is_reply(const char *bytes, ssize_t length)
{
	struct icmphdr head;

	if (length < (ssize_t)sizeof(head))
		return false;
	memcpy(&head, bytes, sizeof(head));
	return head.type == ICMP_ECHOREPLY;
}

bool socket_answered(enum probe_kind kind, int fd)
{
	struct pollfd writable = { .fd = fd, .events = POLLOUT };
	char bytes[64];
	ssize_t n;

	if (kind == PROBE_TCP)
		return poll(&writable, 1, 0) > 0 && !(writable.revents & (POLLERR | POLLHUP));
	n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	return kind == PROBE_ECHO ? is_reply(bytes, n) : n >= 0;
}
