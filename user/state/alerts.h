/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Findings -> alerts, with hysteresis: one alert for what belongs together,
 * firing once, resolved after ALERT_QUIET_NS without new evidence, ready to
 * fire again then. Bounded, whatever comes in: what finds no room is counted.
 */
#ifndef UNREACH_STATE_ALERTS_H
#define UNREACH_STATE_ALERTS_H

#include "state/alert.h"
#include "state/alert_group.h"

#define ALERT_QUIET_NS 600000000000ULL
/* Firing at the same time, of one kind; and of these, told by one reporter. */
#define ALERTS_OF_KIND 256
#define ALERTS_OF_REPORTER 32
/* Changes that are remembered: for followers, and so the resolved ones for `alerts`. */
#define ALERT_CHANGES 512 /* a power of two */

struct alerts;

/* Told of each change, in the order in which they happened: a new alert, a graver one, a resolved
 * one. */
typedef void (*alert_fn)(void *context, const struct alert *a);

/* NULL: out of memory. `name` gives the name of a slot's interface, "" where it has none. */
struct alerts *alerts_new(alert_fn changed, const char *(*name)(void *context, uint32_t slot),
			  void *context);
/*
 * One look at the evidence: begin, report each finding there is, end. Counters
 * are summed over a look; alerts fire and resolve at its end, `now` being the
 * time of the look.
 */
void alerts_begin(struct alerts *as);
void alerts_report(struct alerts *as, const struct finding *f, uint64_t now);
void alerts_end(struct alerts *as, uint64_t now);

/* Alerts that are firing, oldest first. */
size_t alerts_firing(const struct alerts *as);
const struct alert *alerts_get(const struct alerts *as, size_t i);
/* Findings at the last look that found no room among the alerts of their kind. */
uint64_t alerts_overflow(const struct alerts *as, enum alert_kind kind);
/* Changes have running numbers; these are the next one and the oldest that is still there. */
uint64_t alerts_next(const struct alerts *as);
uint64_t alerts_oldest(const struct alerts *as);
/* The alert as it was at that change. */
const struct alert *alerts_change(const struct alerts *as, uint64_t number);
void alerts_free(struct alerts *as);

#endif
