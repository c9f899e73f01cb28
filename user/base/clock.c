// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Clocks, and wall time as text. Events come in order of time, so the date of
 * the last second is kept: one static cache, written by this file alone (the
 * programs have one thread).
 */
#include "base/clock.h"

#include <time.h>

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
	return (int64_t)(read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC));
}

/* Appends "2026-11-21T02:26:40.001000". */
static void format(struct buf *b, uint64_t unix_ns)
{
	static struct {
		uint64_t second;
		char text[32];
		size_t length;
	} last = { .second = UINT64_MAX };
	uint64_t second = unix_ns / NS_PER_SEC;

	if (second != last.second) {
		time_t t = (time_t)second;
		struct tm tm = {};

		gmtime_r(&t, &tm); /* 64 bits of ns end in 2554: no year that it refuses */
		last.length = strftime(last.text, sizeof(last.text), "%Y-%m-%dT%H:%M:%S.", &tm);
		last.second = second;
	}
	buf_mem(b, last.text, last.length);
	buf_u64_padded(b, unix_ns % NS_PER_SEC / 1000, 6);
}

void clock_format_eve(struct buf *b, uint64_t unix_ns)
{
	format(b, unix_ns);
	buf_mem(b, "+0000", 5);
}

void clock_format_rfc3339(struct buf *b, uint64_t unix_ns)
{
	format(b, unix_ns);
	buf_char(b, 'Z');
}
