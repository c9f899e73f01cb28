/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Asks the daemon what the screen shows, one question after the other, once a
 * second, or less often where the answers take their time. Never waits: the
 * caller does, for .ask.fd and until top_poll_due().
 */
#ifndef UNREACH_CLI_TOP_POLL_H
#define UNREACH_CLI_TOP_POLL_H

#include "cli/top_ask.h"
#include "cli/top_choice.h"

/* Zeroed, but for .socket and .ask.fd = -1, is ready. */
struct top_poll {
	const char *socket;
	struct top_ask ask;
	enum top_view asking; /* while .ask.fd is open */
	unsigned int left; /* to be asked in this round: bits 1 << enum top_view */
	uint64_t started, due; /* this round, the next one: CLOCK_MONOTONIC */
	uint64_t gone; /* since when the daemon can't be asked; 0: it can */
	bool refused; /* something in this round */
	char said[160]; /* what went wrong; "" */
};

/* Goes on as far as it goes now; `views` as of top_screen_views(). True: there is news to show. */
bool top_poll_turn(struct top_poll *p, struct top_data *d, const struct top_choice *choice,
		   unsigned int views, uint64_t now);
/* When to call again at the latest. */
uint64_t top_poll_due(const struct top_poll *p);
/* Another question is to be asked, at once: what is under way is of no use. */
void top_poll_again(struct top_poll *p);
/* What is wrong with what is known. */
struct top_trouble top_poll_trouble(const struct top_poll *p, uint64_t now);
void top_poll_end(struct top_poll *p);

#endif
