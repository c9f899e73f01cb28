// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The rules, from the most certain to the least: what our own kernel says,
 * what vanishes by its size, what TCP got, what the others got, silence.
 */
#include "cli/diagnose_verdict.h"

#include <errno.h>

static bool same(struct in_addr a, struct in_addr b)
{
	return a.s_addr == b.s_addr;
}

/* Did the host itself react to that probe? */
static bool alive_by(const struct diagnosis *d, enum probe_kind kind)
{
	const struct probe_result *p = &d->probes[kind];

	if (p->outcome == OUTCOME_UNREACHABLE)
		return kind == PROBE_UDP && p->code == 3 && same(p->reporter, d->address);
	return p->outcome == OUTCOME_ANSWERED || p->outcome == OUTCOME_REFUSED;
}

static bool alive_otherwise(const struct diagnosis *d)
{
	return alive_by(d, PROBE_ECHO) || alive_by(d, PROBE_UDP);
}

/* The first probe with that outcome; PROBES: none. */
static enum probe_kind find(const struct diagnosis *d, enum outcome outcome)
{
	static const enum probe_kind order[PROBES] = { PROBE_TCP, PROBE_UDP, PROBE_ECHO };

	for (unsigned int i = 0; i < PROBES; i++)
		if (d->probes[order[i]].outcome == outcome)
			return order[i];
	return PROBES;
}

static bool monitor_saw(const struct diagnosis *d, bool too_big)
{
	for (unsigned int i = 0; i < d->seen.count; i++) {
		const struct seen_row *row = &d->seen.rows[i];

		if (row->by_monitor && (row->code == 4) == too_big)
			return true;
	}
	return false;
}

static enum verdict_kind by_error(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return VERDICT_LOCAL_POLICY;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EINVAL: /* a route of type blackhole */
		return VERDICT_NO_ROUTE;
	default:
		return VERDICT_LOCAL_FAILURE;
	}
}

static enum verdict_kind by_code(const struct diagnosis *d, const struct probe_result *p)
{
	/* Our own kernel sends ICMP to itself: ip route, ARP, REJECT on output. */
	if (same(p->reporter, d->local) && !same(d->local, d->address))
		return p->code == 1 ? VERDICT_NO_NEIGHBOUR : VERDICT_LOCAL_POLICY;
	if (alive_otherwise(d))
		return VERDICT_REJECTED;
	switch (p->code) {
	case 0:
	case 6:
	case 11:
		return VERDICT_NETWORK_UNREACHABLE;
	case 1:
	case 7:
	case 8:
	case 12:
		return VERDICT_HOST_UNREACHABLE;
	default:
		return VERDICT_REJECTED;
	}
}

/* Nobody has answered: what is the best that was said instead? */
static struct verdict by_errors(const struct diagnosis *d)
{
	enum probe_kind kind = find(d, OUTCOME_LOCAL);

	if (kind < PROBES)
		return (struct verdict){ by_error(d->probes[kind].error), kind };
	kind = find(d, OUTCOME_UNREACHABLE);
	if (kind < PROBES)
		return (struct verdict){ by_code(d, &d->probes[kind]), kind };
	kind = find(d, OUTCOME_EXPIRED);
	if (kind < PROBES)
		return (struct verdict){ VERDICT_ROUTING_LOOP, kind };
	return (struct verdict){ monitor_saw(d, false) ? VERDICT_UNHEARD : VERDICT_SILENT,
				 PROBE_TCP };
}

/* The host is there. */
static enum verdict_kind by_port(const struct diagnosis *d)
{
	const struct probe_result *tcp = &d->probes[PROBE_TCP];

	if (tcp->outcome == OUTCOME_ANSWERED)
		return d->path.state == PATH_TOLD ? VERDICT_NARROW_PATH : VERDICT_OPEN;
	if (tcp->outcome == OUTCOME_UNREACHABLE)
		return by_code(d, tcp);
	if (tcp->outcome == OUTCOME_EXPIRED)
		return VERDICT_ROUTING_LOOP;
	if (tcp->outcome == OUTCOME_LOCAL)
		return by_error(tcp->error);
	if (d->probes[PROBE_UDP].outcome == OUTCOME_ANSWERED)
		return VERDICT_UDP_OPEN;
	return tcp->outcome == OUTCOME_REFUSED ? VERDICT_CLOSED : VERDICT_FILTERED;
}

struct verdict verdict_of(const struct diagnosis *d)
{
	if (d->path.state == PATH_HOLE)
		return (struct verdict){ monitor_saw(d, true) ? VERDICT_UNHEARD
							      : VERDICT_BLACK_HOLE,
					 PROBE_TCP };
	if (alive_by(d, PROBE_TCP) || alive_otherwise(d))
		return (struct verdict){ by_port(d), PROBE_TCP };
	return by_errors(d);
}

const char *verdict_name(enum verdict_kind kind)
{
	static const char *const names[VERDICTS] = {
		[VERDICT_OPEN] = "open",
		[VERDICT_UDP_OPEN] = "udp-open",
		[VERDICT_NARROW_PATH] = "narrow-path",
		[VERDICT_BLACK_HOLE] = "black-hole",
		[VERDICT_UNHEARD] = "unheard",
		[VERDICT_CLOSED] = "closed",
		[VERDICT_FILTERED] = "filtered",
		[VERDICT_REJECTED] = "rejected",
		[VERDICT_NETWORK_UNREACHABLE] = "network-unreachable",
		[VERDICT_HOST_UNREACHABLE] = "host-unreachable",
		[VERDICT_ROUTING_LOOP] = "routing-loop",
		[VERDICT_NO_ROUTE] = "no-route",
		[VERDICT_NO_NEIGHBOUR] = "no-neighbour",
		[VERDICT_LOCAL_POLICY] = "local-policy",
		[VERDICT_LOCAL_FAILURE] = "local-failure",
		[VERDICT_SILENT] = "silent",
	};

	return names[kind];
}
