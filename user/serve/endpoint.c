// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Taking a path for a Unix socket without racing another daemon for it: the
 * folder is locked from the look at what is there until we listen, since until
 * then our own socket looks like one that nobody answers.
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

/* The folder of `path`, opened; -errno. */
static int open_folder(const char *path)
{
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;
	int fd, rc = 0;

	strcpy(folder, path);
	slash = strrchr(folder, '/');
	if (!slash)
		strcpy(folder, ".");
	else
		slash[slash == folder] = 0;
	if (!strcmp(path, CONTROL_SOCKET))
		rc = make_folder(folder);
	if (rc)
		return rc;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Opened and locked; -errno, said. */
static int lock_folder(const char *path, char *error, size_t error_size)
{
	int fd = open_folder(path), rc;

	if (fd < 0) {
		snprintf(error, error_size,
			 "cannot use the folder of the control socket %s: %s; "
			 "make it, or give another path with --socket",
			 path, strerror(-fd));
		return fd;
	}
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	rc = -errno;
	snprintf(error, error_size,
		 "the folder of the control socket %s is locked (%s): "
		 "another daemon is just starting there; try again",
		 path, strerror(-rc));
	close(fd);
	return rc;
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
	int folder, fd;

	*e = (struct endpoint){};
	fd = fill_address(&e->address, path, error, error_size);
	if (fd)
		return fd;
	folder = lock_folder(path, error, error_size);
	if (folder < 0)
		return folder;
	fd = open_locked(e, error, error_size);
	close(folder);
	return fd;
}

void endpoint_remove(const struct endpoint *e)
{
	struct stat st;

	if (!lstat(e->address.sun_path, &st) && st.st_dev == e->device && st.st_ino == e->inode)
		unlink(e->address.sun_path);
}
