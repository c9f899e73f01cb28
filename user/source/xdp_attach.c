// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One program an interface: a slot (xdp_slots.c), rodata for this kernel and
 * these options, a link (xdp_link.c). Where a device goes and comes back, see
 * xdp_again.c.
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
#include "unreach/hosts.h"

/* A flood of new addresses must take at least this long to turn a table over (DESIGN: admission).
 */
#define TABLE_TURNOVER_NS (10 * NS_PER_SEC)
/* What a budget can save up. */
#define BUDGET_BURST_NS (NS_PER_SEC / 10)
/* So much in a ring wakes the daemon, less in a small one: the rest is for while it can't run. */
#define WAKE_BYTES (1U << 20)

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

static uint32_t wake_bytes(size_t ring)
{
	return ring / 4 < WAKE_BYTES ? (uint32_t)(ring / 4) : WAKE_BYTES;
}

/*
 * A wake-up costs more than a message, and a ring that is full wakes in vain:
 * one looks once for as many records as fill `wake` bytes if all are of the
 * longest, so for shorter ones sooner.
 */
static uint32_t wake_mask(uint32_t wake, uint32_t snaplen)
{
	uint32_t records =
		wake / (uint32_t)(sizeof(struct unreach_record) + snaplen + BPF_RINGBUF_HDR_SZ);
	uint32_t stride = 1;

	while (stride * 2 <= records)
		stride *= 2;
	return stride - 1;
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
	ro->ring_wake = wake_bytes(x->rings[0].size);
	ro->wake_mask = wake_mask(ro->ring_wake, o->snaplen);
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
	ro->flow_shift = xdp_flow_shift(o);
	ro->cell_seed = x->instance->seed;
	ro->cell_mask = x->cells - 1;
	ro->host_sets = unreach_host_sets(o->table_size);
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

/* The program's id, 0 where the kernel does not tell. */
uint32_t xdp_program_id(int prog_fd)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	return bpf_obj_get_info_by_fd(prog_fd, &info, &length) ? 0 : info.id;
}

/* Lists an interface. */
static struct tally *list(struct xdp *x, const char *interface, uint32_t slot)
{
	struct tally *t = &x->tallies[x->count++];

	memset(t, 0, sizeof(*t));
	snprintf(t->name, sizeof(t->name), "%s", interface);
	t->slot = slot;
	t->mode = "none";
	t->waiting = true;
	return t;
}

static bool is_listed(const struct xdp *x, uint32_t slot)
{
	for (unsigned int i = 0; i < x->count; i++)
		if (x->tallies[i].slot == slot)
			return true;
	return false;
}

int xdp_load_error(int rc, const char *interface, char *error, size_t size)
{
	const char *hint = "unreachd needs Linux 5.10 or newer";

	if (rc == -EPERM)
		hint = "run it as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON";
	else if (rc == -EACCES) /* by the verifier */
		hint = "without CAP_PERFMON it takes no such program, nor does Linux before 5.10";
	snprintf(error, size, "the kernel refused the program for %s: %s; %s", interface,
		 strerror(-rc), hint);
	return rc;
}

/* What must be known before an interface is listed: its slot; -errno, said in `error`. */
static int look_at(const struct xdp *x, const char *interface, int ifindex, char *error,
		   size_t size)
{
	int slot = xdp_slot_find(x, interface, ifindex);

	if (slot >= 0 && !is_listed(x, (uint32_t)slot))
		return slot;
	if (slot >= 0)
		snprintf(error, size, "cannot watch %s: it is named twice", interface);
	else if (!x->options.pin_dir)
		snprintf(error, size, "cannot watch %s: all %d slots are taken", interface,
			 UNREACH_SLOTS);
	else
		snprintf(
			error, size,
			"cannot watch %s: all %d slots are taken; `unreachd --detach --pin-dir %s` "
			"frees them, and ends their counters",
			interface, UNREACH_SLOTS, x->options.pin_dir);
	return slot < 0 ? slot : -EINVAL;
}

/* What its frames start with; 0 or -errno, said in `error`. */
static int look_at_frames(const char *interface, enum unreach_link *link, char *error, size_t size)
{
	int rc = iface_link_type(interface, link);

	if (rc)
		snprintf(error, size, "cannot watch %s: %s", interface,
			 rc == -ENODEV ? "no such interface; `ip link` lists them"
			 : rc == -EPROTONOSUPPORT
				 ? "its frames start with neither an Ethernet nor an IP header"
				 : strerror(-rc));
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

void xdp_interface_close(struct xdp_interface *place)
{
	if (place->link_fd >= 0)
		close(place->link_fd);
	if (place->prog_fd >= 0)
		close(place->prog_fd);
	place->prog_fd = place->link_fd = -1;
	place->refused = 0;
}

/* Has the slot's program loaded for frames of this kind; 0 or -errno, said in `error`. */
static int prepare(struct xdp *x, struct tally *t, enum unreach_link link, char *error, size_t size)
{
	struct xdp_interface *place = &x->interfaces[t->slot];
	int fd;

	if (place->prog_fd >= 0 && place->link == link)
		return 0;
	t->frags = xdp_have_frags();
	fd = load(x, t->slot, link, t->frags);
	if (fd < 0)
		return xdp_load_error(fd, t->name, error, size);
	if (place->prog_fd >= 0)
		close(place->prog_fd);
	place->prog_fd = fd;
	place->link = link;
	return 0;
}

int xdp_put(struct xdp *x, struct tally *t, int ifindex, char *error, size_t size)
{
	struct xdp_interface *place = &x->interfaces[t->slot];
	struct unreach_slot *slot = &x->instance->slots[t->slot];
	char name[XDP_LINK_NAME_MAX];
	enum unreach_link link;
	int rc = look_at_frames(t->name, &link, error, size);

	if (!rc)
		rc = prepare(x, t, link, error, size);
	if (rc)
		return rc;
	make_way(x, ifindex);
	xdp_link_name(name, t->slot);
	rc = xdp_tie(x, name, place, ifindex, &t->mode);
	if (rc)
		return xdp_link_error(rc, t->name, ifindex, error, size);
	snprintf(slot->name, UNREACH_NAME_LEN, "%.*s", UNREACH_NAME_LEN - 1, t->name);
	slot->link = link;
	t->program_id = xdp_program_id(place->prog_fd);
	t->waiting = false;
	return 0;
}

int xdp_attach(struct xdp *x, const char *interface, char *error, size_t size)
{
	int ifindex = (int)if_nametoindex(interface), rc;
	int slot = look_at(x, interface, ifindex, error, size);
	struct tally *t;

	if (slot < 0)
		return slot;
	t = list(x, interface, (uint32_t)slot);
	if (ifindex)
		xdp_slot_rename(x->instance, t->slot, x->instance->slots[slot].name, interface);
	rc = xdp_put(x, t, ifindex, error, size);
	if (rc) {
		x->count--;
		xdp_interface_close(&x->interfaces[slot]);
	}
	return rc;
}

int xdp_await(struct xdp *x, const char *interface, int why, char *error, size_t size)
{
	int slot = look_at(x, interface, 0, error, size);

	if (slot < 0)
		return slot;
	list(x, interface, (uint32_t)slot);
	x->interfaces[slot].refused = why;
	snprintf(x->instance->slots[slot].name, UNREACH_NAME_LEN, "%s", interface);
	return 0;
}

/* Is there a slot with a name, and no program of this start? */
static bool is_earlier(const struct xdp *x, uint32_t slot)
{
	return x->instance->slots[slot].name[0] && !is_listed(x, slot);
}

/* Lists an interface whose earlier program still counts. */
static void keep(struct xdp *x, uint32_t slot)
{
	const char *name = x->instance->slots[slot].name;
	struct xdp_pinned link = xdp_slot_link(x, slot);
	char current[IF_NAMESIZE];
	struct tally *t;

	if (!link.mode) {
		if (link.fd >= 0)
			close(link.fd);
		return;
	}
	if (xdp_is_renamed(link.ifindex, name, current))
		xdp_slot_rename(x->instance, slot, name, current);
	log_warning("%s stays as an earlier start attached it (%s mode, program %u)", name,
		    link.mode, link.program);
	x->interfaces[slot].link_fd = link.fd;
	t = list(x, name, slot);
	t->mode = link.mode;
	t->program_id = link.program;
	t->frags = xdp_have_frags();
	t->waiting = false;
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
	char name[XDP_LINK_NAME_MAX];

	xdp_link_name(name, slot);
	if (xdp_link_remove(x, name))
		log_info("%s is no longer watched; its counters are kept",
			 x->instance->slots[slot].name);
}

void xdp_settle(struct xdp *x, const char *const *names, unsigned int count)
{
	bool kept = false;

	if (!x->adopted && !x->old)
		return;
	for (uint32_t slot = 0; slot < UNREACH_SLOTS; slot++)
		if (is_earlier(x, slot) && is_one_of(x->instance->slots[slot].name, names, count))
			keep(x, slot);
	/* A start that watches nothing takes nothing away. */
	for (uint32_t slot = 0; slot < UNREACH_SLOTS && x->count; slot++)
		if (is_earlier(x, slot))
			leave(x, slot);
	for (unsigned int i = 0; i < x->count; i++)
		kept |= !x->tallies[i].waiting && x->interfaces[x->tallies[i].slot].prog_fd < 0;
	if (x->old && x->count && !kept)
		xdp_old_finish(x);
}
