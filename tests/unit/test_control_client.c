// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The client's commands against the control socket, and against servers that
 * are none: what comes out of stdout and stderr, and the exit status. The
 * client runs in a child, the server turns in between.
 */
#include "test_control.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/stat.h>

#include "base/log.h"
#include "cli/client.h"

#define NOBODY 65534

/* A client that runs, or has run. */
struct client {
	pid_t pid;
	int out, err; /* our ends; -1: closed */
	struct buf said, complained;
	int status; /* once it has ended */
};

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

typedef int (*command_fn)(int argc, char **argv);

/* Runs `command` with what follows it, up to NULL, and --socket; stdout is `out`. */
static void run_child(command_fn command, char **argv, int argc, int out, int err, bool nobody)
{
	argv[argc++] = "--socket";
	argv[argc++] = path;
	argv[argc] = NULL;
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	if (nobody && (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)))
		_exit(99);
	log_open("unreach");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, SIG_DFL);
	alarm(WATCHDOG_SECONDS);
	argc = command(argc, argv);
	fflush(stdout);
	_exit(argc);
}

static struct client spawn(command_fn command, char **words, int out, bool nobody)
{
	struct client c = { .out = -1 };
	char *argv[16];
	int pipes[2][2], argc = 0;

	while (words[argc]) {
		argv[argc] = words[argc];
		argc++;
	}
	assert_int_equal(pipe2(pipes[0], O_CLOEXEC), 0);
	assert_int_equal(pipe2(pipes[1], O_CLOEXEC), 0);
	c.pid = fork();
	assert_true(c.pid >= 0);
	if (!c.pid) {
		close(pipes[0][0]);
		run_child(command, argv, argc, out < 0 ? pipes[0][1] : out, pipes[1][1], nobody);
	}
	close(pipes[0][1]);
	close(pipes[1][1]);
	c.out = pipes[0][0];
	c.err = pipes[1][0];
	return c;
}

#define CLIENT(command, ...) spawn(command, (char *[]){ __VA_ARGS__, NULL }, -1, false)

/* What has come on one of its outputs. */
static void listen_to(int *fd, struct buf *to)
{
	struct pollfd wait = { .fd = *fd, .events = POLLIN };
	char bytes[65536];
	ssize_t n;

	while (*fd >= 0 && poll(&wait, 1, 0) > 0) {
		n = read(*fd, bytes, sizeof(bytes));
		if (n > 0) {
			buf_mem(to, bytes, (size_t)n);
			continue;
		}
		close(*fd);
		*fd = -1;
	}
}

static void step(struct client *c)
{
	run_for(TURN_NS);
	listen_to(&c->out, &c->said);
	listen_to(&c->err, &c->complained);
}

static void finish(struct client *c)
{
	uint64_t deadline = clock_mono() + DEADLINE_NS;
	int status;

	while (c->out >= 0 || c->err >= 0) {
		if (clock_mono() > deadline)
			kill(c->pid, SIGKILL);
		step(c);
	}
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	assert_true(WIFEXITED(status));
	c->status = WEXITSTATUS(status);
	buf_char(&c->said, '\0');
	buf_char(&c->complained, '\0');
}

static void forget(struct client *c)
{
	buf_free(&c->said);
	buf_free(&c->complained);
}

/* Turns until `what` stands so often in its output. */
static void await_said(struct client *c, const char *what, unsigned int count)
{
	uint64_t deadline = clock_mono() + DEADLINE_NS;

	for (;;) {
		unsigned int found;

		buf_char(&c->said, '\0');
		found = count_of(c->said.data, what);
		c->said.len--;
		if (found >= count)
			return;
		assert_true(clock_mono() < deadline);
		step(c);
	}
}

/* Ends with this status, and stderr is `complaint` (with %s for the socket's path). */
static void assert_ends(struct client c, int status, const char *complaint)
{
	char expected[1024], *socket = strstr(complaint, "%s");

	finish(&c);
	snprintf(expected, sizeof(expected), "%.*s%s%s",
		 socket ? (int)(socket - complaint) : (int)strlen(complaint), complaint,
		 socket ? path : "", socket ? socket + 2 : "");
	assert_string_equal(c.complained.data, expected);
	assert_int_equal(c.status, status);
	forget(&c);
}

static void answers(void **state)
{
	struct client c = CLIENT(client_codes, "codes", "-j");

	(void)state;
	finish(&c);
	assert_int_equal(c.status, 0);
	assert_memory_equal(c.said.data, "{\"view\":\"codes\"", 15);
	assert_string_equal(c.complained.data, "");
	forget(&c);
	c = CLIENT(client_hosts, "senders", "-n1", "--code", "port-unreachable", "-i", "wan-1",
		   "--json");
	finish(&c);
	assert_int_equal(c.status, 0);
	assert_memory_equal(c.said.data, "{\"view\":\"senders\"", 17);
	assert_int_equal(count_of(c.said.data, "\"interface\":\"wan-1\""), 1);
	assert_int_equal(count_of(c.said.data, "\"address\""), 1);
	forget(&c);
	c = CLIENT(client_status, "status");
	finish(&c);
	assert_int_equal(c.status, 0);
	assert_memory_equal(c.said.data, "view status  version 9.9.9", 26);
	forget(&c);
}

static void large_answers(void **state)
{
	struct client c;

	(void)state;
	fake.hosts = 30000;
	c = CLIENT(client_hosts, "sources", "-n", "0", "-j");
	finish(&c);
	assert_int_equal(c.status, 0);
	assert_int_equal(count_of(c.said.data, "\"address\""), 30000);
	forget(&c);
}

static void events(void **state)
{
	struct client c;

	(void)state;
	fake_events(&fake, "eth0", 3, 50);
	fake_events(&fake, "eth0", 4, 2);
	c = CLIENT(client_events, "events");
	finish(&c);
	assert_int_equal(count_of(c.said.data, "\n"), 20);
	assert_int_equal(c.status, 0);
	forget(&c);
	c = CLIENT(client_events, "events", "--code=4", "--source=192.0.2.1",
		   "--target=203.0.113.9", "-n0", "-j");
	finish(&c);
	assert_int_equal(count_of(c.said.data, "\"icmp_code\":4,"), 2);
	assert_int_equal(count_of(c.said.data, "\n"), 2);
	forget(&c);
	c = CLIENT(client_events, "events", "--source=192.0.2.2");
	finish(&c);
	assert_string_equal(c.said.data, "");
	assert_int_equal(c.status, 0);
	forget(&c);
}

static void paths_and_alerts(void **state)
{
	struct client c = CLIENT(client_paths, "paths", "-n1", "-j");

	(void)state;
	finish(&c);
	assert_int_equal(c.status, 0);
	assert_memory_equal(c.said.data, "{\"view\":\"paths\"", 15);
	assert_int_equal(count_of(c.said.data, "\"verdict\""), 1);
	forget(&c);
	c = CLIENT(client_alerts, "alerts");
	finish(&c);
	assert_string_equal(c.said.data, "no alerts\n");
	assert_int_equal(c.status, 0);
	forget(&c);
	fake_alert(&fake, "198.51.100.7", 20 * NS_PER_SEC);
	c = CLIENT(client_alerts, "alerts", "-j", "-i", "eth0");
	finish(&c);
	assert_memory_equal(c.said.data, "{\"view\":\"alerts\"", 16);
	assert_int_equal(count_of(c.said.data, "\"state\":\"firing\""), 1);
	forget(&c);
}

static void following_alerts(void **state)
{
	struct client c;

	(void)state;
	fake_alert(&fake, "198.51.100.7", 20 * NS_PER_SEC);
	c = CLIENT(client_alerts, "alerts", "-fj");
	await_said(&c, "\"state\":\"firing\"", 1);
	alerts_begin(fake.alerts);
	alerts_end(fake.alerts, FAKE_NOW + ALERT_QUIET_NS);
	control_pump(control);
	await_said(&c, "\"state\":\"resolved\"", 1);
	assert_int_equal(count_of(c.said.data, "\n"), 2);
	control_close(control);
	control = NULL;
	assert_ends(c, 1, "unreach: the daemon at %s went away\n");
}

/* Until the daemon goes: that is no success. */
static void following(void **state)
{
	struct client c = CLIENT(client_events, "events", "-fj");

	(void)state;
	while (!control_connections(control))
		step(&c);
	run_for(TURN_NS);
	fake_events(&fake, "eth0", 3, 3);
	control_pump(control);
	await_said(&c, "icmp_unreach", 3);
	fake_events(&fake, "eth0", 3, 1);
	control_pump(control);
	await_said(&c, "icmp_unreach", 4);
	control_close(control);
	control = NULL;
	assert_ends(c, 1, "unreach: the daemon at %s went away\n");
}

/* In a pipe whose reader goes, it ends without waiting for the next event, and has no complaint. */
static void reader_gone(void **state)
{
	struct client c = CLIENT(client_events, "events", "-f");

	(void)state;
	while (!control_connections(control))
		step(&c);
	run_for(TURN_NS);
	close(c.out);
	c.out = -1;
	assert_ends(c, 1, "");
	run_for(TURN_NS);
	assert_int_equal(control_connections(control), 0);
}

static void bad_stdout(void **state)
{
	char *words[] = { "codes", NULL };
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int unwritable = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_ends(spawn(client_codes, words, full, false), 1,
		    "unreach: cannot write to stdout: No space left on device\n");
	assert_ends(spawn(client_codes, words, unwritable, false), 1,
		    "unreach: cannot write to stdout: Bad file descriptor\n");
	close(full);
	close(unwritable);
}

/* Again and again: text with an empty line between, JSON without. */
static void watching(void **state)
{
	struct client c = CLIENT(client_codes, "codes", "-w", "1"),
		      json = CLIENT(client_codes, "codes", "--watch=1", "-j");

	(void)state;
	await_said(&c, "view codes", 2);
	assert_int_equal(count_of(c.said.data, "\n\nview codes"), 1);
	await_said(&json, "\"view\":\"codes\"", 2);
	assert_int_equal(count_of(json.said.data, "\n\n"), 0);
	control_close(control);
	control = NULL;
	assert_ends(c, 1,
		    "unreach: no daemon at %s (No such file or directory); "
		    "start it with: unreachd -i IFACE\n");
	assert_ends(json, 1,
		    "unreach: no daemon at %s (No such file or directory); "
		    "start it with: unreachd -i IFACE\n");
}

static void watching_on_a_terminal(void **state)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), side;
	char *words[] = { "codes", "-w", NULL };
	struct client c;

	(void)state;
	assert_true(terminal >= 0);
	assert_int_equal(grantpt(terminal) | unlockpt(terminal), 0);
	side = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
	c = spawn(client_codes, words, side, false);
	close(side);
	close(c.out);
	c.out = terminal;
	await_said(&c, "\033[H\033[2Jview codes", 1);
	kill(c.pid, SIGTERM);
	assert_int_equal(waitpid(c.pid, NULL, 0), c.pid);
	close(c.out);
	close(c.err);
	forget(&c);
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
		    "start it with: unreachd -i IFACE\n");
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_ends(CLIENT(client_status, "status"), 1,
		    "unreach: no daemon at %s (Connection refused); "
		    "start it with: unreachd -i IFACE\n");
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
		CONTROL_TEST(answers),
		CONTROL_TEST(large_answers),
		CONTROL_TEST(events),
		CONTROL_TEST(following),
		CONTROL_TEST(paths_and_alerts),
		CONTROL_TEST(following_alerts),
		CONTROL_TEST(reader_gone),
		CONTROL_TEST(bad_stdout),
		CONTROL_TEST(watching),
		CONTROL_TEST(watching_on_a_terminal),
		CONTROL_TEST(daemon_refuses),
		CONTROL_TEST(usage),
		CONTROL_TEST(help),
		LONELY_TEST(no_daemon),
		CONTROL_TEST(no_permission),
		LONELY_TEST(impostors),
	};

	prepare_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
