// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The client's commands where there is no answer: wrong words, a daemon that
 * refuses, none, one that may not be asked, and servers that are none. What
 * comes out of stderr, and the exit status.
 */
#include "client.h"

#include <sys/stat.h>

static int start_without_daemon(void **state)
{
	(void)state;
	loop = loop_new();
	return 0;
}

static int stop_without_daemon(void **state)
{
	(void)state;
	loop_free(loop);
	unlink(path);
	return 0;
}

static void daemon_refuses(void **state)
{
	int fds[CONTROL_CONNECTIONS], i;

	(void)state;
	assert_ends(CLIENT(client_codes, "codes", "-i", "eth9"), 1,
		    "unreach: interface 'eth9' is not watched; watched: eth0 wan-1\n");
	fake.load_error = -EPERM;
	assert_ends(CLIENT(client_hosts, "targets"), 1,
		    "unreach: cannot show targets: Operation not permitted\n");
	for (i = 0; i < CONTROL_CONNECTIONS; i++)
		fds[i] = dial();
	assert_ends(CLIENT(client_codes, "codes"), 1,
		    "unreach: busy: all 32 connections are in use; try again, or end an "
		    "`unreach events -f`\n");
	for (i = 0; i < CONTROL_CONNECTIONS; i++)
		close(fds[i]);
}

static void usage(void **state)
{
	(void)state;
	assert_ends(CLIENT(client_codes, "codes", "eth0"), 2,
		    "unreach: codes takes no 'eth0'; see unreach codes --help\n");
	assert_ends(CLIENT(client_codes, "codes", "-w", "x"), 2,
		    "unreach: codes takes no 'x'; --watch takes a number of seconds; see unreach "
		    "codes --help\n");
	assert_ends(CLIENT(client_codes, "codes", "-n", "3"), 2,
		    "unreach: unknown option -n; --help lists them\n");
	assert_ends(CLIENT(client_hosts, "sources", "--code", "16"), 2,
		    "unreach: --code 16: must be a number from 0 to 15 or a code's name\n");
	assert_ends(CLIENT(client_events, "events", "--source", "router"), 2,
		    "unreach: --source router: must be an IP address\n");
	assert_ends(CLIENT(client_events, "events", "--target", "1.2.3"), 2,
		    "unreach: --target 1.2.3: must be an IP address\n");
	assert_ends(CLIENT(client_alerts, "alerts", "-n", "3"), 2,
		    "unreach: unknown option -n; --help lists them\n");
	assert_ends(CLIENT(client_paths, "paths", "-f"), 2,
		    "unreach: unknown option -f; --help lists them\n");
	assert_ends(CLIENT(client_status, "status", "-i", "a b"), 2,
		    "unreach: --interface a b: must be an interface's name\n");
	assert_ends(CLIENT(client_status, "status", "-i", "x\ncodes"), 2,
		    "unreach: --interface x codes: must be an interface's name\n");
	assert_ends(CLIENT(client_status, "status", "-i", "1234567890123456"), 2,
		    "unreach: --interface 1234567890123456: must be an interface's name\n");
}

static void help(void **state)
{
	struct client c = CLIENT(client_events, "events", "--help");

	(void)state;
	finish(&c);
	assert_int_equal(c.status, 0);
	assert_memory_equal(c.said.data, "usage: unreach events [option]...\n", 34);
	assert_non_null(strstr(c.said.data, "-f, --follow"));
	forget(&c);
}

static void no_daemon(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_ends(CLIENT(client_status, "status"), 1,
		    "unreach: no daemon at %s (No such file or directory); "
		    "start it with: unreachd -i IFACE --socket %s\n");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_ends(CLIENT(client_status, "status"), 1,
		    "unreach: %s is no socket; name the one that the daemon was given "
		    "(/run/unreach/unreachd.sock)\n");
	rmdir(path);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_ends(CLIENT(client_status, "status"), 1,
		    "unreach: no daemon at %s (Connection refused); "
		    "start it with: unreachd -i IFACE --socket %s\n");
	close(fd);
}

static void no_permission(void **state)
{
	char *words[] = { "status", NULL };
	const struct group *group = getgrnam("daemon");
	char expected[512];

	(void)state;
	if (geteuid()) {
		print_message("skipped: only root can become nobody\n");
		skip();
	}
	chmod(temp_dir, 0755);
	assert_int_equal(chown(path, 0, 0), 0);
	assert_ends(spawn(client_status, words, -1, true), 1,
		    "unreach: no permission to use %s; only root has it: run this as root, or make "
		    "a group 'unreach' and restart unreachd\n");
	assert_non_null(group);
	assert_int_equal(chown(path, 0, group->gr_gid), 0);
	snprintf(expected, sizeof(expected),
		 "unreach: no permission to use %s; root and the group 'daemon' have it: "
		 "usermod -aG daemon USER, and log in again\n",
		 path);
	assert_ends(spawn(client_status, words, -1, true), 1, expected);
	chmod(temp_dir, 0700);
}

/* Not the daemon: takes one connection, says something, and closes. */
static void impostor(const char *says, const char *complaint)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	struct client c;

	strcpy(address.sun_path, path);
	unlink(path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	c = CLIENT(client_status, "status");
	fd = accept(listener, NULL, NULL);
	assert_int_equal(send(fd, says, strlen(says), MSG_NOSIGNAL), strlen(says));
	shutdown(fd, SHUT_WR);
	assert_ends(c, 1, complaint);
	close(fd);
	close(listener);
}

static void impostors(void **state)
{
	(void)state;
	impostor("", "unreach: what answers at %s is no unreachd, or it went away\n");
	impostor("o", "unreach: what answers at %s is no unreachd, or it went away\n");
	impostor("220 mail.example.org ESMTP\r\n", "unreach: the daemon's answer is unknown\n");
	impostor("ok\nview stat", "unreach: the answer of the daemon at %s is not whole: "
				  "it ended in the middle of a line\n");
}

#define LONELY_TEST(name) \
	cmocka_unit_test_setup_teardown(name, start_without_daemon, stop_without_daemon)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTROL_TEST(daemon_refuses), CONTROL_TEST(usage),	   CONTROL_TEST(help),
		LONELY_TEST(no_daemon),	      CONTROL_TEST(no_permission), LONELY_TEST(impostors),
	};

	prepare_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
