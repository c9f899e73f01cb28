/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The control socket: a Unix stream socket in the daemon's loop. A connection
 * asks for one view or for events (request.h), and gets them (exchange.h). It
 * must not block or exhaust the daemon, whoever is at the other end.
 */
#ifndef UNREACH_SERVE_CONTROL_H
#define UNREACH_SERVE_CONTROL_H

#include "base/loop.h"
#include "base/paths.h"
#include "view/view.h"

#define CONTROL_CONNECTIONS 32
/* Of these, for each user other than root and the daemon's own; and kept for those two. */
#define CONTROL_OF_ONE_USER 8
#define CONTROL_KEPT 8
/* A request must be complete by then. */
#define CONTROL_REQUEST_NS 5000000000ULL
/*
 * An answer of which nothing is taken for so long is dropped. A follower may
 * rest (in a pager, say), but gives way when all connections are in use.
 */
#define CONTROL_ANSWER_NS 30000000000ULL
/*
 * Documents are refused while this much stands unsent on all connections
 * together, in bytes; to others than root and the daemon's own user at half.
 */
#define CONTROL_UNSENT (64UL * 1024 * 1024)

struct control;

/*
 * Listens at `path`. `prepare` (may be NULL) is called before each view and
 * brings `model` up to date; the model's `recent` must be there. NULL with one
 * line in `error`.
 */
struct control *control_open(struct loop *loop, const char *path, const struct model *model,
			     void (*prepare)(void *context), void *context, char *error,
			     size_t error_size);
/*
 * Gives followers what is new; call after events came in. Never answers a
 * request, so a view's load_hosts may call it too.
 */
void control_pump(struct control *control);
/* Closes what has waited for too long at `now` (clock_mono). The control's own timer calls it. */
void control_sweep(struct control *control, uint64_t now);
/* Connections that are open. */
unsigned int control_connections(const struct control *control);
/* Closes all connections, and removes the socket if it is still ours. NULL-safe. */
void control_close(struct control *control);

#endif
