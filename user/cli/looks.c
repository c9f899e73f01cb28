// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The kernel's tables and the daemon's lookout in one, driven by frames instead of a clock. */
#include "cli/looks.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "detect/detect.h"
#include "unreach/path.h"

/* How often to look while alerts wait to be resolved, in the captures' time. */
#define LOOK_IDLE_NS (10 * NS_PER_SEC)

/* The alert_fn. */
static void show_alert(void *context, const struct alert *a)
{
	struct looks *l = context;

	pipeline_alert(l->pipeline, a, 0);
}

static const char *interface_name(void *context, uint32_t slot)
{
	const struct looks *l = context;

	return l->tallies->interfaces[slot].name;
}

/* The evidence_source's. */
static int walk(void *context, unsigned int which, evidence_fn fn, void *fn_context)
{
	struct looks *l = context;
	const struct evidence_source adverts = evidence_source(&l->evidence);

	switch (which) {
	case UNREACH_FLOWS:
		flows_walk(&l->inside.flows, fn, fn_context);
		return 0;
	case EVIDENCE_FLOODS:
		floods_walk(&l->floods, fn, fn_context);
		return 0;
	case EVIDENCE_SCANS:
		scans_walk(l->scans, fn, fn_context);
		return 0;
	default:
		return adverts.walk(adverts.context, which, fn, fn_context);
	}
}

/* The flood_sources'. */
static int walk_sources(void *context, evidence_fn row, void *row_context)
{
	const struct hosts *sources = context;
	size_t i;

	for (i = 0; i < hosts_entries(sources); i++)
		row(row_context, &hosts_row(sources, i)->key, &hosts_row(sources, i)->value);
	return 0;
}

struct evidence_source looks_source(struct looks *l)
{
	return (struct evidence_source){ .walk = walk, .context = l };
}

static uint64_t noted(const struct looks *l)
{
	return l->floods.noted + scans_noted(l->scans);
}

static int look(struct looks *l, uint64_t now)
{
	const struct evidence_source source = looks_source(l);
	int rc;

	l->looked = now;
	l->fresh = false;
	l->noted = noted(l);
	rc = detect_look(&source, l->alerts, NULL, now);
	return rc ? rc : pipeline_flush(l->pipeline);
}

/*
 * The tallies' tick: what is new is looked at before the time goes on, since
 * the next frame may come long after.
 */
static void pass_second(void *context, uint64_t now)
{
	struct looks *l = context;
	const struct flood_sources sources = { walk_sources, &l->sources };
	int rc =
		floods_second(&l->floods, l->tallies->interfaces, l->tallies->count, &sources, now);

	if (!rc && noted(l) != l->noted)
		rc = look(l, now);
	if (rc)
		l->failed = rc;
}

/*
 * Looks once a second of the captures' time as long as evidence comes, and then
 * when alerts may be resolved. When an alert fires is written in the evidence;
 * its line counts what there is when it is looked at, as the daemon's does.
 */
static int look_if_due(struct looks *l, uint64_t now)
{
	uint64_t pause = l->fresh ? NS_PER_SEC : LOOK_IDLE_NS;

	if (now < l->looked + pause || !(l->fresh || alerts_firing(l->alerts)))
		return 0;
	return look(l, now);
}

/* Says what went wrong with the inside's capture, if that is what went wrong; returns rc. */
static int inside_result(const struct looks *l, int rc)
{
	if (rc && l->inside.capture.error[0])
		log_error("%s", l->inside.capture.error);
	return rc;
}

static int take_flows(struct looks *l, const struct frame *frame)
{
	int rc;

	if (!l->inside.name)
		return 0;
	l->fresh = true;
	rc = inside_advance(&l->inside, frame->time);
	return rc ? inside_result(l, rc) : inside_take(&l->inside, frame, l->tallies->latest);
}

int looks_frame(struct looks *l, const struct frame *frame, uint64_t now)
{
	int rc = l->failed ? l->failed : take_flows(l, frame);

	return rc ? rc : look_if_due(l, now);
}

static int take_source(struct looks *l, const struct unreach_event *e, uint32_t slot, uint64_t now)
{
	const struct unreach_host_key key = { .addr = e->src, .slot = slot };

	return e->checksum == UNREACH_CHECKSUM_BAD ? 0 : hosts_count(&l->sources, &key, e, now);
}

int looks_message(struct looks *l, const struct unreach_event *e, struct tally *t, uint64_t now)
{
	int rc = take_source(l, e, t->slot, now);

	scans_take(l->scans, e, t->slot, now);
	if (rc || !unreach_tells_mtu(e))
		return rc;
	l->fresh = true;
	flows_advert(&l->inside.flows, e, now);
	t->counters.evidence[UNREACH_PATHS].attributable++;
	t->counters.evidence[UNREACH_PATHS].attributed++;
	return evidence_take(&l->evidence, e, t->slot, now);
}

int looks_end(struct looks *l)
{
	const struct flood_sources sources = { walk_sources, &l->sources };

	if (!l->alerts)
		return 0;
	if (l->inside.name && inside_result(l, inside_advance(&l->inside, UINT64_MAX)))
		return -EIO;
	tallies_advance(l->tallies, l->inside.last);
	if (floods_end(&l->floods, l->tallies->interfaces, l->tallies->count, &sources,
		       l->tallies->now))
		return -ENOMEM;
	if (!l->fresh && noted(l) == l->noted)
		return 0;
	return look(l, l->tallies->now) ? -ENOMEM : 0;
}

bool looks_miss_inside(const struct looks *l)
{
	return l->inside.name && !l->inside.is_file && !l->inside.met;
}

int looks_open(struct looks *l, const char *inside, struct pipeline *pipeline,
	       struct tallies *tallies)
{
	l->pipeline = pipeline;
	l->tallies = tallies;
	l->sources = hosts_none();
	l->floods = floods_none((struct flood_rates){ FLOOD_SOURCE_RATE, FLOOD_CODE_RATE });
	l->scans = scans_new(SCAN_TARGETS, GROUP_STABLE);
	l->alerts = alerts_new(show_alert, interface_name, l);
	tallies->second = pass_second;
	tallies->context = l;
	if (!l->scans || !l->alerts || evidence_open(&l->evidence)) {
		log_error("out of memory");
		return -ENOMEM;
	}
	return inside && inside_result(l, inside_open(&l->inside, inside)) ? -EIO : 0;
}

void looks_close(struct looks *l)
{
	alerts_free(l->alerts);
	scans_free(l->scans);
	floods_free(&l->floods);
	hosts_free(&l->sources);
	evidence_close(&l->evidence);
	inside_close(&l->inside);
}
