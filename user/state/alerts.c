// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Findings come again at each look, and wait for its end (state/found.h). The
 * time at which they became certain decides which of them makes an alert and
 * which join it (state/alert_group.h).
 */
#include "state/alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "state/found.h"
#include "unreach/path.h"

/* Alerts that become graver in the look in which they fired; more are told once. */
#define STEPS 64

struct entry {
	struct alert alert;
	uint64_t lead; /* number of the lead's evidence */
	uint64_t seen; /* messages at this look */
	bool alive; /* this look found evidence in time */
	bool changed; /* to be told at the end of this look */
	struct members flows, hosts, destinations;
	struct members groups; /* paths with reporter and MTU, or a reporter's class */
};

/* What makes a finding an alert's: a group, or for ignored ones a host. */
struct mark {
	uint64_t number; /* the key */
	struct entry *entry;
};

struct alerts {
	alert_fn changed;
	const char *(*name)(void *context, uint32_t slot);
	void *context;
	struct entry *entries[ALERT_KINDS * ALERTS_OF_KIND]; /* firing, oldest first */
	size_t count;
	uint64_t seed; /* of all numbers */
	struct table marks; /* of struct mark */
	struct found found; /* at this look */
	struct entry *gone[ALERT_KINDS * ALERTS_OF_KIND]; /* resolved at this look */
	size_t gone_count;
	struct alert steps[STEPS]; /* as alerts were before they became graver in the same look */
	size_t step_count;
	const struct alert *told[2 * ALERT_KINDS * ALERTS_OF_KIND + STEPS];
	uint64_t overflow[ALERT_KINDS]; /* at the last look */
	uint64_t missed[ALERT_KINDS]; /* at this one */
	struct alert changes[ALERT_CHANGES];
	uint64_t next;
};

/* An alert that memory is out to mark gets a neighbour instead of a member: no harm. */
static void put_mark(struct alerts *as, struct entry *e, uint64_t number)
{
	struct mark *mark = table_make(&as->marks, &number);

	if (mark && !mark->entry)
		mark->entry = e;
}

/* Makes the marks anew, when alerts have gone. */
static void put_marks(struct alerts *as)
{
	size_t i;
	uint32_t m;

	table_free(&as->marks);
	for (i = 0; i < as->count; i++) {
		struct entry *e = as->entries[i];

		for (m = 0; m < e->groups.count; m++)
			put_mark(as, e, e->groups.hash[m]);
		for (m = 0; m < e->hosts.count && e->alert.lead.kind == ALERT_IGNORED; m++)
			put_mark(as, e, e->hosts.hash[m]);
	}
}

/*
 * The alert that a finding belongs to: a deaf host is one alert, and so is a
 * deaf path; a reporter's adverts of one class are one.
 */
static struct entry *find(const struct alerts *as, const struct finding *f)
{
	uint64_t group = group_hash(f, as->seed), host = group_host(f, as->seed);
	const struct mark *mark = table_find(&as->marks, &group);

	if (!mark && f->kind == ALERT_IGNORED)
		mark = table_find(&as->marks, &host);
	return mark ? mark->entry : NULL;
}

/* A scan's targets are counted where it is found, and there may have been more. */
static void count_targets(struct alert *a, const struct finding *f)
{
	if (f->kind != ALERT_SCAN)
		return;
	a->destinations = f->peak;
	a->more = true;
}

/* Of several adverts in a row only the first one's host is known. */
static bool hides_hosts(const struct finding *f)
{
	return f->kind == ALERT_INVALID && f->messages > 1;
}

static void count_members(struct alerts *as, struct entry *e, const struct finding *f)
{
	uint64_t group = group_hash(f, as->seed), host = group_host(f, as->seed);

	if (f->flow)
		members_add(&e->flows, f->flow);
	if (f->kind != ALERT_FLOOD && members_add(&e->hosts, host) && f->kind == ALERT_IGNORED)
		put_mark(as, e, host);
	if (alert_has_path(f->kind))
		members_add(&e->destinations, group_destination(f, as->seed));
	if (members_add(&e->groups, group))
		put_mark(as, e, group);
	e->alert.flows = e->flows.count;
	e->alert.hosts = e->hosts.count;
	e->alert.destinations = e->destinations.count;
	e->alert.more |= hides_hosts(f) || e->flows.more || e->hosts.more || e->destinations.more;
	count_targets(&e->alert, f);
}

/* Counts a finding in; says whether it makes the alert graver. */
static bool join(struct alerts *as, struct entry *e, const struct finding *f)
{
	uint64_t evidence = group_evidence(f, as->seed);
	struct alert *a = &e->alert;
	bool graver = f->severity > a->lead.severity;
	uint64_t at = graver ? f->at : a->lead.at;

	e->seen += f->messages;
	count_members(as, e, f);
	if (f->first < a->first)
		a->first = f->first;
	if (f->last > a->last)
		a->last = f->last;
	/* What the routes of this machine said once is not taken back by asking no more. */
	if (graver || (f->severity == a->lead.severity && e->lead == evidence &&
		       !(a->lead.basis == BASIS_UNLEARNED && f->basis == BASIS_SEGMENT))) {
		a->lead = *f;
		a->lead.at = at;
		e->lead = evidence;
	}
	return graver;
}

static size_t firing_of(const struct alerts *as, const struct finding *f, bool same_reporter)
{
	size_t i, count = 0;

	for (i = 0; i < as->count; i++) {
		const struct finding *lead = &as->entries[i]->alert.lead;

		if (lead->kind == f->kind &&
		    (!same_reporter || unreach_same_addr(&lead->reporter, &f->reporter)))
			count++;
	}
	return count;
}

static uint64_t id_of(const struct finding *f)
{
	return unreach_mix(
		unreach_mix(group_evidence(f, GROUP_STABLE), group_hash(f, GROUP_STABLE)),
		f->first);
}

static struct entry *make(struct alerts *as, const struct finding *f)
{
	struct entry *e;

	if (firing_of(as, f, false) >= ALERTS_OF_KIND)
		return NULL;
	/* Of the others there is no reporter, or each is an alert of its own. */
	if (alert_tells_mtu(f->kind) && firing_of(as, f, true) >= ALERTS_OF_REPORTER)
		return NULL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->lead = group_evidence(f, as->seed);
	e->alert.lead = *f;
	e->alert.first = f->first;
	e->alert.last = f->last;
	e->alert.id = id_of(f);
	snprintf(e->alert.interface, sizeof(e->alert.interface), "%s",
		 as->name(as->context, f->slot));
	as->entries[as->count++] = e;
	return e;
}

/* Counts a finding at its alert, or lets it make one. */
static void settle(struct alerts *as, const struct finding *f)
{
	struct entry *e = find(as, f);
	bool fires = !e;

	if (!e)
		e = make(as, f);
	if (!e) {
		as->missed[f->kind]++;
		return;
	}
	/* Who looks more often has seen it as it was before: that is told, too. */
	if (e->changed && f->severity > e->alert.lead.severity && as->step_count < STEPS) {
		as->steps[as->step_count] = e->alert;
		as->steps[as->step_count++].messages = e->seen;
	}
	if (join(as, e, f) || fires)
		e->changed = true;
}

/* The found_drop_fn: only the messages are counted. */
static void drop(void *context, const struct finding *f)
{
	struct alerts *as = context;
	struct entry *e = find(as, f);

	if (!e) {
		as->missed[f->kind]++;
		return;
	}
	e->seen += f->messages;
	if (f->last > e->alert.last)
		e->alert.last = f->last;
}

/* Is there new evidence before the alert has been quiet for long enough? */
static void find_alive(struct alerts *as)
{
	size_t i;

	for (i = 0; i < as->count; i++)
		as->entries[i]->alive = false;
	for (i = 0; i < as->found.count; i++) {
		struct entry *e = find(as, &as->found.rows[i]);

		if (e && as->found.rows[i].last < e->alert.last + ALERT_QUIET_NS)
			e->alive = true;
	}
}

/* Takes the alerts that have been quiet for long enough at `now` out of those that fire. */
static void resolve(struct alerts *as, uint64_t now)
{
	size_t i, kept = 0;

	as->gone_count = 0;
	for (i = 0; i < as->count; i++) {
		struct entry *e = as->entries[i];

		if (e->alive || now < e->alert.last + ALERT_QUIET_NS) {
			as->entries[kept++] = e;
			continue;
		}
		e->alert.resolved = true;
		e->alert.ended = e->alert.last + ALERT_QUIET_NS;
		as->gone[as->gone_count++] = e;
	}
	as->count = kept;
	if (as->gone_count)
		put_marks(as);
}

static int by_change(const void *left, const void *right)
{
	const struct alert *a = *(struct alert *const *)left, *b = *(struct alert *const *)right;
	uint64_t at = alert_time(a), bt = alert_time(b);

	if (at != bt)
		return at < bt ? -1 : 1;
	if (a->resolved != b->resolved)
		return a->resolved ? -1 : 1; /* what ends makes room */
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (a->lead.severity > b->lead.severity) - (a->lead.severity < b->lead.severity);
}

static void tell(struct alerts *as, const struct alert *a)
{
	as->changes[as->next++ % ALERT_CHANGES] = *a;
	as->changed(as->context, a);
}

/* Tells what changed in this look, in the order in which it happened. */
static void tell_changes(struct alerts *as)
{
	const struct alert **list = as->told;
	size_t i, count = 0;

	for (i = 0; i < as->gone_count; i++)
		list[count++] = &as->gone[i]->alert;
	for (i = 0; i < as->step_count; i++)
		list[count++] = &as->steps[i];
	for (i = 0; i < as->count; i++) {
		if (as->entries[i]->changed)
			list[count++] = &as->entries[i]->alert;
		as->entries[i]->changed = false;
	}
	qsort(list, count, sizeof(list[0]), by_change);
	for (i = 0; i < count; i++)
		tell(as, list[i]);
	for (i = 0; i < as->gone_count; i++)
		free(as->gone[i]);
	as->gone_count = 0;
	as->step_count = 0;
}

struct alerts *alerts_new(alert_fn changed, const char *(*name)(void *context, uint32_t slot),
			  void *context)
{
	struct alerts *as = calloc(1, sizeof(*as));

	if (!as)
		return NULL;
	as->changed = changed;
	as->name = name;
	as->seed = table_seed();
	as->context = context;
	as->marks.key_size = sizeof(uint64_t);
	as->marks.row_size = sizeof(struct mark);
	return as;
}

void alerts_begin(struct alerts *as)
{
	size_t i;

	for (i = 0; i < as->count; i++)
		as->entries[i]->seen = 0;
	memset(as->missed, 0, sizeof(as->missed));
}

void alerts_report(struct alerts *as, const struct finding *f, uint64_t now)
{
	if (now < f->last + ALERT_QUIET_NS)
		found_add(&as->found, f, drop, as);
}

void alerts_end(struct alerts *as, uint64_t now)
{
	size_t i;

	found_sort(&as->found);
	find_alive(as);
	resolve(as, now);
	for (i = 0; i < as->found.count; i++)
		settle(as, &as->found.rows[i]);
	/* Rows that the table let go must not make a sum smaller. */
	for (i = 0; i < as->count; i++)
		if (as->entries[i]->seen > as->entries[i]->alert.messages)
			as->entries[i]->alert.messages = as->entries[i]->seen;
	memcpy(as->overflow, as->missed, sizeof(as->overflow));
	tell_changes(as);
	found_clear(&as->found);
}

size_t alerts_firing(const struct alerts *as)
{
	return as->count;
}

const struct alert *alerts_get(const struct alerts *as, size_t i)
{
	return &as->entries[i]->alert;
}

uint64_t alerts_overflow(const struct alerts *as, enum alert_kind kind)
{
	return as->overflow[kind];
}

uint64_t alerts_next(const struct alerts *as)
{
	return as->next;
}

uint64_t alerts_oldest(const struct alerts *as)
{
	return as->next > ALERT_CHANGES ? as->next - ALERT_CHANGES : 0;
}

const struct alert *alerts_change(const struct alerts *as, uint64_t number)
{
	return &as->changes[number % ALERT_CHANGES];
}

void alerts_free(struct alerts *as)
{
	size_t i;

	if (!as)
		return;
	for (i = 0; i < as->count; i++)
		free(as->entries[i]);
	found_clear(&as->found);
	table_free(&as->marks);
	free(as);
}
