/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `unreach diagnose HOST [PORT]`: asks the network itself, by probes that take
 * no privileges, and says what the answers mean.
 */
#ifndef UNREACH_CLI_DIAGNOSE_H
#define UNREACH_CLI_DIAGNOSE_H

/* argv[0] is "diagnose". Returns the exit status: 0 with any verdict, 1 failure, 2 usage. */
int cli_diagnose(int argc, char **argv);

#endif
