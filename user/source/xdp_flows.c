// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The flow watcher's program on the inside interface, over tables that the
 * programs on the outside share. Its state lives as long as the daemon: what is
 * outstanding is over in minutes anyway.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/clock.h"
#include "flows.skel.h"
#include "source/iface.h"
#include "source/pins.h"
#include "source/xdp_internal.h"

static int reuse_maps(const struct xdp *x, struct flows_bpf *skel)
{
	int rc = bpf_map__reuse_fd(skel->maps.flows, x->maps[MAP_FLOWS]);

	rc = rc ? rc : bpf_map__reuse_fd(skel->maps.peers, x->maps[MAP_PEERS]);
	rc = rc ? rc : bpf_map__reuse_fd(skel->maps.flow_stats, x->maps[MAP_FLOW_STATS]);
	rc = rc ? rc : bpf_map__reuse_fd(skel->maps.flow_common, x->maps[MAP_FLOW_COMMON]);
	rc = rc ? rc : bpf_map__reuse_fd(skel->maps.flow_cells, x->maps[MAP_FLOW_CELLS]);
	return rc ? rc : bpf_map__reuse_fd(skel->maps.flow_admission, x->maps[MAP_FLOW_ADMISSION]);
}

/* Loads the program over the open maps; its descriptor or -errno. */
static int load(const struct xdp *x, enum unreach_link link)
{
	struct flows_bpf *skel = flows_bpf__open();
	int rc, fd = -1;

	if (!skel)
		return -errno;
	skel->rodata->link_type = link;
	skel->rodata->have_coarse_clock = xdp_have_coarse_clock();
	skel->rodata->flow_sample = x->options.flow_sample;
	skel->rodata->flow_seed = x->instance->seed;
	skel->rodata->flow_shift = xdp_flow_shift(&x->options);
	skel->rodata->have_frags = xdp_have_frags();
	xdp_admission(x, x->options.flow_table, &skel->rodata->flow_interval,
		      &skel->rodata->flow_burst);
	rc = reuse_maps(x, skel);
	if (!rc && xdp_have_frags())
		rc = bpf_program__set_flags(skel->progs.unreach_flows, BPF_F_XDP_HAS_FRAGS);
	if (!rc)
		rc = flows_bpf__load(skel);
	if (!rc) {
		fd = dup(bpf_program__fd(skel->progs.unreach_flows));
		rc = fd < 0 ? -errno : 0;
	}
	flows_bpf__destroy(skel);
	return rc ? rc : fd;
}

/* Tells the program how long a packet can really be, where that has changed; 0 or -errno. */
static int tell_mtu(const struct xdp *x, const char *interface)
{
	struct unreach_flow_common common;
	__u32 zero = 0, mtu;
	int rc = iface_mtu(interface, &mtu);

	if (!rc && bpf_map_lookup_elem(x->maps[MAP_FLOW_COMMON], &zero, &common))
		rc = -errno;
	if (rc || common.longest == mtu)
		return rc;
	common.longest = mtu;
	return bpf_map_update_elem(x->maps[MAP_FLOW_COMMON], &zero, &common, 0) ? -errno : 0;
}

/* Is it watched as an outside interface already? Then it can't be the inside one too. */
static bool is_outside(const struct xdp *x, const char *interface)
{
	for (unsigned int i = 0; i < x->count; i++)
		if (strcmp(x->tallies[i].name, interface) == 0)
			return true;
	return false;
}

/* What must be known before a program is loaded; 0 or -errno, said in `error`. */
static int look_at(const struct xdp *x, const char *interface, enum unreach_link *link, char *error,
		   size_t size)
{
	const char *why;
	int rc = iface_link_type(interface, link);

	rc = rc ? rc : tell_mtu(x, interface);
	if (rc == -ENODEV)
		why = "no such interface; `ip link` lists them";
	else if (rc == -EPROTONOSUPPORT)
		why = "its frames start with neither an Ethernet nor an IP header";
	else if (rc)
		why = strerror(-rc);
	else if ((rc = is_outside(x, interface) ? -EINVAL : 0))
		why = "it is named with -i too; the inside interface is another one";
	else
		return 0;
	snprintf(error, size, "cannot watch flows on %s: %s", interface, why);
	return rc;
}

/* Has the program loaded for frames of this kind; 0 or -errno, said in `error`. */
static int prepare(struct xdp *x, enum unreach_link link, char *error, size_t size)
{
	struct xdp_interface *place = &x->inside_fds;
	int fd;

	if (place->prog_fd >= 0 && place->link == link)
		return 0;
	fd = load(x, link);
	if (fd < 0)
		return xdp_load_error(fd, x->inside.inside, error, size);
	if (place->prog_fd >= 0)
		close(place->prog_fd);
	place->prog_fd = fd;
	place->link = link;
	return 0;
}

int xdp_put_inside(struct xdp *x, char *error, size_t size)
{
	struct xdp_interface *place = &x->inside_fds;
	enum unreach_link link;
	int rc = look_at(x, x->inside.inside, &link, error, size), ifindex;

	if (!rc)
		rc = prepare(x, link, error, size);
	if (rc)
		return rc;
	ifindex = (int)if_nametoindex(x->inside.inside);
	rc = xdp_tie(x, XDP_LINK_INSIDE, place, ifindex, &x->inside.mode);
	if (rc)
		return xdp_link_error(rc, x->inside.inside, ifindex, error, size);
	x->inside.program_id = xdp_program_id(place->prog_fd);
	return 0;
}

/* Names the inside interface, NULL: there is none. */
static void name_inside(struct xdp *x, const char *interface)
{
	x->inside = (struct flow_watch){ .mode = "none",
					 .table = x->options.flow_table,
					 .sample = x->options.flow_sample };
	if (interface)
		snprintf(x->inside.inside, sizeof(x->inside.inside), "%s", interface);
}

int xdp_attach_inside(struct xdp *x, const char *interface, char *error, size_t size)
{
	int rc;

	name_inside(x, interface);
	rc = xdp_put_inside(x, error, size);
	if (rc) {
		name_inside(x, NULL);
		xdp_interface_close(&x->inside_fds);
	}
	return rc;
}

void xdp_await_inside(struct xdp *x, const char *interface, int why)
{
	xdp_link_remove(x, XDP_LINK_INSIDE); /* an earlier daemon's, on another device */
	name_inside(x, interface);
	x->inside_fds.refused = why;
}

bool xdp_leave_inside(struct xdp *x)
{
	char path[PIN_PATH_MAX];

	if (!x->options.pin_dir)
		return false;
	pins_path(path, x->options.pin_dir, XDP_LINK_INSIDE);
	return !unlink(path);
}

/* What all CPUs counted; 0 or -errno. */
static int read_stats(const struct xdp *x, struct unreach_flow_stats *sum)
{
	struct unreach_flow_stats *cpus = calloc(x->cpus, sizeof(*cpus));
	__u32 zero = 0;
	int rc = cpus ? 0 : -ENOMEM;

	if (!rc && bpf_map_lookup_elem(x->maps[MAP_FLOW_STATS], &zero, cpus))
		rc = -errno;
	for (unsigned int cpu = 0; cpu < x->cpus && !rc; cpu++) {
		sum->sent += cpus[cpu].sent;
		sum->answered += cpus[cpu].answered;
		sum->refused += cpus[cpu].refused;
		sum->too_long += cpus[cpu].too_long;
	}
	free(cpus);
	return rc;
}

const struct flow_watch *xdp_read_flow_watch(struct xdp *x)
{
	struct unreach_flow_stats stats = {};

	if (!x->inside.inside[0] || read_stats(x, &stats))
		return NULL;
	/* The device may be gone for a while: then what was told holds. */
	tell_mtu(x, x->inside.inside);
	flow_watch_update(&x->inside, &stats, clock_mono());
	return &x->inside;
}
