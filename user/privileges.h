/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Capabilities (capabilities(7)): what the daemon may do beyond other processes,
 * less and less. What is given up is gone for good, and no program that it
 * starts gets any of it. Knows nothing of what they are needed for here.
 */
#ifndef UNREACH_PRIVILEGES_H
#define UNREACH_PRIVILEGES_H

#include <stdbool.h>

/* How far down, one below the other. */
enum privileges {
	/*
	 * BPF, NET_ADMIN, PERFMON: maps, programs, links. And as far as they were
	 * given: SYS_ADMIN (mounts bpffs, names somebody else's program), SYS_RESOURCE
	 * (locked memory before 5.11), CHOWN (the socket's group), DAC_OVERRIDE and
	 * DAC_READ_SEARCH (folders that belong to others), NET_BIND_SERVICE (a port
	 * below 1024).
	 */
	PRIVILEGES_START,
	PRIVILEGES_LOAD, /* BPF, NET_ADMIN, PERFMON: another program can be loaded */
	PRIVILEGES_RUN, /* BPF, NET_ADMIN: kernels that want them for what is open, too */
	PRIVILEGES_NONE,
};

/* Keeps what the step allows and we have; children get nothing from the first call on. 0 or -errno.
 */
int privileges_keep(enum privileges step);
/* Does `works` hold without any of them? They are back afterwards. */
bool privileges_spare(bool (*works)(void *context), void *context);

#endif
