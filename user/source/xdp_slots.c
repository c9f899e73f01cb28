// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Slots: an interface's place in the counters. A slot follows its device,
 * whatever that is called, as long as the device is there, and its name beyond
 * that. Attaches nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "source/xdp_internal.h"

/* The slot of that name, or a free one (""); -1. */
static int slot_named(const struct unreach_instance *instance, const char *name)
{
	for (int i = 0; i < UNREACH_SLOTS; i++)
		if (strcmp(instance->slots[i].name, name) == 0)
			return i;
	return -1;
}

void xdp_link_name(char name[XDP_LINK_NAME_MAX], uint32_t slot)
{
	snprintf(name, XDP_LINK_NAME_MAX, XDP_LINK_PIN "%u", slot);
}

struct xdp_pinned xdp_slot_link(const struct xdp *x, uint32_t slot)
{
	char name[XDP_LINK_NAME_MAX];

	xdp_link_name(name, slot);
	return xdp_link_open(x, name);
}

/* The slot whose link is on the device, -1 where there is none. */
static int slot_on(const struct xdp *x, int ifindex)
{
	for (uint32_t slot = 0; slot < UNREACH_SLOTS; slot++) {
		struct xdp_pinned link = xdp_slot_link(x, slot);

		if (link.fd >= 0)
			close(link.fd);
		if (link.mode && link.ifindex == ifindex)
			return (int)slot;
	}
	return -1;
}

void xdp_slot_rename(struct unreach_instance *instance, uint32_t slot, const char *known,
		     const char *name)
{
	char *old = instance->slots[slot].name;
	int other = slot_named(instance, name);

	if (known[0] && strcmp(known, name) != 0)
		log_info("%s is called %s now; its counters go on under that name", known, name);
	if (!old[0] || other == (int)slot)
		return;
	if (other >= 0)
		memcpy(instance->slots[other].name, old, UNREACH_NAME_LEN);
	snprintf(old, UNREACH_NAME_LEN, "%s", name);
}

int xdp_slot_find(const struct xdp *x, const char *interface, int ifindex)
{
	int slot = slot_on(x, ifindex);

	if (slot < 0)
		slot = slot_named(x->instance, interface);
	if (slot < 0)
		slot = slot_named(x->instance, "");
	return slot < 0 ? -ENOSPC : slot;
}
