/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An alert of each sort, by number. */
#ifndef UNREACH_TESTS_UNIT_ALERT_SORTS_H
#define UNREACH_TESTS_UNIT_ALERT_SORTS_H

#include "findings.h"

static inline struct alert alert_of(const struct finding *f)
{
	struct alert a = {
		.id = 0x0123456789abcdef,
		.lead = *f,
		.interface = "eth0",
		.messages = 8,
		.first = START,
		.last = START + 1500 * NS_PER_MSEC,
		.flows = 1,
		.hosts = 1,
		.destinations = 1,
	};

	a.lead.src = host_in(10, 7);
	a.lead.dst = host_in(203, 113 << 8 | 9);
	a.lead.reporter = host_in(192, 1);
	a.lead.first = a.first;
	a.lead.last = a.last;
	a.lead.at = START + NS_PER_SEC;
	return a;
}

/* What is ignored by basis, what is invalid by class, what is silent by basis, floods, a scan. */
#define SILENT (BASIS_CLASS + UNREACH_CLASSES)
#define FLOOD (SILENT + 2)
#define SCAN (FLOOD + 2)
#define SORTS (SCAN + 1)

/* One that is about no path. */
static inline struct alert crowd_number(unsigned int n)
{
	struct finding f = {
		.kind = n == SCAN ? ALERT_SCAN : ALERT_FLOOD,
		.basis = BASIS_SOURCE_RATE + n - FLOOD,
		.class = UNREACH_CLASS_NONE,
		.severity = SEVERITY_WARNING,
		.level = n == SCAN ? LEVEL_PROBABLE : LEVEL_CONFIRMED,
		.code = n == FLOOD + 1 ? 3 : 0,
		.peak = 250,
	};

	return alert_of(&f);
}

static inline struct alert alert_number(unsigned int n)
{
	struct finding f = ignored(1, 1);

	if (n < BASIS_CLASS) {
		f.basis = n;
		return alert_of(&f);
	}
	if (n < SILENT) {
		f = invalid(1, n - BASIS_CLASS, 1);
		return alert_of(&f);
	}
	if (n >= FLOOD)
		return crowd_number(n);
	f.kind = ALERT_SILENT;
	f.basis = n == SILENT ? BASIS_STUCK : BASIS_SHORTER;
	f.passes = 1076;
	f.stuck = 1500;
	return alert_of(&f);
}

#endif
