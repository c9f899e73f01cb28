/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What one run of a program costs, by BPF_PROG_TEST_RUN. The kernel reports
 * whole ns, so the CPU time of the calling thread is taken around the call, and
 * that of a call with a single run is taken off. Draining a ring is not timed.
 */
#ifndef UNREACH_TESTS_BENCH_MEASURE_H
#define UNREACH_TESTS_BENCH_MEASURE_H

#include "bench/target.h"

/*
 * Moves into a network namespace of its own, where programs can be attached
 * without seeing a packet. Needs CAP_SYS_ADMIN; a failure ends the program.
 */
void measure_prepare(void);

/*
 * Runs the target on the cell's frames, `runs` times on each of its CPUs at
 * once. Returns the CPU ns that one run took, the mean of the CPUs; NAN where
 * other load kept the CPUs from running at once.
 */
double measure(struct target *t, const struct cell *cell, uint64_t runs);

#endif
