// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes as a request, and any order of bytes, events, alerts, reads and ends as a
 * conversation: what is refused is refused in one printable line, an answer
 * begins with its status, a follower's buffer stays within bounds and loses
 * count of nothing. Bytes from 0x80 on stand for words, so that it need not
 * learn to spell; those below ACTIONS do something; the rest are what they are.
 */
#include <ctype.h>

#include "../fake_model.h"
#include "fuzz/fuzz.h"
#include "serve/exchange.h"

/* More than an event's line, or an alert's. */
#define LINE_ROOM 4096
#define INPUT_MAX 1024
/* Bytes that do something. */
#define ACTIONS 9

static const char *const words[] = {
	"codes",
	"sources",
	"targets",
	"senders",
	"paths",
	"alerts",
	"status",
	"events",
	" json=1",
	" json=",
	" lines=1",
	" interface=",
	" interface=eth0",
	" code=",
	" code=4",
	" port-unreachable",
	" rows=",
	" rows=0",
	" source=",
	"192.0.2.1",
	" target=",
	"203.0.113.9",
	" follow=1",
	" follow=",
	"::",
	"\n",
	" ",
	"=",
	"events follow=1 json=1\n",
	"events follow=1 rows=0\n",
	"alerts follow=1 json=1\n",
};
#define WORDS (sizeof(words) / sizeof(*words))

static struct fake fake;

/* A conversation, and what the other side has seen of it. */
struct talk {
	struct exchange exchange;
	bool busy;
	char status[8]; /* its first bytes */
	size_t seen;
	uint64_t alerted; /* timeline: when alerts changed last */
};

static void check_parse(const char *bytes, size_t size)
{
	struct request request;
	char error[256];
	const char *c;

	if (!request_parse(&request, bytes, size, error, sizeof(error))) {
		CHECK(request.query.code >= -1 && request.query.code < UNREACH_CODES);
		CHECK(!request.follow || !request.view || request.view->show == view_alerts);
		CHECK(!request.lines || (request.view && !request.json && !request.follow));
		CHECK(!request.query.interface || *request.query.interface);
		return;
	}
	for (c = error; *c; c++)
		CHECK(isprint((unsigned char)*c));
	CHECK(c > error);
}

static size_t pending(const struct talk *t)
{
	size_t len;

	exchange_pending(&t->exchange, &len);
	return len;
}

static void feed(struct talk *t, const char *bytes, size_t len)
{
	const struct answerer a = { &fake.model, NULL, NULL, t->busy };

	exchange_feed(&t->exchange, bytes, len, &a);
	CHECK(t->exchange.state != EXCHANGE_REQUEST || t->exchange.length < REQUEST_MAX);
	/* Refused before anything was seen, or answered: then there is something to see. */
	CHECK(t->exchange.state == EXCHANGE_REQUEST || t->seen || pending(t) ||
	      exchange_over(&t->exchange));
}

static void take(struct talk *t, size_t most)
{
	size_t len;
	const char *bytes = exchange_pending(&t->exchange, &len);

	if (len > most)
		len = most;
	if (!len)
		return;
	for (size_t i = 0; i < len && t->seen + i < sizeof(t->status); i++)
		t->status[t->seen + i] = bytes[i];
	t->seen += len;
	exchange_sent(&t->exchange, len);
}

static void pump(struct talk *t)
{
	size_t before = pending(t);

	exchange_pump(&t->exchange, &fake.model);
	if (t->exchange.state == EXCHANGE_FOLLOW)
		CHECK(pending(t) <= before || pending(t) <= EXCHANGE_FOLLOW_ROOM + LINE_ROOM);
	CHECK(t->exchange.next <=
	      (t->exchange.request.view ? alerts_next(fake.alerts) : fake.recent.next));
}

/* One alert after the other, each resolved when the next one fires: two changes each. */
static void change_alerts(struct talk *t, unsigned int count)
{
	struct finding f = fake_finding("198.51.100.7", 0);

	while (count--) {
		t->alerted += ALERT_QUIET_NS;
		f.at = f.first = f.last = t->alerted;
		alerts_begin(fake.alerts);
		alerts_report(fake.alerts, &f, f.at);
		alerts_end(fake.alerts, f.at);
	}
}

/* One of the bytes below ACTIONS. */
static void act(struct talk *t, uint8_t what)
{
	switch (what) {
	case 0:
		t->busy = !t->busy;
		break;
	case 1:
		fake_events(&fake, "eth0", 3, 1);
		break;
	case 2:
		fake_events(&fake, "wan-1", 4, 700);
		break;
	case 3:
		pump(t);
		break;
	case 4:
		take(t, 1);
		break;
	case 5:
		take(t, 30000);
		break;
	case 6:
		take(t, SIZE_MAX);
		break;
	case 7:
		change_alerts(t, t->alerted ? 40 : 1);
		break;
	default:
		exchange_end(&t->exchange);
	}
}

static void converse(struct talk *t, const uint8_t *data, size_t size)
{
	char bytes[INPUT_MAX];
	size_t i, len = 0;

	for (i = 0; i < size; i++) {
		if (data[i] >= ACTIONS && data[i] < 0x80) {
			bytes[len++] = (char)data[i];
			continue;
		}
		feed(t, bytes, len);
		len = 0;
		if (data[i] < ACTIONS)
			act(t, data[i]);
		else
			feed(t, words[data[i] % WORDS], strlen(words[data[i] % WORDS]));
	}
	feed(t, bytes, len);
}

/* However it went, who goes on reading comes to an end or has nothing more to read. */
static void finish(struct talk *t)
{
	exchange_end(&t->exchange);
	take(t, SIZE_MAX);
	while (exchange_behind(&t->exchange, &fake.model)) {
		uint64_t next = t->exchange.next;

		pump(t);
		take(t, SIZE_MAX);
		CHECK(exchange_over(&t->exchange) || t->exchange.next > next);
	}
	CHECK(exchange_over(&t->exchange) || t->exchange.state == EXCHANGE_FOLLOW);
	CHECK(!t->seen || !memcmp(t->status, "ok\n", 3) || !memcmp(t->status, "error ", 6));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct talk t = {};

	if (size > INPUT_MAX)
		return -1;
	if (!fake.model.count || alerts_next(fake.alerts))
		fake_open(&fake);
	fake.recent.next = 0;
	check_parse((const char *)data, size);
	converse(&t, data, size);
	finish(&t);
	exchange_free(&t.exchange);
	return 0;
}
