// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Measures cells (cell.h) side by side: each round runs every cell once, so
 * that what else the machine does falls on all of them alike. Each round loads
 * the programs anew: the kernel's JIT puts a program at another place each time,
 * and the place is worth some ns.
 *
 *   bench [--rounds N] [--runs N] CELL...
 *
 * Prints one JSON object: for each cell, by its own words, the ns that one run
 * took in each round. What is made of them, and the table, is tests/bench/run's.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>

#include "bench/measure.h"

#define CELLS_MAX 64

struct bench {
	unsigned long rounds;
	uint64_t runs;
	unsigned int count, targets;
	struct cell cells[CELLS_MAX];
	struct target *target_of[CELLS_MAX];
	struct target target[CELLS_MAX];
	double *ns; /* of one run, by cell, then by round */
};

static int parse(struct bench *b, int argc, char **argv)
{
	static const struct option options[] = { { "rounds", 1, 0, 'r' },
						 { "runs", 1, 0, 'n' },
						 {} };
	int c, rc = 0;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'r')
			b->rounds = strtoul(optarg, NULL, 10);
		else if (c == 'n')
			b->runs = strtoull(optarg, NULL, 10);
		else
			return -EINVAL;
	}
	for (; optind < argc && !rc && b->count < CELLS_MAX; optind++) {
		rc = cell_parse(&b->cells[b->count++], argv[optind]);
		if (rc)
			fprintf(stderr, "bench: no cell can be %s\n", argv[optind]);
	}
	return rc || !b->count || !b->rounds || b->runs < 2 || optind < argc ? -EINVAL : 0;
}

/* The loaded program for a cell: that of an earlier cell, if it will do. */
static struct target *target_for(struct bench *b, const struct cell *cell)
{
	for (unsigned int i = 0; i < b->targets; i++)
		if (cell_same_program(&b->target[i].cell, cell))
			return &b->target[i];
	target_open(&b->target[b->targets], cell);
	return &b->target[b->targets++];
}

static void measure_cell(struct bench *b, unsigned int i, unsigned long round)
{
	const struct cell *cell = &b->cells[i];
	struct target *t = b->target_of[i];

	b->ns[i * b->rounds + round] = measure(t, cell, b->runs);
}

/* JSON knows no NAN. */
static void report_ns(double ns, const char *comma)
{
	if (isnan(ns))
		printf("%snull", comma);
	else
		printf("%s%.3f", comma, ns);
}

static void report(const struct bench *b)
{
	printf("{\"rounds\":%lu,\"runs\":%llu,\"cells\":{", b->rounds, (unsigned long long)b->runs);
	for (unsigned int i = 0; i < b->count; i++) {
		printf("%s\"%s\":[", i ? "," : "", b->cells[i].text);
		for (unsigned long round = 0; round < b->rounds; round++)
			report_ns(b->ns[i * b->rounds + round], round ? "," : "");
		printf("]");
	}
	printf("}}\n");
}

static void run_round(struct bench *b, unsigned long round)
{
	b->targets = 0;
	for (unsigned int i = 0; i < b->count; i++)
		b->target_of[i] = target_for(b, &b->cells[i]);
	for (unsigned int i = 0; i < b->count; i++)
		measure_cell(b, i, round);
	for (unsigned int i = 0; i < b->targets; i++) {
		target_check(&b->target[i]);
		target_close(&b->target[i]);
	}
}

int main(int argc, char **argv)
{
	static struct bench b = { .rounds = 9, .runs = 1000000 };

	if (parse(&b, argc, argv)) {
		fprintf(stderr, "usage: bench [--rounds N] [--runs N] CELL...\n");
		return 2;
	}
	b.ns = calloc(b.count * b.rounds, sizeof(*b.ns));
	if (!b.ns) {
		perror("bench");
		return 1;
	}
	measure_prepare();
	for (unsigned long round = 0; round < b.rounds; round++)
		run_round(&b, round);
	report(&b);
	free(b.ns);
	return 0;
}
