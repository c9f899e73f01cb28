/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The frames of a measurement: bytes made from a cell. Knows no program. */
#ifndef UNREACH_TESTS_BENCH_FRAMES_H
#define UNREACH_TESTS_BENCH_FRAMES_H

#include <stddef.h>

#include "bench/cell.h"

#define FRAME_MAX (14 + 4 * 4 + 40 + 1500)

/* What the three tables would remember of a frame, in network order. */
struct addresses {
	uint32_t source, target, sender;
};

/*
 * Fills `bytes` (FRAME_MAX) with the cell's frame and returns its length. Each
 * CPU sends from addresses of its own, unless the cell says that they share.
 */
uint32_t frame_build(const struct cell *cell, uint32_t cpu, uint8_t *bytes);

/* The addresses in a message that frame_build has made for that CPU. */
struct addresses frame_addresses(const struct cell *cell, uint32_t cpu);

/* Where the frame's IP header starts, and its ICMP message. */
uint32_t frame_ip_offset(const struct cell *cell);
uint32_t frame_icmp_offset(const struct cell *cell);

#endif
