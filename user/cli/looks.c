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
static int walk(void *context, enum unreach_evidence which, evidence_fn fn, void *fn_context)
{
	struct looks *l = context;
	const struct evidence_source adverts = evidence_source(&l->evidence);

	if (which != UNREACH_FLOWS)
		return adverts.walk(adverts.context, which, fn, fn_context);
	flows_walk(&l->inside.flows, fn, fn_context);
	return 0;
}

struct evidence_source looks_source(struct looks *l)
{
	return (struct evidence_source){ .walk = walk, .context = l };
}

static int look(struct looks *l, uint64_t now)
{
	const struct evidence_source source = looks_source(l);
	int rc;

	l->looked = now;
	l->fresh = false;
	rc = detect_look(&source, l->alerts, NULL, now);
	return rc ? rc : pipeline_flush(l->pipeline);
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
	int rc = take_flows(l, frame);

	return rc ? rc : look_if_due(l, now);
}

int looks_message(struct looks *l, const struct unreach_event *e, struct tally *t, uint64_t now)
{
	if (!unreach_tells_mtu(e))
		return 0;
	l->fresh = true;
	flows_advert(&l->inside.flows, e, now);
	t->counters.evidence[UNREACH_PATHS].attributable++;
	t->counters.evidence[UNREACH_PATHS].attributed++;
	return evidence_take(&l->evidence, e, t->slot, now);
}

int looks_end(struct looks *l)
{
	if (l->inside.name && inside_result(l, inside_advance(&l->inside, UINT64_MAX)))
		return -EIO;
	if (!l->fresh)
		return 0;
	tallies_advance(l->tallies, l->inside.last);
	return look(l, l->tallies->now) ? -ENOMEM : 0;
}

int looks_open(struct looks *l, const char *inside, struct pipeline *pipeline,
	       struct tallies *tallies)
{
	l->pipeline = pipeline;
	l->tallies = tallies;
	l->alerts = alerts_new(show_alert, interface_name, l);
	if (!l->alerts || evidence_open(&l->evidence)) {
		log_error("out of memory");
		return -ENOMEM;
	}
	return inside && inside_result(l, inside_open(&l->inside, inside)) ? -EIO : 0;
}

void looks_close(struct looks *l)
{
	alerts_free(l->alerts);
	evidence_close(&l->evidence);
	inside_close(&l->inside);
}
