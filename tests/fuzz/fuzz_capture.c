// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes as a capture file, through both readers and on to the written
 * line: frames must lie where they are said to, be numbered without gaps, and
 * a reading must end with an answer. The corpus is tests/vectors.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "source/pcap.h"
#include "state/event.h"

struct taken {
	uint64_t given, number;
	uint32_t sum;
	struct buf line;
};

/* Touches every byte, so that the sanitizer sees each. */
static uint32_t touch(const struct frame *frame)
{
	uint32_t sum = 0, i;

	for (i = 0; i < frame->captured; i++)
		sum += frame->bytes[i];
	return sum;
}

static int take(void *context, const struct frame *frame)
{
	struct taken *t = context;
	struct unreach_record record;
	struct event ev = {
		.record = &record,
		.interface = frame->interface,
		.pcap_cnt = frame->number,
		.link = frame->link,
		.community_id = frame->number & 1,
	};

	CHECK(frame->number > t->number);
	CHECK(!frame->interface || (*frame->interface && strlen(frame->interface) < 64));
	CHECK(frame->time <= INT64_MAX);
	t->number = frame->number;
	t->given++;
	t->sum += touch(frame);
	if (frame_decode(frame, &record) != UNREACH_OK)
		return 0;
	t->line.len = 0;
	event_json(&t->line, &ev);
	CHECK(!t->line.failed &&
	      memchr(t->line.data, '\n', t->line.len) == t->line.data + t->line.len - 1);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct taken taken = {};
	struct capture capture;
	FILE *file = size ? fmemopen((void *)data, size, "r") : NULL;
	int result;

	if (!file)
		return -1;
	result = capture_open_stream(&capture, file, "input");
	if (!result)
		result = capture_each(&capture, take, &taken);
	CHECK(result <= 0);
	CHECK(!result == !capture.error[0]);
	CHECK(taken.given + capture.skipped == capture.frames);
	CHECK(taken.number <= capture.frames);
	buf_free(&taken.line);
	return 0;
}
