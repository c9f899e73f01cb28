// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lines of "KEY.KEY<TAB>VALUE". What is not of that form is skipped: it is from a newer daemon. */
#include "cli/top_answer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1e15

bool answer_next(char **rest, char **path, char **value)
{
	char *line;

	while ((line = strsep(rest, "\n"))) {
		*value = strchr(line, '\t');
		if (!*value)
			continue;
		*(*value)++ = 0;
		*path = line;
		return true;
	}
	return false;
}

char *answer_item(char *path, const char *array, size_t *index)
{
	size_t length = strlen(array);
	char *end;

	if (strncmp(path, array, length) || path[length] != '.')
		return NULL;
	path += length + 1;
	if (*path < '0' || *path > '9')
		return NULL;
	*index = strtoul(path, &end, 10);
	return *end == '.' ? end + 1 : NULL;
}

/* What is no count of anything is none. */
static double sane(double value)
{
	return value >= 0 && value < MOST ? value : 0;
}

void answer_take(void *to, const struct field *fields, const char *key, const char *value)
{
	const struct field *f = fields;
	void *member;

	while (f->key && strcmp(f->key, key))
		f++;
	if (!f->key)
		return;
	member = (char *)to + f->offset;
	switch (f->kind) {
	case FIELD_U64:
		*(uint64_t *)member = strtoull(value, NULL, 10);
		break;
	case FIELD_FLOAT:
		*(double *)member = sane(strtod(value, NULL));
		break;
	case FIELD_WORD:
		*(bool *)member = !strcmp(value, "true");
		break;
	case FIELD_TEXT:
		snprintf(member, f->size, "%s", value);
		break;
	}
}
