// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What one version leaves to another, and has from it: the map `layout`
 * describes the maps of this set, the map `carried` holds the totals of sets
 * before it. Only user space reads and writes them.
 */
#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "source/xdp_maps.h"

int xdp_layout_open(struct xdp *x)
{
	struct unreach_bpf *skel = unreach_bpf__open();
	const void *raw;
	__u32 size;

	if (!skel)
		return -errno;
	raw = btf__raw_data(bpf_object__btf(skel->obj), &size);
	x->layout = raw ? btf__new(raw, size) : NULL;
	unreach_bpf__destroy(skel);
	return x->layout ? 0 : -ENOMEM;
}

int xdp_carried_store(const struct xdp *x)
{
	for (__u32 slot = 0; slot < UNREACH_SLOTS; slot++)
		if (bpf_map_update_elem(x->carried_fd, &slot, &x->carried[slot], BPF_ANY))
			return -errno;
	return 0;
}

/* A new map of one value an entry, pinned; its descriptor or -errno. */
static int make(const struct xdp *x, const char *name, size_t value, __u32 entries)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, name, sizeof(__u32), (__u32)value, entries,
				NULL);
	int rc = fd < 0 ? -errno : xdp_pin(x, fd, name);

	if (!rc)
		return fd;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* How we count, for the next version; 0 or -errno. */
static int make_layout(const struct xdp *x)
{
	__u32 size, zero = 0;
	const void *raw = btf__raw_data(x->layout, &size);
	int fd = raw ? make(x, XDP_LAYOUT_PIN, size, 1) : -ENOMEM, rc;

	if (fd < 0)
		return fd;
	rc = bpf_map_update_elem(fd, &zero, raw, BPF_ANY) ? -errno : 0;
	close(fd);
	return rc;
}

static int carried_make(struct xdp *x)
{
	int rc = make_layout(x);
	uint64_t lost;

	if (rc)
		return rc;
	x->carried_fd = make(x, XDP_CARRIED_PIN, sizeof(struct xdp_carried), UNREACH_SLOTS);
	if (x->carried_fd < 0)
		return x->carried_fd;
	if (!x->old)
		return 0;
	/* For now; it ends where their last program does. */
	rc = xdp_old_read(x, &lost);
	return rc ? rc : xdp_carried_store(x);
}

/* What is stored in the pinned map, which is ours now; 0 or -errno. */
static int carried_adopt(struct xdp *x, int fd)
{
	x->carried_fd = fd;
	for (__u32 slot = 0; slot < UNREACH_SLOTS; slot++)
		if (bpf_map_lookup_elem(x->carried_fd, &slot, &x->carried[slot]))
			return -errno;
	return 0;
}

int xdp_carried_open(struct xdp *x, char *error, size_t size)
{
	struct bpf_map_info info;
	int fd;

	if (!x->adopted)
		return carried_make(x);
	fd = xdp_get_pinned(x, XDP_LAYOUT_PIN, &info);
	if (fd >= 0)
		close(fd);
	if (fd == -ENOENT)
		return xdp_refuse(x, XDP_LAYOUT_PIN, "is missing", error, size);
	fd = xdp_get_pinned(x, XDP_CARRIED_PIN, &info);
	if (fd == -ENOENT)
		return xdp_refuse(x, XDP_CARRIED_PIN, "is missing", error, size);
	if (fd < 0)
		return fd;
	if (info.type == BPF_MAP_TYPE_ARRAY && info.max_entries == UNREACH_SLOTS &&
	    info.value_size == sizeof(struct xdp_carried))
		return carried_adopt(x, fd);
	close(fd);
	return xdp_refuse(x, XDP_CARRIED_PIN, "is another version's", error, size);
}
