// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The event log: one JSON object a line, as state/event.h and state/alert.h write it. */
#include <stdlib.h>

#include "sink/out.h"

static void eve_write(struct sink *sink, const struct event *ev)
{
	event_json(&((struct out *)sink)->buf, ev);
}

static void eve_alert(struct sink *sink, const struct alert *a, int64_t to_wall)
{
	alert_json(&((struct out *)sink)->buf, a, to_wall);
}

static const struct sink_ops eve_ops = {
	.write = eve_write,
	.alert = eve_alert,
	.flush = out_flush,
	.reopen = out_reopen,
	.close = out_close,
};

struct sink *sink_eve_open(const char *path, bool patient)
{
	struct out *o = calloc(1, sizeof(*o));

	if (o)
		o->patient = patient;
	return out_open(o, &eve_ops, OUT_LINES, NULL, path);
}
