/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A request of the control socket as bytes: "NAME key=value ...". NAME is a
 * view's or "events"; keys are json, interface, code, rows, for events source
 * and target, for events and alerts follow, for all but events lines. Anything
 * else is refused. Knows no socket.
 */
#ifndef UNREACH_SERVE_REQUEST_H
#define UNREACH_SERVE_REQUEST_H

#include "view/view.h"

/* Longest request, its newline included, in bytes. */
#define REQUEST_MAX 512
/* Rows and events where the request does not say how many; alerts are always all. */
#define REQUEST_ROWS 20

struct request {
	const struct view *view; /* NULL: events */
	struct query query; /* its interface points into this request: don't copy it */
	char interface[UNREACH_NAME_LEN];
	bool json;
	bool lines; /* as a program reads them; neither with json nor with follow */
	bool follow; /* go on with what comes: events, or changes of alerts */
};

/*
 * Reads one request of `len` bytes without its newline. Returns 0, or -EINVAL
 * with one line in `error` that says what is allowed; it holds no byte of the
 * request that is not printable.
 */
int request_parse(struct request *r, const char *bytes, size_t len, char *error, size_t error_size);

#endif
