// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A round is a question a view. The next one begins a second after this one
 * did, but the daemon is left alone three times as long as it took it: it has
 * rings to drain. After a failure the round is over, and what was known stays.
 */
#include "cli/top_poll.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define PERIOD_NS NS_PER_SEC
#define REST 4 /* a round's share of the time is at most one in so many */

static void begin(struct top_poll *p, unsigned int views, uint64_t now)
{
	p->left = views;
	p->started = now;
	p->refused = false;
}

static void end(struct top_poll *p, uint64_t now)
{
	uint64_t took = now - p->started;

	p->due = p->started + (REST * took > PERIOD_NS ? REST * took : PERIOD_NS);
	p->gone = 0;
	if (!p->refused)
		p->said[0] = 0;
}

/* The request line for a view: what the user wants to see of it. */
static void write_request(char *line, size_t size, enum top_view view,
			  const struct top_choice *choice)
{
	size_t len = (size_t)snprintf(line, size, "%s lines=1", top_view_name(view));

	if (view > TOP_ALERTS)
		len += (size_t)snprintf(line + len, size - len, " rows=%d", TOP_ROWS);
	if (view > TOP_ALERTS && choice->code >= 0)
		len += (size_t)snprintf(line + len, size - len, " code=%d", choice->code);
	if (view >= TOP_ALERTS && choice->interface[0])
		len += (size_t)snprintf(line + len, size - len, " interface=%s", choice->interface);
	snprintf(line + len, size - len, "\n");
}

static enum top_asked ask_next(struct top_poll *p, const struct top_choice *choice)
{
	char line[128];

	p->asking = (enum top_view)__builtin_ctz(p->left);
	p->left &= p->left - 1;
	write_request(line, sizeof(line), p->asking, choice);
	return top_ask_start(&p->ask, p->socket, line);
}

static void fail(struct top_poll *p, uint64_t now)
{
	snprintf(p->said, sizeof(p->said), "%s", p->ask.error);
	p->left = 0;
	p->due = now + PERIOD_NS;
	if (!p->gone)
		p->gone = now;
}

static void take(struct top_poll *p, struct top_data *d, enum top_asked asked, uint64_t now)
{
	if (asked == ASKED_ANSWERED) {
		top_data_take(d, p->asking, top_ask_document(&p->ask), now);
		return;
	}
	snprintf(p->said, sizeof(p->said), "%s", p->ask.error);
	p->refused = true;
}

bool top_poll_turn(struct top_poll *p, struct top_data *d, const struct top_choice *choice,
		   unsigned int views, uint64_t now)
{
	enum top_asked asked = ASKED_WAITING;

	if (p->ask.fd < 0 && !p->left) {
		if (now < p->due)
			return false;
		begin(p, views, now);
	}
	while (p->ask.fd >= 0 || p->left) {
		if (p->ask.fd < 0)
			asked = ask_next(p, choice);
		if (p->ask.fd >= 0)
			asked = top_ask_turn(&p->ask, now);
		if (asked == ASKED_WAITING)
			return false;
		if (asked == ASKED_FAILED) {
			fail(p, now);
			return true;
		}
		take(p, d, asked, now);
	}
	end(p, now);
	return true;
}

uint64_t top_poll_due(const struct top_poll *p)
{
	return p->ask.fd >= 0 ? p->ask.since + TOP_ASK_NS : p->due;
}

void top_poll_again(struct top_poll *p)
{
	top_ask_end(&p->ask);
	p->left = 0;
	p->due = 0;
}

struct top_trouble top_poll_trouble(const struct top_poll *p, uint64_t now)
{
	return (struct top_trouble){ .text = p->said[0] ? p->said : NULL,
				     .socket = p->socket,
				     .seconds = p->gone ? (now - p->gone) / NS_PER_SEC : 0,
				     .gone = p->gone != 0 };
}

void top_poll_end(struct top_poll *p)
{
	top_ask_end(&p->ask);
}
