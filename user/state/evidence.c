// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The shelf (unreach/path.h) of a capture: tables that grow as they must, and the cells. */
#include "state/evidence.h"

#include <errno.h>
#include <stdlib.h>

#include "unreach/path.h"

/* A power of two; untouched ones cost nothing. */
#define CELLS (1U << 21)

#define TABLE_OF(row)                                           \
	{                                                       \
		.key_size = sizeof(struct unreach_##row##_key), \
		.row_size = sizeof(struct row##_row)            \
	}

static const struct table empty[UNREACH_EVIDENCES] = {
	[UNREACH_PATHS] = TABLE_OF(path),
	[UNREACH_HEADS] = TABLE_OF(head),
	[UNREACH_ADVERTS] = TABLE_OF(advert),
};

/* Where the value stands in a row. */
static const size_t value_at[UNREACH_EVIDENCES] = {
	[UNREACH_PATHS] = offsetof(struct path_row, value),
	[UNREACH_HEADS] = offsetof(struct head_row, value),
	[UNREACH_ADVERTS] = offsetof(struct advert_row, value),
};

static void *value_of(enum unreach_evidence which, void *row)
{
	return row ? (char *)row + value_at[which] : NULL;
}

static void *make(struct evidence *e, enum unreach_evidence which, const void *key)
{
	void *row = table_make(&e->tables[which], key);

	e->failed |= !row;
	return value_of(which, row);
}

static struct unreach_path *make_path(void *context, const struct unreach_path_key *key)
{
	return make(context, UNREACH_PATHS, key);
}

static struct unreach_head *find_head(void *context, const struct unreach_head_key *key,
				      int make_it)
{
	struct evidence *e = context;

	if (make_it)
		return make(e, UNREACH_HEADS, key);
	return value_of(UNREACH_HEADS, table_find(&e->tables[UNREACH_HEADS], key));
}

static struct unreach_advert *make_advert(void *context, const struct unreach_advert_key *key)
{
	return make(context, UNREACH_ADVERTS, key);
}

static __u64 *find_cell(void *context, __u64 hash)
{
	struct evidence *e = context;

	return (__u64 *)&e->cells[(uint32_t)hash & (CELLS - 1)];
}

int evidence_open(struct evidence *e)
{
	*e = (struct evidence){ .cells = calloc(CELLS, sizeof(*e->cells)) };
	if (!e->cells)
		return -ENOMEM;
	for (int i = 0; i < UNREACH_EVIDENCES; i++)
		e->tables[i] = empty[i];
	e->seed = table_seed();
	return 0;
}

int evidence_take(struct evidence *e, const struct unreach_event *ev, uint32_t slot, uint64_t now)
{
	static const struct unreach_shelf shelf = { make_path, find_head, make_advert, find_cell };

	if (unreach_tells_mtu(ev))
		unreach_take_advert(&shelf, e, ev, slot, e->seed, now);
	return e->failed ? -ENOMEM : 0;
}

static int walk(void *context, unsigned int which, evidence_fn fn, void *fn_context)
{
	const struct evidence *e = context;
	const struct table *t;
	size_t i;

	if (which >= UNREACH_EVIDENCES)
		return 0;
	t = &e->tables[which];
	for (i = 0; i < t->count; i++)
		fn(fn_context, table_row(t, i), value_of(which, table_row(t, i)));
	return 0;
}

struct evidence_source evidence_source(struct evidence *e)
{
	return (struct evidence_source){ .walk = walk, .context = e };
}

void evidence_close(struct evidence *e)
{
	for (int i = 0; i < UNREACH_EVIDENCES; i++)
		table_free(&e->tables[i]);
	free(e->cells);
	e->cells = NULL;
}
