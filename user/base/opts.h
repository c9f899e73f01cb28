/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Options as a table: one row says name, argument, where the value goes, what
 * is allowed and the help line. Command line (opts.c), configuration file
 * (opts_file.c) and usage are read and printed by the same table, so they can't
 * drift. GNU conventions: `-n5`, `-n 5`, `--name=V`, `--name V`, `--`, unique
 * prefixes of long names.
 */
#ifndef UNREACH_BASE_OPTS_H
#define UNREACH_BASE_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/addr.h"

enum opt_kind {
	OPT_FLAG, /* bool; with a value, `--name=no`, it is switched off again */
	OPT_STRING, /* const char *, points into argv, or what a file's texts are */
	OPT_U32, /* uint32_t, min to max */
	OPT_CHOICE, /* uint32_t, index into choices */
	OPT_SET, /* uint32_t, a bit for each of a comma-separated list of choices */
	OPT_LIST, /* struct opt_list of strings */
	OPT_ENDPOINT, /* struct opt_endpoint */
};

#define OPT_LIST_MAX 64
struct opt_list {
	const char *values[OPT_LIST_MAX];
	unsigned int count;
};

struct opt_endpoint {
	struct unreach_addr addr;
	uint16_t port; /* 0: "none" */
	bool given; /* not the default */
};

struct opt {
	const char *name; /* long, without the dashes; NULL ends the table */
	char letter; /* short, or 0 */
	enum opt_kind kind;
	size_t offset; /* of the value in the structure given to opts_parse */
	const char *argument; /* its name in the help; NULL for OPT_FLAG */
	const char *const *choices; /* NULL-terminated */
	uint32_t min, max;
	const char *help;
	/* OPT_U32: the argument may be left out: `-w`, `-w5`, `-w 5`, `--watch=5` */
	bool optional;
	uint32_t missing; /* the value where it is */
	bool not_in_file; /* says what to do now: for the command line alone */
};

/*
 * Fills `values` from argv (argv[0] is skipped) and moves the operands to
 * operands[0..*count). Returns 0, or -EINVAL with one line in `error`: the
 * option, the value, what is allowed.
 */
int opts_parse(const struct opt *table, int argc, char **argv, void *values, char **operands,
	       int *count, char *error, size_t error_size);
/*
 * Puts the value that `text` means where the option's place in `values` is;
 * strings are not copied. A flag is yes, true, on, 1 or no, false, off, 0.
 * Returns 0, or -EINVAL with the value and what is allowed in `error`.
 */
int opt_set(const struct opt *o, const char *text, void *values, char *error, size_t error_size);
/* One line an option, as --help shows it. */
void opts_help(const struct opt *table, FILE *to);

#endif
