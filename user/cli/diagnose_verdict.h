/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From what the probes found to a cause: a pure function, and its words. The
 * decision tree of `unreach explain no-reply` is the same for people.
 */
#ifndef UNREACH_CLI_DIAGNOSE_VERDICT_H
#define UNREACH_CLI_DIAGNOSE_VERDICT_H

#include "base/buf.h"
#include "cli/diagnose_result.h"

enum verdict_kind {
	VERDICT_OPEN, /* the TCP port answers */
	VERDICT_UDP_OPEN, /* it does not, but the UDP port does */
	VERDICT_NARROW_PATH, /* open, and the path takes less than our link: discovery works */
	VERDICT_BLACK_HOLE, /* long packets vanish and nobody is heard to say so */
	VERDICT_UNHEARD, /* somebody does say so: the monitor saw it, we did not */
	VERDICT_CLOSED, /* the host is there, nobody listens */
	VERDICT_FILTERED, /* the host is there, the port is silent */
	VERDICT_REJECTED, /* a firewall says no */
	VERDICT_NETWORK_UNREACHABLE,
	VERDICT_HOST_UNREACHABLE,
	VERDICT_ROUTING_LOOP,
	VERDICT_NO_ROUTE, /* here, at home */
	VERDICT_NO_NEIGHBOUR, /* on our own link nobody answers ARP */
	VERDICT_LOCAL_POLICY, /* our own firewall or a route of ours forbids it */
	VERDICT_LOCAL_FAILURE, /* our own kernel cannot send, for another reason */
	VERDICT_SILENT, /* nobody says anything */
	VERDICTS
};

struct verdict {
	enum verdict_kind kind;
	enum probe_kind decisive; /* whose result names code, reporter or error */
};

struct verdict verdict_of(const struct diagnosis *d);
/* "black-hole", as in JSON. */
const char *verdict_name(enum verdict_kind kind);
/* Append what it means and what to do, as prose.h takes them. */
void verdict_meaning(struct buf *b, const struct diagnosis *d, const struct verdict *v);
void verdict_advice(struct buf *b, const struct diagnosis *d, const struct verdict *v);

#endif
