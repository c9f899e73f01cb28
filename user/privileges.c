// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Capabilities over libcap. The sets that a program inherits by (inheritable,
 * ambient, and the bounding set by which root gets all of them back) are
 * emptied first of all, so that what remains is ours alone.
 */
#include "privileges.h"

#include <errno.h>
#include <stddef.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#define STEP(step) (1U << PRIVILEGES_##step)

/* What may still be had at which steps. */
static const struct {
	cap_value_t cap;
	unsigned int steps;
} kept[] = {
	{ CAP_BPF, STEP(START) | STEP(LOAD) | STEP(RUN) },
	{ CAP_NET_ADMIN, STEP(START) | STEP(LOAD) | STEP(RUN) },
	{ CAP_PERFMON, STEP(START) | STEP(LOAD) },
	{ CAP_SYS_ADMIN, STEP(START) },
	{ CAP_SYS_RESOURCE, STEP(START) },
	{ CAP_CHOWN, STEP(START) },
	{ CAP_DAC_OVERRIDE, STEP(START) },
	{ CAP_DAC_READ_SEARCH, STEP(START) },
	{ CAP_NET_BIND_SERVICE, STEP(START) },
};

/* What children would get; 0 or -1 with errno. */
static int disinherit(void)
{
	bool bounded = true;

	if (cap_reset_ambient())
		return -1;
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++)
		bounded &= cap_get_bound(cap) <= 0 || !cap_drop_bound(cap);
	/* Not ours to empty (it takes CAP_SETPCAP): then no program may gain anything. */
	return bounded ? 0 : prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* The capability in the set `to`, where it is permitted in `from`. */
static int keep(cap_t to, cap_t from, cap_value_t cap)
{
	cap_flag_value_t have;

	if (cap_get_flag(from, cap, CAP_PERMITTED, &have))
		return -1;
	if (have == CAP_CLEAR)
		return 0;
	return cap_set_flag(to, CAP_PERMITTED, 1, &cap, CAP_SET) ||
	       cap_set_flag(to, CAP_EFFECTIVE, 1, &cap, CAP_SET);
}

int privileges_keep(enum privileges step)
{
	cap_t have = cap_get_proc(), left = cap_init();
	int rc = !have || !left || disinherit();

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]) && !rc; i++)
		if (kept[i].steps & 1U << step)
			rc = keep(left, have, kept[i].cap);
	if (!rc)
		rc = cap_set_proc(left);
	rc = rc ? -errno : 0;
	cap_free(have);
	cap_free(left);
	return rc;
}

bool privileges_spare(bool (*works)(void *context), void *context)
{
	cap_t have = cap_get_proc(), without = cap_dup(have);
	bool spare = false;

	if (have && without && !cap_clear_flag(without, CAP_EFFECTIVE) && !cap_set_proc(without)) {
		spare = works(context);
		cap_set_proc(have); /* what is permitted can be had again */
	}
	cap_free(have);
	cap_free(without);
	return spare;
}
