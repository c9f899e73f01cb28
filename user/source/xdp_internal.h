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
	MAP_KNOWN,
	MAP_CENSUS,
	MAP_INSTANCE,
	MAP_ACKS,
	MAP_RINGS,
	XDP_PINNED_MAPS,
	/* what the programs of one daemon share */
	MAP_ADMISSION = XDP_PINNED_MAPS,
	MAP_BUDGET,
	MAP_SETTLING,
	MAP_WORKSPACE,
	MAP_FLOWS,
	MAP_PEERS,
	MAP_FLOW_STATS,
	MAP_FLOW_ADMISSION,
	XDP_MAPS,
};

/* log2 of the cells' words for one table of addresses: at least as many as it has rows. */
static inline uint32_t xdp_known_shift(const struct xdp_options *options)
{
	uint32_t shift = 0;

	while (1ULL << shift < options->table_size)
		shift++;
	return shift;
}

/* Heads and adverts are exceptions: a quarter of the other tables' rows. */
static inline uint32_t xdp_exceptions(const struct xdp_options *options)
{
	return options->table_size / 4;
}

/* Names of pins that are no map's: two and a number, and the inside interface's link. */
#define XDP_RING_PIN "ring-"
#define XDP_LINK_PIN "link-"
#define XDP_LINK_INSIDE "link-inside"

struct xdp_interface {
	int prog_fd;
	int link_fd;
};

struct xdp {
	struct xdp_options options;
	int pins_fd; /* holds the lock; -1: nothing is pinned */
	bool adopted; /* the maps and rings are those of an earlier daemon */
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
	struct xdp_interface inside_fds;
	struct flow_watch inside; /* no name: flows are not watched */
};

/*
 * xdp_set.c: opens maps and rings for x->cpus: all of the pinned set, or new
 * ones, pinned but for the instance. Sets x->adopted. 0, or -errno that may
 * have a line in `error`: -EPROTO where the set is not whole or another
 * version's, -EINVAL where it has another size.
 */
int xdp_set_open(struct xdp *x, char *error, size_t size);
/* Pins the instance of a new set, so that the next daemon adopts it; 0 or -errno. */
int xdp_set_complete(const struct xdp *x);

/* xdp_attach.c: what both programs need. Does the kernel take frames in several pieces? */
bool xdp_have_frags(void);
bool xdp_have_coarse_clock(void);
/* The program's id, 0 where the kernel does not tell. */
uint32_t xdp_program_id(int prog_fd);
/* Says why loading failed; returns rc. */
int xdp_load_error(int rc, const char *interface, char *error, size_t size);
/* What new rows of a table of so many cost, see bpf/admit.h. */
void xdp_admission(const struct xdp *x, uint32_t rows, unsigned long long *interval,
		   unsigned long long *burst);

/* A pinned link of ours, as it is now. */
struct xdp_pinned {
	int fd; /* -1: there is none */
	int ifindex; /* 0: its device is gone */
	uint32_t program;
	const char *mode; /* "native", "generic"; NULL: it is on no device that we see */
};

/* xdp_link.c: looks at the link that is pinned under `name`; the caller closes its descriptor. */
struct xdp_pinned xdp_link_open(const struct xdp *x, const char *name);
/* How the program is attached to the device; NULL: it is not. */
const char *xdp_mode_of(int ifindex, uint32_t program);
/*
 * Attaches a loaded program to the device: by the link that is pinned under
 * `name`, where that is there in a fitting mode, else by a new one. The link's
 * descriptor or -errno; then the pinned link is as it was, unless a change of
 * its mode failed both ways.
 */
int xdp_link(const struct xdp *x, const char *name, int prog_fd, int ifindex);
/* Detaches the link that is pinned under `name`; was there one? */
bool xdp_link_remove(const struct xdp *x, const char *name);
/* Says why xdp_link failed; returns rc. */
int xdp_link_error(int rc, const char *interface, int ifindex, char *error, size_t size);

#endif
