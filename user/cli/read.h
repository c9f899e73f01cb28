/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `unreach read`: captures through the same parser, pipeline and views as the
 * live monitor, without a daemon and without privileges.
 */
#ifndef UNREACH_CLI_READ_H
#define UNREACH_CLI_READ_H

/* argv[0] is "read". Returns the exit status: 0, 1 failure, 2 usage; says on stderr why. */
int cli_read(int argc, char **argv);

#endif
