/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A program that is measured: loaded as a cell wants it, its tables filled, its
 * rings open, and the generator before it where addresses are made up. Knows
 * nothing of time.
 */
#ifndef UNREACH_TESTS_BENCH_TARGET_H
#define UNREACH_TESTS_BENCH_TARGET_H

#include <stdatomic.h>

#include "prog/kernel.h"

#include "bench/cell.h"
#include "bench/frames.h"
#include "tests/bench/generate.skel.h"
#include "tests/bench/reference.skel.h"

struct target {
	struct cell cell; /* the first one that wanted it */
	struct kernel kernel; /* PROGRAM_OURS */
	struct reference_bpf *reference; /* the others */
	struct generate_bpf *generator; /* NULL: the frame stays as it is */
	struct ring rings[CPUS_MAX];
	atomic_ullong runs;
	int under_test; /* descriptor of the program itself */
	int entry; /* of what runs: the generator, or the program itself */
};

/* Loads and fills; a failure ends the program with its reason, as assertions do. */
void target_open(struct target *t, const struct cell *cell);

/* Messages that one ring takes before it must be drained; 0: there are none. */
uint32_t target_room(const struct target *t);

/* Takes all records out of a CPU's ring; how many. Each must be what the cell's frames give. */
uint64_t target_drain(struct target *t, uint32_t cpu);

/* Ends the program where the target did not do what it is measured for: exact counts, no loss. */
void target_check(struct target *t);

void target_close(struct target *t);

#endif
