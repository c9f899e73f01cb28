/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The weightiest rows out of more than anybody reads: a heap as big as the
 * answer. Knows no tables; what a row weighs and what parts equals is the
 * caller's.
 */
#ifndef UNREACH_VIEW_PICK_H
#define UNREACH_VIEW_PICK_H

#include <stddef.h>
#include <stdint.h>

/* A row that was asked for, and its weight: how many of its messages were, as a rule. */
struct pick {
	uint64_t weight;
	const void *row;
};

/* Orders rows of one weight, so that an answer can be told again. */
typedef int (*pick_tie)(const void *a, const void *b);

struct picks {
	struct pick *heap; /* after picks_sort: best first */
	size_t count;
	size_t room;
	pick_tie tie;
};

/* For `wanted` of `all` rows (0: all of them); 0 or -ENOMEM. */
int picks_open(struct picks *p, size_t wanted, size_t all, pick_tie tie);
/* A row without weight is left out. The row must outlive the picks. */
void picks_add(struct picks *p, uint64_t weight, const void *row);
void picks_sort(struct picks *p);
void picks_close(struct picks *p);

#endif
