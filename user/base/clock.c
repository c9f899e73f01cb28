// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Clocks, and wall time as text. Events come in order of time, so the date of
 * the last second is kept, and so is the offset between the clocks: static
 * caches, written by this file alone (the programs have one thread).
 */
#include "base/clock.h"

#include <time.h>

#include "base/put.h"

#define SECOND_LENGTH 20 /* "2026-11-21T02:26:40." */
#define TEXT_MAX (SECOND_LENGTH + 11) /* six digits, "+0000" */

static uint64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

uint64_t clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_mono_to_wall(void)
{
	static int64_t last;
	int64_t now = (int64_t)(read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC));
	int64_t off = now - last;

	/* Two readings are never taken at once; that must not make a moment two. */
	if (off > (int64_t)NS_PER_MSEC || off < -(int64_t)NS_PER_MSEC)
		last = now;
	return last;
}

/* "2026-11-21T02:26:40." of the second; what is returned holds until the next call. */
static const char *text_of(uint64_t second)
{
	static struct {
		uint64_t second;
		char text[32];
	} last = { .second = UINT64_MAX };

	if (second != last.second) {
		time_t t = (time_t)second;
		struct tm tm = {};

		gmtime_r(&t, &tm); /* 64 bits of ns end in 2554: four digits of a year, always */
		strftime(last.text, sizeof(last.text), "%Y-%m-%dT%H:%M:%S.", &tm);
		last.second = second;
	}
	return last.text;
}

/* Appends "2026-11-21T02:26:40.001000" and what marks it as UTC. */
static PUT_INLINE void format(struct buf *b, uint64_t unix_ns, const char *zone)
{
	uint32_t us = (uint32_t)(unix_ns % NS_PER_SEC / 1000);
	char *p;

	if (!buf_reserve(b, TEXT_MAX))
		return;
	p = b->data + b->len;
	memcpy(p, text_of(unix_ns / NS_PER_SEC), SECOND_LENGTH);
	p = put_pair(p + SECOND_LENGTH, us / 10000);
	p = put_pair(p, us / 100 % 100);
	p = put_str(put_pair(p, us % 100), zone);
	b->len = (size_t)(p - b->data);
}

void clock_format_eve(struct buf *b, uint64_t unix_ns)
{
	format(b, unix_ns, "+0000");
}

void clock_format_rfc3339(struct buf *b, uint64_t unix_ns)
{
	format(b, unix_ns, "Z");
}
