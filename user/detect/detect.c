// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The detectors, one row each, and one look of all of them at the evidence. */
#include "detect/detect.h"

const struct detector detectors[] = {
	{ .on = { [UNREACH_HEADS] = ignored_head, [UNREACH_PATHS] = ignored_path } },
	{ .on = { [UNREACH_ADVERTS] = invalid_advert, [UNREACH_PATHS] = invalid_path },
	  .done = invalid_done },
	{ .on = { [UNREACH_FLOWS] = silent_flow }, .done = silent_done },
	{ .on = { [EVIDENCE_FLOODS] = flood_row } },
	{ .on = { [EVIDENCE_SCANS] = scan_row } },
};
const unsigned int detector_count = sizeof(detectors) / sizeof(detectors[0]);

/* One walk through a table. */
struct visit {
	struct look *look;
	unsigned int which;
};

static void take_row(void *context, const void *key, const void *value)
{
	const struct visit *visit = context;
	unsigned int i;

	for (i = 0; i < detector_count; i++)
		if (detectors[i].on[visit->which])
			detectors[i].on[visit->which](visit->look, key, value);
}

int detect_look(const struct evidence_source *source, struct alerts *alerts,
		const struct local *local, uint64_t now)
{
	static const unsigned int order[EVIDENCE_WALKS] = { UNREACH_ADVERTS, UNREACH_PATHS,
							    UNREACH_HEADS,   UNREACH_FLOWS,
							    EVIDENCE_FLOODS, EVIDENCE_SCANS };
	struct look look = { .alerts = alerts,
			     .local = local,
			     .now = now,
			     .echoes = invalid_echoes(),
			     .flows = silent_flows() };
	int result = 0;
	unsigned int i;

	alerts_begin(alerts);
	for (i = 0; i < EVIDENCE_WALKS; i++) {
		struct visit visit = { &look, order[i] };
		int rc = source->walk(source->context, order[i], take_row, &visit);

		if (rc)
			result = rc;
	}
	for (i = 0; i < detector_count; i++)
		if (detectors[i].done)
			detectors[i].done(&look);
	alerts_end(alerts, now);
	table_free(&look.echoes);
	table_free(&look.flows);
	return result;
}
