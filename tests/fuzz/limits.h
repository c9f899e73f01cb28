/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Of the fuzzers of the daemon's options: the limits of what is accepted, and their quiet. */
#ifndef UNREACH_TESTS_FUZZ_LIMITS_H
#define UNREACH_TESTS_FUZZ_LIMITS_H

#include <stdint.h>
#include <stdlib.h>

#include "config.h"
#include "fuzz/fuzz.h"

/* What options are refused with, or a help asked for, is said: libFuzzer is to drop that. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char quiet[] = "-close_fd_mask=3";

	fuzz_add_flag(argc, argv, quiet);
	return 0;
}

static inline int within(uint32_t value, uint32_t least, uint32_t most)
{
	return value >= least && value <= most;
}

static inline void check_limits(const struct config *c)
{
	const struct xdp_options *x = &c->xdp;

	CHECK(within(x->mode, XDP_MODE_AUTO, XDP_MODE_GENERIC));
	CHECK(within(x->events, XDP_EVENTS_LIMITED, XDP_EVENTS_NONE));
	CHECK(within(x->event_rate, 1, 1000000) && within(x->event_budget, 1, 100000000));
	CHECK(c->pcap ? within(x->snaplen, 64, UNREACH_SNAPLEN_MAX) : !x->snaplen);
	CHECK(within(x->table_size, 1024, 1 << 24) && within(x->flow_table, 1024, 1 << 24));
	CHECK(within(x->flow_sample, 1, 1000000));
	CHECK(!(x->track & ~((1U << UNREACH_TABLES) - 1)));
	CHECK(x->watch_flows == !!c->inside);
	CHECK(c->interfaces.count <= OPT_LIST_MAX && !c->help && !c->version);
	for (unsigned int i = 0; i < c->interfaces.count; i++)
		CHECK(*c->interfaces.values[i]);
	CHECK(c->listen.port || c->listen.given || !UNREACH_HTTP);
	CHECK(*c->socket && (!x->pin_dir || *x->pin_dir));
}

#endif
