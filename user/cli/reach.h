/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A connection to the daemon that never blocks. Says nothing, knows no requests. */
#ifndef UNREACH_CLI_REACH_H
#define UNREACH_CLI_REACH_H

/* A connected, nonblocking socket, or -errno; -EAGAIN: the daemon takes no connection now. */
int reach_daemon(const char *path);

#endif
