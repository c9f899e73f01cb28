/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which TCP connections this machine's own kernel holds (sock_diag(7)), in the
 * network namespace of the caller. An advert about any other is none of ours.
 */
#ifndef UNREACH_SOURCE_SOCKDIAG_H
#define UNREACH_SOURCE_SOCKDIAG_H

#include "unreach/abi.h"

struct sockdiag;

/* NULL with errno. */
struct sockdiag *sockdiag_open(void);
/*
 * 1: a connection of this machine, which may have data on its way; 0: there is
 * none (or the kernel tells nothing of TCP, or it is bound to a device), else
 * -errno (-EAGAIN: no answer in time). The host's side of the key is ours.
 */
int sockdiag_has_flow(struct sockdiag *s, const struct unreach_flow_key *flow);
/* NULL-safe. */
void sockdiag_close(struct sockdiag *s);

#endif
