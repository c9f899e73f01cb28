// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reads what a cell of a measurement is. Only words and numbers: what can be
 * loaded or measured, others find out.
 */
#include "bench/cell.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *const programs[] = { "empty", "primitives", "ours", NULL };
static const char *const packets[] = { "message", "tcp", "udp", "arp", "ipv6", NULL };
static const char *const made_up[] = { "none", "sources", "quotes", NULL };

static const struct word {
	const char *name;
	size_t offset;
	const char *const *choices; /* or a number up to `most` */
	uint32_t most;
} words[] = {
	{ "program", offsetof(struct cell, program), programs, 0 },
	{ "packet", offsetof(struct cell, packet), packets, 0 },
	{ "random", offsetof(struct cell, random), made_up, 0 },
	{ "tables", offsetof(struct cell, tables), NULL, 3 },
	{ "events", offsetof(struct cell, events), NULL, 1 },
	{ "watch", offsetof(struct cell, watch), NULL, 1 },
	{ "insert", offsetof(struct cell, insert), NULL, 1 },
	{ "length", offsetof(struct cell, length), NULL, 1500 },
	{ "vlans", offsetof(struct cell, vlans), NULL, 4 },
	{ "options", offsetof(struct cell, options), NULL, 40 },
	{ "cpus", offsetof(struct cell, cpus), NULL, CPUS_MAX },
	{ "shared", offsetof(struct cell, shared), NULL, 1 },
	{ "sum", offsetof(struct cell, sum), NULL, 1 },
	{ "bursts", offsetof(struct cell, bursts), NULL, 1 },
	{},
};

static int read_value(const struct word *word, const char *value, uint32_t *to)
{
	char *end;

	if (word->choices) {
		for (*to = 0; word->choices[*to]; ++*to)
			if (strcmp(word->choices[*to], value) == 0)
				return 0;
		return -EINVAL;
	}
	*to = (uint32_t)strtoul(value, &end, 10);
	return *end || end == value || *to > word->most ? -EINVAL : 0;
}

static int read_word(struct cell *cell, char *text)
{
	char *value = strchr(text, '=');

	if (!value)
		return -EINVAL;
	*value++ = 0;
	for (const struct word *word = words; word->name; word++)
		if (strcmp(word->name, text) == 0)
			return read_value(word, value, (uint32_t *)((char *)cell + word->offset));
	return -EINVAL;
}

int cell_parse(struct cell *cell, const char *text)
{
	char *copy = strdup(text), *rest = copy, *word;
	int rc = copy ? 0 : -ENOMEM;

	*cell = (struct cell){ .text = text, .length = 56, .cpus = 1, .sum = 1 };
	while (!rc && (word = strsep(&rest, ",")))
		rc = read_word(cell, word);
	free(copy);
	cell->bursts |= cell->cpus > 1;
	if (!rc && (cell->length < 56 || cell->length % 4 || cell->options % 4 || !cell->cpus))
		rc = -EINVAL;
	if (!rc && !cell->sum && cell->program != PROGRAM_PRIMITIVES)
		rc = -EINVAL;
	return rc;
}

bool cell_same_program(const struct cell *a, const struct cell *b)
{
	bool a_message = a->packet == PACKET_MESSAGE, b_message = b->packet == PACKET_MESSAGE;

	if (a->program != b->program || a->random != b->random || a_message != b_message)
		return false;
	if (a->program == PROGRAM_EMPTY)
		return true;
	if (a->tables != b->tables || a->events != b->events)
		return false;
	if (a->program == PROGRAM_OURS)
		return a->watch == b->watch && a->insert == b->insert && a->cpus == b->cpus;
	return a->length == b->length && a->sum == b->sum && a->vlans == b->vlans &&
	       a->options == b->options;
}
