/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Findings made by hand, and somebody who writes down each change of the
 * alerts that come of them. Knows nothing of evidence.
 */
#ifndef UNREACH_TESTS_UNIT_FINDINGS_H
#define UNREACH_TESTS_UNIT_FINDINGS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "state/alerts.h"

#define SECOND NS_PER_SEC
#define START (5000 * NS_PER_SEC)
#define CHANGES_MAX 4096

/* The host of that number in a net of 24 bits. */
static inline struct unreach_addr host_in(uint8_t net, uint32_t n)
{
	return (struct unreach_addr){ .bytes = { [10] = 0xff,
						 0xff,
						 net,
						 (uint8_t)(n >> 16),
						 (uint8_t)(n >> 8),
						 (uint8_t)n } };
}

/* A destination that shares its /24 with no other number's. */
static inline struct unreach_addr path_of(uint32_t n)
{
	return host_in(203, n << 8 | 9);
}

/* Host `host` did not hear what it was told about destination `n`; one message, certain at once. */
static inline struct finding ignored(uint32_t host, uint32_t n)
{
	return (struct finding){
		.kind = ALERT_IGNORED,
		.basis = BASIS_SEGMENT,
		.class = UNREACH_CLASS_NONE,
		.severity = SEVERITY_CRITICAL,
		.level = LEVEL_CONFIRMED,
		.src = host_in(10, host),
		.dst = path_of(n),
		.reporter = host_in(192, 1),
		.flow = 1 + (uint64_t)host * 100000 + n,
		.messages = 1,
		.first = START,
		.last = START,
		.at = START,
		.episodes = 3,
		.mtu = 1400,
		.quoted_length = 1500,
	};
}

/* The same on weaker grounds, and hence less grave. */
static inline struct finding ignored_flows(uint32_t host, uint32_t n)
{
	struct finding f = ignored(host, n);

	f.basis = BASIS_FLOWS;
	f.severity = SEVERITY_WARNING;
	f.level = LEVEL_PROBABLE;
	f.flow = 0;
	return f;
}

/* Reporter `reporter` told something of that class about destination `n`. */
static inline struct finding invalid(uint32_t reporter, enum unreach_class class, uint32_t n)
{
	return (struct finding){
		.kind = ALERT_INVALID,
		.basis = BASIS_CLASS,
		.class = class,
		.severity = class <= UNREACH_CLASS_TINY || class == UNREACH_CLASS_ECHO
				    ? SEVERITY_CRITICAL
				    : SEVERITY_WARNING,
		.level = LEVEL_CONFIRMED,
		.src = host_in(10, 1),
		.dst = path_of(n),
		.reporter = host_in(192, reporter),
		.messages = 1,
		.first = START,
		.last = START,
		.at = START,
		.mtu = 300,
		.quoted_length = 1500,
	};
}

/* Numbers that are the same in each run. */
static inline uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static inline void shuffle(struct finding *found, size_t count, uint32_t *seed)
{
	size_t i;

	for (i = count; i > 1; i--) {
		size_t j = next_random(seed) % i;
		struct finding f = found[j];

		found[j] = found[i - 1];
		found[i - 1] = f;
	}
}

/* Who was told of what. */
struct notes {
	struct alert changes[CHANGES_MAX];
	size_t count;
	const char *name; /* of every interface */
};

static inline void note_change(void *context, const struct alert *a)
{
	struct notes *n = context;

	assert_true(n->count < CHANGES_MAX);
	n->changes[n->count++] = *a;
}

static inline const char *note_name(void *context, uint32_t slot)
{
	const struct notes *n = context;

	(void)slot;
	return n->name ? n->name : "eth0";
}

static inline struct alerts *new_alerts(struct notes *n)
{
	struct alerts *as;

	memset(n, 0, sizeof(*n));
	as = alerts_new(note_change, note_name, n);
	assert_non_null(as);
	return as;
}

/* The i-th of the alerts that fire, which must be there. */
static inline const struct alert *firing(const struct alerts *as, size_t i)
{
	assert_true(i < alerts_firing(as));
	return alerts_get(as, i);
}

/* One look that finds these. */
static inline void look(struct alerts *as, const struct finding *found, size_t count, uint64_t now)
{
	size_t i;

	alerts_begin(as);
	for (i = 0; i < count; i++)
		alerts_report(as, &found[i], now);
	alerts_end(as, now);
}

#endif
