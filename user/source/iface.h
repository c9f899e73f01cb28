/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel says of a network interface. Attaches nothing. */
#ifndef UNREACH_SOURCE_IFACE_H
#define UNREACH_SOURCE_IFACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#include "unreach/abi.h"

/* The interface of the IPv4 default route with the least metric; 0 or -ENOENT, -errno. */
int iface_default(char name[UNREACH_NAME_LEN]);
/*
 * What its frames start with, by the device's type (ARPHRD_*): 0, or -ENODEV
 * (no such interface), -EPROTONOSUPPORT (frames we can't read), -errno.
 */
int iface_link_type(const char *name, enum unreach_link *link);
/* Does the hardware take VLAN tags off before XDP sees the frame? */
bool iface_strips_tags(const char *name);
/* The lower devices of a bond, bridge or VLAN, as "eth0, eth1"; empty for any other device. */
void iface_lower(const char *name, char *list, size_t size);

/* The device's MTU in bytes; 0 or -errno. */
int iface_mtu(const char *name, uint32_t *mtu);

#endif
