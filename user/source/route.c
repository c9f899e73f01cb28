// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * RTM_GETROUTE over libmnl: what `ip route get DST from SRC` shows. What was
 * learned (an exception to a route) comes as a metric of the answer, in the
 * place of what the route itself says. Answers know their question by its
 * number: one that came too late must not be taken for the next one's.
 */
#include "source/route.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#define REPLY_ROOM 8192

struct route {
	struct mnl_socket *socket;
	unsigned int sequence;
};

/* What an answer says. */
struct answer {
	unsigned char type; /* RTN_LOCAL, RTN_UNICAST, ... */
	uint32_t mtu;
};

/* The errors by which the kernel says that it would send nothing there. */
static bool is_no_route(int rc)
{
	return rc == -ENETUNREACH || rc == -EHOSTUNREACH || rc == -EACCES || rc == -EINVAL;
}

static bool is_ipv4(const struct unreach_addr *a)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(a->bytes, mapped, sizeof(mapped));
}

/* 0.0.0.0 and ::, which the kernel takes for the loopback's. */
static bool is_unspecified(const struct unreach_addr *a)
{
	static const unsigned char zero[16];

	return !memcmp(a->bytes + 12, zero, 4) && (is_ipv4(a) || !memcmp(a->bytes, zero, 12));
}

static void put_addr(struct nlmsghdr *header, uint16_t type, const struct unreach_addr *a)
{
	if (is_ipv4(a))
		mnl_attr_put(header, type, 4, a->bytes + 12);
	else
		mnl_attr_put(header, type, 16, a->bytes);
}

/* Writes the question; `src` may be NULL. */
static struct nlmsghdr *ask(struct route *r, char *buffer, const struct unreach_addr *src,
			    const struct unreach_addr *dst)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct rtmsg *route;

	header->nlmsg_type = RTM_GETROUTE;
	header->nlmsg_flags = NLM_F_REQUEST;
	header->nlmsg_seq = ++r->sequence;
	route = mnl_nlmsg_put_extra_header(header, sizeof(*route));
	route->rtm_family = is_ipv4(dst) ? AF_INET : AF_INET6;
	route->rtm_dst_len = is_ipv4(dst) ? 32 : 128;
	put_addr(header, RTA_DST, dst);
	if (src) {
		route->rtm_src_len = route->rtm_dst_len;
		put_addr(header, RTA_SRC, src);
	}
	return header;
}

static int take_metric(const struct nlattr *attr, void *data)
{
	struct answer *answer = data;

	if (mnl_attr_get_type(attr) == RTAX_MTU && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
		answer->mtu = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int take_attribute(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == RTA_METRICS)
		mnl_attr_parse_nested(attr, take_metric, data);
	return MNL_CB_OK;
}

/* One message of an answer; the first is all there is. */
static int take_message(const struct nlmsghdr *header, void *data)
{
	struct answer *answer = data;
	const struct rtmsg *route = mnl_nlmsg_get_payload(header);

	if (header->nlmsg_type != RTM_NEWROUTE ||
	    mnl_nlmsg_get_payload_len(header) < sizeof(*route))
		return MNL_CB_OK;
	answer->type = route->rtm_type;
	mnl_attr_parse(header, sizeof(*route), take_attribute, answer);
	return MNL_CB_STOP;
}

/* Asks, and waits for the answer to this very question; 0 or -errno. */
static int look_up(struct route *r, const struct unreach_addr *src, const struct unreach_addr *dst,
		   struct answer *answer)
{
	char buffer[REPLY_ROOM] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *header = ask(r, buffer, src, dst);
	unsigned int port = mnl_socket_get_portid(r->socket);
	ssize_t n;

	*answer = (struct answer){};
	if (mnl_socket_sendto(r->socket, header, header->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		n = mnl_socket_recvfrom(r->socket, buffer, sizeof(buffer));
		if (n < 0)
			return -errno;
		header = (struct nlmsghdr *)buffer;
		/* An answer that came too late for the question before. */
		if (mnl_nlmsg_ok(header, (int)n) && header->nlmsg_seq != r->sequence)
			continue;
		n = mnl_cb_run(buffer, (size_t)n, r->sequence, port, take_message, answer);
		if (n < 0)
			return -errno;
		return answer->type == RTN_UNSPEC ? -EPROTO : 0;
	}
}

int route_is_local(struct route *r, const struct unreach_addr *addr)
{
	struct answer answer;
	int rc;

	if (is_unspecified(addr))
		return 0;
	rc = look_up(r, NULL, addr, &answer);
	if (is_no_route(rc))
		return 0;
	return rc ? rc : answer.type == RTN_LOCAL;
}

int route_mtu(struct route *r, const struct unreach_addr *src, const struct unreach_addr *dst,
	      uint32_t *mtu)
{
	struct answer answer;
	int rc = look_up(r, src, dst, &answer);

	*mtu = answer.mtu;
	return is_no_route(rc) ? -ENETUNREACH : rc;
}

struct route *route_open(void)
{
	const struct timeval wait = { .tv_usec = ROUTE_WAIT_MS * 1000 };
	struct route *r = calloc(1, sizeof(*r));
	int error;

	if (!r)
		return NULL;
	r->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (r->socket && !mnl_socket_bind(r->socket, 0, MNL_SOCKET_AUTOPID) &&
	    !setsockopt(mnl_socket_get_fd(r->socket), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)))
		return r;
	error = errno;
	route_close(r);
	errno = error;
	return NULL;
}

void route_close(struct route *r)
{
	if (!r)
		return;
	if (r->socket)
		mnl_socket_close(r->socket);
	free(r);
}
