/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The first contact: echo, TCP and UDP side by side, so that they take no
 * longer than the slowest. Fills the probes' results and what was seen; knows
 * nothing of what they mean.
 */
#ifndef UNREACH_CLI_DIAGNOSE_CONTACT_H
#define UNREACH_CLI_DIAGNOSE_CONTACT_H

#include "cli/diagnose_result.h"

/*
 * Milliseconds in which nothing must be heard before a host counts as silent: a
 * router that gets no answer to its ARP requests says so after three. Where
 * anything is heard, the rest is given a little more than a TCP retransmission.
 */
enum { CONTACT_MS = 4500, CONTACT_MORE_MS = 2200 };

struct socket_error;

void contact(struct diagnosis *d);
/* `e` as a probe's result; false: it says nothing (a redirect). Notes an unreachable in `seen`. */
bool contact_judge(enum probe_kind kind, const struct socket_error *e, struct probe_result *result,
		   struct seen *seen);

#endif
