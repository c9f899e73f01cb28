// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One program an interface: a slot, rodata for this kernel and these options,
 * a link (xdp_link.c). A slot follows its device, whatever that is called, as
 * long as the device is there, and its name beyond that.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/clock.h"
#include "base/log.h"
#include "source/iface.h"
#include "source/xdp_maps.h"

/* A flood of new addresses must take at least this long to turn a table over (DESIGN: admission).
 */
#define TABLE_TURNOVER_NS (10 * NS_PER_SEC)
/* What a budget can save up. */
#define BUDGET_BURST_NS (NS_PER_SEC / 10)
#define LINK_NAME_MAX 16

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Does the kernel take programs that bear frames in several pieces (6.1 on most drivers)? */
bool xdp_have_frags(void)
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

bool xdp_have_coarse_clock(void)
{
	return have_helper(BPF_FUNC_ktime_get_coarse_ns);
}

void xdp_admission(const struct xdp *x, uint32_t rows, unsigned long long *interval,
		   unsigned long long *burst)
{
	*interval = TABLE_TURNOVER_NS * x->cpus / rows;
	*burst = max(NS_PER_SEC, *interval);
}

/* What this kernel has, what the user wants: constants to the verifier. */
static void fill_rodata(const struct xdp *x, uint32_t slot, enum unreach_link link,
			struct unreach_bpf__rodata *ro)
{
	const struct xdp_options *o = &x->options;
	bool known = o->track & 1U << UNREACH_SOURCES;

	ro->slot = slot;
	ro->link_type = link;
	ro->have_coarse_clock = xdp_have_coarse_clock();
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
	xdp_admission(x, o->table_size, &ro->admission_interval, &ro->admission_burst);
	xdp_admission(x, xdp_exceptions(o), &ro->evidence_interval, &ro->evidence_burst);
	ro->watch_flows = o->watch_flows;
	ro->flow_sample = o->flow_sample;
	ro->flow_seed = x->instance->seed;
	ro->cell_seed = x->instance->seed;
	ro->cell_mask = x->cells - 1;
	ro->known_shift = xdp_known_shift(o);
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

/* The slot of that name, or a free one (""); -1. */
static int slot_named(const struct unreach_instance *instance, const char *name)
{
	for (int i = 0; i < UNREACH_SLOTS; i++)
		if (strcmp(instance->slots[i].name, name) == 0)
			return i;
	return -1;
}

static void link_name(char name[LINK_NAME_MAX], uint32_t slot)
{
	snprintf(name, LINK_NAME_MAX, XDP_LINK_PIN "%u", slot);
}

/* A slot's pinned link; the caller closes its descriptor. */
static struct xdp_pinned link_of(const struct xdp *x, uint32_t slot)
{
	char name[LINK_NAME_MAX];

	link_name(name, slot);
	return xdp_link_open(x, name);
}

/* The slot whose link is on the device, -1 where there is none. */
static int slot_on(const struct xdp *x, int ifindex)
{
	for (uint32_t slot = 0; slot < UNREACH_SLOTS; slot++) {
		struct xdp_pinned link = link_of(x, slot);

		if (link.fd >= 0)
			close(link.fd);
		if (link.mode && link.ifindex == ifindex)
			return (int)slot;
	}
	return -1;
}

/* The slot's device may have another name now. Names stay unique: a slot that had this one gets the
 * old one for it. */
static void rename_slot(struct unreach_instance *instance, int slot, const char *name)
{
	char *old = instance->slots[slot].name;
	int other = slot_named(instance, name);

	if (!old[0] || other == slot)
		return;
	log_info("%s is called %s now; its counters go on under that name", old, name);
	if (other >= 0)
		memcpy(instance->slots[other].name, old, UNREACH_NAME_LEN);
	snprintf(old, UNREACH_NAME_LEN, "%s", name);
}

/* The interface's slot: its device's, that of its name, or a free one; -ENOSPC. */
static int find_slot(const struct xdp *x, const char *interface, int ifindex)
{
	int slot = slot_on(x, ifindex);

	if (slot < 0)
		slot = slot_named(x->instance, interface);
	if (slot < 0)
		slot = slot_named(x->instance, "");
	return slot < 0 ? -ENOSPC : slot;
}

/* The program's id, 0 where the kernel does not tell. */
uint32_t xdp_program_id(int prog_fd)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	return bpf_obj_get_info_by_fd(prog_fd, &info, &length) ? 0 : info.id;
}

/* Lists an interface that is watched. */
static void add_tally(struct xdp *x, const char *interface, uint32_t slot, const char *mode,
		      uint32_t program, bool frags)
{
	struct tally *t = &x->tallies[x->count++];

	memset(t, 0, sizeof(*t));
	snprintf(t->name, sizeof(t->name), "%s", interface);
	t->slot = slot;
	t->mode = mode;
	t->program_id = program;
	t->frags = frags;
}

int xdp_load_error(int rc, const char *interface, char *error, size_t size)
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
static int look_at(const struct xdp *x, const char *interface, int ifindex, int *slot,
		   enum unreach_link *link, char *error, size_t size)
{
	const char *why;
	int rc = ifindex ? iface_link_type(interface, link) : -ENODEV;

	if (rc == -ENODEV)
		why = "no such interface; `ip link` lists them";
	else if (rc == -EPROTONOSUPPORT)
		why = "its frames start with neither an Ethernet nor an IP header";
	else if (rc)
		why = strerror(-rc);
	else if ((rc = *slot = find_slot(x, interface, ifindex)) < 0)
		why = "all 16 slots are taken; `unreachd --detach` frees them";
	else if ((rc = x->interfaces[*slot].link_fd >= 0 ? -EEXIST : 0))
		why = "it is named twice";
	else
		return 0;
	snprintf(error, size, "cannot watch %s: %s", interface, why);
	return rc;
}

/* An interface that was the inside one for an earlier daemon may be an outside one now. */
static void make_way(const struct xdp *x, int ifindex)
{
	struct xdp_pinned inside = xdp_link_open(x, XDP_LINK_INSIDE);

	if (inside.fd >= 0)
		close(inside.fd);
	if (inside.mode && inside.ifindex == ifindex)
		xdp_link_remove(x, XDP_LINK_INSIDE);
}

int xdp_attach(struct xdp *x, const char *interface, char *error, size_t size)
{
	int slot, prog_fd, link_fd, ifindex = (int)if_nametoindex(interface);
	bool frags = xdp_have_frags();
	char name[LINK_NAME_MAX];
	enum unreach_link link;
	const char *mode;
	int rc = look_at(x, interface, ifindex, &slot, &link, error, size);

	if (rc)
		return rc;
	rename_slot(x->instance, slot, interface);
	prog_fd = load(x, (uint32_t)slot, link, frags);
	if (prog_fd < 0)
		return xdp_load_error(prog_fd, interface, error, size);
	make_way(x, ifindex);
	link_name(name, (uint32_t)slot);
	link_fd = xdp_link(x, name, prog_fd, ifindex);
	mode = link_fd < 0 ? NULL : xdp_mode_of(ifindex, xdp_program_id(prog_fd));
	if (!mode) {
		rc = link_fd < 0 ? link_fd : -ENOLINK; /* the device went while we attached */
		close_pair(link_fd, prog_fd);
		return xdp_link_error(rc, interface, ifindex, error, size);
	}
	snprintf(x->instance->slots[slot].name, UNREACH_NAME_LEN, "%s", interface);
	x->instance->slots[slot].link = link;
	x->interfaces[slot] = (struct xdp_interface){ .prog_fd = prog_fd, .link_fd = link_fd };
	add_tally(x, interface, (uint32_t)slot, mode, xdp_program_id(prog_fd), frags);
	return 0;
}

/* Is there a slot with a name, and no program of this start? */
static bool is_earlier(const struct xdp *x, uint32_t slot)
{
	return x->instance->slots[slot].name[0] && x->interfaces[slot].link_fd < 0;
}

/* Lists an interface whose earlier program still counts. */
static void keep(struct xdp *x, uint32_t slot)
{
	const char *name = x->instance->slots[slot].name;
	struct xdp_pinned link = link_of(x, slot);

	if (!link.mode) {
		if (link.fd >= 0)
			close(link.fd);
		return;
	}
	log_warning("%s stays as an earlier start attached it (%s mode, program %u)", name,
		    link.mode, link.program);
	x->interfaces[slot].link_fd = link.fd;
	add_tally(x, name, slot, link.mode, link.program, xdp_have_frags());
}

static bool is_one_of(const char *name, const char *const *names, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Detaches an interface that an earlier start watched; its slot and its counters stay. */
static void leave(const struct xdp *x, uint32_t slot)
{
	char name[LINK_NAME_MAX];

	link_name(name, slot);
	if (xdp_link_remove(x, name))
		log_info("%s is no longer watched; its counters are kept",
			 x->instance->slots[slot].name);
}

void xdp_settle(struct xdp *x, const char *const *names, unsigned int count)
{
	if (!x->adopted)
		return;
	for (uint32_t slot = 0; slot < UNREACH_SLOTS; slot++)
		if (is_earlier(x, slot) && is_one_of(x->instance->slots[slot].name, names, count))
			keep(x, slot);
	/* A start that watches nothing takes nothing away. */
	for (uint32_t slot = 0; slot < UNREACH_SLOTS && x->count; slot++)
		if (is_earlier(x, slot))
			leave(x, slot);
}
