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

static int take(struct inside *in, const struct frame *frame, bool inside)
{
	struct unreach_segment segment;
	struct unreach_cursor cursor;

	if (!frame_segment(frame, &cursor, &segment))
		return 0;
	return flows_segment(&in->flows, &cursor, &segment, inside, frame->time);
}

int inside_advance(struct inside *in, uint64_t now)
{
	int rc = 0;

	while (!rc && in->pending && in->frame.time <= now) {
		rc = take(in, &in->frame, true);
		if (!rc)
			rc = load(in);
	}
	return rc;
}

int inside_take(struct inside *in, const struct frame *frame)
{
	const char *interface = frame->interface ? frame->interface : "";

	return take(in, frame, !in->is_file && !strcmp(interface, in->name));
}

void inside_close(struct inside *in)
{
	if (in->is_file)
		capture_close(&in->capture);
	flows_free(&in->flows);
}
