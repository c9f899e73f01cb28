// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Alerts as they stand: those that fire, then those that were resolved, as far
 * back as changes are remembered. One change as a line, for followers, is
 * written like an event.
 */
#include "view/show.h"

static void show_alert(struct writer *w, const struct model *model, const struct query *query,
		       const struct alert *a)
{
	if (!show_selected(query, a->interface))
		return;
	writer_object(w, NULL);
	alert_write(w, a, model->to_wall);
	writer_end_object(w);
}

/* The ones that were let go, latest first. */
static void show_resolved(struct writer *w, const struct model *model, const struct query *query)
{
	uint64_t oldest = alerts_oldest(model->alerts), number = alerts_next(model->alerts);

	while (number > oldest) {
		const struct alert *a = alerts_change(model->alerts, --number);

		if (a->resolved)
			show_alert(w, model, query, a);
	}
}

int view_alerts(struct writer *w, const struct model *model, const struct query *query)
{
	size_t i;
	int kind;

	writer_object(w, NULL);
	writer_string(w, "view", "alerts");
	show_time(w, "time", model, model->now);
	writer_object(w, "overflow");
	for (kind = 0; kind < ALERT_KINDS; kind++)
		writer_u64(w, alert_kind_name((enum alert_kind)kind),
			   alerts_overflow(model->alerts, (enum alert_kind)kind));
	writer_end_object(w);
	writer_array(w, "rows");
	for (i = 0; i < alerts_firing(model->alerts); i++)
		show_alert(w, model, query, alerts_get(model->alerts, i));
	show_resolved(w, model, query);
	writer_end_array(w);
	writer_end_object(w);
	return 0;
}

bool view_alert_matches(const struct query *query, const struct alert *a)
{
	return show_selected(query, a->interface);
}

void view_alert(struct buf *b, const struct alert *a, int64_t to_wall, bool json)
{
	if (json)
		alert_json(b, a, to_wall);
	else
		alert_text(b, a, to_wall);
}
