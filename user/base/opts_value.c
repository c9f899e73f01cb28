// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the value of an option may be, and what it means: the same words on the
 * command line and in a file. Knows neither; who calls says where it stood.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/opts.h"

/* Where to say what is wrong. */
struct says {
	char *text;
	size_t size;
};

#define FAIL(s, ...) (snprintf((s).text, (s).size, __VA_ARGS__), -EINVAL)

/* "a, b or c" */
static void list_choices(const char *const *choices, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; choices[i] && used < size; i++) {
		const char *parting = choices[i + 1] ? ", " : " or ";

		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? parting : "",
					 choices[i]);
	}
}

static int find_word(const char *const *words, const char *text, size_t length, uint32_t *index)
{
	for (uint32_t i = 0; words[i]; i++) {
		if (strlen(words[i]) != length || strncmp(words[i], text, length) != 0)
			continue;
		*index = i;
		return 0;
	}
	return -EINVAL;
}

static int set_flag(struct says s, const char *text, bool *to)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off",
					     "on", "0",	  "1",	   NULL };
	uint32_t index;

	if (find_word(words, text, strlen(text), &index))
		return FAIL(s, "'%s' is not yes or no", text);
	*to = index % 2;
	return 0;
}

static int set_u32(struct says s, const struct opt *o, const char *text, uint32_t *to)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || errno || v < o->min || v > o->max)
		return FAIL(s, "'%s' is not a number from %u to %u", text, o->min, o->max);
	*to = (uint32_t)v;
	return 0;
}

static int set_choice(struct says s, const struct opt *o, const char *text, uint32_t *to)
{
	char allowed[128];

	if (!find_word(o->choices, text, strlen(text), to))
		return 0;
	list_choices(o->choices, allowed, sizeof(allowed));
	return FAIL(s, "'%s' is not one of %s", text, allowed);
}

/* The bits of "a, b": a comma between two, blanks around each. */
static int read_bits(const struct opt *o, const char *text, uint32_t *bits)
{
	uint32_t index;

	for (*bits = 0;; text++) {
		size_t length;

		text += strspn(text, " \t");
		length = strcspn(text, ", \t");
		if (find_word(o->choices, text, length, &index))
			return -EINVAL;
		*bits |= 1U << index;
		text += length;
		text += strspn(text, " \t");
		if (*text != ',')
			return *text ? -EINVAL : 0;
	}
}

static int set_bits(struct says s, const struct opt *o, const char *text, uint32_t *to)
{
	char allowed[128];
	uint32_t bits;

	if (read_bits(o, text, &bits)) {
		list_choices(o->choices, allowed, sizeof(allowed));
		return FAIL(s, "'%s' is not a comma-separated list of %s", text, allowed);
	}
	*to = bits;
	return 0;
}

static int set_list(struct says s, const char *text, struct opt_list *to)
{
	if (to->count == OPT_LIST_MAX)
		return FAIL(s, "given more than %d times", OPT_LIST_MAX);
	to->values[to->count++] = text;
	return 0;
}

static int set_endpoint(struct says s, const char *text, struct opt_endpoint *to)
{
	struct opt_endpoint value = { .given = true };

	if (strcmp(text, "none") && addr_port_parse(&value.addr, &value.port, text))
		return FAIL(s,
			    "'%s' is not an address and a port, such as 127.0.0.1:9100 or "
			    "[::1]:9100, nor none",
			    text);
	*to = value;
	return 0;
}

int opt_set(const struct opt *o, const char *text, void *values, char *error, size_t error_size)
{
	const struct says s = { error, error_size };
	void *to = (char *)values + o->offset;

	if (o->kind != OPT_U32 && o->kind != OPT_FLAG && !*text)
		return FAIL(s, "needs %s, got nothing", o->argument);
	switch (o->kind) {
	case OPT_FLAG:
		return set_flag(s, text, to);
	case OPT_STRING:
		*(const char **)to = text;
		return 0;
	case OPT_U32:
		return set_u32(s, o, text, to);
	case OPT_CHOICE:
		return set_choice(s, o, text, to);
	case OPT_SET:
		return set_bits(s, o, text, to);
	case OPT_LIST:
		return set_list(s, text, to);
	case OPT_ENDPOINT:
		return set_endpoint(s, text, to);
	default:
		return -EINVAL;
	}
}
