/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `unreach explain [CODE|NAME|MTU]`: what a code, an MTU or the lack of an
 * answer means. Knows no network and no daemon.
 */
#ifndef UNREACH_CLI_EXPLAIN_H
#define UNREACH_CLI_EXPLAIN_H

/* argv[0] is "explain". Returns the exit status: 0, 1 failure, 2 usage. */
int cli_explain(int argc, char **argv);

#endif
