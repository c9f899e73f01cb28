// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Half of the room is kept free when it is thinned out, so that it is seldom. */
#include "state/found.h"

#include <stdlib.h>
#include <string.h>

/* Findings that one look can hold. A power of two times the first. */
#define FINDINGS 16384
#define FINDINGS_FIRST 64

static int by_parties(const struct finding *a, const struct finding *b)
{
	const struct unreach_addr *pairs[][2] = {
		{ &a->src, &b->src },
		{ &a->dst, &b->dst },
		{ &a->reporter, &b->reporter },
	};
	int order = 0;
	size_t i;

	for (i = 0; !order && i < sizeof(pairs) / sizeof(pairs[0]); i++)
		order = memcmp(pairs[i][0], pairs[i][1], sizeof(*pairs[i][0]));
	return order;
}

static int by_numbers(const uint64_t pairs[][2], size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (pairs[i][0] != pairs[i][1])
			return pairs[i][0] < pairs[i][1] ? -1 : 1;
	return 0;
}

static int by_time(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;
	/* Of one moment the less grave come first: they are what led to the others. */
	const uint64_t first[][2] = {
		{ a->at, b->at },
		{ a->kind, b->kind },
		{ a->severity, b->severity },
	};
	const uint64_t then[][2] = {
		{ a->class, b->class },	      { a->flow, b->flow }, { a->mtu, b->mtu },
		{ a->messages, b->messages }, { a->last, b->last }, { a->code, b->code },
		{ a->slot, b->slot },	      { a->peak, b->peak },
	};
	int order = by_numbers(first, sizeof(first) / sizeof(first[0]));

	if (!order)
		order = by_parties(a, b);
	return order ? order : by_numbers(then, sizeof(then) / sizeof(then[0]));
}

void found_sort(struct found *found)
{
	if (found->count) /* qsort(3) takes no NULL, whatever the count */
		qsort(found->rows, found->count, sizeof(found->rows[0]), by_time);
}

static void thin_out(struct found *found, found_drop_fn drop, void *context)
{
	size_t kept[ALERT_KINDS] = {}, count = 0, i;

	found_sort(found);
	for (i = 0; i < found->count; i++) {
		if (kept[found->rows[i].kind]++ < FINDINGS / 2 / ALERT_KINDS)
			found->rows[count++] = found->rows[i];
		else
			drop(context, &found->rows[i]);
	}
	found->count = count;
}

/* Room for one more; false where memory is out. */
static bool grow(struct found *found)
{
	size_t room = found->room ? 2 * found->room : FINDINGS_FIRST;
	struct finding *rows = reallocarray(found->rows, room, sizeof(*rows));

	if (!rows)
		return false;
	found->rows = rows;
	found->room = room;
	return true;
}

void found_add(struct found *found, const struct finding *f, found_drop_fn drop, void *context)
{
	if (found->count == FINDINGS)
		thin_out(found, drop, context);
	if (found->count < found->room || grow(found))
		found->rows[found->count++] = *f;
	else
		drop(context, f);
}

void found_clear(struct found *found)
{
	free(found->rows);
	*found = (struct found){};
}
