/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `unreach top`: all of it on one screen. Returns the exit status. */
#ifndef UNREACH_CLI_TOP_H
#define UNREACH_CLI_TOP_H

int cli_top(int argc, char **argv);

#endif
