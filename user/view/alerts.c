// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Alerts as they stand: those that fire, then those that were resolved, as far
 * back as changes are remembered, each once. One change as a line, for
 * followers, is written like an event.
 */
#include <errno.h>
#include <stdlib.h>

#include "view/show.h"

/* What is shown, in this order. */
struct selection {
	const struct alert **rows;
	size_t count;
};

static void take(struct selection *s, const struct query *query, const struct alert *a)
{
	if (view_alert_matches(query, a))
		s->rows[s->count++] = a;
}

/* The same evidence can fire again: then what became of it later is what counts. */
static bool has_changed_since(const struct alerts *as, uint64_t number)
{
	const uint64_t id = alerts_change(as, number)->id;

	while (++number < alerts_next(as))
		if (alerts_change(as, number)->id == id)
			return true;
	return false;
}

/* Those that fire, oldest first, then those that were let go, latest first; 0 or -ENOMEM. */
static int take_all(struct selection *s, const struct alerts *as, const struct query *query)
{
	uint64_t oldest = alerts_oldest(as), number = alerts_next(as);
	size_t i, firing = alerts_firing(as);

	s->rows = calloc(firing + (size_t)(number - oldest) + 1, sizeof(struct alert *));
	if (!s->rows)
		return -ENOMEM;
	for (i = 0; i < firing; i++)
		take(s, query, alerts_get(as, i));
	while (number > oldest) {
		const struct alert *a = alerts_change(as, --number);

		if (a->resolved && !has_changed_since(as, number))
			take(s, query, a);
	}
	return 0;
}

static void show_overflow(struct writer *w, const struct alerts *as)
{
	int kind;

	writer_object(w, "overflow");
	for (kind = 0; kind < ALERT_KINDS; kind++)
		writer_u64(w, alert_kind_name((enum alert_kind)kind),
			   alerts_overflow(as, (enum alert_kind)kind));
	writer_end_object(w);
}

static void show_all(struct writer *w, const struct model *model, const struct selection *s)
{
	size_t i;

	writer_object(w, NULL);
	writer_string(w, "view", "alerts");
	show_time(w, "time", model, model->now);
	show_overflow(w, model->alerts);
	writer_array(w, "rows");
	for (i = 0; i < s->count; i++) {
		writer_object(w, NULL);
		alert_write(w, s->rows[i], model->to_wall);
		writer_end_object(w);
	}
	writer_end_array(w);
	writer_end_object(w);
}

int view_alerts(struct writer *w, const struct model *model, const struct query *query)
{
	struct selection s = {};
	int rc = take_all(&s, model->alerts, query);

	if (!rc && !s.count && writer_is_text(w))
		writer_string(w, NULL, "no alerts");
	else if (!rc)
		show_all(w, model, &s);
	free(s.rows);
	return rc;
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
