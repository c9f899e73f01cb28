// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * flood: one source, or one code, above a rate. What is above it is decided
 * where counts are compared (state/floods.h), from counters that miss nothing,
 * so a flood is certain; whether it is one attacker, many or an outage is not.
 */
#include "detect/detect.h"
#include "state/floods.h"

void flood_row(void *context, const void *key, const void *value)
{
	const struct look *look = context;
	const struct flood_key *k = key;
	const struct flood *flood = value;
	const bool source = k->code == FLOOD_OF_SOURCE;
	const struct finding f = {
		.kind = ALERT_FLOOD,
		.basis = source ? BASIS_SOURCE_RATE : BASIS_CODE_RATE,
		.class = UNREACH_CLASS_NONE,
		.severity = SEVERITY_WARNING,
		.level = LEVEL_CONFIRMED,
		.slot = k->slot,
		.reporter = k->source,
		.code = source ? 0 : k->code,
		.messages = flood->messages,
		.first = flood->first,
		.last = flood->last,
		.at = flood->at,
		.peak = flood->peak,
	};

	alerts_report(look->alerts, &f, look->now);
}
