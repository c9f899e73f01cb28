// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One event at a time into memory and every sink, one batch at a time out of
 * them. Says when a sink fails and when it works again, once each; how often
 * a batch is tried and what its loss means is the source's matter.
 */
#include "pipeline.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"

int pipeline_add(struct pipeline *p, struct sink *sink)
{
	if (p->count == PIPELINE_SINKS)
		return -ENOSPC;
	p->sinks[p->count++] = sink;
	return 0;
}

void pipeline_event(struct pipeline *p, const struct event *ev)
{
	unsigned int i;

	p->pending = true;
	if (p->recent)
		recent_add(p->recent, ev);
	if (p->scans)
		scans_take(p->scans, &ev->record->event, ev->record->envelope.slot,
			   ev->record->envelope.time);
	for (i = 0; i < p->count; i++)
		p->sinks[i]->ops->write(p->sinks[i], ev);
}

void pipeline_alert(struct pipeline *p, const struct alert *a, int64_t to_wall)
{
	unsigned int i;

	for (i = 0; i < p->count; i++) {
		if (!p->sinks[i]->ops->alert)
			continue;
		p->pending = true;
		p->sinks[i]->ops->alert(p->sinks[i], a, to_wall);
	}
}

static const char *name_of(const struct sink *sink)
{
	return strcmp(sink->path, "-") ? sink->path : "stdout";
}

static void say_change(struct sink *sink, int result)
{
	if (result && !sink->failing)
		log_error("cannot write events to %s: %s", name_of(sink), strerror(-result));
	else if (!result && sink->failing)
		log_info("events are written to %s again", name_of(sink));
	sink->failing = result != 0;
}

int pipeline_flush(struct pipeline *p)
{
	int result = 0;
	unsigned int i;

	/* An empty batch proves nothing of a sink that has failed. */
	if (!p->pending)
		return 0;
	p->pending = false;
	for (i = 0; i < p->count; i++) {
		int one = p->sinks[i]->ops->flush(p->sinks[i]);

		say_change(p->sinks[i], one);
		if (one)
			result = one;
	}
	return result;
}

static void take_event(void *context, const struct event *ev)
{
	pipeline_event(context, ev);
}

static int take_flush(void *context)
{
	return pipeline_flush(context);
}

struct event_taker pipeline_taker(struct pipeline *p)
{
	return (struct event_taker){ .event = take_event, .flush = take_flush, .context = p };
}

int pipeline_reopen(struct pipeline *p)
{
	int failed = 0;
	unsigned int i;

	for (i = 0; i < p->count; i++) {
		struct sink *sink = p->sinks[i];
		int result = sink->ops->reopen ? sink->ops->reopen(sink) : 0;

		if (!result)
			continue;
		log_error("cannot open %s anew: %s; events go on to the old file", name_of(sink),
			  strerror(-result));
		failed = result;
	}
	return failed;
}

void pipeline_close(struct pipeline *p)
{
	unsigned int i;

	for (i = 0; i < p->count; i++)
		p->sinks[i]->ops->close(p->sinks[i]);
	p->count = 0;
}
