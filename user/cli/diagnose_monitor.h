/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the daemon saw meanwhile of messages about the host: it may stand where
 * they still come by, though a firewall keeps them from us. It need not be
 * there, and never keeps us waiting.
 */
#ifndef UNREACH_CLI_DIAGNOSE_MONITOR_H
#define UNREACH_CLI_DIAGNOSE_MONITOR_H

#include "cli/diagnose_result.h"

/* For an answer to begin, and for events that are still on their way to follow it. */
enum { MONITOR_PATIENCE_MS = 1500, MONITOR_LISTEN_MS = 400 };

/* Asks at the socket `path` for events since `since` (Unix ns); fills d->monitor and d->seen. */
void monitor_ask(struct diagnosis *d, const char *path, uint64_t since);
/*
 * One line of the event log as a row; false where it is no such line, is older
 * than `since` ("2026-11-21T02:26:40.001000+0000"), or tells no IPv4 reporter.
 */
bool monitor_read_event(const char *line, const char *since, struct seen_row *row);

#endif
