/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Word to whoever started us that we are ready, or stopping: a datagram to the
 * Unix socket that $NOTIFY_SOCKET names (sd_notify(3)).
 */
#ifndef UNREACH_BASE_NOTIFY_H
#define UNREACH_BASE_NOTIFY_H

/* Sends `state` ("READY=1"). 0, also where nobody asked; -errno. */
int notify(const char *state);

#endif
