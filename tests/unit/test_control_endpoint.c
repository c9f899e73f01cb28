// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Taking and giving back a path: whose it is, who may use it, what is there already. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/paths.h"
#include "serve/endpoint.h"
#include "temp_dir.h"

static char error[512];

static int connects(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), rc;

	strcpy(address.sun_path, path);
	rc = connect(fd, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
	close(fd);
	return rc;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode;
}

static int open_at(struct endpoint *e, const char *path)
{
	error[0] = '\0';
	return endpoint_open(e, path, error, sizeof(error));
}

static void fresh(void **state)
{
	const struct group *group = getgrnam(CONTROL_GROUP);
	const char *path = temp_path("fresh.sock");
	mode_t was = umask(0);
	struct endpoint e;
	struct stat st;
	int fd = open_at(&e, path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(mode_of(path), S_IFSOCK | 0660);
	assert_int_equal(umask(was), 0); /* it was put back */
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(connects(path), 0);
	lstat(path, &st);
	if (group && !geteuid())
		assert_int_equal(st.st_gid, group->gr_gid);
	close(fd);
	endpoint_remove(&e);
	assert_int_equal(access(path, F_OK), -1);
}

/* What a killed daemon leaves. */
static void stale(void **state)
{
	const char *path = temp_path("stale.sock");
	struct endpoint e;
	int fd = open_at(&e, path);

	(void)state;
	close(fd);
	assert_int_equal(connects(path), -ECONNREFUSED);
	fd = open_at(&e, path);
	assert_true(fd >= 0);
	assert_int_equal(connects(path), 0);
	close(fd);
	endpoint_remove(&e);
}

static void live(void **state)
{
	const char *path = temp_path("live.sock");
	struct endpoint first, second;
	int fd = open_at(&first, path);
	char expected[512];

	(void)state;
	assert_int_equal(open_at(&second, path), -EADDRINUSE);
	snprintf(expected, sizeof(expected),
		 "another daemon answers at %s; stop it, or give another path with --socket", path);
	assert_string_equal(error, expected);
	assert_int_equal(connects(path), 0);
	close(fd);
	endpoint_remove(&first);
}

/* A listener whose queue is full is alive too, and must not make the newcomer wait. */
static void live_and_busy(void **state)
{
	const char *path = temp_path("busy.sock");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), waiting[4], i;
	struct endpoint e;

	(void)state;
	strcpy(address.sun_path, path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 0), 0);
	for (i = 0; i < 4; i++) {
		waiting[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(waiting[i], (struct sockaddr *)&address, sizeof(address)))
			assert_int_equal(errno, EAGAIN);
	}
	assert_int_equal(open_at(&e, path), -EADDRINUSE);
	for (i = 0; i < 4; i++)
		close(waiting[i]);
	close(listener);
	unlink(path);
}

static void not_a_socket(void **state)
{
	const char *path = temp_path("file");
	struct endpoint e;

	(void)state;
	close(creat(path, 0600));
	assert_int_equal(open_at(&e, path), -EEXIST);
	assert_non_null(strstr(error, "is there and is no socket"));
	assert_int_equal(mode_of(path), S_IFREG | 0600);
	unlink(path);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_int_equal(open_at(&e, path), -EEXIST);
	unlink(path);
	assert_true(open_at(&e, temp_dir) < 0);
}

static void bad_paths(void **state)
{
	struct endpoint e;
	char longer[200];

	(void)state;
	assert_int_equal(open_at(&e, ""), -ENAMETOOLONG);
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(e.address.sun_path)] = '\0';
	assert_int_equal(open_at(&e, longer), -ENAMETOOLONG);
	assert_string_equal(error, "the control socket's path has 108 bytes, allowed are 1 to 107; "
				   "give another one with --socket");
	assert_int_equal(open_at(&e, temp_path("no/such/folder")), -ENOENT);
	assert_non_null(strstr(error, "beside the control socket: No such file or directory"));
}

/* Ours was replaced by somebody else's: that one stays. */
static void not_ours_any_more(void **state)
{
	struct endpoint ours, theirs;
	int fd = open_at(&ours, temp_path("theirs.sock")), other;
	const char *path = ours.address.sun_path;

	(void)state;
	assert_int_equal(rename(path, temp_path("aside")), 0);
	other = open_at(&theirs, path);
	assert_true(other >= 0);
	endpoint_remove(&ours);
	assert_int_equal(connects(path), 0);
	endpoint_remove(&theirs);
	assert_int_equal(access(path, F_OK), -1);
	close(fd);
	close(other);
	unlink(temp_path("aside"));
}

/* Two that start at once: while one is at it, the other is told to try again. */
static void locked(void **state)
{
	int lock = creat(temp_path("locked.sock.lock"), 0600), fd;
	struct endpoint e;

	(void)state;
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_int_equal(open_at(&e, temp_path("locked.sock")), -EWOULDBLOCK);
	assert_non_null(strstr(error, "another daemon is just starting there"));
	close(lock);
	fd = open_at(&e, temp_path("locked.sock"));
	assert_true(fd >= 0);
	close(fd);
	endpoint_remove(&e);
	assert_int_equal(access(temp_path("locked.sock.lock"), F_OK), -1);
}

/* Whoever may open the folder may lock it: that must not matter. */
static void folder_locked(void **state)
{
	int folder = open(temp_dir, O_RDONLY | O_DIRECTORY), fd;
	struct endpoint e;

	(void)state;
	assert_int_equal(flock(folder, LOCK_EX), 0);
	fd = open_at(&e, temp_path("beside.sock"));
	assert_true(fd >= 0);
	close(fd);
	endpoint_remove(&e);
	close(folder);
}

/* The lock is no way to have another file made or emptied. */
static void lock_is_a_link(void **state)
{
	struct endpoint e;

	(void)state;
	assert_int_equal(symlink("elsewhere", temp_path("link.sock.lock")), 0);
	assert_int_equal(open_at(&e, temp_path("link.sock")), -ELOOP);
	assert_int_equal(access(temp_path("elsewhere"), F_OK), -1);
	unlink(temp_path("link.sock.lock"));
}

/* A path without a folder in it is the working directory's. */
static void relative(void **state)
{
	struct endpoint e;
	int fd;

	(void)state;
	assert_int_equal(chdir(temp_dir), 0);
	fd = open_at(&e, "relative.sock");
	assert_true(fd >= 0);
	endpoint_remove(&e);
	close(fd);
	assert_int_equal(access("relative.sock", F_OK), -1);
	assert_int_equal(chdir("/"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fresh),
		cmocka_unit_test(stale),
		cmocka_unit_test(live),
		cmocka_unit_test(live_and_busy),
		cmocka_unit_test(not_a_socket),
		cmocka_unit_test(bad_paths),
		cmocka_unit_test(not_ours_any_more),
		cmocka_unit_test(locked),
		cmocka_unit_test(folder_locked),
		cmocka_unit_test(lock_is_a_link),
		cmocka_unit_test(relative),
	};

	temp_dir_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
