// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The word to the service manager: by path, by abstract name, and where nobody wants it; the
 * watchdog that it asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/notify.h"
#include "temp_dir.h"

/* Listens at an address of so many bytes. */
static int listener(const char *name, size_t length)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, name, length);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
			 0);
	return fd;
}

static void hears(int fd, const char *expected)
{
	char text[64] = {};

	assert_int_equal(recv(fd, text, sizeof(text) - 1, 0), strlen(expected));
	assert_string_equal(text, expected);
	assert_int_equal(recv(fd, text, sizeof(text), 0), -1);
}

static void by_path(void **state)
{
	const char *path = temp_path("notify");
	int fd = listener(path, strlen(path));

	(void)state;
	setenv("NOTIFY_SOCKET", path, 1);
	assert_int_equal(notify("READY=1"), 0);
	hears(fd, "READY=1");
	close(fd);
	assert_int_equal(notify("STOPPING=1"), -ECONNREFUSED);
}

static void abstract(void **state)
{
	char name[sizeof(temp_dir) + 1];
	int fd;

	(void)state;
	snprintf(name, sizeof(name), "@%s", temp_dir);
	setenv("NOTIFY_SOCKET", name, 1);
	name[0] = '\0';
	fd = listener(name, 1 + strlen(temp_dir));
	assert_int_equal(notify("READY=1"), 0);
	hears(fd, "READY=1");
	close(fd);
}

static void nobody(void **state)
{
	char longer[200];

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "", 1);
	assert_int_equal(notify("READY=1"), 0);
	setenv("NOTIFY_SOCKET", temp_path("nosuch"), 1);
	assert_int_equal(notify("READY=1"), -ENOENT);
	setenv("NOTIFY_SOCKET", "relative", 1);
	assert_int_equal(notify("READY=1"), -EINVAL);
	memset(longer, '/', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	setenv("NOTIFY_SOCKET", longer, 1);
	assert_int_equal(notify("READY=1"), -EINVAL);
}

/* A queue that nobody reads holds us up no longer than a moment. */
static void nobody_reads(void **state)
{
	const char *path = temp_path("full");
	int fd = listener(path, strlen(path)), rc = 0;

	(void)state;
	setenv("NOTIFY_SOCKET", path, 1);
	for (int i = 0; i < 100000 && !rc; i++)
		rc = notify("WATCHDOG=1");
	assert_int_equal(rc, -EAGAIN);
	close(fd);
}

static void check_watchdog(const char *usec, const char *pid, uint64_t expected)
{
	setenv("WATCHDOG_USEC", usec, 1);
	if (pid)
		setenv("WATCHDOG_PID", pid, 1);
	else
		unsetenv("WATCHDOG_PID");
	assert_int_equal(notify_watchdog(), expected);
}

static void watchdog(void **state)
{
	char ours[32], other[32];

	(void)state;
	snprintf(ours, sizeof(ours), "%d", getpid());
	snprintf(other, sizeof(other), "%d", getpid() + 1);
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog(), 0);
	check_watchdog("30000000", NULL, 15000000000ULL);
	check_watchdog("30000000", ours, 15000000000ULL);
	check_watchdog("30000000", other, 0);
	check_watchdog("30000000", "", 0);
	check_watchdog("30000000", "x", 0);
	check_watchdog("0", NULL, 0);
	check_watchdog("", NULL, 0);
	check_watchdog("-5", NULL, 0);
	check_watchdog("5s", NULL, 0);
	check_watchdog("18446744073709551615", NULL, 0); /* infinity */
	check_watchdog("99999999999999999999", NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_path),  cmocka_unit_test(abstract),
		cmocka_unit_test(nobody),   cmocka_unit_test(nobody_reads),
		cmocka_unit_test(watchdog),
	};

	temp_dir_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
