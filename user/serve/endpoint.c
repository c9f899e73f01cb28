// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Taking a path for a Unix socket without racing another daemon for it: a lock
 * is held from the look at what is there until we listen, since until then our
 * own socket looks like one that nobody answers. The lock is a file of our own
 * beside the socket: a folder may be locked by whoever can open it.
 */
#include "serve/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/paths.h"

#define BACKLOG 64
#define LOCK_SUFFIX ".lock"

static int fill_address(struct sockaddr_un *to, const char *path, char *error, size_t error_size)
{
	size_t len = strlen(path);

	if (!len || len >= sizeof(to->sun_path)) {
		snprintf(error, error_size,
			 "the control socket's path has %zu bytes, allowed are 1 to %zu; "
			 "give another one with --socket",
			 len, sizeof(to->sun_path) - 1);
		return -ENAMETOOLONG;
	}
	to->sun_family = AF_UNIX;
	memcpy(to->sun_path, path, len + 1);
	return 0;
}

/* The default path's folder is ours to make, for all to enter whatever the umask. 0 or -errno. */
static int make_folder(const char *folder)
{
	if (mkdir(folder, 0755))
		return errno == EEXIST ? 0 : -errno;
	return chmod(folder, 0755) ? -errno : 0;
}

/* Makes the folder of the default path; any other is the user's. 0 or -errno. */
static int prepare_folder(const char *path)
{
	char folder[] = CONTROL_SOCKET;

	if (strcmp(path, CONTROL_SOCKET))
		return 0;
	*strrchr(folder, '/') = '\0';
	return make_folder(folder);
}

/* The lock's file, opened and locked; -errno. */
static int lock_file(const char *lock)
{
	int fd = open(lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600), rc = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) || fstat(fd, &st))
		rc = -errno;
	else if (!st.st_nlink)
		rc = -EWOULDBLOCK; /* whoever had it has removed it since we opened it */
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

/* The same, and what is wrong is said. */
static int take_lock(const char *path, const char *lock, char *error, size_t error_size)
{
	int fd = prepare_folder(path);

	if (!fd)
		fd = lock_file(lock);
	if (fd == -EWOULDBLOCK)
		snprintf(error, error_size,
			 "%s is locked: another daemon is just starting there; try again", lock);
	else if (fd < 0)
		snprintf(error, error_size,
			 "cannot make %s beside the control socket: %s; "
			 "make its folder, or give another path with --socket",
			 lock, strerror(-fd));
	return fd;
}

/* 0 where nobody listens, -EADDRINUSE where somebody does, -errno where that can't be told. */
static int probe(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), rc = 0;

	if (fd < 0)
		return -errno;
	/* EAGAIN: there is a listener, with a full queue. */
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)) || errno == EAGAIN)
		rc = -EADDRINUSE;
	else if (errno != ECONNREFUSED && errno != ENOENT)
		rc = -errno;
	close(fd);
	return rc;
}

/* Makes the path free, if what is there is nobody's. */
static int clear_path(const struct sockaddr_un *address, char *error, size_t error_size)
{
	const char *path = address->sun_path;
	struct stat st = {};
	int rc = lstat(path, &st) ? -errno : 0;

	if (rc == -ENOENT)
		return 0;
	if (!rc && !S_ISSOCK(st.st_mode)) {
		snprintf(error, error_size,
			 "%s is there and is no socket; remove it, or give another path with "
			 "--socket",
			 path);
		return -EEXIST;
	}
	if (!rc)
		rc = probe(address);
	if (!rc && unlink(path) && errno != ENOENT)
		rc = -errno;
	if (rc == -EADDRINUSE)
		snprintf(error, error_size,
			 "another daemon answers at %s; stop it, or give another path with "
			 "--socket",
			 path);
	else if (rc)
		snprintf(error, error_size, "cannot replace the control socket %s: %s", path,
			 strerror(-rc));
	return rc;
}

static void give_to_group(const char *path)
{
	const struct group *group = getgrnam(CONTROL_GROUP);

	if (group && lchown(path, (uid_t)-1, group->gr_gid))
		log_warning("cannot give %s to the group %s: %s; only its owner can use it", path,
			    CONTROL_GROUP, strerror(errno));
}

/* Binds and listens; 0 or -errno. */
static int take_path(struct endpoint *e, int fd)
{
	const char *path = e->address.sun_path;
	mode_t was = umask(0117);
	int rc = bind(fd, (const struct sockaddr *)&e->address, sizeof(e->address)) ? -errno : 0;
	struct stat st;

	umask(was);
	if (rc)
		return rc;
	if (lstat(path, &st))
		return -errno;
	e->device = st.st_dev;
	e->inode = st.st_ino;
	give_to_group(path);
	if (listen(fd, BACKLOG)) {
		rc = -errno;
		endpoint_remove(e);
	}
	return rc;
}

static int open_locked(struct endpoint *e, char *error, size_t error_size)
{
	int fd, rc = clear_path(&e->address, error, error_size);

	if (rc)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	rc = fd < 0 ? -errno : take_path(e, fd);
	if (!rc)
		return fd;
	snprintf(error, error_size, "cannot listen at %s: %s; give another path with --socket",
		 e->address.sun_path, strerror(-rc));
	if (fd >= 0)
		close(fd);
	return rc;
}

int endpoint_open(struct endpoint *e, const char *path, char *error, size_t error_size)
{
	char lock[sizeof(e->address.sun_path) + sizeof(LOCK_SUFFIX)];
	int held, fd;

	*e = (struct endpoint){};
	fd = fill_address(&e->address, path, error, error_size);
	if (fd)
		return fd;
	snprintf(lock, sizeof(lock), "%s" LOCK_SUFFIX, path);
	held = take_lock(path, lock, error, error_size);
	if (held < 0)
		return held;
	fd = open_locked(e, error, error_size);
	unlink(lock);
	close(held);
	return fd;
}

void endpoint_remove(const struct endpoint *e)
{
	struct stat st;

	if (!lstat(e->address.sun_path, &st) && st.st_dev == e->device && st.st_ino == e->inode)
		unlink(e->address.sun_path);
}
