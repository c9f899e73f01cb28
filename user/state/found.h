/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What was found in one look, until its end: a list that is bounded, of each
 * kind of alert alike, and goes by the time at which findings became certain,
 * whatever the order in which they came. Knows no alert.
 */
#ifndef UNREACH_STATE_FOUND_H
#define UNREACH_STATE_FOUND_H

#include "state/alert.h"

/* Zeroed: empty. */
struct found {
	struct finding *rows;
	size_t count, room;
};

/* Takes a finding that there was no room for. */
typedef void (*found_drop_fn)(void *context, const struct finding *f);

/*
 * Adds one. Where there are too many, the earliest are kept, of each kind as
 * many, so that none crowds out another; the others go to `drop`, as does the
 * one that memory is out for.
 */
void found_add(struct found *found, const struct finding *f, found_drop_fn drop, void *context);
/* Sorts them by time; equals by all that can differ. */
void found_sort(struct found *found);
void found_clear(struct found *found);

#endif
