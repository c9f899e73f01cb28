// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * First as long as our own link allows, then what routers name, and halves of
 * the rest where they name nothing. It ends when the longest size that passes
 * and the shortest that does not are neighbours.
 */
#include "cli/diagnose_search.h"

void search_begin(struct search *s, uint32_t link_mtu, uint32_t passes)
{
	*s = (struct search){ .link_mtu = link_mtu, .low = passes, .high = link_mtu + 1 };
	s->next = link_mtu > passes ? link_mtu : 0;
}

uint32_t search_next(const struct search *s)
{
	return s->next;
}

/* In the middle of what is not known; over where nothing is, or nothing could be proven. */
static void halve(struct search *s)
{
	bool over = !s->low || s->high - s->low <= 1;

	s->next = over ? 0 : s->low + (s->high - s->low) / 2;
}

void search_passed(struct search *s)
{
	s->low = s->next;
	halve(s);
}

void search_told(struct search *s, uint32_t mtu, struct in_addr by)
{
	bool plausible = mtu >= SEARCH_LEAST && mtu < s->next && mtu >= s->low;

	s->told_something = true;
	s->high = s->next;
	if (!plausible) {
		halve(s);
		return;
	}
	s->told = mtu;
	s->told_by = by;
	s->high = mtu + 1;
	s->next = mtu > s->low ? mtu : 0;
}

void search_silent(struct search *s)
{
	if (s->low) { /* else silence is nothing new */
		s->stuck = s->next;
		s->high = s->next;
	}
	halve(s);
}

void search_result(const struct search *s, bool cut, struct path_result *result)
{
	result->link_mtu = s->link_mtu;
	result->passes = s->low;
	result->stuck = s->stuck;
	result->told = s->told;
	result->told_by = s->told_by;
	if (s->stuck)
		result->state = PATH_HOLE;
	else if (s->low >= s->link_mtu)
		result->state = PATH_WHOLE;
	else if (s->told_something && !cut)
		result->state = PATH_TOLD;
	else
		result->state = cut ? PATH_UNCLEAR : PATH_NOT_MEASURED;
}
