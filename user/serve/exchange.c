// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The state machine between a connection's bytes. Documents are rendered whole
 * before the status line is decided, so an error can still be told as one. A
 * follower holds a number into what is remembered and a bounded buffer: if it is
 * slow the events (or alerts) move on under it, and it is told how many it missed.
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

static struct writer *writer_of(const struct request *r, struct buf *out)
{
	if (r->lines)
		return writer_lines(out);
	return r->json ? writer_json(out) : writer_text(out);
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
	w = writer_of(r, &x->out);
	rc = w ? r->view->show(w, a->model, &r->query) : -ENOMEM;
	end = writer_finish(w);
	x->state = EXCHANGE_ANSWER;
	if (!rc && !end && !x->out.failed)
		return;
	snprintf(text, sizeof(text), "cannot show %s: %s", r->view->name,
		 strerror(rc ? -rc : ENOMEM));
	exchange_refuse(x, text);
}

/* What can be followed: things with running numbers, of which the last ones are there. */
struct stream {
	const char *name; /* of several, for people */
	uint64_t (*next)(const struct model *model);
	uint64_t (*oldest)(const struct model *model);
	/* Appends one if it is wanted; says whether it is. `out` may be NULL. */
	bool (*write)(struct buf *out, const struct model *model, const struct request *r,
		      uint64_t number);
};

static uint64_t events_next(const struct model *model)
{
	return model->recent->next;
}

static uint64_t events_oldest(const struct model *model)
{
	return recent_oldest(model->recent);
}

static bool events_write(struct buf *out, const struct model *model, const struct request *r,
			 uint64_t number)
{
	struct event ev = recent_get(model->recent, number);

	if (!view_event_matches(&r->query, &ev))
		return false;
	if (out)
		view_event(out, &ev, r->json);
	return true;
}

static uint64_t changes_next(const struct model *model)
{
	return alerts_next(model->alerts);
}

static uint64_t changes_oldest(const struct model *model)
{
	return alerts_oldest(model->alerts);
}

static bool changes_write(struct buf *out, const struct model *model, const struct request *r,
			  uint64_t number)
{
	const struct alert *a = alerts_change(model->alerts, number);

	if (!view_alert_matches(&r->query, a))
		return false;
	if (out)
		view_alert(out, a, model->to_wall, r->json);
	return true;
}

static const struct stream events = { "events", events_next, events_oldest, events_write };
static const struct stream changes = { "alerts", changes_next, changes_oldest, changes_write };

static const struct stream *stream_of(const struct exchange *x)
{
	return x->request.view ? &changes : &events;
}

/* The number of the oldest of the last `rows` that are wanted (0: all). */
static uint64_t first_of(const struct stream *s, const struct model *model, const struct request *r)
{
	uint64_t oldest = s->oldest(model), number = s->next(model), first = number;
	uint32_t found = 0;

	while (number > oldest && (!r->query.rows || found < r->query.rows)) {
		if (s->write(NULL, model, r, --number)) {
			first = number;
			found++;
		}
	}
	return first;
}

static void write_missed(struct exchange *x, const struct stream *s, uint64_t missed)
{
	if (x->request.json)
		buf_printf(&x->out, "{\"event_type\":\"unreach_missed\",\"missed\":%llu}\n",
			   (unsigned long long)missed);
	else
		buf_printf(&x->out,
			   "-- %llu %s went by unseen: they come faster than they are taken\n",
			   (unsigned long long)missed, s->name);
}

/* Writes what is wanted from x->next on, until `room` bytes stand there unsent. */
static void write_stream(struct exchange *x, const struct model *model, size_t room)
{
	const struct stream *s = stream_of(x);
	uint64_t oldest = s->oldest(model), next = s->next(model);

	if (x->next < oldest) {
		write_missed(x, s, oldest - x->next);
		x->next = oldest;
	}
	for (; x->next < next && x->out.len < room; x->next++)
		s->write(&x->out, model, &x->request, x->next);
	if (x->out.failed)
		x->state = EXCHANGE_OVER;
}

static void answer_stream(struct exchange *x, const struct answerer *a)
{
	x->next = first_of(stream_of(x), a->model, &x->request);
	x->state = x->request.follow ? EXCHANGE_FOLLOW : EXCHANGE_ANSWER;
	buf_str(&x->out, "ok\n");
	write_stream(x, a->model, SIZE_MAX);
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
	else if (x->request.view && !x->request.follow)
		answer_view(x, a);
	else
		answer_stream(x, a);
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

void exchange_pump(struct exchange *x, const struct model *model)
{
	if (x->state != EXCHANGE_FOLLOW || x->out.len - x->sent >= EXCHANGE_FOLLOW_ROOM)
		return;
	if (x->sent)
		buf_consume(&x->out, x->sent);
	x->sent = 0;
	write_stream(x, model, EXCHANGE_FOLLOW_ROOM);
}

bool exchange_behind(const struct exchange *x, const struct model *model)
{
	return x->state == EXCHANGE_FOLLOW && x->next < stream_of(x)->next(model);
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
