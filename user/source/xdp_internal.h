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
	MAP_HOST_TAGS,
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
	MAP_FLOWS,
	MAP_PEERS,
	MAP_FLOW_STATS,
	MAP_FLOW_COMMON,
	MAP_FLOW_CELLS,
	MAP_FLOW_ADMISSION,
	XDP_MAPS,
};

/* Heads and adverts are exceptions: a quarter of the other tables' rows. */
static inline uint32_t xdp_exceptions(const struct xdp_options *options)
{
	return options->table_size / 4;
}

/* log2 of the words of cells in front of the flows: at least as many as these have rows. */
static inline uint32_t xdp_flow_shift(const struct xdp_options *options)
{
	uint32_t shift = 0;

	while (options->watch_flows && 1ULL << shift < options->flow_table)
		shift++;
	return shift;
}

/* Names of what others keep in the folder, as far as there is room. */
#define LEFT_MAX 256

/* Names of pins that are no map's: two and a number, the inside interface's link, a new link. */
#define XDP_RING_PIN "ring-"
#define XDP_LINK_PIN "link-"
#define XDP_LINK_INSIDE "link-inside"
#define XDP_LINK_NEW "link-new" /* on its way to its name */
#define XDP_LINK_NAME_MAX 16

/* What describes the set to other versions (BTF), and what these have counted. */
#define XDP_LAYOUT_PIN "layout"
#define XDP_CARRIED_PIN "carried"
/* Before the names of another version's maps while they are still read. */
#define XDP_OLD_PREFIX "old-"

/* Totals of a slot that another version has counted; its value in the map of that name. */
struct xdp_carried {
	struct unreach_counters counters; /* without those of tables and evidence */
	struct unreach_ack_state acked;
};

struct bpf_map_info;
struct btf;
struct xdp_old; /* xdp_old.c */

struct xdp_interface {
	int prog_fd; /* -1: none of this daemon */
	int link_fd; /* -1: on no device */
	enum unreach_link link; /* what the program takes frames to start with */
	bool made; /* there was no link for it before this daemon's */
	int refused; /* what came of the last try to take the device up again, -errno */
};

struct xdp {
	struct xdp_options options;
	int pins_fd; /* holds the lock; -1: nothing is pinned */
	char pins[32]; /* the folder by that descriptor: no way to it is needed any more */
	bool made_dir; /* there was no such folder */
	bool adopted; /* the maps and rings are those of an earlier daemon */
	bool fresh; /* what of ours is pinned is this daemon's: none of an earlier one's */
	int maps[XDP_MAPS]; /* descriptors, -1: not open */
	unsigned int cpus;
	uint32_t cells; /* in front of the heads */
	struct ring *rings; /* one a CPU */
	struct btf *layout; /* of our maps */
	struct xdp_old *old; /* NULL: no other version's maps are read any more */
	struct xdp_carried carried[UNREACH_SLOTS];
	int carried_fd; /* where they are stored; -1: not open */
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
/* The open folder that is meant from now on; a negative descriptor is none. */
void xdp_set_folder(struct xdp *x, int fd);
/* Pins the instance of a new set, so that the next daemon adopts it; 0 or -errno. */
int xdp_set_complete(const struct xdp *x);
/* Removes what was not pinned before: links, a set that is not adopted, the folder. */
void xdp_set_undo(const struct xdp *x);
/* Says why what is pinned cannot be used, and what to do; -EPROTO. */
int xdp_refuse(const struct xdp *x, const char *name, const char *why, char *error, size_t size);
/* Pins, where anything is; 0 or -errno. */
int xdp_pin(const struct xdp *x, int fd, const char *name);
/* A pinned map's descriptor, what it is in `info`; -ENOENT, -errno. */
int xdp_get_pinned(const struct xdp *x, const char *name, struct bpf_map_info *info);
bool xdp_is_pinned(const struct xdp *x, const char *name);
/* Is it the prefix and a number? */
bool xdp_is_numbered(const char *name, const char *prefix);

/*
 * xdp_old.c: opens a set of another version that is pinned where ours would be,
 * and moves it aside; x->old then reads it. -EPROTO, said in `error`, where it
 * does not tell how it counted.
 */
int xdp_old_open(struct xdp *x, char *error, size_t size);
/* How the set that is pinned, of whatever version, says that it counts; NULL: it does not. */
struct btf *xdp_old_layout(const struct xdp *x);
/* Removes what of its pins is in the way of ours and is not read any more; links stay. */
int xdp_old_clear(struct xdp *x);
/* Its interfaces become those of our instance. */
int xdp_old_slots(const struct xdp *x);
/* Reads its totals into x->carried, and how many events stand in its rings; 0 or -errno. */
int xdp_old_read(struct xdp *x, uint64_t *lost);
/* The last program of it is replaced: reads and stores the totals, removes it. */
void xdp_old_finish(struct xdp *x);
void xdp_old_close(struct xdp *x);

/* xdp_carried.c: reads how our maps are laid out into x->layout; 0 or -errno. */
int xdp_layout_open(struct xdp *x);
/* Makes and pins the maps `layout` and `carried`, or takes the pinned ones; 0 or -errno. */
int xdp_carried_open(struct xdp *x, char *error, size_t size);
/* Stores x->carried; 0 or -errno. */
int xdp_carried_store(const struct xdp *x);

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

/* xdp_again.c: is the device not called so any more? Then `current` (IF_NAMESIZE) is its name. */
bool xdp_is_renamed(int ifindex, const char *name, char *current);

/* Closes both. */
void xdp_interface_close(struct xdp_interface *place);
/*
 * Loads the program of a listed interface, where that is not done, and attaches
 * it to the device; fills the rest of the tally. 0 or -errno, said in `error`.
 */
int xdp_put(struct xdp *x, struct tally *t, int ifindex, char *error, size_t size);

/* xdp_flows.c: the same for the inside interface, which has its name. */
int xdp_put_inside(struct xdp *x, char *error, size_t size);

/* A pinned link of ours, as it is now. */
struct xdp_pinned {
	int fd; /* -ENOENT: there is none; -errno */
	int ifindex; /* 0: its device is gone */
	uint32_t program;
	const char *mode; /* "native", "generic"; NULL: it is on no device that we see */
};

/* xdp_link.c: looks at the link that is pinned under `name`; the caller closes its descriptor. */
struct xdp_pinned xdp_link_open(const struct xdp *x, const char *name);
/* The device that the link is on; 0: none that we see. */
int xdp_link_device(int link_fd);
/* How the program is attached to the device; NULL: it is not. */
const char *xdp_mode_of(int ifindex, uint32_t program);
/*
 * Attaches a loaded program to the device: by the link that is pinned under
 * `name`, where that is there in a fitting mode, else by a new one. The link's
 * descriptor or -errno; then the pinned link is as it was, unless a change of
 * its mode failed both ways.
 */
int xdp_link(const struct xdp *x, const char *name, int prog_fd, int ifindex);
/* The same for a place, whose link_fd and *mode are filled. 0 or -errno. */
int xdp_tie(const struct xdp *x, const char *name, struct xdp_interface *place, int ifindex,
	    const char **mode);
/* Detaches the link that is pinned under `name`; was there one? */
bool xdp_link_remove(const struct xdp *x, const char *name);
/* Says why xdp_link failed; returns rc. */
int xdp_link_error(int rc, const char *interface, int ifindex, char *error, size_t size);

/* xdp_slots.c: the name of a slot's link among the pins. */
void xdp_link_name(char name[XDP_LINK_NAME_MAX], uint32_t slot);
/* A slot's pinned link; the caller closes its descriptor. */
struct xdp_pinned xdp_slot_link(const struct xdp *x, uint32_t slot);
/* The interface's slot: its device's, that of its name, or a free one; -ENOSPC. */
int xdp_slot_find(const struct xdp *x, const char *interface, int ifindex);
/*
 * The slot's device, known by a name, may have another one now: that is said.
 * Names stay unique: a slot that had this one gets the old one for it.
 */
void xdp_slot_rename(struct unreach_instance *instance, uint32_t slot, const char *known,
		     const char *name);

#endif
