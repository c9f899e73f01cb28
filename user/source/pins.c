// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The pin folder: bpffs is a file system like any other, as far as this goes.
 * A folder belongs to one daemon at a time; what others keep in it is theirs.
 */
#include "source/pins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#define BPFFS "/sys/fs/bpf"

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == BPF_FS_MAGIC;
}

/* Makes one folder, which *made says; what is there already is fine. */
static int make_dir(const char *path, bool *made)
{
	*made = !mkdir(path, 0700);
	return *made || errno == EEXIST ? 0 : -errno;
}

static int prepare(const char *dir, bool *made, char *error, size_t size)
{
	int rc;

	if (strlen(dir) > PIN_PATH_MAX - 32) {
		snprintf(error, size, "--pin-dir: longer than %d bytes", PIN_PATH_MAX - 32);
		return -ENAMETOOLONG;
	}
	if (strncmp(dir, BPFFS "/", sizeof(BPFFS)) == 0 && !is_bpffs(BPFFS) &&
	    mount("bpf", BPFFS, "bpf", 0, "mode=0700")) {
		rc = -errno;
		snprintf(error, size,
			 "cannot mount bpffs at " BPFFS ": %s; mount it, or use --pin-dir none",
			 strerror(-rc));
		return rc;
	}
	rc = make_dir(dir, made);
	if (rc)
		snprintf(error, size,
			 "cannot make the pin folder %s: %s; use another --pin-dir, or none", dir,
			 strerror(-rc));
	return rc;
}

/* Who may open a folder may lock it: it is to be our user's alone. 0, or -1 with errno. */
static int make_ours(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -1;
	if (st.st_uid != geteuid() && fchown(fd, geteuid(), (gid_t)-1))
		return -1;
	return st.st_mode & 077 ? fchmod(fd, st.st_mode & 0700) : 0;
}

/* The folder, open and locked, or -errno, said in `error`. */
static int open_locked(const char *dir, char *error, size_t size)
{
	int rc = 0, fd;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		rc = -errno;
		snprintf(error, size, "cannot open the pin folder %s: %s%s", dir, strerror(-rc),
			 rc == -EACCES ? "; run it as root" : "");
		return rc;
	}
	if (!is_bpffs(dir)) {
		snprintf(error, size,
			 "%s is not on a bpf file system; choose a --pin-dir under " BPFFS, dir);
		rc = -EINVAL;
	} else if (make_ours(fd)) {
		rc = -errno;
		snprintf(error, size,
			 "cannot make %s this user's alone: %s; chown and chmod it (0700), or "
			 "choose another --pin-dir",
			 dir, strerror(-rc));
	} else if (flock(fd, LOCK_EX | LOCK_NB)) {
		rc = errno == EWOULDBLOCK ? -EBUSY : -errno;
		snprintf(error, size,
			 "%s is in use by another unreachd; stop it, or choose another --pin-dir",
			 dir);
	}
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

int pins_open(const char *dir, bool *made, char *error, size_t size)
{
	int rc;

	if (!made)
		return open_locked(dir, error, size);
	*made = false;
	rc = prepare(dir, made, error, size);
	if (!rc)
		rc = open_locked(dir, error, size);
	if (rc < 0 && *made)
		*made = rmdir(dir);
	return rc;
}

void pins_path(char path[PIN_PATH_MAX], const char *dir, const char *name)
{
	snprintf(path, PIN_PATH_MAX, "%s/%s", dir, name);
}

/* Adds a name to a list, as far as there is room. */
static void list(char *names, size_t size, const char *name)
{
	size_t used = strlen(names);

	snprintf(names + used, size - used, "%s%s", used ? ", " : "", name);
}

/* Removes what is ours of an open folder; how many, or -errno. */
static int clear(DIR *entries, pins_ours_fn ours, void *context, char *left, size_t size)
{
	struct dirent *entry;
	int rc = 0, removed = 0;

	while ((entry = readdir(entries))) {
		if (entry->d_name[0] == '.')
			continue;
		if (!ours(context, entry->d_name))
			list(left, size, entry->d_name);
		else if (unlinkat(dirfd(entries), entry->d_name, 0))
			rc = -errno;
		else
			removed++;
	}
	return rc ? rc : removed;
}

int pins_clear(const char *dir, const char *first, pins_ours_fn ours, void *context, char *left,
	       size_t size)
{
	DIR *entries = opendir(dir);
	int rc, removed;

	left[0] = '\0';
	if (!entries)
		return -errno;
	removed = !unlinkat(dirfd(entries), first, 0);
	if (removed || errno == ENOENT)
		rc = clear(entries, ours, context, left, size);
	else
		rc = -errno;
	closedir(entries);
	return rc < 0 ? rc : rc + removed;
}
