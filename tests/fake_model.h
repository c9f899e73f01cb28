/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A model without a kernel: two interfaces with some of everything, a table of
 * made-up sources, recent events, two paths, alerts where they are asked for.
 * For tests of what reads models.
 */
#ifndef UNREACH_TESTS_FAKE_MODEL_H
#define UNREACH_TESTS_FAKE_MODEL_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/clock.h"
#include "view/view.h"

/* 2026-11-21T02:26:40Z stands at 1000 s of the timeline. */
#define FAKE_NOW (1000 * NS_PER_SEC)
#define FAKE_TO_WALL ((int64_t)(1795228000 * NS_PER_SEC - FAKE_NOW))

struct fake {
	struct model model;
	struct tally interfaces[2];
	struct recent recent;
	struct alerts *alerts;
	struct unreach_record record; /* of the next event */
	size_t hosts; /* rows of each table */
	int load_error; /* what load_hosts returns instead, if not 0 */
	int refresh_error;
	unsigned int refreshed;
	void (*on_refresh)(struct fake *f); /* NULL: counters rest */
	void (*on_load)(struct fake *f); /* NULL: nothing */
};

static inline struct unreach_addr fake_addr(const char *text)
{
	struct unreach_addr addr;

	if (addr_parse(&addr, text))
		abort();
	return addr;
}

/* Row i: 10.x.y.z in one of the slots, (i * 7919) % 1000 + 1 messages, most of code 3. */
static inline struct host_row fake_row(size_t i)
{
	struct host_row row = { .key.slot = (uint32_t)(i % 2) };
	char text[32];

	snprintf(text, sizeof(text), "10.%zu.%zu.%zu", i >> 16 & 255, i >> 8 & 255, i & 255);
	row.key.addr = fake_addr(text);
	row.value.messages[3] = i * 7919 % 1000 + 1;
	row.value.messages[UNREACH_CODES] = i % 3 == 0;
	row.value.messages[4] = i % 5 == 0 ? i % 7 : 0;
	row.value.first = FAKE_NOW - 100 * NS_PER_SEC;
	row.value.last = FAKE_NOW - i % 90 * NS_PER_SEC;
	row.value.suppressed = i % 11;
	row.value.told = i % 11 / 2;
	return row;
}

static inline int fake_load_hosts(void *context, enum unreach_table table, struct hosts *out)
{
	struct fake *f = context;
	size_t i;

	if (f->on_load)
		f->on_load(f);
	if (f->load_error)
		return f->load_error;
	*out = hosts_none();
	out->size = 65536;
	for (i = 0; i < f->hosts; i++) {
		struct host_row row = fake_row(i + table);

		if (hosts_append(out, &row))
			return -ENOMEM;
		out->attribution.attributed += hosts_messages(&row.value);
	}
	out->attribution.attributed += 5; /* of rows that are gone */
	out->attribution.unattributed[UNREACH_UNATTRIBUTED_ADMISSION] = 40;
	out->attribution.unattributed[UNREACH_UNATTRIBUTED_TABLE] = 2;
	out->attribution.attributable = out->attribution.attributed + 42;
	return 0;
}

static inline int fake_count_hosts(void *context, enum unreach_table table, struct hosts_count *out)
{
	struct hosts hosts;
	int rc = fake_load_hosts(context, table, &hosts);

	if (rc)
		return rc;
	*out = (struct hosts_count){ hosts_entries(&hosts), hosts.attribution };
	hosts_free(&hosts);
	return 0;
}

static inline int fake_refresh(void *context)
{
	struct fake *f = context;

	f->refreshed++;
	if (f->on_refresh)
		f->on_refresh(f);
	return f->refresh_error;
}

static inline unsigned int fake_ring_fills(void *context, struct fill *out, unsigned int max)
{
	unsigned int i;

	(void)context;
	for (i = 0; i < 2 && i < max; i++) {
		out[i] = (struct fill){ .used = 4096 * i, .size = 4194304 };
		snprintf(out[i].name, sizeof(out[i].name), "ring-%u", i);
	}
	return i;
}

static inline void fake_interface(struct tally *t, const char *name, uint32_t slot)
{
	struct unreach_counters *c = &t->counters;

	*t = (struct tally){ .slot = slot,
			     .mode = slot ? "generic" : "native",
			     .program_id = 17 + slot,
			     .frags = !slot };
	snprintf(t->name, sizeof(t->name), "%s", name);
	tally_tick(t, FAKE_NOW - 10 * NS_PER_SEC);
	c->seen = 1000;
	c->codes[UNREACH_IPV4][1] = (struct unreach_tally){ 300, 30000, FAKE_NOW - NS_PER_SEC };
	c->codes[UNREACH_IPV4][3] = (struct unreach_tally){ 600, 36000, FAKE_NOW - NS_PER_SEC / 5 };
	c->codes[UNREACH_IPV4][4] = (struct unreach_tally){ 90, 51840, FAKE_NOW - NS_PER_SEC / 2 };
	c->unassigned[UNREACH_IPV4] = (struct unreach_tally){ 4, 400, FAKE_NOW - NS_PER_SEC / 5 };
	c->bad_checksum[UNREACH_IPV4] = (struct unreach_tally){ 6, 600, FAKE_NOW - NS_PER_SEC / 5 };
	c->unclassified[UNREACH_IPV4][UNREACH_BAD_HEADER - UNREACH_TRUNCATED] = 7;
	c->unclassified[UNREACH_IPV4][UNREACH_FRAGMENT - UNREACH_TRUNCATED] = 8;
	c->records = 900;
	c->suppressed[UNREACH_SUPPRESSED_BUDGET] = 70;
	c->suppressed[UNREACH_SUPPRESSED_NO_CONSUMER] = 10;
	c->told = 55;
	c->lost_ring = 20;
	t->acked = (struct unreach_ack_state){ .number = 880, .lost_sink = 3 };
}

/* Two paths of eth0: one that is heeded, one that is ignored. */
static inline int fake_walk(void *context, unsigned int which, evidence_fn fn, void *fn_context)
{
	const struct unreach_path_key keys[] = {
		{ fake_addr("198.51.100.7"), fake_addr("203.0.113.9"), fake_addr("192.0.2.1"), 0 },
		{ fake_addr("198.51.100.8"), fake_addr("203.0.113.9"), fake_addr("192.0.2.1"), 0 },
	};
	struct unreach_path path = { .messages = 40,
				     .first = FAKE_NOW - 60 * NS_PER_SEC,
				     .last = FAKE_NOW - NS_PER_SEC,
				     .mtu = 1476,
				     .tcp_mtu = 1476,
				     .quoted_length = 1500,
				     .usable = 1 };

	(void)context;
	if (which != UNREACH_PATHS)
		return 0;
	fn(fn_context, &keys[0], &path);
	path.messages = 41;
	path.longer = 7;
	path.ignored = path.last;
	fn(fn_context, &keys[1], &path);
	return 0;
}

static inline void fake_changed(void *context, const struct alert *a)
{
	(void)context;
	(void)a;
}

static inline const char *fake_name(void *context, uint32_t slot)
{
	const struct fake *f = context;

	return f->interfaces[slot].name;
}

/* What is told of a segment from `src`, `age` ns ago. */
static inline struct finding fake_finding(const char *src, uint64_t age)
{
	return (struct finding){ .kind = ALERT_IGNORED,
				 .basis = BASIS_SEGMENT,
				 .class = UNREACH_CLASS_NONE,
				 .severity = SEVERITY_CRITICAL,
				 .level = LEVEL_CONFIRMED,
				 .src = fake_addr(src),
				 .dst = fake_addr("203.0.113.9"),
				 .reporter = fake_addr("192.0.2.1"),
				 .flow = 1,
				 .messages = 3,
				 .first = FAKE_NOW - age - 760 * NS_PER_MSEC,
				 .last = FAKE_NOW - age,
				 .at = FAKE_NOW - age,
				 .episodes = 3,
				 .mtu = 1476,
				 .quoted_length = 1500 };
}

/* An alert about `src` fires. */
static inline void fake_alert(struct fake *f, const char *src, uint64_t age)
{
	const struct finding finding = fake_finding(src, age);

	alerts_begin(f->alerts);
	alerts_report(f->alerts, &finding, FAKE_NOW - age);
	alerts_end(f->alerts, FAKE_NOW - age);
}

static inline void fake_open(struct fake *f)
{
	static struct alerts *alerts; /* of the last fake: nobody closes one */

	memset(f, 0, sizeof(*f));
	alerts_free(alerts);
	alerts = f->alerts = alerts_new(fake_changed, fake_name, f);
	if (!alerts)
		abort();
	fake_interface(&f->interfaces[0], "eth0", 0);
	fake_interface(&f->interfaces[1], "wan-1", 1);
	f->hosts = 5;
	f->record.event = (struct unreach_event){
		.src = fake_addr("192.0.2.1"),
		.dst = fake_addr("198.51.100.7"),
		.orig_src = fake_addr("198.51.100.7"),
		.orig_dst = fake_addr("203.0.113.9"),
		.present = UNREACH_HAS_ORIG_SRC | UNREACH_HAS_ORIG_DST | UNREACH_HAS_ORIG_PROTO,
		.type = 3,
		.code = 3,
		.length = 56,
		.ttl = 62,
		.checksum = UNREACH_CHECKSUM_OK,
		.quote = UNREACH_QUOTE_CUT,
		.orig_proto = 6,
	};
	f->model = (struct model){
		.version = "9.9.9",
		.started = FAKE_NOW - 90 * NS_PER_SEC,
		.now = FAKE_NOW,
		.to_wall = FAKE_TO_WALL,
		.interfaces = f->interfaces,
		.count = 2,
		.recent = &f->recent,
		.alerts = f->alerts,
		.evidence = { .walk = fake_walk, .context = f },
		.cpus = 2,
		.load_hosts = fake_load_hosts,
		.count_hosts = fake_count_hosts,
		.refresh = fake_refresh,
		.ring_fills = fake_ring_fills,
		.context = f,
	};
}

/* `count` events of one code from 192.0.2.1 at one interface. */
static inline void fake_events(struct fake *f, const char *interface, uint8_t code,
			       unsigned int count)
{
	char name[UNREACH_NAME_LEN] = "";
	struct event ev = {
		.record = &f->record, .interface = name, .to_wall = FAKE_TO_WALL, .nonce = 0xc0ffee
	};

	snprintf(name, sizeof(name), "%s", interface);
	f->record.event.code = code;
	while (count--) {
		f->record.envelope.number++;
		f->record.envelope.time = FAKE_NOW;
		recent_add(&f->recent, &ev);
	}
}

/* How often `what` stands in an answer. Not by strstr: sanitizers measure all of it at each call.
 */
static inline unsigned int count_of(const char *text, const char *what)
{
	size_t len = strlen(what);
	unsigned int count = 0;

	for (; *text; text++)
		count += *text == *what && !strncmp(text, what, len);
	return count;
}

#endif
