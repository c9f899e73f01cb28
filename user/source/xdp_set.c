// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The set of maps and rings: opened before any program, and either all of it
 * adopted from the pin folder or all of it made and pinned there. The map
 * `instance` says which: it is pinned last and unlinked first, so where it
 * stands the set was whole. Fills none of them and attaches nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/log.h"
#include "source/pins.h"
#include "source/xdp_layout.h"
#include "source/xdp_maps.h"
#include "unreach/hosts.h"

/* All rings together; a ring is a power of two of at least RING_LEAST. */
#define RINGS_TOTAL (16U << 20)
#define RING_LEAST (256U << 10)
/* Cells in front of the heads, 8 bytes each. */
#define CELLS_PER_ROW 32
#define CELLS_LEAST (32U << 10)
#define CELLS_MOST (16U << 20)

/* The map of that name. */
#define INSTANCE_PIN "instance"

_Static_assert(sizeof(struct unreach_record) + UNREACH_SNAPLEN_MAX <= RING_RECORD_MOST,
	       "the ring's reader takes our longest record");

static size_t ring_size(unsigned int cpus)
{
	size_t size = RING_LEAST;

	while (size * 2 * cpus <= RINGS_TOTAL)
		size *= 2;
	return size;
}

/*
 * So many that a flood of a million made-up quotes a second leaves a cell alone
 * for about two seconds, longer than TCP's first pauses. A power of two.
 */
static uint32_t cells_for(uint32_t rows)
{
	uint32_t count = CELLS_LEAST;

	while (count < CELLS_MOST && count < CELLS_PER_ROW * (uint64_t)rows)
		count *= 2;
	return count;
}

/* Sizes that depend on the machine or an option. */
static void size_maps(const struct xdp *x, struct unreach_bpf *skel)
{
	uint32_t sets = unreach_host_sets(x->options.table_size);

	bpf_map__set_max_entries(skel->maps.sources, sets);
	bpf_map__set_max_entries(skel->maps.targets, sets);
	bpf_map__set_max_entries(skel->maps.senders, sets);
	bpf_map__set_max_entries(skel->maps.host_tags, UNREACH_TABLES * sets);
	bpf_map__set_max_entries(skel->maps.paths, x->options.table_size);
	bpf_map__set_max_entries(skel->maps.heads, xdp_exceptions(&x->options));
	bpf_map__set_max_entries(skel->maps.adverts, xdp_exceptions(&x->options));
	bpf_map__set_max_entries(skel->maps.cells, x->cells);
	bpf_map__set_max_entries(skel->maps.flows,
				 x->options.watch_flows ? x->options.flow_table : 1);
	bpf_map__set_max_entries(skel->maps.peers,
				 x->options.watch_flows ? x->options.flow_table : 1);
	bpf_map__set_max_entries(skel->maps.flow_cells, 1U << xdp_flow_shift(&x->options));
	bpf_map__set_max_entries(skel->maps.acks, UNREACH_SLOTS * x->cpus);
	bpf_map__set_max_entries(skel->maps.rings, x->cpus);
}

bool xdp_is_numbered(const char *name, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(name, prefix, length) == 0 && name[length] &&
	       strspn(name + length, "0123456789") == strlen(name + length);
}

/* What tells our pins from those of others: names of maps. */
struct ours {
	struct bpf_map *maps[XDP_MAPS];
	struct btf *layout; /* of the set that is pinned, of whatever version; NULL: none is told */
};

/* Did we pin it, or another version of us? The context is a struct ours. */
static bool is_ours(void *context, const char *name)
{
	const struct ours *ours = context;

	if (strncmp(name, XDP_OLD_PREFIX, strlen(XDP_OLD_PREFIX)) == 0)
		name += strlen(XDP_OLD_PREFIX);
	for (int i = 0; i < XDP_PINNED_MAPS; i++)
		if (strcmp(name, bpf_map__name(ours->maps[i])) == 0)
			return true;
	return xdp_is_numbered(name, XDP_RING_PIN) || xdp_is_numbered(name, XDP_LINK_PIN) ||
	       strcmp(name, XDP_LINK_INSIDE) == 0 || strcmp(name, XDP_LINK_NEW) == 0 ||
	       strcmp(name, XDP_LAYOUT_PIN) == 0 || strcmp(name, XDP_CARRIED_PIN) == 0 ||
	       (ours->layout && xdp_layout_has_map(ours->layout, name));
}

/* Removes our pins from the folder; how many, or -errno. What is left is named. */
static int clear(const struct xdp *x, char *left, size_t size)
{
	struct unreach_bpf *skel = unreach_bpf__open();
	struct ours ours;
	int rc;

	if (!skel)
		return -errno;
	xdp_skeleton_maps(skel, ours.maps);
	ours.layout = xdp_old_layout(x);
	rc = pins_clear(x->pins, INSTANCE_PIN, is_ours, &ours, left, size);
	btf__free(ours.layout);
	unreach_bpf__destroy(skel);
	return rc;
}

int xdp_refuse(const struct xdp *x, const char *name, const char *why, char *error, size_t size)
{
	snprintf(error, size,
		 "%s/%s %s; `unreachd --detach --pin-dir %s` removes all that is pinned there, and "
		 "its counters with it",
		 x->options.pin_dir, name, why, x->options.pin_dir);
	return -EPROTO;
}

int xdp_get_pinned(const struct xdp *x, const char *name, struct bpf_map_info *info)
{
	char path[PIN_PATH_MAX];
	__u32 length = sizeof(*info);
	int fd, rc;

	memset(info, 0, sizeof(*info));
	pins_path(path, x->pins, name);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	if (!bpf_obj_get_info_by_fd(fd, info, &length))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* What a map of so many values holds: the tables of addresses have sets of rows. */
static unsigned int rows_in(const struct bpf_map_info *map, uint32_t values)
{
	return map->value_size == sizeof(struct unreach_host_set) ? values * UNREACH_WAYS : values;
}

/* Takes a pinned map, if it is what this build would make. */
static int adopt_map(const struct xdp *x, struct bpf_map *map, char *error, size_t size)
{
	const char *name = bpf_map__name(map);
	struct bpf_map_info info;
	int fd = xdp_get_pinned(x, name, &info), rc;

	if (fd == -ENOENT)
		return xdp_refuse(x, name, "is missing", error, size);
	if (fd < 0)
		return fd;
	if (info.type != bpf_map__type(map) || info.key_size != bpf_map__key_size(map) ||
	    info.value_size != bpf_map__value_size(map)) {
		rc = xdp_refuse(x, name, "is another version's", error, size);
	} else if (info.max_entries != bpf_map__max_entries(map)) {
		snprintf(
			error, size,
			"%s/%s was pinned with %u entries, now %u are asked for; use that size, or "
			"`unreachd --detach --pin-dir %s` first, which ends its counters",
			x->options.pin_dir, name, rows_in(&info, info.max_entries),
			rows_in(&info, bpf_map__max_entries(map)), x->options.pin_dir);
		rc = -EINVAL;
	} else {
		rc = bpf_map__reuse_fd(map, fd);
	}
	close(fd);
	return rc;
}

/* Takes all pinned maps; the instance first, since without it the set is none. */
static int adopt_maps(const struct xdp *x, struct bpf_map *const maps[XDP_MAPS], char *error,
		      size_t size)
{
	int rc = adopt_map(x, maps[MAP_INSTANCE], error, size);

	for (int i = 0; i < XDP_PINNED_MAPS && !rc; i++)
		if (i != MAP_INSTANCE)
			rc = adopt_map(x, maps[i], error, size);
	return rc;
}

int xdp_pin(const struct xdp *x, int fd, const char *name)
{
	char path[PIN_PATH_MAX];

	if (!x->options.pin_dir)
		return 0;
	pins_path(path, x->pins, name);
	return bpf_obj_pin(fd, path) ? -errno : 0;
}

/* Keeps the descriptors of the maps, and pins those that are new, all but the instance. */
static int keep_maps(struct xdp *x, struct bpf_map *const maps[XDP_MAPS])
{
	int rc = 0;

	for (int i = 0; i < XDP_MAPS && !rc; i++) {
		x->maps[i] = dup(bpf_map__fd(maps[i]));
		rc = x->maps[i] < 0 ? -errno : 0;
		if (!rc && !x->adopted && i < XDP_PINNED_MAPS && i != MAP_INSTANCE)
			rc = xdp_pin(x, x->maps[i], bpf_map__name(maps[i]));
	}
	return rc;
}

bool xdp_is_pinned(const struct xdp *x, const char *name)
{
	struct stat st;

	return !fstatat(x->pins_fd, name, &st, 0) || errno != ENOENT;
}

/* What is there without an instance is of a start or a detach that was cut short. */
static int clear_leftovers(struct xdp *x)
{
	char left[LEFT_MAX];
	int removed;

	if (x->old)
		return xdp_old_clear(x);
	removed = clear(x, left, sizeof(left));
	if (removed > 0)
		log_warning("%s held what a start or a detach that was cut short had left: %d pins "
			    "removed, counters begin at 0",
			    x->options.pin_dir, removed);
	return removed < 0 ? removed : 0;
}

/* Opens all maps of the object file, without loading its program. */
static int open_maps(struct xdp *x, char *error, size_t size)
{
	struct unreach_bpf *skel = unreach_bpf__open();
	struct bpf_map *maps[XDP_MAPS];
	int rc = 0;

	if (!skel)
		return -errno;
	bpf_program__set_autoload(skel->progs.unreach, false);
	size_maps(x, skel);
	xdp_skeleton_maps(skel, maps);
	x->adopted = x->options.pin_dir && xdp_is_pinned(x, INSTANCE_PIN);
	if (x->adopted)
		rc = adopt_maps(x, maps, error, size);
	else if (x->options.pin_dir)
		rc = clear_leftovers(x);
	x->fresh = !rc && x->options.pin_dir && !x->adopted && !x->old;
	if (!rc)
		rc = unreach_bpf__load(skel);
	if (!rc)
		rc = keep_maps(x, maps);
	unreach_bpf__destroy(skel);
	return rc;
}

/* A pinned ring's descriptor or -errno: the programs' own, of the size that its maker gave it. */
static int adopt_ring(const struct xdp *x, __u32 cpu, const char *name, size_t *bytes, char *error,
		      size_t size)
{
	struct bpf_map_info info;
	int fd = xdp_get_pinned(x, name, &info), rc;
	__u32 id;

	if (fd == -ENOENT)
		return xdp_refuse(x, name, "is missing", error, size);
	if (fd < 0)
		return fd;
	*bytes = info.max_entries;
	rc = bpf_map_lookup_elem(x->maps[MAP_RINGS], &cpu, &id) ? -errno : 0;
	if (!rc && id == info.id)
		return fd;
	close(fd);
	if (rc && rc != -ENOENT)
		return rc;
	return xdp_refuse(x, name, "is not the ring that its programs write to", error, size);
}

/* A new ring's descriptor or -errno: set into the array, pinned. */
static int make_ring(const struct xdp *x, __u32 cpu, const char *name, size_t bytes)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, (__u32)bytes, NULL), rc;

	if (fd < 0)
		return -errno;
	rc = bpf_map_update_elem(x->maps[MAP_RINGS], &cpu, &fd, BPF_ANY) ? -errno
									 : xdp_pin(x, fd, name);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

/* One CPU's ring. */
static int open_ring(struct xdp *x, unsigned int cpu, char *error, size_t size)
{
	size_t bytes = ring_size(x->cpus);
	char name[16];
	int fd, rc;

	snprintf(name, sizeof(name), XDP_RING_PIN "%u", cpu);
	fd = x->adopted ? adopt_ring(x, cpu, name, &bytes, error, size)
			: make_ring(x, cpu, name, bytes);
	if (fd < 0)
		return fd;
	rc = ring_open(&x->rings[cpu], fd, bytes);
	if (rc)
		close(fd);
	return rc;
}

int xdp_set_open(struct xdp *x, char *error, size_t size)
{
	int rc = xdp_layout_open(x);

	if (!rc)
		rc = xdp_old_open(x, error, size);
	if (rc)
		return rc;
	x->cells = cells_for(x->options.table_size);
	x->rings = calloc(x->cpus, sizeof(*x->rings));
	rc = x->rings ? open_maps(x, error, size) : -ENOMEM;
	for (unsigned int cpu = 0; cpu < x->cpus && !rc; cpu++)
		rc = open_ring(x, cpu, error, size);
	return rc ? rc : xdp_carried_open(x, error, size);
}

int xdp_set_complete(const struct xdp *x)
{
	return xdp_pin(x, x->maps[MAP_INSTANCE], INSTANCE_PIN);
}

/* Detaches a link that this daemon was the first to pin. */
static void undo_link(const struct xdp *x, const char *name, const struct xdp_interface *place)
{
	if (place->made)
		xdp_link_remove(x, name);
}

void xdp_set_undo(const struct xdp *x)
{
	char left[LEFT_MAX], name[XDP_LINK_NAME_MAX];
	int rc = 0;

	for (uint32_t slot = 0; slot < UNREACH_SLOTS; slot++) {
		xdp_link_name(name, slot);
		undo_link(x, name, &x->interfaces[slot]);
	}
	undo_link(x, XDP_LINK_INSIDE, &x->inside_fds);
	if (x->fresh)
		rc = clear(x, left, sizeof(left));
	if (rc >= 0 && x->made_dir && rmdir(x->options.pin_dir))
		rc = -errno;
	if (rc < 0)
		log_warning("cannot remove what this start has pinned in %s: %s; `unreachd "
			    "--detach --pin-dir %s` does",
			    x->options.pin_dir, strerror(-rc), x->options.pin_dir);
}

void xdp_set_folder(struct xdp *x, int fd)
{
	x->pins_fd = fd;
	snprintf(x->pins, sizeof(x->pins), "/proc/self/fd/%d", fd);
}

int xdp_detach(const char *pin_dir, char *error, size_t size)
{
	char left[LEFT_MAX];
	int fd = pins_open(pin_dir, NULL, error, size), rc = -ENOMEM;
	struct xdp *x;

	if (fd < 0)
		return fd;
	x = calloc(1, sizeof(*x));
	if (x) {
		xdp_set_folder(x, fd);
		rc = clear(x, left, sizeof(left));
	}
	free(x);
	if (rc >= 0 && left[0])
		log_warning("%s stays: nothing says that unreachd, or another version of it, has "
			    "pinned what else is in it (%s)",
			    pin_dir, left);
	else if (rc >= 0)
		rc = rmdir(pin_dir) ? -errno : 0;
	if (rc < 0)
		snprintf(error, size, "cannot remove what is pinned in %s: %s", pin_dir,
			 strerror(-rc));
	close(fd);
	return rc < 0 ? rc : 0;
}
