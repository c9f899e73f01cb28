/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the files of the XDP source share, and nobody else sees. */
#ifndef UNREACH_SOURCE_XDP_INTERNAL_H
#define UNREACH_SOURCE_XDP_INTERNAL_H

#include "source/ring.h"
#include "source/xdp.h"

enum xdp_map {
	/* what outlives a daemon: pinned under its name */
	MAP_COUNTERS,
	MAP_SOURCES, /* the tables, in the order of enum unreach_table */
	MAP_TARGETS,
	MAP_SENDERS,
	MAP_PATHS, /* the evidence, in the order of enum unreach_evidence */
	MAP_HEADS,
	MAP_ADVERTS,
	MAP_CELLS,
	MAP_INSTANCE,
	MAP_ACKS,
	MAP_RINGS,
	XDP_PINNED_MAPS,
	/* what the programs of one daemon share */
	MAP_ADMISSION = XDP_PINNED_MAPS,
	MAP_BUDGET,
	MAP_SETTLING,
	MAP_WORKSPACE,
	XDP_MAPS,
};

/* Heads and adverts are exceptions: a quarter of the other tables' rows. */
static inline uint32_t xdp_exceptions(const struct xdp_options *options)
{
	return options->table_size / 4;
}

struct xdp_interface {
	int prog_fd;
	int link_fd;
};

struct xdp {
	struct xdp_options options;
	int pins_fd; /* holds the lock; -1: nothing is pinned */
	int maps[XDP_MAPS]; /* descriptors, -1: not open */
	unsigned int cpus;
	uint32_t cells; /* in front of the heads */
	size_t ring_size;
	struct ring *rings; /* one a CPU */
	struct unreach_instance *instance; /* mapped */
	struct unreach_ack *acks; /* mapped: UNREACH_STREAM */
	struct xdp_interface interfaces[UNREACH_SLOTS]; /* by slot */
	struct tally tallies[UNREACH_SLOTS]; /* in the order of attaching */
	unsigned int count;
};

#endif
