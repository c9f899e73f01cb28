/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Word to whoever started us that we are ready, alive, or stopping: a datagram
 * to the Unix socket that $NOTIFY_SOCKET names (sd_notify(3)).
 */
#ifndef UNREACH_BASE_NOTIFY_H
#define UNREACH_BASE_NOTIFY_H

#include <stdint.h>

/*
 * Sends `state` ("READY=1"). 0, also where nobody asked; -errno. Waits 100 ms
 * at the most where nobody takes it, which is -EAGAIN.
 */
int notify(const char *state);
/*
 * How often WATCHDOG=1 is to be sent, ns: twice in the time after which we are
 * taken for dead ($WATCHDOG_USEC, sd_watchdog_enabled(3)). 0: nobody watches us.
 */
uint64_t notify_watchdog(void);

#endif
