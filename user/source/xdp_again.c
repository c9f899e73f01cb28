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
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "source/xdp_internal.h"

/* Was it on a device until now, and isn't any more? */
static bool has_left(struct xdp_interface *place)
{
	if (place->link_fd < 0 || xdp_link_lives(place->link_fd))
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

enum xdp_change xdp_look_again(struct xdp *x, unsigned int i, char *error, size_t size)
{
	struct tally *t = &x->tallies[i];
	struct xdp_interface *place = &x->interfaces[t->slot];
	int ifindex;

	if (has_left(place)) {
		t->waiting = true;
		t->mode = "none";
		return XDP_LEFT;
	}
	if (!t->waiting)
		return XDP_SAME;
	ifindex = (int)if_nametoindex(t->name);
	if (ifindex)
		return outcome(place, xdp_put(x, t, ifindex, error, size));
	place->refused = 0; /* another device may be refused for the same reason */
	return XDP_SAME;
}

enum xdp_change xdp_look_inside(struct xdp *x, char *error, size_t size)
{
	struct xdp_interface *place = &x->inside_fds;
	int ifindex, rc;

	if (has_left(place))
		return XDP_LEFT;
	ifindex = place->prog_fd >= 0 && place->link_fd < 0 ? (int)if_nametoindex(x->inside.inside)
							    : 0;
	if (!ifindex)
		return XDP_SAME;
	rc = xdp_tie(x, XDP_LINK_INSIDE, place, ifindex, &x->inside.mode);
	if (rc)
		xdp_link_error(rc, x->inside.inside, ifindex, error, size);
	return outcome(place, rc);
}

const struct flow_watch *xdp_inside(const struct xdp *x)
{
	return &x->inside;
}

bool xdp_waits(const struct xdp *x)
{
	bool waits = x->inside_fds.prog_fd >= 0 && x->inside_fds.link_fd < 0;

	for (unsigned int i = 0; i < x->count; i++)
		waits |= x->tallies[i].waiting;
	return waits;
}

bool xdp_loaded(const struct xdp *x)
{
	for (unsigned int i = 0; i < x->count; i++)
		if (x->interfaces[x->tallies[i].slot].prog_fd < 0)
			return false;
	return true;
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
