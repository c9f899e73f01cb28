/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One connection's conversation, as bytes in and bytes out: a request line, a
 * status line ("ok" or "error TEXT"), the document, the end; or after "ok"
 * events for as long as both sides like. Knows no socket and no clock.
 */
#ifndef UNREACH_SERVE_EXCHANGE_H
#define UNREACH_SERVE_EXCHANGE_H

#include "serve/request.h"

/* A follower that has this much unsent is given no more until it has taken some of it. */
#define EXCHANGE_FOLLOW_ROOM (64 * 1024)

/* Who answers. */
struct answerer {
	const struct model *model; /* its recent and alerts must be there */
	void (*prepare)(void *context); /* brings the model up to date; NULL: it is */
	void *context;
	bool busy; /* too much stands unsent already: documents are refused */
};

enum exchange_state {
	EXCHANGE_REQUEST, /* waits for the line's end */
	EXCHANGE_ANSWER, /* over when all is sent */
	EXCHANGE_FOLLOW, /* over when a side closes */
	EXCHANGE_OVER,
};

/* Zeroed is ready. */
struct exchange {
	enum exchange_state state;
	char line[REQUEST_MAX];
	size_t length;
	struct request request;
	uint64_t next; /* number of the next event or change to look at */
	struct buf out;
	size_t sent; /* of out */
};

/* Bytes that came. Where they end the request it is answered; what comes after it is ignored. */
void exchange_feed(struct exchange *x, const char *bytes, size_t len, const struct answerer *a);
/* The peer sends no more. */
void exchange_end(struct exchange *x);
/* Answers with an error in place of what there was; `text` is one line without its newline. */
void exchange_refuse(struct exchange *x, const char *text);
/* Gives a follower what it wants, as far as there is room. */
void exchange_pump(struct exchange *x, const struct model *model);
/* Does a follower have anything to look at yet? */
bool exchange_behind(const struct exchange *x, const struct model *model);
/* What is to be sent; *len 0 where there is nothing. */
const char *exchange_pending(const struct exchange *x, size_t *len);
/* The first `n` bytes of it have been sent. */
void exchange_sent(struct exchange *x, size_t n);
/* Nothing more will be sent: close. */
bool exchange_over(const struct exchange *x);
void exchange_free(struct exchange *x);

#endif
