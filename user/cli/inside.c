// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Two captures as one run of time: the inside is always one frame ahead. */
#include "cli/inside.h"

#include <string.h>
#include <unistd.h>

/* Loads the next frame of the file; 0 or -errno. */
static int load(struct inside *in)
{
	int result = capture_next(&in->capture, &in->frame);

	in->pending = result > 0;
	return result < 0 ? result : 0;
}

int inside_open(struct inside *in, const char *name)
{
	int rc;

	*in = (struct inside){ .name = name, .flows = flows_none() };
	in->is_file = access(name, F_OK) == 0;
	if (!in->is_file)
		return 0;
	rc = capture_open(&in->capture, name);
	return rc ? rc : load(in);
}

/* A frame from the inside. */
static int take_sent(struct inside *in, const struct frame *frame)
{
	struct unreach_segment segment;
	struct unreach_cursor cursor;

	if (!frame_segment(frame, &cursor, &segment))
		return 0;
	return flows_sent(&in->flows, &segment, frame->time);
}

int inside_advance(struct inside *in, uint64_t now)
{
	int rc = 0;

	while (!rc && in->pending && in->frame.time <= now) {
		in->last = in->frame.time;
		rc = take_sent(in, &in->frame);
		if (!rc)
			rc = load(in);
	}
	return rc;
}

int inside_take(struct inside *in, const struct frame *frame, uint32_t slot)
{
	const char *interface = frame->interface ? frame->interface : "";
	struct unreach_segment segment;
	struct unreach_cursor cursor;

	if (!in->is_file && !strcmp(interface, in->name)) {
		in->met = true;
		return take_sent(in, frame);
	}
	if (!frame_segment(frame, &cursor, &segment))
		return 0;
	return flows_answered(&in->flows, &cursor, &segment, slot, frame->time);
}

void inside_close(struct inside *in)
{
	if (in->is_file)
		capture_close(&in->capture);
	flows_free(&in->flows);
}
