// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The source as a whole: its parts opened one after the other and closed again.
 * Maps and rings are xdp_set.c, programs xdp_attach.c, links xdp_link.c,
 * records xdp_drain.c, counters counters.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "source/pins.h"
#include "source/xdp_maps.h"

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
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

/* Maps what the daemon writes. */
static int map_memory(struct xdp *x)
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
	return 0;
}

/* Gives a new instance its name. */
static int name_instance(struct unreach_instance *instance, unsigned int rings)
{
	if (getrandom(&instance->nonce, sizeof(instance->nonce), 0) < 0 ||
	    getrandom(&instance->seed, sizeof(instance->seed), 0) < 0)
		return -errno;
	instance->rings = rings;
	instance->abi_version = UNREACH_ABI_VERSION;
	return 0;
}

static int open_all(struct xdp *x, char *error, size_t size)
{
	int rc = 0, cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return cpus;
	x->cpus = (unsigned int)cpus;
	if (x->options.pin_dir) {
		xdp_set_folder(x, pins_open(x->options.pin_dir, &x->made_dir, error, size));
		rc = x->pins_fd < 0 ? x->pins_fd : 0;
	}
	if (!rc)
		rc = xdp_set_open(x, error, size);
	if (!rc)
		rc = map_memory(x);
	if (!rc && !x->adopted)
		rc = name_instance(x->instance, x->cpus);
	if (!rc && !x->adopted && x->old)
		rc = xdp_old_slots(x);
	/* Now that all else is there and filled. */
	if (!rc && !x->adopted)
		rc = xdp_set_complete(x);
	return rc;
}

/* Says what could not be opened. */
static void say_why(const struct xdp *x, int rc, char *error, size_t size)
{
	if (rc == -EPERM)
		snprintf(error, size,
			 "cannot open the BPF maps: %s; run it as root, or with CAP_BPF, "
			 "CAP_NET_ADMIN and CAP_PERFMON",
			 strerror(-rc));
	else if (rc == -EACCES && x->options.pin_dir)
		snprintf(error, size,
			 "cannot open the BPF maps: %s; what is pinned in %s is another user's: "
			 "run it as that one, or `chown -R` the folder",
			 strerror(-rc), x->options.pin_dir);
	else
		snprintf(error, size, "cannot open the BPF maps: %s", strerror(-rc));
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
	x->pins_fd = x->carried_fd = -1;
	x->inside_fds = (struct xdp_interface){ .prog_fd = -1, .link_fd = -1 };
	for (int i = 0; i < XDP_MAPS; i++)
		x->maps[i] = -1;
	for (int i = 0; i < UNREACH_SLOTS; i++)
		x->interfaces[i] = (struct xdp_interface){ .prog_fd = -1, .link_fd = -1 };

	*rc = open_all(x, error, size);
	if (!*rc)
		return x;
	if (!error[0])
		say_why(x, *rc, error, size);
	xdp_close(x, false);
	return NULL;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void xdp_close(struct xdp *x, bool keep)
{
	if (!x)
		return;
	for (unsigned int i = 0; x->rings && i < x->cpus; i++) {
		if (x->rings[i].consumer)
			close(x->rings[i].fd);
		ring_close(&x->rings[i]);
	}
	free(x->rings);
	for (int i = 0; i < UNREACH_SLOTS; i++)
		xdp_interface_close(&x->interfaces[i]);
	xdp_interface_close(&x->inside_fds);
	if (x->instance)
		munmap(x->instance, page_up(sizeof(*x->instance)));
	if (x->acks)
		munmap(x->acks, acks_size(x));
	for (int i = 0; i < XDP_MAPS; i++)
		close_fd(x->maps[i]);
	xdp_old_close(x);
	btf__free(x->layout);
	close_fd(x->carried_fd);
	if (!keep) /* when all descriptors are free again */
		xdp_set_undo(x);
	close_fd(x->pins_fd);
	free(x);
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
