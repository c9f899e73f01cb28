// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the daemon says of itself when it is asked: views ask for counters,
 * tables and rings, detectors for evidence, and for what our own kernel knows.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon.h"
#include "unreach/bucket.h"
#include "unreach/classify.h"

#define ASKS_PER_SECOND 500
#define BETWEEN_NS (2 * NS_PER_MSEC)

/*
 * Between two batches of a long table: the rings must not fill up meanwhile,
 * nor may a flood keep whoever asks waiting.
 */
static void drain_between(void *context)
{
	daemon_drain(context, BETWEEN_NS);
}

static int load_hosts(void *context, enum unreach_table table, struct hosts *out)
{
	struct daemon *d = context;

	return xdp_read_hosts(d->xdp, table, out, drain_between, d);
}

static int count_hosts(void *context, enum unreach_table table, struct hosts_count *out)
{
	struct daemon *d = context;

	return xdp_count_hosts(d->xdp, table, out, drain_between, d);
}

/* The evidence_source's. */
static int walk(void *context, unsigned int which, evidence_fn fn, void *fn_context)
{
	struct daemon *d = context;
	const struct flow_watch *flows;

	switch (which) {
	case EVIDENCE_FLOODS:
		floods_walk(&d->floods, fn, fn_context);
		return 0;
	case EVIDENCE_SCANS:
		scans_walk(d->scans, fn, fn_context);
		return 0;
	case UNREACH_FLOWS:
		flows = xdp_read_flow_watch(d->xdp);
		/* Sizes that are not real must not be judged. */
		if (!flows || flow_watch_state(flows) == FLOW_WATCH_OFFLOAD)
			return 0;
	}
	return xdp_walk(d->xdp, which, fn, fn_context, drain_between, d);
}

struct evidence_source daemon_evidence(struct daemon *d)
{
	return (struct evidence_source){ .walk = walk, .context = d };
}

/* The flood_sources'. */
static int walk_sources(void *context, evidence_fn row, void *row_context)
{
	struct daemon *d = context;

	return xdp_walk_hosts(d->xdp, UNREACH_SOURCES, row, row_context, drain_between, d);
}

void daemon_watch_floods(struct daemon *d)
{
	const struct flood_sources sources = { walk_sources, d };
	int rc = floods_second(&d->floods, xdp_tally(d->xdp), xdp_tallies(d->xdp), &sources,
			       d->model.now);

	if (rc && !d->floods_failing)
		log_error("cannot read the table of sources: %s; floods may be missing",
			  strerror(-rc));
	d->floods_failing = rc;
}

/* Adverts that found their way into a table of evidence, or should have; segments of flows
 * that are watched, both ways; floods and scans. */
static uint64_t adverts(void *context)
{
	const struct flow_watch *flows;
	struct daemon *d = context;
	uint64_t sum = d->floods.noted + scans_noted(d->scans);

	if (xdp_read_tallies(d->xdp))
		return d->model.now; /* look anyway */
	for (unsigned int i = 0; i < xdp_tallies(d->xdp); i++)
		sum += xdp_tally(d->xdp)[i].counters.evidence[UNREACH_PATHS].attributable;
	flows = xdp_read_flow_watch(d->xdp);
	return flows ? sum + flows->stats.sent + flows->stats.answered : sum;
}

static const struct flow_watch *flow_watch(void *context)
{
	struct daemon *d = context;

	return xdp_read_flow_watch(d->xdp);
}

static const char *interface_of(void *context, uint32_t slot)
{
	struct daemon *d = context;

	for (unsigned int i = 0; i < xdp_tallies(d->xdp); i++)
		if (xdp_tally(d->xdp)[i].slot == slot)
			return xdp_tally(d->xdp)[i].name;
	return "";
}

/* Forged adverts must not keep us busy with questions to the kernel. */
static bool may_ask(struct daemon *d)
{
	const struct unreach_rate rate = { NS_PER_SEC / ASKS_PER_SECOND, NS_PER_SEC };

	return unreach_bucket_take(&d->asked, clock_mono(), rate);
}

/* The two of struct local. What the kernel does not tell is nobody's fault. */
static bool has_flow(void *context, const struct unreach_flow_key *flow)
{
	struct daemon *d = context;

	return may_ask(d) && sockdiag_has_flow(d->sockdiag, flow) == 1;
}

static bool has_learned(void *context, const struct unreach_addr *src,
			const struct unreach_addr *dst, uint32_t mtu)
{
	struct daemon *d = context;
	/* Of less than this Linux makes this (min_pmtu). */
	uint32_t known, most = mtu < UNREACH_MTU_TINY ? UNREACH_MTU_TINY : mtu;

	return route_mtu(d->route, src, dst, &known) || (known && known <= most);
}

static int refresh(void *context)
{
	struct daemon *d = context;

	return xdp_read_tallies(d->xdp);
}

static unsigned int ring_fills(void *context, struct fill *out, unsigned int max)
{
	struct daemon *d = context;
	unsigned int rings = xdp_rings(d->xdp), i;

	for (i = 0; i < rings && i < max; i++) {
		size_t size;

		snprintf(out[i].name, sizeof(out[i].name), "ring-%u", i);
		out[i].used = xdp_ring_used(d->xdp, i, &size);
		out[i].size = size;
	}
	return i;
}

void daemon_prepare(void *context)
{
	struct daemon *d = context;
	int rc;

	d->model.now = clock_mono();
	d->model.to_wall = clock_mono_to_wall();
	rc = xdp_read_tallies(d->xdp);
	if (rc)
		log_error("cannot read the counters: %s", strerror(-rc));
}

void daemon_fill_model(struct daemon *d)
{
	d->model = (struct model){
		.version = UNREACH_VERSION,
		.started = clock_mono(),
		.interfaces = xdp_tally(d->xdp),
		.count = xdp_tallies(d->xdp),
		.recent = d->recent,
		.alerts = lookout_alerts(d->lookout),
		.evidence = daemon_evidence(d),
		.cpus = xdp_cpus(d->xdp),
		.load_hosts = load_hosts,
		.count_hosts = count_hosts,
		.refresh = refresh,
		.ring_fills = ring_fills,
		.flow_watch = flow_watch,
		.context = d,
	};
}

struct lookout_options daemon_lookout(struct daemon *d)
{
	return (struct lookout_options){
		.pipeline = &d->pipeline,
		.evidence = daemon_evidence(d),
		.adverts = adverts,
		.interface = interface_of,
		.local = { has_flow, has_learned, d },
		.alert_exec = d->config.alert_exec,
		.context = d,
	};
}
