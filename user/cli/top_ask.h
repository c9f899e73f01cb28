/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One question to the daemon and its answer, without ever waiting: the caller
 * watches the socket and calls when something came. Knows nothing of views.
 */
#ifndef UNREACH_CLI_TOP_ASK_H
#define UNREACH_CLI_TOP_ASK_H

#include "base/buf.h"

/* An answer that takes longer than this, from the question on, does not come any more. */
#define TOP_ASK_NS (3000000000ULL)

enum top_asked {
	ASKED_WAITING,
	ASKED_ANSWERED, /* top_ask_document() has it */
	ASKED_REFUSED, /* the daemon said no: .error is why, in its words */
	ASKED_FAILED, /* nobody there, or nothing of use came: .error says so */
};

/* Zeroed, but for fd = -1, is ready. */
struct top_ask {
	int fd; /* to be watched for input; -1: nothing is under way */
	uint64_t since; /* clock_mono() */
	struct buf answer;
	char error[160]; /* one line of printable ASCII */
};

/* Asks, whatever is under way; `request` with its newline. ASKED_WAITING or ASKED_FAILED. */
enum top_asked top_ask_start(struct top_ask *a, const char *path, const char *request);
/* To be called when there is input, and now and then: takes what is there. */
enum top_asked top_ask_turn(struct top_ask *a, uint64_t now);
/* The lines of the answer, 0-terminated, to be written into; until the next question. */
char *top_ask_document(struct top_ask *a);
/* Ends what is under way and frees the answer. */
void top_ask_end(struct top_ask *a);

#endif
