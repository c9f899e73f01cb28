// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What another version has counted. Its maps are moved aside in the pin folder
 * (old-NAME), and read by their own description until its last program is
 * replaced; then their totals are stored in ours (the map `carried`, which only
 * user space writes) and they are removed. What is cut short goes on with the
 * next start: totals are stored, never added. Rows of tables, and what stood in
 * the rings, are of no use to another version: the first are left behind, the
 * others count as lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "base/log.h"
#include "source/pins.h"
#include "source/xdp_internal.h"
#include "source/xdp_layout.h"

/* What is moved aside, in this order: without its instance a set is none. */
enum old_map {
	OLD_INSTANCE,
	OLD_COUNTERS,
	OLD_ACKS,
	OLD_LAYOUT,
	OLD_CARRIED,
	OLD_MAPS,
};

static const char *const names[OLD_MAPS] = { "instance", "counters", "acks", XDP_LAYOUT_PIN,
					     XDP_CARRIED_PIN };

struct xdp_old {
	int fds[OLD_MAPS]; /* -1: not open */
	struct btf *layout;
};

/* One entry of a map, for all CPUs where it has one for each; NULL with errno. Caller frees. */
static void *read_entry(const struct xdp *x, int fd, __u32 key, size_t *value)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	void *entry;

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return NULL;
	*value = info.value_size;
	if (info.type == BPF_MAP_TYPE_PERCPU_ARRAY)
		*value = (*value + 7) / 8 * 8;
	entry = malloc(info.type == BPF_MAP_TYPE_PERCPU_ARRAY ? *value * x->cpus : *value);
	if (entry && !bpf_map_lookup_elem(fd, &key, entry))
		return entry;
	free(entry);
	return NULL;
}

/* The version of the set that is pinned; in every version that is the instance's first word. */
static int read_version(const struct xdp *x, __u32 *version)
{
	struct bpf_map_info info;
	int fd = xdp_get_pinned(x, names[OLD_INSTANCE], &info);
	size_t size;
	void *entry;

	if (fd < 0)
		return fd;
	entry = info.value_size >= sizeof(*version) ? read_entry(x, fd, 0, &size) : NULL;
	close(fd);
	if (!entry)
		return -EPROTO;
	memcpy(version, entry, sizeof(*version));
	free(entry);
	return 0;
}

static void old_free(struct xdp_old *old)
{
	for (int i = 0; i < OLD_MAPS; i++)
		if (old->fds[i] >= 0)
			close(old->fds[i]);
	btf__free(old->layout);
	free(old);
}

void xdp_old_close(struct xdp *x)
{
	if (x->old)
		old_free(x->old);
	x->old = NULL;
}

/* The description that a set has of itself. */
static struct btf *read_layout(const struct xdp *x, int fd)
{
	size_t size;
	void *raw = read_entry(x, fd, 0, &size);
	struct btf *layout = raw ? btf__new(raw, (__u32)size) : NULL;

	free(raw);
	return layout;
}

struct btf *xdp_old_layout(const struct xdp *x)
{
	struct bpf_map_info info;
	int fd = xdp_get_pinned(x, names[OLD_LAYOUT], &info);
	struct btf *layout = fd < 0 ? NULL : read_layout(x, fd);

	if (fd >= 0)
		close(fd);
	return layout;
}

/* Opens the set whose pins have this prefix; 0 or -errno (-ENOENT: not all of it is there). */
static int open_maps(struct xdp *x, const char *prefix)
{
	struct xdp_old *old = calloc(1, sizeof(*old));
	struct bpf_map_info info;
	char name[32];
	int rc = old ? 0 : -ENOMEM;

	for (int i = 0; old && i < OLD_MAPS; i++) {
		snprintf(name, sizeof(name), "%s%s", prefix, names[i]);
		old->fds[i] = rc ? -1 : xdp_get_pinned(x, name, &info);
		rc = old->fds[i] < 0 && !rc ? old->fds[i] : rc;
	}
	if (!rc) {
		old->layout = read_layout(x, old->fds[OLD_LAYOUT]);
		rc = old->layout ? 0 : -EPROTO;
	}
	if (!rc)
		x->old = old;
	else if (old)
		old_free(old);
	return rc;
}

static void old_name(char path[PIN_PATH_MAX], const struct xdp *x, enum old_map which)
{
	char name[32];

	snprintf(name, sizeof(name), XDP_OLD_PREFIX "%s", names[which]);
	pins_path(path, x->pins, name);
}

/* Out of the way of ours, as far as that is not done already; 0 or -errno. */
static int move_aside(const struct xdp *x)
{
	char from[PIN_PATH_MAX], to[PIN_PATH_MAX];

	for (int i = 0; i < OLD_MAPS; i++) {
		pins_path(from, x->pins, names[i]);
		old_name(to, x, (enum old_map)i);
		if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) && errno != EEXIST &&
		    errno != ENOENT)
			return -errno;
	}
	return 0;
}

/* What was moved aside is not needed any more. */
static void remove_old(const struct xdp *x)
{
	char path[PIN_PATH_MAX];

	for (int i = 0; i < OLD_MAPS; i++) {
		old_name(path, x, (enum old_map)i);
		unlink(path);
	}
}

/* A set of another version stands in the place of ours. */
static int take_over(struct xdp *x, __u32 version, char *error, size_t size)
{
	int rc = open_maps(x, "");

	if (rc && rc != -ENOENT && rc != -EPROTO)
		return rc;
	if (rc) {
		snprintf(error, size,
			 "%s has ABI version %u, this unreachd has %d, and it does not say how it "
			 "counted; `unreachd --detach --pin-dir %s` removes all that is pinned "
			 "there, and its counters with it",
			 x->options.pin_dir, version, UNREACH_ABI_VERSION, x->options.pin_dir);
		return -EPROTO;
	}
	log_warning("%s has ABI version %u, this unreachd has %d: its totals are carried over; "
		    "sources, targets, senders and the evidence of paths begin anew",
		    x->options.pin_dir, version, UNREACH_ABI_VERSION);
	if (xdp_is_pinned(x, XDP_OLD_PREFIX "instance"))
		log_warning("a program of a version before that one was still counting; what it "
			    "counted since that one's first start is not carried over");
	remove_old(x);
	return move_aside(x);
}

int xdp_old_open(struct xdp *x, char *error, size_t size)
{
	__u32 version = UNREACH_ABI_VERSION;
	int rc = x->options.pin_dir ? read_version(x, &version) : -ENOENT;

	if (!x->options.pin_dir || rc == -EPROTO) /* no instance of ours: it is refused by name */
		return 0;
	if (rc && rc != -ENOENT)
		return rc;
	if (version != UNREACH_ABI_VERSION)
		return take_over(x, version, error, size);
	/* Or one that was moved aside, by a start that did not come to the end of it. */
	if (!xdp_is_pinned(x, XDP_OLD_PREFIX "instance"))
		return 0;
	if (rc == -ENOENT)
		rc = move_aside(x);
	if (!rc)
		rc = open_maps(x, XDP_OLD_PREFIX);
	return rc == -ENOENT ? xdp_refuse(x, XDP_OLD_PREFIX "instance",
					  "is what is left of another version's set", error, size)
			     : rc;
}

/*
 * One entry of a map of the old set: 0, also where it has no such entry (NULL:
 * that version had fewer), or -errno. The caller frees.
 */
static int old_entry(const struct xdp *x, enum old_map which, __u32 key, void **entry, size_t *size)
{
	*entry = read_entry(x, x->old->fds[which], key, size);
	return *entry || errno == ENOENT ? 0 : -errno;
}

/* Adds what one slot's programs have counted so far; 0 or -errno. */
static int read_counters(const struct xdp *x, __u32 slot, struct unreach_counters *sum)
{
	struct unreach_counters one;
	size_t size;
	void *cpus;
	int rc = old_entry(x, OLD_COUNTERS, slot, &cpus, &size);

	for (unsigned int cpu = 0; cpus && cpu < x->cpus; cpu++) {
		memset(&one, 0, sizeof(one));
		xdp_layout_copy("unreach_counters", x->layout, &one, x->old->layout,
				(char *)cpus + cpu * size);
		tally_add(sum, &one);
	}
	free(cpus);
	/* The rows that these speak of are left behind. */
	memset(sum->tables, 0, sizeof(sum->tables));
	memset(sum->evidence, 0, sizeof(sum->evidence));
	return rc;
}

/* Adds how far the slot's records were taken; 0 or -errno. */
static int read_acks(const struct xdp *x, __u32 slot, struct unreach_ack_state *sum)
{
	int rc = 0;

	for (unsigned int ring = 0; ring < x->cpus && !rc; ring++) {
		struct unreach_ack ack = {};
		size_t size;
		void *entry;

		rc = old_entry(x, OLD_ACKS, UNREACH_STREAM(ring, slot, x->cpus), &entry, &size);
		if (entry)
			xdp_layout_copy("unreach_ack", x->layout, &ack, x->old->layout, entry);
		free(entry);
		sum->number += ack.state[ack.current & 1].number;
		sum->lost_sink += ack.state[ack.current & 1].lost_sink;
	}
	return rc;
}

/* What that version had carried over itself; 0 or -errno. */
static int read_carried(const struct xdp *x, __u32 slot, struct xdp_carried *to)
{
	size_t size, counters = xdp_layout_size(x->old->layout, "unreach_counters");
	void *entry;
	int rc = old_entry(x, OLD_CARRIED, slot, &entry, &size);

	if (entry && counters < size) {
		xdp_layout_copy("unreach_counters", x->layout, &to->counters, x->old->layout,
				entry);
		xdp_layout_copy("unreach_ack_state", x->layout, &to->acked, x->old->layout,
				(char *)entry + counters);
	}
	free(entry);
	return rc;
}

/* All of one slot; *lost grows by the events that stand in the rings. 0 or -errno. */
static int read_slot(const struct xdp *x, __u32 slot, struct xdp_carried *sum, uint64_t *lost)
{
	struct xdp_carried live = {};
	uint64_t left = 0;
	int rc = read_carried(x, slot, sum);

	if (!rc)
		rc = read_acks(x, slot, &live.acked);
	if (!rc)
		rc = read_counters(x, slot, &live.counters);
	/* What is not acknowledged by now never will be. */
	if (live.counters.records > live.acked.number)
		left = live.counters.records - live.acked.number;
	tally_add(&sum->counters, &live.counters);
	sum->acked.number += live.acked.number + left;
	sum->acked.lost_sink += live.acked.lost_sink + left;
	*lost += left;
	return rc;
}

int xdp_old_read(struct xdp *x, uint64_t *lost)
{
	int rc = 0;

	*lost = 0;
	for (__u32 slot = 0; slot < UNREACH_SLOTS && !rc; slot++) {
		struct xdp_carried sum = {};

		rc = read_slot(x, slot, &sum, lost);
		if (!rc)
			x->carried[slot] = sum;
	}
	return rc;
}

int xdp_old_slots(const struct xdp *x)
{
	struct unreach_instance theirs = {};
	size_t size;
	void *entry = read_entry(x, x->old->fds[OLD_INSTANCE], 0, &size);

	if (!entry)
		return -errno;
	xdp_layout_copy("unreach_instance", x->layout, &theirs, x->old->layout, entry);
	memcpy(x->instance->slots, theirs.slots, sizeof(theirs.slots));
	free(entry);
	return 0;
}

void xdp_old_finish(struct xdp *x)
{
	__u32 zero = 0;
	uint64_t lost = 0;
	int rc = 0;

	/* Such an update waits for the programs that run, so none of the old ones does after it. */
	if (bpf_map_update_elem(x->maps[MAP_RINGS], &zero, &x->rings[0].fd, BPF_ANY))
		rc = -errno;
	if (!rc)
		rc = xdp_old_read(x, &lost);
	if (!rc)
		rc = xdp_carried_store(x);
	if (rc) {
		log_error("cannot store the totals that were carried over: %s; the next start "
			  "tries again",
			  strerror(-rc));
		return;
	}
	if (lost)
		log_warning("%llu events stood in the rings of the other version and cannot be "
			    "read; they count as lost by the sink",
			    (unsigned long long)lost);
	remove_old(x);
	xdp_old_close(x);
}

/*
 * The name is that of a map of the other version, or of ours that a start which
 * was cut short has left; or of a ring.
 */
static bool is_in_the_way(void *context, const char *name)
{
	const struct xdp *x = context;

	return xdp_layout_has_map(x->old->layout, name) || xdp_layout_has_map(x->layout, name) ||
	       strcmp(name, XDP_LAYOUT_PIN) == 0 || strcmp(name, XDP_CARRIED_PIN) == 0 ||
	       xdp_is_numbered(name, XDP_RING_PIN);
}

int xdp_old_clear(struct xdp *x)
{
	char left[LEFT_MAX];
	int removed =
		pins_clear(x->pins, names[OLD_INSTANCE], is_in_the_way, x, left, sizeof(left));

	return removed < 0 ? removed : 0;
}
