/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses of 16 bytes as text and back: IPv4-mapped ones as dotted quads, others by RFC 5952. */
#ifndef UNREACH_BASE_ADDR_H
#define UNREACH_BASE_ADDR_H

#include <stdbool.h>

#include "base/buf.h"
#include "unreach/abi.h"

/* Appends the address; fast for IPv4, it stands four times in each event. */
void addr_format(struct buf *b, const struct unreach_addr *a);
/* Reads either form; returns 0 or -EINVAL. */
int addr_parse(struct unreach_addr *a, const char *text);
/* Reads "192.0.2.1:80" or "[2001:db8::1]:80", the port from 1 on; returns 0 or -EINVAL. */
int addr_port_parse(struct unreach_addr *a, uint16_t *port, const char *text);
/* Is it an IPv4-mapped one (RFC 4291, 2.5.5.2)? Its last four bytes are the IPv4 address then. */
bool addr_is_ipv4(const struct unreach_addr *a);

#endif
