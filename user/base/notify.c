// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One datagram a word; a path, or a name of the abstract namespace with '@' for its first byte. */
#include "base/notify.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_US 100000
#define NS_PER_US 1000ULL

int notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	const struct timeval patience = { .tv_usec = PATIENCE_US };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t length = path ? strlen(path) : 0;
	int fd, rc;

	if (!length)
		return 0;
	if (length >= sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@'))
		return -EINVAL;
	memcpy(to.sun_path, path, length);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	rc = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0
		     ? -errno
		     : 0;
	close(fd);
	return rc;
}

/* A variable that is a number; 0 where it is none. */
static uint64_t number_of(const char *variable)
{
	const char *text = getenv(variable);
	unsigned long long value;
	char *end;

	if (!text || !isdigit((unsigned char)text[0]))
		return 0;
	errno = 0;
	value = strtoull(text, &end, 10);
	return errno || *end ? 0 : value;
}

uint64_t notify_watchdog(void)
{
	uint64_t usec = number_of("WATCHDOG_USEC");

	/* Inherited from a process that is watched in our place. */
	if (getenv("WATCHDOG_PID") && number_of("WATCHDOG_PID") != (uint64_t)getpid())
		return 0;
	return usec < UINT64_MAX / NS_PER_US ? usec * NS_PER_US / 2 : 0;
}
