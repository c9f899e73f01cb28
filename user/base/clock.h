/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Time. Everything that is remembered or judged runs on one timeline of ns:
 * CLOCK_MONOTONIC live (as the kernel stamps), Unix time from a capture. Only
 * what is shown is turned into wall time, by an offset.
 */
#ifndef UNREACH_BASE_CLOCK_H
#define UNREACH_BASE_CLOCK_H

#include <stdint.h>

#include "base/buf.h"

#define NS_PER_SEC 1000000000ULL
#define NS_PER_MSEC 1000000ULL

/* CLOCK_MONOTONIC, ns. */
uint64_t clock_mono(void);
/*
 * What to add to CLOCK_MONOTONIC to get Unix time now, ns: exact to a
 * millisecond, and the same until it is off by more.
 */
int64_t clock_mono_to_wall(void);
/* "2026-11-21T02:26:40.001000+0000" (EVE), from Unix ns. Caches the second: cheap in a row. */
void clock_format_eve(struct buf *b, uint64_t unix_ns);
/* "2026-11-21T02:26:40.001000Z" (RFC 3339), from Unix ns. */
void clock_format_rfc3339(struct buf *b, uint64_t unix_ns);

#endif
