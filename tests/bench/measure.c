// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Runs a loaded program and takes the time. A test run makes the kernel rebuild
 * its XDP dispatcher twice, which takes 20 ms, unless the program is attached
 * anyway: so it is, to the loopback of a namespace where nothing is sent.
 *
 * Two CPUs are only compared while both run: in short bursts, of which those
 * count in which neither had to wait for anything; so is one that is held
 * against both.
 */
#include "bench/measure.h"

#include <linux/if_link.h>
#include <math.h>
#include <net/if.h>
#include <pthread.h>
#include <stdatomic.h>

#define BURST 10000 /* runs, a ms or two */
#define PATIENCE (2 * SECOND) /* ns for the bursts of one sample */
#define SECOND 1000000000ULL
#define TOGETHER 0.95 /* of a burst's time in which all must have run */

struct worker {
	pthread_t thread;
	pthread_barrier_t *made; /* all workers are there */
	atomic_uint *awaited; /* CPUs that do not spin yet */
	struct target *target;
	const struct cell *cell;
	uint64_t runs;
	uint32_t cpu;
	double ns; /* of one run */
	uint64_t started, ended, busy; /* wall clock; CPU ns in between */
};

void measure_prepare(void)
{
	if (unshare(CLONE_NEWNET)) {
		perror("bench: no network namespace of its own; run it as root");
		exit(1);
	}
}

/* CPU ns of one call that runs the program so often. */
static uint64_t call(struct target *t, uint8_t *frame, uint32_t size, uint64_t runs)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = size,
		    .repeat = (int)runs);
	uint64_t start = kernel_now(CLOCK_THREAD_CPUTIME_ID), end;

	assert_int_equal(bpf_prog_test_run_opts(t->entry, &opts), 0);
	end = kernel_now(CLOCK_THREAD_CPUTIME_ID);
	assert_int_equal(opts.retval, XDP_PASS);
	atomic_fetch_add(&t->runs, runs);
	return end - start;
}

/* All runs of one CPU, its ring drained in between; the CPU ns that they took. */
static uint64_t run(struct target *t, uint8_t *frame, uint32_t size, uint64_t runs, uint32_t cpu)
{
	const uint32_t room = target_room(t);
	uint64_t ns = 0, setup = call(t, frame, size, 1), left = runs - 1;

	while (left) {
		uint64_t n = room && left > room ? room : left, took;

		if (room)
			target_drain(t, cpu);
		took = call(t, frame, size, n);
		ns += took > setup ? took - setup : 0;
		left -= n;
	}
	if (room)
		target_drain(t, cpu);
	return ns;
}

static void *work(void *context)
{
	struct worker *w = context;
	uint8_t frame[FRAME_MAX];
	uint32_t size = frame_build(w->cell, w->cpu, frame);
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(w->cpu, &cpus);
	assert_int_equal(sched_setaffinity(0, sizeof(cpus), &cpus), 0);
	pthread_barrier_wait(w->made);
	if (w->cell->bursts) /* without the privilege there are fewer good bursts, that is all */
		sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 1 });
	atomic_fetch_sub(w->awaited, 1);
	while (atomic_load(w->awaited)) /* asleep, it would start late */
		;
	w->started = kernel_now(CLOCK_MONOTONIC);
	w->busy = kernel_now(CLOCK_THREAD_CPUTIME_ID);
	w->ns = (double)run(w->target, frame, size, w->runs, w->cpu) / (double)(w->runs - 1);
	w->busy = kernel_now(CLOCK_THREAD_CPUTIME_ID) - w->busy;
	w->ended = kernel_now(CLOCK_MONOTONIC);
	return NULL;
}

/* Did all of them run all the time? */
static bool together(const struct worker *workers, uint32_t count)
{
	uint64_t first = UINT64_MAX, last = 0, least_busy = UINT64_MAX;

	for (const struct worker *w = workers; w < workers + count; w++) {
		first = w->started < first ? w->started : first;
		last = w->ended > last ? w->ended : last;
		least_busy = w->busy < least_busy ? w->busy : least_busy;
	}
	return (double)least_busy >= TOGETHER * (double)(last - first);
}

/* One burst on all CPUs of the cell; CPU ns of a run, or NAN where they did not run together. */
static double burst(struct target *t, const struct cell *cell, uint64_t runs)
{
	struct worker workers[CPUS_MAX] = {};
	atomic_uint awaited = cell->cpus;
	pthread_barrier_t made;
	double sum = 0;

	pthread_barrier_init(&made, NULL, cell->cpus);
	for (uint32_t cpu = 0; cpu < cell->cpus; cpu++) {
		workers[cpu] = (struct worker){ .made = &made,
						.awaited = &awaited,
						.target = t,
						.cell = cell,
						.runs = runs,
						.cpu = cpu };
		assert_int_equal(pthread_create(&workers[cpu].thread, NULL, work, &workers[cpu]),
				 0);
	}
	for (uint32_t cpu = 0; cpu < cell->cpus; cpu++) {
		pthread_join(workers[cpu].thread, NULL);
		sum += workers[cpu].ns;
	}
	pthread_barrier_destroy(&made);
	if (cell->bursts && !together(workers, cell->cpus))
		return NAN;
	return sum / cell->cpus;
}

static double bursts(struct target *t, const struct cell *cell, uint64_t runs)
{
	const uint64_t deadline = kernel_now(CLOCK_MONOTONIC) + PATIENCE;
	double sum = 0;
	unsigned int good = 0;

	while (good * BURST < runs && kernel_now(CLOCK_MONOTONIC) < deadline) {
		double ns = burst(t, cell, BURST);

		if (isnan(ns))
			continue;
		sum += ns;
		good++;
	}
	return good ? sum / good : NAN;
}

double measure(struct target *t, const struct cell *cell, uint64_t runs)
{
	assert_int_equal(
		bpf_xdp_attach((int)if_nametoindex("lo"), t->entry, XDP_FLAGS_SKB_MODE, NULL), 0);
	return cell->bursts ? bursts(t, cell, runs) : burst(t, cell, runs);
}
