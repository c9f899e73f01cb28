// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One program an interface: a slot, rodata for this kernel and these options,
 * a link. A link of ours that is pinned is updated in place, so that not a
 * frame goes unseen between one daemon and the next; a program that is not
 * ours is named and left alone.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "base/clock.h"
#include "source/iface.h"
#include "source/pins.h"
#include "source/xdp_maps.h"

/* A flood of new addresses must take at least this long to turn a table over (DESIGN: admission).
 */
#define TABLE_TURNOVER_NS (10 * NS_PER_SEC)
/* What a budget can save up. */
#define BUDGET_BURST_NS (NS_PER_SEC / 10)

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Does the kernel take programs that bear frames in several pieces (6.1 on most drivers)? */
static bool have_frags(void)
{
	const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = BPF_F_XDP_HAS_FRAGS,
		    .expected_attach_type = BPF_XDP);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "unreach_probe", "GPL", pass,
			       sizeof(pass) / sizeof(pass[0]), &opts);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static bool have_helper(enum bpf_func_id helper)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, helper, NULL) == 1;
}

/* What this kernel has, what the user wants: constants to the verifier. */
static void fill_rodata(const struct xdp *x, uint32_t slot, enum unreach_link link,
			struct unreach_bpf__rodata *ro)
{
	const struct xdp_options *o = &x->options;
	bool known = o->track & 1U << UNREACH_SOURCES;

	ro->slot = slot;
	ro->link_type = link;
	ro->have_coarse_clock = have_helper(BPF_FUNC_ktime_get_coarse_ns);
	ro->have_load_bytes = have_helper(BPF_FUNC_xdp_load_bytes);
	ro->track = o->track;
	ro->events_mode = o->events;
	ro->snaplen = o->snaplen;
	ro->ring_wake = (uint32_t)(x->ring_size / 4);
	ro->source_interval = NS_PER_SEC / o->event_rate;
	ro->source_burst = max(NS_PER_SEC, ro->source_interval);
	/* Half for known sources, half for new ones; where none are known, all is for new ones. */
	ro->budget_interval = (known ? 2 : 1) * NS_PER_SEC / o->event_budget;
	ro->budget_burst = max(BUDGET_BURST_NS, ro->budget_interval);
	ro->admission_interval = TABLE_TURNOVER_NS * x->cpus / o->table_size;
	ro->admission_burst = max(NS_PER_SEC, ro->admission_interval);
	ro->evidence_interval = TABLE_TURNOVER_NS * x->cpus / xdp_exceptions(o);
	ro->evidence_burst = max(NS_PER_SEC, ro->evidence_interval);
	ro->cell_seed = x->instance->seed;
	ro->cell_mask = x->cells - 1;
}

/* Loads the program over the open maps; its descriptor or -errno. */
static int load(const struct xdp *x, uint32_t slot, enum unreach_link link, bool frags)
{
	struct unreach_bpf *skel = unreach_bpf__open();
	struct bpf_map *maps[XDP_MAPS];
	int rc = 0, fd = -1;

	if (!skel)
		return -errno;
	xdp_skeleton_maps(skel, maps);
	for (int i = 0; i < XDP_MAPS && !rc; i++)
		rc = bpf_map__reuse_fd(maps[i], x->maps[i]);
	fill_rodata(x, slot, link, skel->rodata);
	if (!rc && frags)
		rc = bpf_program__set_flags(skel->progs.unreach, BPF_F_XDP_HAS_FRAGS);
	if (!rc)
		rc = unreach_bpf__load(skel);
	if (!rc) {
		fd = dup(bpf_program__fd(skel->progs.unreach));
		rc = fd < 0 ? -errno : 0;
	}
	unreach_bpf__destroy(skel);
	return rc ? rc : fd;
}

/* The interface's slot: the one it had, or a free one; -ENOSPC. */
static int find_slot(const struct unreach_instance *instance, const char *interface)
{
	int free = -ENOSPC;

	for (int i = UNREACH_SLOTS - 1; i >= 0; i--) {
		if (strcmp(instance->slots[i].name, interface) == 0)
			return i;
		if (!instance->slots[i].name[0])
			free = i;
	}
	return free;
}

static uint32_t attach_flags(enum xdp_mode mode)
{
	return mode == XDP_MODE_GENERIC ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
}

/* The program's id, 0 where the kernel does not tell. */
static uint32_t program_id(int prog_fd)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	return bpf_obj_get_info_by_fd(prog_fd, &info, &length) ? 0 : info.id;
}

/* How the program is attached to the device; NULL: it is not. */
static const char *mode_of(int ifindex, uint32_t program)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	if (!program || bpf_xdp_query(ifindex, 0, &query))
		return NULL;
	return program == query.drv_prog_id   ? "native"
	       : program == query.skb_prog_id ? "generic"
					      : NULL;
}

/* Is the link still on this device, in a mode that is asked for? */
static bool link_fits(int link_fd, int ifindex, enum xdp_mode mode)
{
	struct bpf_link_info info = {};
	__u32 length = sizeof(info);
	const char *now;

	if (bpf_obj_get_info_by_fd(link_fd, &info, &length) || info.xdp.ifindex != (__u32)ifindex)
		return false;
	now = mode_of(ifindex, info.prog_id);
	if (!now || mode == XDP_MODE_AUTO)
		return now;
	return (strcmp(now, "generic") == 0) == (mode == XDP_MODE_GENERIC);
}

/* Puts the program into our pinned link; the link's descriptor, or -1 where there is none that
 * fits. */
static int adopt_link(const struct xdp *x, const char *path, int prog_fd, int ifindex)
{
	int fd = bpf_obj_get(path);

	if (fd < 0)
		return -1;
	if (link_fits(fd, ifindex, x->options.mode) && !bpf_link_update(fd, prog_fd, NULL))
		return fd;
	close(fd);
	unlink(path); /* the device was made anew, or another mode is asked for */
	return -1;
}

/* Attaches by a new link; its descriptor or -errno. */
static int make_link(const struct xdp *x, int prog_fd, int ifindex)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts);
	int fd;

	opts.flags = attach_flags(x->options.mode);
	fd = bpf_link_create(prog_fd, ifindex, BPF_XDP, &opts);
	if (fd >= 0 || x->options.mode != XDP_MODE_AUTO || errno == EBUSY || errno == EEXIST ||
	    errno == EPERM)
		return fd < 0 ? -errno : fd;
	opts.flags = XDP_FLAGS_SKB_MODE;
	fd = bpf_link_create(prog_fd, ifindex, BPF_XDP, &opts);
	return fd < 0 ? -errno : fd;
}

/* Names the program that is in our way. */
static void explain_foreign(const char *interface, int ifindex, char *error, size_t size)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info), id = 0;
	int fd;

	if (!bpf_xdp_query(ifindex, 0, &query))
		id = query.drv_prog_id	 ? query.drv_prog_id
		     : query.skb_prog_id ? query.skb_prog_id
					 : query.hw_prog_id;
	fd = id ? bpf_prog_get_fd_by_id(id) : -1;
	if (fd >= 0) {
		bpf_obj_get_info_by_fd(fd, &info, &length);
		close(fd);
	}
	snprintf(
		error, size,
		"%s has another XDP program: \"%s\", id %u, %s mode; detach it first (`ip link set "
		"dev %s xdp off`, or stop what attached it)",
		interface, info.name[0] ? info.name : "?", id,
		id == query.drv_prog_id ? "native" : "generic", interface);
}

/* Says why attaching failed. */
static void explain(int rc, const char *interface, int ifindex, char *error, size_t size)
{
	const char *hint = "";

	if (rc == -EBUSY || rc == -EEXIST) {
		explain_foreign(interface, ifindex, error, size);
		return;
	}
	if (rc == -EPERM)
		hint = "; run it as root, or with CAP_NET_ADMIN and CAP_BPF";
	else if (rc == -EOPNOTSUPP)
		hint = "; its driver has no native XDP: try --mode generic";
	else if (rc == -ERANGE)
		hint = "; its MTU is too large for native XDP: lower it, or try --mode generic";
	snprintf(error, size, "cannot attach to %s: %s%s", interface, strerror(-rc), hint);
}

/* Attaches a loaded program, in place of our own that is there; the link's descriptor or -errno. */
static int attach(const struct xdp *x, uint32_t slot, int prog_fd, int ifindex)
{
	char name[16], path[PIN_PATH_MAX];
	int fd;

	if (!x->options.pin_dir)
		return make_link(x, prog_fd, ifindex);
	snprintf(name, sizeof(name), "link-%u", slot);
	pins_path(path, x->options.pin_dir, name);
	fd = adopt_link(x, path, prog_fd, ifindex);
	if (fd >= 0)
		return fd;
	fd = make_link(x, prog_fd, ifindex);
	if (fd >= 0 && bpf_obj_pin(fd, path)) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

static void fill_tally(struct tally *t, const char *interface, uint32_t slot, const char *mode,
		       uint32_t program, bool frags)
{
	memset(t, 0, sizeof(*t));
	snprintf(t->name, sizeof(t->name), "%s", interface);
	t->slot = slot;
	t->mode = mode;
	t->program_id = program;
	t->frags = frags;
}

static int load_error(int rc, const char *interface, char *error, size_t size)
{
	snprintf(error, size, "the kernel refused the program for %s: %s%s", interface,
		 strerror(-rc),
		 rc == -EPERM ? "; run it as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"
			      : "; unreachd needs Linux 5.10 or newer");
	return rc;
}

static void close_pair(int link_fd, int prog_fd)
{
	if (link_fd >= 0)
		close(link_fd);
	close(prog_fd);
}

/* What must be known before a program is loaded; 0 or -errno, said in `error`. */
static int look_at(const struct xdp *x, const char *interface, int *slot, enum unreach_link *link,
		   char *error, size_t size)
{
	const char *why;
	int rc = iface_link_type(interface, link);

	*slot = find_slot(x->instance, interface);
	if (rc == -ENODEV)
		why = "no such interface; `ip link` lists them";
	else if (rc == -EPROTONOSUPPORT)
		why = "its frames start with neither an Ethernet nor an IP header";
	else if (rc)
		why = strerror(-rc);
	else if ((rc = *slot < 0 ? *slot : 0))
		why = "all 16 slots are taken; `unreachd --detach` frees them";
	else if ((rc = x->interfaces[*slot].link_fd >= 0 ? -EEXIST : 0))
		why = "it is named twice";
	else
		return 0;
	snprintf(error, size, "cannot watch %s: %s", interface, why);
	return rc;
}

int xdp_attach(struct xdp *x, const char *interface, char *error, size_t size)
{
	int slot, prog_fd, link_fd, ifindex;
	bool frags = have_frags();
	enum unreach_link link;
	const char *mode;
	int rc = look_at(x, interface, &slot, &link, error, size);

	if (rc)
		return rc;
	ifindex = (int)if_nametoindex(interface);
	prog_fd = load(x, (uint32_t)slot, link, frags);
	if (prog_fd < 0)
		return load_error(prog_fd, interface, error, size);
	link_fd = attach(x, (uint32_t)slot, prog_fd, ifindex);
	mode = link_fd < 0 ? NULL : mode_of(ifindex, program_id(prog_fd));
	if (!mode) {
		rc = link_fd < 0 ? link_fd : -ENOLINK; /* the device went while we attached */
		explain(rc, interface, ifindex, error, size);
		close_pair(link_fd, prog_fd);
		return rc;
	}
	snprintf(x->instance->slots[slot].name, UNREACH_NAME_LEN, "%s", interface);
	x->instance->slots[slot].link = link;
	x->interfaces[slot] = (struct xdp_interface){ .prog_fd = prog_fd, .link_fd = link_fd };
	fill_tally(&x->tallies[x->count++], interface, (uint32_t)slot, mode, program_id(prog_fd),
		   frags);
	return 0;
}
