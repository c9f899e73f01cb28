/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A network namespace of the test's own, without root where users may make
 * some, for tests that ask the kernel.
 */
#ifndef UNREACH_TESTS_UNIT_NAMESPACE_H
#define UNREACH_TESTS_UNIT_NAMESPACE_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static bool own_namespace; /* it was to be had */

/* Lets the user be root of a namespace. */
static inline void map_root(unsigned int uid)
{
	char map[32];
	int fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	int length = snprintf(map, sizeof(map), "0 %u 1", uid);

	if (fd < 0 || write(fd, map, (size_t)length) != length)
		print_message("cannot map the user: %s\n", strerror(errno));
	close(fd);
}

/* From now on the process has a network of its own, made by these commands; 0 or not. */
static inline int enter_namespace(const char *commands)
{
	unsigned int uid = geteuid();

	if (unshare(CLONE_NEWNET)) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
			return 0;
		map_root(uid);
	}
	own_namespace = true;
	return system(commands);
}

static inline void need_namespace(void)
{
	if (own_namespace)
		return;
	print_message("SKIP: no namespace of our own to be had\n");
	skip();
}

#endif
