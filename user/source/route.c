// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * RTM_GETROUTE: what `ip route get DST from SRC` shows. What was learned (an
 * exception to a route) comes as a metric of the answer, in the place of what
 * the route itself says.
 */
#include "source/route.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/rtnetlink.h>

#include "base/addr.h"
#include "source/netlink.h"

struct route {
	struct netlink netlink;
};

/* What an answer says. */
struct answer {
	bool found; /* a route */
	uint32_t mtu;
};

/* The errors by which the kernel says that it would send nothing there. */
static bool is_no_route(int rc)
{
	return rc == -ENETUNREACH || rc == -EHOSTUNREACH || rc == -EACCES || rc == -EINVAL;
}

static void put_addr(struct nlmsghdr *header, uint16_t type, const struct unreach_addr *a)
{
	if (addr_is_ipv4(a))
		mnl_attr_put(header, type, 4, a->bytes + 12);
	else
		mnl_attr_put(header, type, 16, a->bytes);
}

/* Writes the question. */
static void write_question(char *buffer, const struct unreach_addr *src,
			   const struct unreach_addr *dst)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct rtmsg *route;

	header->nlmsg_type = RTM_GETROUTE;
	header->nlmsg_flags = NLM_F_REQUEST;
	route = mnl_nlmsg_put_extra_header(header, sizeof(*route));
	route->rtm_family = addr_is_ipv4(dst) ? AF_INET : AF_INET6;
	route->rtm_src_len = route->rtm_dst_len = addr_is_ipv4(dst) ? 32 : 128;
	put_addr(header, RTA_DST, dst);
	put_addr(header, RTA_SRC, src);
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
	answer->found = true;
	mnl_attr_parse(header, sizeof(*route), take_attribute, answer);
	return MNL_CB_STOP;
}

int route_mtu(struct route *r, const struct unreach_addr *src, const struct unreach_addr *dst,
	      uint32_t *mtu)
{
	char buffer[NETLINK_ROOM] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct answer answer = {};
	int rc;

	write_question(buffer, src, dst);
	rc = netlink_ask(&r->netlink, buffer, take_message, &answer);
	*mtu = answer.mtu;
	if (is_no_route(rc))
		return -ENETUNREACH;
	return rc || answer.found ? rc : -EPROTO;
}

struct route *route_open(void)
{
	struct route *r = calloc(1, sizeof(*r));
	int rc = r ? netlink_open(&r->netlink, NETLINK_ROUTE) : -ENOMEM;

	if (!rc)
		return r;
	free(r);
	errno = -rc;
	return NULL;
}

void route_close(struct route *r)
{
	if (!r)
		return;
	netlink_close(&r->netlink);
	free(r);
}
