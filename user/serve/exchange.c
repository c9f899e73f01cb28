// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The state machine between a connection's bytes. Documents are rendered whole
 * before the status line is decided, so an error can still be told as one. A
 * follower holds a number into the recent events and a bounded buffer: if it is
 * slow the events move on under it, and it is told how many it missed.
 */
#include "serve/exchange.h"

#include <errno.h>
#include <stdio.h>

static void reset(struct buf *b)
{
	buf_free(b);
	*b = (struct buf){};
}

void exchange_refuse(struct exchange *x, const char *text)
{
	reset(&x->out);
	x->sent = 0;
	buf_str(&x->out, "error ");
	buf_str(&x->out, text);
	buf_char(&x->out, '\n');
	x->state = x->out.failed ? EXCHANGE_OVER : EXCHANGE_ANSWER;
}

static bool watched(const struct model *model, const char *interface)
{
	unsigned int i;

	for (i = 0; i < model->count; i++)
		if (!strcmp(model->interfaces[i].name, interface))
			return true;
	return false;
}

static void refuse_interface(struct exchange *x, const struct model *model)
{
	char text[128 + UNREACH_SLOTS * (UNREACH_NAME_LEN + 1)];
	size_t len;
	unsigned int i;

	len = (size_t)snprintf(text, sizeof(text),
			       "interface '%s' is not watched; watched:", x->request.interface);
	for (i = 0; i < model->count && len < sizeof(text); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %s",
					model->interfaces[i].name);
	exchange_refuse(x, text);
}

static void answer_view(struct exchange *x, const struct answerer *a)
{
	const struct request *r = &x->request;
	struct writer *w;
	char text[128];
	int rc, end;

	if (a->prepare)
		a->prepare(a->context);
	buf_str(&x->out, "ok\n");
	w = r->json ? writer_json(&x->out) : writer_text(&x->out);
	rc = w ? r->view->show(w, a->model, &r->query) : -ENOMEM;
	end = writer_finish(w);
	x->state = EXCHANGE_ANSWER;
	if (!rc && !end && !x->out.failed)
		return;
	snprintf(text, sizeof(text), "cannot show %s: %s", r->view->name,
		 strerror(rc ? -rc : ENOMEM));
	exchange_refuse(x, text);
}

/* The number of the oldest event of the last `rows` that match. */
static uint64_t first_event(const struct recent *recent, const struct query *query)
{
	uint64_t oldest = recent_oldest(recent), number = recent->next, first = recent->next;
	uint32_t found = 0;

	while (number > oldest && (!query->rows || found < query->rows)) {
		struct event ev = recent_get(recent, --number);

		if (view_event_matches(query, &ev)) {
			first = number;
			found++;
		}
	}
	return first;
}

static void write_missed(struct exchange *x, uint64_t missed)
{
	if (x->request.json)
		buf_printf(&x->out, "{\"event_type\":\"unreach_missed\",\"missed\":%llu}\n",
			   (unsigned long long)missed);
	else
		buf_printf(&x->out, "-- %llu events missed: they come faster than they are taken\n",
			   (unsigned long long)missed);
}

/* Writes what matches from x->next on, until `room` bytes stand there unsent. */
static void write_events(struct exchange *x, const struct recent *recent, size_t room)
{
	uint64_t oldest = recent_oldest(recent);

	if (x->next < oldest) {
		write_missed(x, oldest - x->next);
		x->next = oldest;
	}
	for (; x->next < recent->next && x->out.len < room; x->next++) {
		struct event ev = recent_get(recent, x->next);

		if (view_event_matches(&x->request.query, &ev))
			view_event(&x->out, &ev, x->request.json);
	}
	if (x->out.failed)
		x->state = EXCHANGE_OVER;
}

static void answer_events(struct exchange *x, const struct answerer *a)
{
	const struct recent *recent = a->model->recent;

	x->next = first_event(recent, &x->request.query);
	x->state = x->request.follow ? EXCHANGE_FOLLOW : EXCHANGE_ANSWER;
	buf_str(&x->out, "ok\n");
	write_events(x, recent, SIZE_MAX);
}

static void answer(struct exchange *x, const struct answerer *a)
{
	char error[256];

	if (request_parse(&x->request, x->line, x->length, error, sizeof(error)))
		exchange_refuse(x, error);
	else if (x->request.query.interface && !watched(a->model, x->request.interface))
		refuse_interface(x, a->model);
	else if (a->busy)
		exchange_refuse(x, "busy: others have not taken their answers yet; try again");
	else if (x->request.view)
		answer_view(x, a);
	else
		answer_events(x, a);
}

void exchange_feed(struct exchange *x, const char *bytes, size_t len, const struct answerer *a)
{
	const char *newline = memchr(bytes, '\n', len);
	size_t more = newline ? (size_t)(newline - bytes) : len;

	if (x->state != EXCHANGE_REQUEST)
		return;
	/* One byte of REQUEST_MAX is the newline's. */
	if (more > sizeof(x->line) - 1 - x->length)
		more = sizeof(x->line) - x->length;
	memcpy(x->line + x->length, bytes, more);
	x->length += more;
	if (newline || x->length == sizeof(x->line))
		answer(x, a);
}

void exchange_end(struct exchange *x)
{
	if (x->state == EXCHANGE_REQUEST)
		x->state = EXCHANGE_OVER;
}

void exchange_pump(struct exchange *x, const struct recent *recent)
{
	if (x->state != EXCHANGE_FOLLOW || x->out.len - x->sent >= EXCHANGE_FOLLOW_ROOM)
		return;
	if (x->sent)
		buf_consume(&x->out, x->sent);
	x->sent = 0;
	write_events(x, recent, EXCHANGE_FOLLOW_ROOM);
}

bool exchange_behind(const struct exchange *x, const struct recent *recent)
{
	return x->state == EXCHANGE_FOLLOW && x->next < recent->next;
}

const char *exchange_pending(const struct exchange *x, size_t *len)
{
	*len = x->state == EXCHANGE_OVER ? 0 : x->out.len - x->sent;
	return *len ? x->out.data + x->sent : NULL;
}

void exchange_sent(struct exchange *x, size_t n)
{
	x->sent += n;
	if (x->sent < x->out.len)
		return;
	reset(&x->out);
	x->sent = 0;
	if (x->state == EXCHANGE_ANSWER)
		x->state = EXCHANGE_OVER;
}

bool exchange_over(const struct exchange *x)
{
	return x->state == EXCHANGE_OVER;
}

void exchange_free(struct exchange *x)
{
	reset(&x->out);
	x->state = EXCHANGE_OVER;
}
