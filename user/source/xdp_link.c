// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Links: what ties a program to an interface. One of ours that is pinned is
 * updated in place, so that not a frame goes unseen between one daemon and the
 * next, and what fails leaves it as it was; a program that is not ours is named
 * and left alone. Knows links by their pins' names, not what they are for.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "base/log.h"
#include "source/pins.h"
#include "source/xdp_internal.h"

const char *xdp_mode_of(int ifindex, uint32_t program)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	if (!ifindex || !program || bpf_xdp_query(ifindex, 0, &query))
		return NULL;
	return program == query.drv_prog_id   ? "native"
	       : program == query.skb_prog_id ? "generic"
					      : NULL;
}

/* Looks at an open link; a negative descriptor is none. */
static struct xdp_pinned look_at(int fd)
{
	struct xdp_pinned link = { .fd = fd };
	struct bpf_link_info info = {};
	__u32 length = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &length) || info.type != BPF_LINK_TYPE_XDP)
		return link;
	link.ifindex = (int)info.xdp.ifindex;
	link.program = info.prog_id;
	link.mode = xdp_mode_of(link.ifindex, link.program);
	return link;
}

int xdp_link_device(int link_fd)
{
	struct xdp_pinned link = look_at(link_fd);

	return link.mode ? link.ifindex : 0;
}

struct xdp_pinned xdp_link_open(const struct xdp *x, const char *name)
{
	char path[PIN_PATH_MAX];

	if (!x->options.pin_dir)
		return look_at(-ENOENT);
	pins_path(path, x->pins, name);
	return look_at(bpf_obj_get(path));
}

static bool is_generic(const char *mode)
{
	return strcmp(mode, "generic") == 0;
}

/* Is a link of this mode what is asked for? */
static bool fits(const char *mode, enum xdp_mode asked)
{
	return asked == XDP_MODE_AUTO || is_generic(mode) == (asked == XDP_MODE_GENERIC);
}

static const char *name_of(int ifindex, char name[IF_NAMESIZE])
{
	return if_indextoname((unsigned int)ifindex, name) ? name : "?";
}

/* A new link in one mode; its descriptor or -errno. */
static int make_link(int prog_fd, int ifindex, bool generic)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts,
		    .flags = generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE);
	int fd = bpf_link_create(prog_fd, ifindex, BPF_XDP, &opts);

	return fd < 0 ? -errno : fd;
}

/* The same in the mode that is asked for; what the driver refuses is said. */
static int make_asked(enum xdp_mode asked, int prog_fd, int ifindex)
{
	int fd = make_link(prog_fd, ifindex, asked == XDP_MODE_GENERIC), generic;
	char interface[IF_NAMESIZE];

	if (fd >= 0 || asked != XDP_MODE_AUTO || fd == -EBUSY || fd == -EEXIST || fd == -EPERM)
		return fd;
	generic = make_link(prog_fd, ifindex, true);
	if (generic >= 0)
		log_info("%s: native mode was refused (%s)", name_of(ifindex, interface),
			 strerror(-fd));
	return generic;
}

/*
 * A link's mode is for life, and a device takes no second link beside it: off
 * with the old one, on with the new one, and where that fails back to the mode
 * that was. The new link's descriptor or -errno.
 */
static int change_mode(const struct xdp_pinned *old, enum xdp_mode asked, int prog_fd)
{
	char interface[IF_NAMESIZE];
	int fd, again;

	if (bpf_link_detach(old->fd))
		return -errno;
	fd = make_asked(asked, prog_fd, old->ifindex);
	if (fd >= 0)
		return fd;
	again = make_link(prog_fd, old->ifindex, is_generic(old->mode));
	if (again < 0)
		return fd;
	log_error("%s cannot be watched in %s mode: %s; it stays in %s mode",
		  name_of(old->ifindex, interface),
		  asked == XDP_MODE_GENERIC ? "generic" : "native", strerror(-fd), old->mode);
	return again;
}

/* Pins the link in the place of what was pinned there, which goes only then; 0 or -errno. */
static int pin_link(const struct xdp *x, const char *name, int fd)
{
	char path[PIN_PATH_MAX], new[PIN_PATH_MAX];

	pins_path(path, x->pins, name);
	pins_path(new, x->pins, XDP_LINK_NEW);
	if (unlink(new) && errno != ENOENT) /* of a start that was cut short */
		return -errno;
	if (bpf_obj_pin(fd, new))
		return -errno;
	return rename(new, path) ? -errno : 0;
}

/* A new link instead of the old one, pinned in its place; its descriptor or -errno. */
static int replace(const struct xdp *x, const char *name, const struct xdp_pinned *old, int prog_fd,
		   int ifindex)
{
	enum xdp_mode asked = x->options.mode;
	int fd, rc;

	if (old->mode && old->ifindex == ifindex)
		fd = change_mode(old, asked, prog_fd);
	else
		fd = make_asked(asked, prog_fd, ifindex);
	if (fd < 0 || !x->options.pin_dir)
		return fd;
	rc = pin_link(x, name, fd);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

int xdp_link(const struct xdp *x, const char *name, int prog_fd, int ifindex)
{
	struct xdp_pinned old = xdp_link_open(x, name);
	int fd = -ENOLINK;

	if (old.mode && old.ifindex == ifindex && fits(old.mode, x->options.mode)) {
		if (!bpf_link_update(old.fd, prog_fd, NULL))
			return old.fd;
		fd = -errno;
		old.mode = NULL; /* its device is gone, or it stays as it is */
	}
	if (fd == -ENOLINK)
		fd = replace(x, name, &old, prog_fd, ifindex);
	/* What holds the device may well be the link that we could not open. */
	if ((fd == -EBUSY || fd == -EEXIST) && old.fd == -EACCES)
		fd = old.fd;
	if (old.fd >= 0)
		close(old.fd);
	return fd;
}

int xdp_tie(const struct xdp *x, const char *name, struct xdp_interface *place, int ifindex,
	    const char **mode)
{
	bool was_there = xdp_is_pinned(x, name);
	int fd = xdp_link(x, name, place->prog_fd, ifindex);
	const char *attached;

	if (fd < 0)
		return fd;
	attached = xdp_mode_of(ifindex, xdp_program_id(place->prog_fd));
	if (!attached) { /* the device went while we attached */
		close(fd);
		return -ENOLINK;
	}
	place->link_fd = fd;
	place->made |= !was_there;
	*mode = attached;
	return 0;
}

bool xdp_link_remove(const struct xdp *x, const char *name)
{
	struct xdp_pinned old = xdp_link_open(x, name);
	char path[PIN_PATH_MAX];

	if (old.fd < 0)
		return false;
	bpf_link_detach(old.fd); /* at once; the kernel may take its time over an unlinked one */
	close(old.fd);
	pins_path(path, x->pins, name);
	return !unlink(path);
}

/* The id of the link that holds the program on the device, 0 where none is found. */
static uint32_t link_of(int ifindex, uint32_t program)
{
	__u32 id = 0;

	while (!bpf_link_get_next_id(id, &id)) {
		struct bpf_link_info info = {};
		__u32 length = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);
		bool found;

		if (fd < 0)
			continue;
		found = !bpf_obj_get_info_by_fd(fd, &info, &length) &&
			info.type == BPF_LINK_TYPE_XDP && info.prog_id == program &&
			info.xdp.ifindex == (__u32)ifindex;
		close(fd);
		if (found)
			return id;
	}
	return 0;
}

/* How to get a program out of the way; no name: we may not look at it. */
static void advise(const char *interface, const char *program, uint32_t link, char *advice,
		   size_t size)
{
	if (!program[0])
		snprintf(advice, size,
			 "only CAP_SYS_ADMIN may know more: as root, `bpftool prog show` names it, "
			 "`bpftool link show` what holds it");
	else if (!link)
		snprintf(advice, size,
			 "detach it first (`ip link set dev %s xdp off`, or stop what attached it)",
			 interface);
	else if (strncmp(program, "unreach", strlen("unreach")) == 0)
		snprintf(advice, size,
			 "BPF link %u holds it: another unreachd watches %s, or has left it pinned "
			 "in another folder (`unreachd --detach --pin-dir FOLDER`)",
			 link, interface);
	else
		snprintf(
			advice, size,
			"BPF link %u holds it: stop what made the link, or `bpftool link detach id "
			"%u`",
			link, link);
}

/* Names the program that is in our way. */
static void explain_foreign(const char *interface, int ifindex, char *error, size_t size)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info), id = 0;
	char advice[256], name[BPF_OBJ_NAME_LEN + 4] = "";
	int fd;

	if (!bpf_xdp_query(ifindex, 0, &query))
		id = query.drv_prog_id	 ? query.drv_prog_id
		     : query.skb_prog_id ? query.skb_prog_id
					 : query.hw_prog_id;
	fd = id ? bpf_prog_get_fd_by_id(id) : -1;
	if (fd >= 0) {
		bpf_obj_get_info_by_fd(fd, &info, &length);
		close(fd);
		snprintf(name, sizeof(name), "\"%s\", ", info.name[0] ? info.name : "?");
	}
	advise(interface,
	       fd < 0	      ? ""
	       : info.name[0] ? info.name
			      : "?",
	       id ? link_of(ifindex, id) : 0, advice, sizeof(advice));
	snprintf(error, size, "%s has another XDP program: %sid %u, %s mode; %s", interface, name,
		 id, id == query.drv_prog_id ? "native" : "generic", advice);
}

int xdp_link_error(int rc, const char *interface, int ifindex, char *error, size_t size)
{
	const char *hint = "";

	if (rc == -EBUSY || rc == -EEXIST) {
		explain_foreign(interface, ifindex, error, size);
		return rc;
	}
	if (rc == -EPERM)
		hint = "; run it as root, or with CAP_NET_ADMIN and CAP_BPF";
	else if (rc == -EACCES)
		hint = "; its pinned link is another user's: run it as that one, or `chown -R` the "
		       "pin folder";
	else if (rc == -EOPNOTSUPP)
		hint = "; its driver has no native XDP: try --mode generic";
	else if (rc == -ERANGE)
		hint = "; its MTU is too large for native XDP: lower it, or try --mode generic";
	snprintf(error, size, "cannot attach to %s: %s%s", interface, strerror(-rc), hint);
	return rc;
}
