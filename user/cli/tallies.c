// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Interfaces as captures name them, one after the other, and the seconds between their frames. */
#include "cli/tallies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static void tick(struct tallies *t)
{
	unsigned int i;

	t->ticked += NS_PER_SEC;
	for (i = 0; i < t->count; i++)
		tally_tick(&t->interfaces[i], t->ticked);
	if (t->second)
		t->second(t->context, t->ticked);
}

static void tick_until(struct tallies *t, uint64_t until)
{
	while (until - t->ticked >= NS_PER_SEC)
		tick(t);
}

void tallies_advance(struct tallies *t, uint64_t now)
{
	const uint64_t enough = (TALLY_SECONDS + 1) * NS_PER_SEC;

	if (now <= t->now)
		return;
	t->now = now;
	/* Of a long gap the rates need the end, and what came before it some seconds to pass. */
	if (now - t->ticked > 2 * enough) {
		if (t->count)
			tick_until(t, t->ticked + enough);
		t->ticked = now - enough;
	}
	tick_until(t, now);
}

static struct tally *add(struct tallies *t, const char *name)
{
	struct tally *new;

	if (t->count == t->room) {
		unsigned int room = t->room ? 2 * t->room : 4;

		new = reallocarray(t->interfaces, room, sizeof(*new));
		if (!new)
			return NULL;
		t->interfaces = new;
		t->room = room;
	}
	t->latest = t->count++;
	new = &t->interfaces[t->latest];
	memset(new, 0, sizeof(*new));
	snprintf(new->name, sizeof(new->name), "%s", name);
	new->slot = t->latest;
	new->mode = "capture";
	tally_tick(new, t->now);
	return new;
}

struct tally *tallies_of(struct tallies *t, const char *name)
{
	unsigned int i;

	if (t->count && !strcmp(t->interfaces[t->latest].name, name))
		return &t->interfaces[t->latest];
	for (i = 0; i < t->count; i++) {
		if (strcmp(t->interfaces[i].name, name))
			continue;
		t->latest = i;
		return &t->interfaces[i];
	}
	return add(t, name);
}

void tallies_free(struct tallies *t)
{
	free(t->interfaces);
}
