/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What findings have in common, as numbers: the group that makes one alert of
 * them, their host, destination and row of evidence; and how many different
 * ones of such numbers there were. Knows no alert.
 */
#ifndef UNREACH_STATE_ALERT_GROUP_H
#define UNREACH_STATE_ALERT_GROUP_H

#include "state/alert.h"

/* Different numbers that a set holds. */
#define ALERT_MEMBERS 64

/* Different numbers, as many as there is room for. */
struct members {
	uint64_t hash[ALERT_MEMBERS];
	uint32_t count;
	bool more; /* there were others */
};

/* The seed of numbers that are the same in every run: for ids, and for captures. */
#define GROUP_STABLE 1

/*
 * Hashes under a seed. It is random where a collision would do harm: who sends
 * the packets picks the addresses. The group: path, reporter and MTU; of
 * invalid adverts reporter and class, of silence the path; each flood and each
 * scan of an interface is its own.
 */
uint64_t group_hash(const struct finding *f, uint64_t seed);
uint64_t group_host(const struct finding *f, uint64_t seed);
uint64_t group_destination(const struct finding *f, uint64_t seed);
/* Tells one row of evidence from all others. */
uint64_t group_evidence(const struct finding *f, uint64_t seed);
/* Takes the number in; says whether it is there now, so that it is a number of the set. */
bool members_add(struct members *m, uint64_t hash);

#endif
