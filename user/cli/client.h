/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The commands that ask the daemon: options, the question, the answer to
 * stdout. argv[0] is the command's whole name, which is the view's too. All
 * return the exit status: 0, 1 failure, 2 usage; and say on stderr why.
 */
#ifndef UNREACH_CLI_CLIENT_H
#define UNREACH_CLI_CLIENT_H

int client_codes(int argc, char **argv);
int client_hosts(int argc, char **argv); /* sources, targets, senders */
int client_events(int argc, char **argv);
int client_paths(int argc, char **argv);
int client_alerts(int argc, char **argv);
int client_status(int argc, char **argv);

#endif
