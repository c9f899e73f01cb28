/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the option tables of several commands have in common: rows that are the
 * same in each, and how a slip of the pen is told. Knows no command.
 */
#ifndef UNREACH_CLI_OPTIONS_H
#define UNREACH_CLI_OPTIONS_H

#include "base/opts.h"
#include "base/paths.h"

/* The exit status of a command that was called wrongly. */
enum { EXIT_USAGE = 2 };

/* Rows whose values are members of the same name in `type`. */
/* clang-format off */
#define OPTION_JSON(type)                                                                   \
	{ .name = "json", .letter = 'j', .kind = OPT_FLAG, .offset = offsetof(type, json),  \
	  .help = "as JSON" }
/* `more` goes on after the socket's place. */
#define OPTION_SOCKET(type, more)                                                           \
	{ .name = "socket", .kind = OPT_STRING, .offset = offsetof(type, socket),           \
	  .argument = "PATH", .help = "the daemon's control socket (" CONTROL_SOCKET ")" more }
#define OPTION_CODE(type)                                                                   \
	{ .name = "code", .kind = OPT_STRING, .offset = offsetof(type, code),               \
	  .argument = "CODE", .help = "only this code, by number (0 to 15) or name" }
/* The last row, and the table's end. */
#define OPTIONS_END(type)                                                                   \
	{ .name = "help", .letter = 'h', .kind = OPT_FLAG, .offset = offsetof(type, help),  \
	  .help = "show this" },                                                            \
	{}
/* clang-format on */

/* As opts_parse, but says what is wrong. */
int options_parse(const struct opt *table, int argc, char **argv, void *values, char **operands,
		  int *count);
/* The code that a text names, by number or name; -EINVAL where it names none, which is said. */
int options_code(const char *text);
/* The address that an option's value is; 0 or -EINVAL, which is said. */
int options_address(const char *option, const char *text, struct unreach_addr *addr);
/*
 * Is that a name by the kernel's rule, as far as a request line depends on it? 0
 * or -EINVAL, which is said.
 */
int options_interface(const char *name);

#endif
