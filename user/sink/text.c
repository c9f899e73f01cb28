// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Events for people on a terminal: one line each, as state/event.h writes it. */
#include <stdlib.h>

#include "sink/out.h"

static void text_write(struct sink *sink, const struct event *ev)
{
	event_text(&((struct out *)sink)->buf, ev);
}

static void text_alert(struct sink *sink, const struct alert *a, int64_t to_wall)
{
	alert_text(&((struct out *)sink)->buf, a, to_wall);
}

static const struct sink_ops text_ops = {
	.write = text_write,
	.alert = text_alert,
	.flush = out_flush,
	.close = out_close,
};

struct sink *sink_text_open(bool patient)
{
	struct out *o = calloc(1, sizeof(*o));

	if (o)
		o->patient = patient;
	return out_open(o, &text_ops, OUT_LINES, NULL, "-");
}
