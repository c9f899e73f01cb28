/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which MTU this machine's own kernel has learned of a path (rtnetlink(7)). */
#ifndef UNREACH_SOURCE_ROUTE_H
#define UNREACH_SOURCE_ROUTE_H

#include <stdint.h>

#include "unreach/abi.h"

struct route;

/* NULL with errno. */
struct route *route_open(void);
/*
 * *mtu: the most that the kernel sends from `src` (one of ours) to `dst` in
 * one piece, as learned or as its route says; 0: it knows of no such limit.
 * What was told below net.ipv4.route.min_pmtu is learned as that. 0 or -errno:
 * -ENETUNREACH where nothing would be sent (no route, or an IPv4 `src` of
 * somebody else's; IPv6 does not look at it), -EAGAIN where there was no
 * answer in time.
 */
int route_mtu(struct route *r, const struct unreach_addr *src, const struct unreach_addr *dst,
	      uint32_t *mtu);
/* NULL-safe. */
void route_close(struct route *r);

#endif
