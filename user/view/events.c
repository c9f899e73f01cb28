// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One event as a line, and which events a question wants. Events are a stream
 * and not a document, so there is no view function: who asks writes them one
 * by one, at the asker's pace.
 */
#include "view/show.h"

static bool same(const struct unreach_addr *a, const struct unreach_addr *b)
{
	return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool view_event_matches(const struct query *query, const struct event *ev)
{
	const struct unreach_event *e = &ev->record->event;

	if (!show_selected(query, ev->interface ? ev->interface : ""))
		return false;
	if (query->code >= 0 && query->code != e->code)
		return false;
	if (query->has_source && !same(&query->source, &e->src))
		return false;
	if (query->has_target &&
	    !(e->present & UNREACH_HAS_ORIG_DST && same(&query->target, &e->orig_dst)))
		return false;
	return true;
}

void view_event(struct buf *b, const struct event *ev, bool json)
{
	if (json)
		event_json(b, ev);
	else
		event_text(b, ev);
}
