// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * scan: one host of ours is told of many targets in a short time that they
 * can't be reached. How many are enough is decided where they are counted
 * (state/scans.h). That the host looks for somebody who answers is the likely
 * reason, not the only one: probable, never confirmed.
 */
#include "detect/detect.h"
#include "state/scans.h"

void scan_row(void *context, const void *key, const void *value)
{
	const struct look *look = context;
	const struct unreach_host_key *sender = key;
	const struct scan *scan = value;
	const struct finding f = {
		.kind = ALERT_SCAN,
		.basis = BASIS_TARGETS,
		.class = UNREACH_CLASS_NONE,
		.severity = SEVERITY_WARNING,
		.level = LEVEL_PROBABLE,
		.slot = sender->slot,
		.src = sender->addr,
		.messages = scan->messages,
		.first = scan->first,
		.last = scan->last,
		.at = scan->at,
		.peak = scan->targets,
	};

	alerts_report(look->alerts, &f, look->now);
}
