// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The life of the maps: opened before any program, adopted from the pin folder
 * or made and pinned, mapped where the daemon reads or writes memory. Programs
 * and links are xdp_attach.c, records xdp_drain.c, counters counters.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "source/pins.h"
#include "source/xdp_maps.h"

/* All rings together; a ring is a power of two of at least RING_LEAST. */
#define RINGS_TOTAL (8U << 20)
#define RING_LEAST (256U << 10)
/* Cells in front of the heads, 8 bytes each. */
#define CELLS_PER_ROW 32
#define CELLS_LEAST (32U << 10)
#define CELLS_MOST (16U << 20)

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

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
	bpf_map__set_max_entries(skel->maps.sources, x->options.table_size);
	bpf_map__set_max_entries(skel->maps.targets, x->options.table_size);
	bpf_map__set_max_entries(skel->maps.senders, x->options.table_size);
	bpf_map__set_max_entries(skel->maps.paths, x->options.table_size);
	bpf_map__set_max_entries(skel->maps.heads, xdp_exceptions(&x->options));
	bpf_map__set_max_entries(skel->maps.adverts, xdp_exceptions(&x->options));
	bpf_map__set_max_entries(skel->maps.cells, x->cells);
	bpf_map__set_max_entries(skel->maps.acks, UNREACH_SLOTS * x->cpus);
	bpf_map__set_max_entries(skel->maps.rings, x->cpus);
}

/* Takes a pinned map, where there is one, if it is what this build would make. */
static int adopt_map(const struct xdp *x, struct bpf_map *map, char *error, size_t size)
{
	struct bpf_map_info info = {};
	__u32 length = sizeof(info);
	char path[PIN_PATH_MAX];
	int fd, rc = 0;

	pins_path(path, x->options.pin_dir, bpf_map__name(map));
	fd = bpf_obj_get(path);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (bpf_obj_get_info_by_fd(fd, &info, &length)) {
		rc = -errno;
	} else if (info.type != bpf_map__type(map) || info.key_size != bpf_map__key_size(map) ||
		   info.value_size != bpf_map__value_size(map)) {
		snprintf(error, size,
			 "%s was pinned by another version of unreachd; `unreachd --detach` "
			 "removes it, and "
			 "its counters with it",
			 path);
		rc = -EPROTO;
	} else if (info.max_entries != bpf_map__max_entries(map)) {
		snprintf(error, size,
			 "%s was pinned with %u entries, now %u are asked for; use that size, or "
			 "`unreachd --detach` first",
			 path, info.max_entries, bpf_map__max_entries(map));
		rc = -EINVAL;
	} else {
		rc = bpf_map__reuse_fd(map, fd);
	}
	close(fd);
	return rc;
}

static int pin_map(const struct xdp *x, int fd, const char *name)
{
	char path[PIN_PATH_MAX];

	if (!x->options.pin_dir)
		return 0;
	pins_path(path, x->options.pin_dir, name);
	return bpf_obj_pin(fd, path) && errno != EEXIST ? -errno : 0;
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
	for (int i = 0; i < XDP_PINNED_MAPS && !rc && x->options.pin_dir; i++)
		rc = adopt_map(x, maps[i], error, size);
	if (!rc)
		rc = unreach_bpf__load(skel);
	for (int i = 0; i < XDP_MAPS && !rc; i++) {
		x->maps[i] = dup(bpf_map__fd(maps[i]));
		rc = x->maps[i] < 0 ? -errno : 0;
		if (!rc && i < XDP_PINNED_MAPS)
			rc = pin_map(x, x->maps[i], bpf_map__name(maps[i]));
	}
	unreach_bpf__destroy(skel);
	return rc;
}

/* One CPU's ring: pinned by its number, or made and set into the array. */
static int open_ring(struct xdp *x, unsigned int cpu)
{
	char name[16], path[PIN_PATH_MAX];
	int fd = -1, rc;
	__u32 key = cpu;

	snprintf(name, sizeof(name), "ring-%u", cpu);
	if (x->options.pin_dir) {
		pins_path(path, x->options.pin_dir, name);
		fd = bpf_obj_get(path);
	}
	if (fd < 0) {
		fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, (__u32)x->ring_size, NULL);
		if (fd < 0)
			return -errno;
		rc = bpf_map_update_elem(x->maps[MAP_RINGS], &key, &fd, BPF_ANY)
			     ? -errno
			     : pin_map(x, fd, name);
		if (rc) {
			close(fd);
			return rc;
		}
	}
	rc = ring_open(&x->rings[cpu], fd, x->ring_size);
	if (rc)
		close(fd);
	return rc;
}

static int open_rings(struct xdp *x)
{
	int rc = 0;

	x->rings = calloc(x->cpus, sizeof(*x->rings));
	if (!x->rings)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < x->cpus && !rc; cpu++)
		rc = open_ring(x, cpu);
	return rc;
}

static size_t page_up(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

static size_t acks_size(const struct xdp *x)
{
	return page_up(x->cpus * UNREACH_SLOTS * sizeof(struct unreach_ack));
}

/* Maps what the daemon writes, and names a new instance. */
static int map_memory(struct xdp *x, char *error, size_t size)
{
	void *memory = mmap(NULL, page_up(sizeof(*x->instance)), PROT_READ | PROT_WRITE, MAP_SHARED,
			    x->maps[MAP_INSTANCE], 0);

	if (memory == MAP_FAILED)
		return -errno;
	x->instance = memory;
	memory = mmap(NULL, acks_size(x), PROT_READ | PROT_WRITE, MAP_SHARED, x->maps[MAP_ACKS], 0);
	if (memory == MAP_FAILED)
		return -errno;
	x->acks = memory;

	if (x->instance->abi_version && x->instance->abi_version != UNREACH_ABI_VERSION) {
		snprintf(error, size,
			 "%s was pinned by ABI version %u, this is version %d; `unreachd --detach` "
			 "removes it, "
			 "and its counters with it",
			 x->options.pin_dir, x->instance->abi_version, UNREACH_ABI_VERSION);
		return -EPROTO;
	}
	if (!x->instance->abi_version) {
		if (getrandom(&x->instance->nonce, sizeof(x->instance->nonce), 0) < 0 ||
		    getrandom(&x->instance->seed, sizeof(x->instance->seed), 0) < 0)
			return -errno;
		x->instance->rings = x->cpus;
		x->instance->abi_version = UNREACH_ABI_VERSION;
	}
	return 0;
}

static int open_all(struct xdp *x, char *error, size_t size)
{
	int rc = 0, cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return cpus;
	x->cpus = (unsigned int)cpus;
	x->ring_size = ring_size(x->cpus);
	x->cells = cells_for(x->options.table_size);
	if (x->options.pin_dir) {
		x->pins_fd = pins_open(x->options.pin_dir, true, error, size);
		rc = x->pins_fd < 0 ? x->pins_fd : 0;
	}
	if (!rc)
		rc = open_maps(x, error, size);
	if (!rc)
		rc = map_memory(x, error, size);
	if (!rc)
		rc = open_rings(x);
	return rc;
}

struct xdp *xdp_open(const struct xdp_options *options, int *rc, char *error, size_t size)
{
	struct xdp *x = calloc(1, sizeof(*x));

	*rc = -ENOMEM;
	error[0] = '\0';
	if (!x)
		return NULL;
	libbpf_set_print(quiet);
	x->options = *options;
	x->pins_fd = -1;
	for (int i = 0; i < XDP_MAPS; i++)
		x->maps[i] = -1;
	for (int i = 0; i < UNREACH_SLOTS; i++)
		x->interfaces[i] = (struct xdp_interface){ .prog_fd = -1, .link_fd = -1 };

	*rc = open_all(x, error, size);
	if (!*rc)
		return x;
	if (!error[0])
		snprintf(
			error, size, "cannot open the BPF maps: %s%s", strerror(-*rc),
			*rc == -EPERM
				? "; run it as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"
				: "");
	xdp_close(x);
	return NULL;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void xdp_close(struct xdp *x)
{
	if (!x)
		return;
	for (unsigned int i = 0; x->rings && i < x->cpus; i++) {
		if (x->rings[i].consumer)
			close(x->rings[i].fd);
		ring_close(&x->rings[i]);
	}
	free(x->rings);
	for (int i = 0; i < UNREACH_SLOTS; i++) {
		close_fd(x->interfaces[i].link_fd);
		close_fd(x->interfaces[i].prog_fd);
	}
	if (x->instance)
		munmap(x->instance, page_up(sizeof(*x->instance)));
	if (x->acks)
		munmap(x->acks, acks_size(x));
	for (int i = 0; i < XDP_MAPS; i++)
		close_fd(x->maps[i]);
	close_fd(x->pins_fd);
	free(x);
}

int xdp_detach(const char *pin_dir, char *error, size_t size)
{
	int fd = pins_open(pin_dir, false, error, size), rc;

	if (fd < 0)
		return fd;
	rc = pins_remove(pin_dir);
	if (rc)
		snprintf(error, size, "cannot remove what is pinned in %s: %s", pin_dir,
			 strerror(-rc));
	close(fd);
	return rc;
}

void xdp_consume(struct xdp *x, bool on)
{
	__atomic_store_n(&x->instance->consumer, on, __ATOMIC_RELEASE);
}

unsigned int xdp_rings(const struct xdp *x)
{
	return x->cpus;
}

int xdp_ring_fd(const struct xdp *x, unsigned int ring)
{
	return x->rings[ring].fd;
}

size_t xdp_ring_used(const struct xdp *x, unsigned int ring, size_t *size)
{
	*size = x->rings[ring].size;
	return ring_used(&x->rings[ring]);
}

unsigned int xdp_cpus(const struct xdp *x)
{
	return x->cpus;
}

unsigned int xdp_tallies(const struct xdp *x)
{
	return x->count;
}

struct tally *xdp_tally(struct xdp *x)
{
	return x->tallies;
}
