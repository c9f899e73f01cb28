// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes as the kernel's answers about routes and connections: they are
 * read within their bounds, and what is no answer is none. Questions end here
 * instead of in a socket, so what source/route.c and source/sockdiag.c make of
 * an answer is reached as it is, and their question is looked at.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>

#include "base/addr.h"
#include "fuzz/fuzz.h"
#include "source/netlink.h"
#include "source/route.h"
#include "source/sockdiag.h"

#define ERRORS_MOST 4095

static const uint8_t *kernel; /* what it says */
static size_t kernel_size;

int netlink_open(struct netlink *n, int protocol)
{
	(void)protocol;
	*n = (struct netlink){};
	return 0;
}

void netlink_close(struct netlink *n)
{
	(void)n;
}

/*
 * The first byte chooses what it answers; length, padding and error are such
 * as the kernel's: libmnl reads a message to the end of its padding.
 */
static struct nlmsghdr *make_answer(uint32_t sequence)
{
	static const uint16_t types[] = { RTM_NEWROUTE, SOCK_DIAG_BY_FAMILY, NLMSG_ERROR,
					  NLMSG_DONE };
	size_t length = sizeof(struct nlmsghdr) + kernel_size - 1;
	struct nlmsghdr *answer = calloc(1, NLMSG_ALIGN(length)); /* the sanitizer knows its end */

	CHECK(answer);
	*answer = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)length,
		.nlmsg_type = types[kernel[0] % (sizeof(types) / sizeof(*types))],
		.nlmsg_seq = sequence,
	};
	memcpy(answer + 1, kernel + 1, kernel_size - 1);
	if (answer->nlmsg_type == NLMSG_ERROR && kernel_size > sizeof(int))
		*(int *)(answer + 1) = -(*(int *)(answer + 1) & ERRORS_MOST);
	return answer;
}

int netlink_ask(struct netlink *n, char *buffer, mnl_cb_t take, void *data)
{
	const struct nlmsghdr *question = (const struct nlmsghdr *)buffer;
	struct nlmsghdr *answer = make_answer(++n->sequence);
	int rc;

	CHECK(mnl_nlmsg_ok(question, NETLINK_ROOM) && question->nlmsg_flags == NLM_F_REQUEST);
	rc = mnl_cb_run(answer, answer->nlmsg_len, n->sequence, 0, take, data) < 0 ? -errno : 0;
	free(answer);
	return rc;
}

/* Twice: what was in *mtu before is of no account. */
static void ask_route(const struct unreach_addr *src, const struct unreach_addr *dst)
{
	struct route *r = route_open();
	uint32_t mtu = 1, again = 2;
	int rc;

	CHECK(r);
	rc = route_mtu(r, src, dst, &mtu);
	CHECK(rc <= 0 && rc == route_mtu(r, src, dst, &again));
	CHECK(mtu == again);
	route_close(r);
}

static void ask_connection(const struct unreach_addr *host, const struct unreach_addr *peer)
{
	const struct unreach_flow_key flow = {
		.host = *host, .peer = *peer, .host_port = 50000, .peer_port = 443
	};
	struct sockdiag *s = sockdiag_open();
	int rc;

	CHECK(s);
	rc = sockdiag_has_flow(s, &flow);
	CHECK(rc <= 1);
	sockdiag_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unreach_addr four, six;

	if (size > NETLINK_ROOM || !size)
		return -1;
	if (addr_parse(&four, "192.0.2.1") || addr_parse(&six, "2001:db8::1"))
		abort();
	kernel = data;
	kernel_size = size;
	ask_route(&four, &four);
	ask_route(&six, &six);
	ask_connection(&four, &four);
	ask_connection(&six, &six);
	return 0;
}
