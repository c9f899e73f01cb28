// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The detectors, one row each, and one look of all of them at the evidence. */
#include "detect/detect.h"

const struct detector detectors[] = {
	{ ALERT_IGNORED, { [UNREACH_HEADS] = ignored_head, [UNREACH_PATHS] = ignored_path } },
	{ ALERT_INVALID, { [UNREACH_ADVERTS] = invalid_advert, [UNREACH_PATHS] = invalid_path } },
};
const unsigned int detector_count = sizeof(detectors) / sizeof(detectors[0]);

/* One walk through a table. */
struct visit {
	struct look *look;
	enum unreach_evidence which;
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
	static const enum unreach_evidence order[] = { UNREACH_ADVERTS, UNREACH_PATHS,
						       UNREACH_HEADS };
	struct look look = {
		.alerts = alerts, .local = local, .now = now, .echoes = invalid_echoes()
	};
	int result = 0;
	unsigned int i;

	alerts_begin(alerts);
	for (i = 0; i < UNREACH_EVIDENCES; i++) {
		struct visit visit = { &look, order[i] };
		int rc = source->walk(source->context, order[i], take_row, &visit);

		if (rc)
			result = rc;
	}
	alerts_end(alerts, now);
	table_free(&look.echoes);
	return result;
}
