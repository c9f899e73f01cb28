// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A heap with the least of the picks on top, so that it is the one that gives way. */
#include "view/pick.h"

#include <errno.h>
#include <stdlib.h>

/* The weightiest first. */
static int by_rank(const void *left, const void *right, void *picks)
{
	const struct picks *p = picks;
	const struct pick *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return p->tie(a->row, b->row);
}

static void swap(struct pick *a, struct pick *b)
{
	struct pick was = *a;

	*a = *b;
	*b = was;
}

static void sift_up(struct picks *p, size_t i)
{
	for (; i && by_rank(&p->heap[i], &p->heap[(i - 1) / 2], p) > 0; i = (i - 1) / 2)
		swap(&p->heap[i], &p->heap[(i - 1) / 2]);
}

static void sift_down(struct picks *p)
{
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < p->count; i = child) {
		if (child + 1 < p->count && by_rank(&p->heap[child + 1], &p->heap[child], p) > 0)
			child++;
		if (by_rank(&p->heap[child], &p->heap[i], p) <= 0)
			break;
		swap(&p->heap[i], &p->heap[child]);
	}
}

int picks_open(struct picks *p, size_t wanted, size_t all, pick_tie tie)
{
	*p = (struct picks){ .room = wanted && wanted < all ? wanted : all, .tie = tie };
	p->heap = calloc(p->room ? p->room : 1, sizeof(*p->heap));
	return p->heap ? 0 : -ENOMEM;
}

void picks_add(struct picks *p, uint64_t weight, const void *row)
{
	const struct pick pick = { weight, row };

	if (!weight)
		return;
	if (p->count < p->room) {
		p->heap[p->count] = pick;
		sift_up(p, p->count++);
	} else if (p->room && by_rank(&pick, &p->heap[0], p) < 0) {
		p->heap[0] = pick;
		sift_down(p);
	}
}

void picks_sort(struct picks *p)
{
	qsort_r(p->heap, p->count, sizeof(*p->heap), by_rank, p);
}

void picks_close(struct picks *p)
{
	free(p->heap);
	*p = (struct picks){};
}
