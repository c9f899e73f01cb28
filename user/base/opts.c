// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The command line, read by a table of options. Written out rather than left
 * to getopt_long because a value must be checked where its option is known, and
 * an error must name both. What a value may be is opts_value.c's matter.
 */
#include "base/opts.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"

/* Where the parser is, and where it says what is wrong. */
struct parser {
	const struct opt *table;
	int argc, at; /* at: the next word */
	char **argv;
	char *values;
	char *error;
	size_t error_size;
};

#define FAIL(p, ...) (snprintf((p)->error, (p)->error_size, __VA_ARGS__), -EINVAL)

/* Puts the argument where it belongs; an error begins with the option. */
static int set(struct parser *p, const struct opt *o, const char *text)
{
	size_t used = (size_t)snprintf(p->error, p->error_size, "--%s: ", o->name);
	int rc;

	used = used < p->error_size ? used : p->error_size - 1;
	rc = opt_set(o, text, p->values, p->error + used, p->error_size - used);
	if (!rc)
		p->error[0] = '\0';
	return rc;
}

/* An option that was recognised, with what was written to it ("=V", "-nV"), NULL: nothing. */
static int take(struct parser *p, const struct opt *o, const char *attached)
{
	if (o->kind == OPT_FLAG && !attached) {
		*(bool *)(p->values + o->offset) = true;
		return 0;
	}
	if (!attached && o->optional) {
		bool number = p->at < p->argc && isdigit((unsigned char)p->argv[p->at][0]);

		if (!number) {
			*(uint32_t *)(void *)(p->values + o->offset) = o->missing;
			return 0;
		}
	}
	if (!attached) {
		if (p->at == p->argc)
			return FAIL(p, "--%s: needs %s", o->name, o->argument);
		attached = p->argv[p->at++];
	}
	return set(p, o, attached);
}

/* "--so is ambiguous: --socket, --source" */
static int ambiguous(struct parser *p, const char *word, size_t length)
{
	const char *parting = ": ";
	size_t used = 0;

	used += (size_t)snprintf(p->error, p->error_size, "--%.*s is ambiguous", (int)length, word);
	for (const struct opt *o = p->table; o->name && used < p->error_size; o++) {
		if (strncmp(o->name, word, length) != 0)
			continue;
		used += (size_t)snprintf(p->error + used, p->error_size - used, "%s--%s", parting,
					 o->name);
		parting = ", ";
	}
	return -EINVAL;
}

/* The option of that long name, or the only one whose name begins so. */
static int find_long(struct parser *p, const char *word, size_t length, const struct opt **found)
{
	unsigned int count = 0;

	for (const struct opt *o = p->table; o->name; o++) {
		if (!length || strncmp(o->name, word, length) != 0)
			continue;
		*found = o;
		count++;
		if (!o->name[length])
			return 0;
	}
	if (!count)
		return FAIL(p, "unknown option --%.*s; --help lists them", (int)length, word);
	return count == 1 ? 0 : ambiguous(p, word, length);
}

static int parse_long(struct parser *p, const char *word)
{
	size_t length = strcspn(word, "=");
	const struct opt *o = NULL;
	int rc = find_long(p, word, length, &o);

	return rc ? rc : take(p, o, word[length] ? word + length + 1 : NULL);
}

/* "-abc", "-n5", "-n 5" */
static int parse_short(struct parser *p, const char *word)
{
	for (; *word; word++) {
		const struct opt *o = p->table;

		while (o->name && o->letter != *word)
			o++;
		if (!o->name)
			return FAIL(p, "unknown option -%c; --help lists them", *word);
		if (o->kind != OPT_FLAG)
			return take(p, o, word[1] ? word + 1 : NULL);
		take(p, o, NULL);
	}
	return 0;
}

int opts_parse(const struct opt *table, int argc, char **argv, void *values, char **operands,
	       int *count, char *error, size_t error_size)
{
	struct parser p = { table, argc, 1, argv, values, error, error_size };
	bool options = true;
	int rc = 0;

	*count = 0;
	while (!rc && p.at < argc) {
		char *word = argv[p.at++];

		if (!options || word[0] != '-' || !word[1])
			operands[(*count)++] = word;
		else if (strcmp(word, "--") == 0)
			options = false;
		else if (word[1] == '-')
			rc = parse_long(&p, word + 2);
		else
			rc = parse_short(&p, word + 1);
	}
	return rc;
}

/* "  -i, --interface IFACE" */
static void put_option(struct buf *b, const struct opt *o)
{
	if (o->letter)
		buf_printf(b, "  -%c, --%s", o->letter, o->name);
	else
		buf_printf(b, "      --%s", o->name);
	if (o->argument)
		buf_printf(b, o->optional ? " [%s]" : " %s", o->argument);
}

void opts_help(const struct opt *table, FILE *to)
{
	struct buf b = {};
	size_t width = 0;

	for (const struct opt *o = table; o->name; o++) {
		buf_consume(&b, b.len);
		put_option(&b, o);
		width = b.len > width ? b.len : width;
	}
	for (const struct opt *o = table; o->name; o++) {
		buf_consume(&b, b.len);
		put_option(&b, o);
		fprintf(to, "%-*.*s  %s\n", (int)width, (int)b.len, b.data, o->help);
	}
	buf_free(&b);
}
