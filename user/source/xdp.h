/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Events and counters out of the kernel: the maps, one program an interface,
 * and the rings. What is pinned is adopted, so counting goes on from one
 * daemon to the next. Functions that can fail return -errno and leave one line
 * for the user in the `error` they are given; what they decide is logged.
 */
#ifndef UNREACH_SOURCE_XDP_H
#define UNREACH_SOURCE_XDP_H

#include <stdbool.h>

#include "state/event.h"
#include "state/evidence.h"
#include "state/flow_watch.h"
#include "state/hosts.h"
#include "state/tally.h"

enum xdp_mode { XDP_MODE_AUTO, XDP_MODE_NATIVE, XDP_MODE_GENERIC };
enum xdp_events { XDP_EVENTS_LIMITED, XDP_EVENTS_ALL, XDP_EVENTS_NONE }; /* as in bpf/maps.h */

struct xdp_options {
	const char *pin_dir; /* NULL: nothing outlives the daemon */
	uint32_t mode; /* enum xdp_mode */
	uint32_t events; /* enum xdp_events */
	uint32_t event_rate; /* a second, of one source */
	uint32_t event_budget; /* a second, of all sources */
	uint32_t snaplen; /* bytes of each frame kept in its record; 0: none */
	bool community_id; /* events have one */
	uint32_t table_size;
	uint32_t track; /* a bit for each enum unreach_table */
	bool watch_flows; /* xdp_attach_inside will be called */
	uint32_t flow_table; /* flows, and peers, remembered */
	uint32_t flow_sample; /* one flow in so many is watched */
};

struct xdp;

/*
 * Opens the maps: those that are pinned, where they fit, else new ones.
 * NULL with *rc: -EBUSY pin folder in use, -EPERM, -EPROTO pinned by another
 * ABI version or not all of it there, -EINVAL pinned with another size.
 */
struct xdp *xdp_open(const struct xdp_options *options, int *rc, char *error, size_t size);
/*
 * Detaches what is not pinned, and unless it is to be kept all that was not
 * there before: links, maps, the folder. NULL-safe.
 */
void xdp_close(struct xdp *x, bool keep);
/*
 * Loads the program for an interface and attaches it, in place of our own that
 * is there; one that failed leaves that as it was.
 */
int xdp_attach(struct xdp *x, const char *interface, char *error, size_t size);
/*
 * After the attaching, with the names that were asked for: what an earlier
 * daemon attached goes on and is listed where it is one of them, else it is
 * detached, unless nothing is watched at all.
 */
void xdp_settle(struct xdp *x, const char *const *names, unsigned int count);
/*
 * Lists an interface that is watched as soon as it can be, see xdp_look_again.
 * `why`: what xdp_attach returned for it, and was told. 0 or -errno.
 */
int xdp_await(struct xdp *x, const char *interface, int why, char *error, size_t size);

/* What became of an interface since it was looked at last. */
enum xdp_change {
	XDP_SAME,
	XDP_LEFT, /* its device is gone: it waits for one of its name */
	XDP_RENAMED, /* its device is called otherwise, and so is it now: that is logged */
	XDP_TAKEN, /* it waited, and is watched now */
	XDP_REFUSED, /* its device is there and cannot be watched; the same is not told twice */
};
/*
 * Looks at a listed interface (its place in xdp_tally): follows its device where
 * that is called otherwise, and takes it up where it waits and its device is
 * there: same slot, counters that go on. Call until it says XDP_SAME.
 * XDP_REFUSED leaves a line in `error`.
 */
enum xdp_change xdp_look_again(struct xdp *x, unsigned int i, char *error, size_t size);
/* The same for the inside interface; XDP_SAME where flows are not watched. */
enum xdp_change xdp_look_inside(struct xdp *x, char *error, size_t size);
/* Who that is: no name where flows are not watched. */
const struct flow_watch *xdp_inside(const struct xdp *x);
/* Does an interface wait? */
bool xdp_waits(const struct xdp *x);
/* Can all that is listed be taken up without loading a program? */
bool xdp_loaded(const struct xdp *x);
/* Would the kernel let us go on, and take interfaces up again, with what privileges we have now? */
bool xdp_goes_on(const struct xdp *x);
/* Attaches the flow watcher to the interface towards our own hosts. */
int xdp_attach_inside(struct xdp *x, const char *interface, char *error, size_t size);
/* That is done as soon as it can be. `why`: what xdp_attach_inside returned, and was told. */
void xdp_await_inside(struct xdp *x, const char *interface, int why);
/* Detaches what an earlier daemon had there; says whether there was something. */
bool xdp_leave_inside(struct xdp *x);
/* Reads what became of the segments; NULL where flows are not watched, or with errno. */
const struct flow_watch *xdp_read_flow_watch(struct xdp *x);
/*
 * Removes all that is attached and that we have pinned, and the folder unless
 * there is more in it; -ENOENT where there is no folder.
 */
int xdp_detach(const char *pin_dir, char *error, size_t size);

/* Tells the kernel whether somebody takes events. */
void xdp_consume(struct xdp *x, bool on);
/* Descriptors that become readable (edge) when a ring is well filled. */
unsigned int xdp_rings(const struct xdp *x);
int xdp_ring_fd(const struct xdp *x, unsigned int ring);
/*
 * Takes what stands in the rings, batch by batch: each is handed over, flushed,
 * acknowledged and only then released. Stops after about `most` ns; returns
 * true where more is left.
 */
bool xdp_drain(struct xdp *x, const struct event_taker *taker, uint64_t most);

/* Interfaces that are or were attached; read with xdp_read_tallies. */
unsigned int xdp_tallies(const struct xdp *x);
struct tally *xdp_tally(struct xdp *x);
/* counters.c: reads all counters into the tallies; 0 or -errno. */
int xdp_read_tallies(struct xdp *x);
/* counters.c: reads one table; calls `between` (may be NULL) every few milliseconds. */
int xdp_read_hosts(struct xdp *x, enum unreach_table table, struct hosts *out,
		   void (*between)(void *context), void *context);
/* The same, counted only: takes no memory for rows. */
int xdp_count_hosts(struct xdp *x, enum unreach_table table, struct hosts_count *out,
		    void (*between)(void *context), void *context);
/* counters.c: gives each row of one table to `row`, which is empty where it is not kept. */
int xdp_walk_hosts(struct xdp *x, enum unreach_table table, evidence_fn row, void *row_context,
		   void (*between)(void *context), void *context);
/*
 * counters.c: gives each row of one table of evidence to `row`; calls `between`
 * (may be NULL) every few milliseconds. 0 or -errno.
 */
int xdp_walk(struct xdp *x, enum unreach_evidence which, evidence_fn row, void *row_context,
	     void (*between)(void *context), void *context);
/* Bytes that stand in a ring, and its size. */
size_t xdp_ring_used(const struct xdp *x, unsigned int ring, size_t *size);
unsigned int xdp_cpus(const struct xdp *x);

#endif
