// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The client's side of the control socket: connect, send one line, look at the
 * status line, copy what follows as it comes. It also watches stdout while it
 * waits, so that a follower in a pipe ends with its reader.
 */
#include "cli/ask.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/paths.h"

/* A daemon that says nothing for so long is stuck. */
#define PATIENCE_SECONDS 30
#define STATUS_MAX 1024

/* What became of the wait for bytes. */
enum wait { WAIT_BYTES, WAIT_TIMEOUT, WAIT_NO_READER };

static void say_no_permission(const char *path)
{
	struct stat st;
	const struct group *group = stat(path, &st) ? NULL : getgrgid(st.st_gid);

	if (group && st.st_gid)
		log_error("no permission to use %s; root and the group '%s' have it: "
			  "usermod -aG %s USER, and log in again",
			  path, group->gr_name, group->gr_name);
	else
		log_error("no permission to use %s; only root has it: run this as root, or make a "
			  "group '%s' and restart unreachd",
			  path, CONTROL_GROUP);
}

/* Nobody is there: start who would be, or look where he is. */
static void say_nobody(const char *path, int error)
{
	const bool usual = !strcmp(path, CONTROL_SOCKET);
	struct stat st;

	if (!stat(path, &st) && !S_ISSOCK(st.st_mode))
		log_error("%s is no socket; name the one that the daemon was given (" CONTROL_SOCKET
			  ")",
			  path);
	else
		log_error("no daemon at %s (%s); start it with: unreachd -i IFACE%s%s", path,
			  strerror(error), usual ? "" : " --socket ", usual ? "" : path);
}

static void say_no_daemon(const char *path, int error)
{
	if (error == ENOENT || error == ECONNREFUSED)
		say_nobody(path, error);
	else if (error == EACCES || error == EPERM)
		say_no_permission(path);
	else if (error == EAGAIN)
		log_error("the daemon at %s does not answer: it takes no connection", path);
	else
		log_error("cannot reach the daemon at %s: %s", path, strerror(error));
}

/* A connected socket, or -1, which is said. */
static int reach(const char *path)
{
	const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path)) {
		say_no_daemon(path, ENAMETOOLONG);
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) &&
	    !connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return fd;
	error = errno;
	if (fd >= 0)
		close(fd);
	say_no_daemon(path, error);
	return -1;
}

static enum wait wait_bytes(int fd, int timeout_ms)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN }, { .fd = STDOUT_FILENO } };
	int n;

	do
		n = poll(fds, 2, timeout_ms);
	while (n < 0 && errno == EINTR);
	/* An open pipe without a reader, not a stdout that was never there: that the write tells.
	 */
	if (n > 0 && fds[1].revents & POLLERR)
		return WAIT_NO_READER;
	return n ? WAIT_BYTES : WAIT_TIMEOUT;
}

/* As read(2); -ETIMEDOUT, -EPIPE: nobody reads stdout any more, or another -errno. */
static ssize_t take(int fd, char *to, size_t room, bool forever)
{
	enum wait waited = wait_bytes(fd, forever ? -1 : 1000 * PATIENCE_SECONDS);
	ssize_t n;

	if (waited != WAIT_BYTES)
		return waited == WAIT_TIMEOUT ? -ETIMEDOUT : -EPIPE;
	n = read(fd, to, room);
	return n < 0 ? -errno : n;
}

/* 0 or -errno; -EPIPE: nobody reads stdout any more. */
static int put(const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int put_or_say(const char *bytes, size_t len)
{
	int rc = put(bytes, len);

	if (rc && rc != -EPIPE)
		log_error("cannot write to stdout: %s", strerror(-rc));
	return rc;
}

/* Copies until the end; `last` is the last byte that was written before. An exit status. */
static int copy(const struct ask *a, int fd, char last)
{
	char bytes[16384];
	ssize_t n;

	while ((n = take(fd, bytes, sizeof(bytes), a->follow)) > 0) {
		if (put_or_say(bytes, (size_t)n))
			return EXIT_FAILURE;
		last = bytes[n - 1];
	}
	if (n == -EPIPE)
		return EXIT_FAILURE;
	if (a->follow) {
		log_error("the daemon at %s went away", a->socket);
		return EXIT_FAILURE;
	}
	if (!n && last == '\n')
		return EXIT_SUCCESS;
	log_error("the answer of the daemon at %s is not whole: %s", a->socket,
		  n ? strerror((int)-n) : "it ended in the middle of a line");
	return EXIT_FAILURE;
}

/* Reads at least the status line; bytes read, or -1, which is said. */
static ssize_t take_status(const struct ask *a, int fd, char *status)
{
	size_t len = 0;
	ssize_t n = 1;

	while (len < STATUS_MAX && !memchr(status, '\n', len)) {
		n = take(fd, status + len, STATUS_MAX - len, false);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	if (memchr(status, '\n', len))
		return (ssize_t)len;
	if (n == -ETIMEDOUT)
		log_error("the daemon at %s does not answer", a->socket);
	else if (n != -EPIPE)
		log_error("what answers at %s is no unreachd, or it went away", a->socket);
	return -1;
}

static int receive(const struct ask *a, int fd)
{
	char status[STATUS_MAX] = "", *end;
	ssize_t len = take_status(a, fd, status);
	size_t rest;

	if (len < 0)
		return EXIT_FAILURE;
	end = memchr(status, '\n', (size_t)len);
	*end++ = 0;
	/* All of the line: a zero byte may stand in one. */
	if (end - status != sizeof("ok") || strcmp(status, "ok")) {
		log_error("%s", strncmp(status, "error ", 6) ? "the daemon's answer is unknown"
							     : status + 6);
		return EXIT_FAILURE;
	}
	rest = (size_t)(status + len - end);
	if (put_or_say(a->heading, strlen(a->heading)) || put_or_say(end, rest))
		return EXIT_FAILURE;
	return copy(a, fd, rest ? end[rest - 1] : '\n');
}

int ask(const struct ask *a)
{
	int fd = reach(a->socket), status;

	if (fd < 0)
		return EXIT_FAILURE;
	/* A daemon that refuses may have closed already; it has said why. */
	if (send(fd, a->request, strlen(a->request), MSG_NOSIGNAL) < 0 && errno != EPIPE)
		say_no_daemon(a->socket, errno);
	status = receive(a, fd);
	close(fd);
	return status;
}

int ask_try(const char *path)
{
	int fd = reach(path);

	if (fd < 0)
		return EXIT_FAILURE;
	close(fd);
	return EXIT_SUCCESS;
}
