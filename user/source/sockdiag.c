// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * SOCK_DIAG_BY_FAMILY for one 5-tuple: what `ss -t` shows. Where the kernel
 * holds no such connection it answers with the listener that would take one:
 * its state tells.
 */
#include "source/sockdiag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>

#include "base/addr.h"
#include "source/netlink.h"

struct sockdiag {
	struct netlink netlink;
};

/* In these states (RFC 9293, 3.3.2) there may be data that is not acknowledged. */
static bool may_resend(uint8_t state)
{
	return state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT || state == TCP_FIN_WAIT1 ||
	       state == TCP_CLOSING || state == TCP_LAST_ACK;
}

static void put_addr(__be32 words[4], const struct unreach_addr *a)
{
	if (addr_is_ipv4(a))
		memcpy(words, a->bytes + 12, 4);
	else
		memcpy(words, a->bytes, 16);
}

static void write_question(char *buffer, const struct unreach_flow_key *flow)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct inet_diag_req_v2 *request;

	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	header->nlmsg_flags = NLM_F_REQUEST;
	request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
	request->sdiag_family = addr_is_ipv4(&flow->peer) ? AF_INET : AF_INET6;
	request->sdiag_protocol = IPPROTO_TCP;
	request->id.idiag_sport = htons(flow->host_port);
	request->id.idiag_dport = htons(flow->peer_port);
	put_addr(request->id.idiag_src, &flow->host);
	put_addr(request->id.idiag_dst, &flow->peer);
	memset(request->id.idiag_cookie, 0xff, sizeof(request->id.idiag_cookie)); /* any */
}

/* *data: may it have data on its way? */
static int take_message(const struct nlmsghdr *header, void *data)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(header);
	bool *found = data;

	if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    mnl_nlmsg_get_payload_len(header) < sizeof(*m))
		return MNL_CB_OK;
	*found = may_resend(m->idiag_state);
	return MNL_CB_STOP;
}

int sockdiag_has_flow(struct sockdiag *s, const struct unreach_flow_key *flow)
{
	char buffer[NETLINK_ROOM] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool found = false;
	int rc;

	if (addr_is_ipv4(&flow->host) != addr_is_ipv4(&flow->peer))
		return 0;
	write_question(buffer, flow);
	rc = netlink_ask(&s->netlink, buffer, take_message, &found);
	if (rc == -ENOENT)
		return 0;
	return rc ? rc : found;
}

struct sockdiag *sockdiag_open(void)
{
	struct sockdiag *s = calloc(1, sizeof(*s));
	int rc = s ? netlink_open(&s->netlink, NETLINK_SOCK_DIAG) : -ENOMEM;

	if (!rc)
		return s;
	free(s);
	errno = -rc;
	return NULL;
}

void sockdiag_close(struct sockdiag *s)
{
	if (!s)
		return;
	netlink_close(&s->netlink);
	free(s);
}
