// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A look costs what the tables hold, so it waits until something came in, and
 * never takes more than a small part of the time. What is quiet still has to
 * be looked at for a while: some findings need time to pass, not messages.
 */
#include "lookout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "sink/exec.h"

#define LOOK_PERIOD_NS (200 * NS_PER_MSEC)
/* Of the time, looks take one part in so many at the most. */
#define LOOK_SHARE 20
/* How long to look on after the last advert. */
#define LOOK_AFTER_NS (3 * NS_PER_SEC)
/* How often to look while alerts wait to be resolved. */
#define LOOK_IDLE_NS (5 * NS_PER_SEC)

struct lookout {
	struct lookout_options options;
	struct alerts *alerts;
	struct exec *exec;
	uint64_t adverts; /* at the last look */
	uint64_t changed; /* when they became more */
	uint64_t looked, next; /* when the last look was, when the next may be */
	uint64_t written; /* changes that the sinks have */
	bool failing; /* said once */
};

static enum log_level level_of(const struct alert *a)
{
	static const enum log_level levels[] = {
		[SEVERITY_INFO] = LOG_LEVEL_NOTICE,
		[SEVERITY_WARNING] = LOG_LEVEL_WARNING,
		[SEVERITY_CRITICAL] = LOG_LEVEL_CRITICAL,
	};

	return a->resolved ? LOG_LEVEL_NOTICE : levels[a->lead.severity];
}

static void say(const struct alert *a, int64_t to_wall)
{
	struct buf b = {};

	alert_text(&b, a, to_wall);
	if (!b.failed)
		log_at(level_of(a), "%.*s", (int)b.len - 1, b.data);
	buf_free(&b);
}

static void run_program(struct lookout *w, const struct alert *a, int64_t to_wall)
{
	struct buf b = {};

	alert_json(&b, a, to_wall);
	if (!b.failed)
		exec_run(w->exec, b.data, b.len);
	buf_free(&b);
}

/* Gives the sinks what they have not accepted yet. */
static void write_changes(struct lookout *w)
{
	uint64_t next = alerts_next(w->alerts), number = alerts_oldest(w->alerts);
	int64_t to_wall = clock_mono_to_wall();

	if (w->written == next)
		return;
	if (number < w->written)
		number = w->written;
	for (; number < next; number++)
		pipeline_alert(w->options.pipeline, alerts_change(w->alerts, number), to_wall);
	if (!pipeline_flush(w->options.pipeline))
		w->written = next;
}

static void on_change(void *context, const struct alert *a)
{
	struct lookout *w = context;
	int64_t to_wall = clock_mono_to_wall();

	say(a, to_wall);
	if (w->exec)
		run_program(w, a, to_wall);
	/* The next one takes the place of the oldest. */
	if (alerts_next(w->alerts) - w->written == ALERT_CHANGES)
		write_changes(w);
}

static const char *interface_name(void *context, uint32_t slot)
{
	struct lookout *w = context;

	return w->options.interface(w->options.context, slot);
}

void lookout_look(struct lookout *w)
{
	const struct local *local = w->options.local.has_flow ? &w->options.local : NULL;
	uint64_t begin = clock_mono(), end;
	int rc = detect_look(&w->options.evidence, w->alerts, local, begin);

	if (rc && !w->failing)
		log_error("cannot read the tables of evidence: %s; alerts may be missing",
			  strerror(-rc));
	w->failing = rc;
	write_changes(w);
	end = clock_mono();
	w->looked = begin;
	w->next = begin + LOOK_PERIOD_NS / 2;
	if (w->next < end + LOOK_SHARE * (end - begin))
		w->next = end + LOOK_SHARE * (end - begin);
}

/* The timer's. */
static void look_if_due(void *context, uint32_t events)
{
	struct lookout *w = context;
	uint64_t now = clock_mono(), adverts = w->options.adverts(w->options.context);

	(void)events;
	if (adverts != w->adverts)
		w->changed = now;
	w->adverts = adverts;
	if (now < w->next)
		return;
	if (now < w->changed + LOOK_AFTER_NS ||
	    (alerts_firing(w->alerts) && now >= w->looked + LOOK_IDLE_NS))
		lookout_look(w);
	else
		write_changes(w);
}

struct lookout *lookout_open(struct loop *loop, const struct lookout_options *options)
{
	struct lookout *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->options = *options;
	w->alerts = alerts_new(on_change, interface_name, w);
	if (options->alert_exec)
		w->exec = exec_open(loop, options->alert_exec, EXEC_SECONDS);
	if (w->alerts && (w->exec || !options->alert_exec) &&
	    loop_every(loop, LOOK_PERIOD_NS, look_if_due, w))
		return w;
	lookout_close(w);
	return NULL;
}

const struct alerts *lookout_alerts(const struct lookout *w)
{
	return w->alerts;
}

void lookout_close(struct lookout *w)
{
	int error = errno;

	if (!w)
		return;
	exec_close(w->exec);
	alerts_free(w->alerts);
	free(w);
	errno = error;
}
