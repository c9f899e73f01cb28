/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * GET /metrics over HTTP, and nothing else, in the daemon's loop. Whoever can
 * reach the port may ask, and must not block or exhaust the daemon. Built where
 * libmicrohttpd is (UNREACH_HTTP); what is served is view/metrics.h's matter.
 */
#ifndef UNREACH_SERVE_HTTP_H
#define UNREACH_SERVE_HTTP_H

#include "base/clock.h"
#include "base/loop.h"
#include "view/view.h"

/* At the same time; more wait in the kernel's queue. One request each. */
#define HTTP_CONNECTIONS 16
/* Of these, for one peer, where others than this host can connect. */
#define HTTP_OF_ONE_PEER 8
/* A connection is over by then; by HTTP_CROWDED_NS while more than half of all are in use. */
#define HTTP_CONNECTION_NS (10 * NS_PER_SEC)
#define HTTP_CROWDED_NS NS_PER_SEC
/* Memory for a connection's request, in bytes; a longer one is refused. */
#define HTTP_REQUEST 16384
/* Turns of the loop a second, whatever comes in; a turn serves all connections. */
#define HTTP_TURNS 1000
/*
 * A document is given again until so many times as long has passed as it took to
 * make: however many ask, making it takes one in so many of a CPU's time, and as
 * much again where both formats are asked for.
 */
#define HTTP_SHARE 50

struct http;

#if UNREACH_HTTP
/*
 * Listens at the address and port. `prepare` is called before each document and
 * brings `model` up to date. NULL with one line in `error`, which says where,
 * too.
 */
struct http *http_open(struct loop *loop, const struct unreach_addr *addr, uint16_t port,
		       const struct model *model, void (*prepare)(void *context), void *context,
		       char *error, size_t error_size);
/* Closes all connections. NULL-safe. */
void http_close(struct http *http);
#else
/* Never asked for: there is no option then. */
static inline struct http *http_open(struct loop *loop, const struct unreach_addr *addr,
				     uint16_t port, const struct model *model,
				     void (*prepare)(void *context), void *context, char *error,
				     size_t error_size)
{
	(void)loop, (void)addr, (void)port, (void)model, (void)prepare, (void)context;
	(void)error, (void)error_size;
	return NULL;
}

static inline void http_close(struct http *http)
{
	(void)http;
}
#endif

#endif
