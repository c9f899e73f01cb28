// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Interfaces that go and come back under a running daemon, and those that are
 * waited for. What is there is looked up each time, whatever made us look, so
 * nothing depends on the order in which words of it came. A program that is
 * loaded already is attached to the new device: that takes no privileges.
 */
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/log.h"
#include "source/xdp_internal.h"

/* Was it on a device until now, and isn't any more? Else *device is that, 0 where it waits. */
static bool has_left(struct xdp_interface *place, int *device)
{
	*device = place->link_fd < 0 ? 0 : xdp_link_device(place->link_fd);
	if (place->link_fd < 0 || *device)
		return false;
	close(place->link_fd);
	place->link_fd = -1;
	place->refused = 0;
	return true;
}

/* What to say of a try that ended with rc. */
static enum xdp_change outcome(struct xdp_interface *place, int rc)
{
	bool told = rc && rc == place->refused;

	place->refused = rc;
	if (told)
		return XDP_SAME;
	return rc ? XDP_REFUSED : XDP_TAKEN;
}

bool xdp_is_renamed(int ifindex, const char *name, char *current)
{
	/* It may have more names than one (altname), and be known by any. */
	return (int)if_nametoindex(name) != ifindex &&
	       if_indextoname((unsigned int)ifindex, current);
}

/* The interface is called so from now on; one that was waited for by that name gets the old one. */
static void rename_listed(struct xdp *x, struct tally *t, const char *name)
{
	xdp_slot_rename(x->instance, t->slot, t->name, name);
	for (unsigned int i = 0; i < x->count; i++)
		if (x->tallies[i].waiting && strcmp(x->tallies[i].name, name) == 0)
			memcpy(x->tallies[i].name, t->name, sizeof(t->name));
	snprintf(t->name, sizeof(t->name), "%s", name);
}

/* Is the device that has the name one of those that are watched already? */
static bool is_watched(const struct xdp *x, int ifindex)
{
	bool watched = xdp_link_device(x->inside_fds.link_fd) == ifindex;

	for (unsigned int i = 0; i < x->count && !watched; i++)
		watched = xdp_link_device(x->interfaces[x->tallies[i].slot].link_fd) == ifindex;
	return watched;
}

enum xdp_change xdp_look_again(struct xdp *x, unsigned int i, char *error, size_t size)
{
	struct tally *t = &x->tallies[i];
	struct xdp_interface *place = &x->interfaces[t->slot];
	char current[IF_NAMESIZE];
	int ifindex;

	if (has_left(place, &ifindex)) {
		t->waiting = true;
		t->mode = "none";
		return XDP_LEFT;
	}
	if (ifindex && xdp_is_renamed(ifindex, t->name, current)) {
		rename_listed(x, t, current);
		return XDP_RENAMED;
	}
	if (!t->waiting)
		return XDP_SAME;
	ifindex = (int)if_nametoindex(t->name);
	if (ifindex && !is_watched(x, ifindex))
		return outcome(place, xdp_put(x, t, ifindex, error, size));
	place->refused = 0; /* another device may be refused for the same reason */
	return XDP_SAME;
}

static bool waits_inside(const struct xdp *x)
{
	return x->inside.inside[0] && x->inside_fds.link_fd < 0;
}

enum xdp_change xdp_look_inside(struct xdp *x, char *error, size_t size)
{
	struct xdp_interface *place = &x->inside_fds;
	char current[IF_NAMESIZE];
	int ifindex;

	if (has_left(place, &ifindex)) {
		x->inside.mode = "none";
		return XDP_LEFT;
	}
	if (ifindex && xdp_is_renamed(ifindex, x->inside.inside, current)) {
		log_info("%s is called %s now; flows are watched from it as before",
			 x->inside.inside, current);
		snprintf(x->inside.inside, sizeof(x->inside.inside), "%s", current);
		return XDP_RENAMED;
	}
	if (!waits_inside(x))
		return XDP_SAME;
	if (if_nametoindex(x->inside.inside))
		return outcome(place, xdp_put_inside(x, error, size));
	place->refused = 0;
	return XDP_SAME;
}

const struct flow_watch *xdp_inside(const struct xdp *x)
{
	return &x->inside;
}

bool xdp_waits(const struct xdp *x)
{
	bool waits = waits_inside(x);

	for (unsigned int i = 0; i < x->count; i++)
		waits |= x->tallies[i].waiting;
	return waits;
}

bool xdp_loaded(const struct xdp *x)
{
	for (unsigned int i = 0; i < x->count; i++)
		if (x->interfaces[x->tallies[i].slot].prog_fd < 0)
			return false;
	return !x->inside.inside[0] || x->inside_fds.prog_fd >= 0;
}

bool xdp_goes_on(const struct xdp *x)
{
	const struct tally *t = &x->tallies[0];
	struct unreach_instance instance;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(x->maps[MAP_INSTANCE], &zero, &instance))
		return false;
	/* There is no such device: whether we may is what the kernel looks at before. */
	return bpf_link_create(x->interfaces[t->slot].prog_fd, INT_MAX, BPF_XDP, NULL) < 0 &&
	       errno != EPERM;
}
