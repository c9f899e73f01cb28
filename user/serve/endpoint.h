/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A Unix socket's place in the file system: taken once, given back only if it is still ours. */
#ifndef UNREACH_SERVE_ENDPOINT_H
#define UNREACH_SERVE_ENDPOINT_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/un.h>

struct endpoint {
	struct sockaddr_un address;
	dev_t device; /* the socket's file, as we made it */
	ino_t inode;
};

/*
 * Listens at `path`, mode 0660 and of the group CONTROL_GROUP (where there is
 * one) from the first moment. Makes the folder of the default path; replaces a
 * socket that nobody answers. Returns a non-blocking descriptor, or -errno with
 * one line in `error`: -EADDRINUSE where a daemon answers there.
 */
int endpoint_open(struct endpoint *e, const char *path, char *error, size_t error_size);
/* Removes the socket's file, if it is the one that endpoint_open made. */
void endpoint_remove(const struct endpoint *e);

#endif
