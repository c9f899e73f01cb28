/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One of the client's commands in a child, against the control socket of
 * test_control.h, which turns in between: what it says, complains of, and ends
 * with.
 */
#ifndef UNREACH_TESTS_UNIT_CLIENT_H
#define UNREACH_TESTS_UNIT_CLIENT_H

#include "test_control.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>

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

typedef int (*command_fn)(int argc, char **argv);

/* Runs `command` with what follows it, up to NULL, and --socket; stdout is `out`. */
static inline void run_child(command_fn command, char **argv, int argc, int out, int err,
			     bool nobody)
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

static inline struct client spawn(command_fn command, char **words, int out, bool nobody)
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
static inline void listen_to(int *fd, struct buf *to)
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

static inline void step(struct client *c)
{
	run_for(TURN_NS);
	listen_to(&c->out, &c->said);
	listen_to(&c->err, &c->complained);
}

static inline void finish(struct client *c)
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

static inline void forget(struct client *c)
{
	buf_free(&c->said);
	buf_free(&c->complained);
}

/* Turns until `what` stands so often in its output. */
static inline void await_said(struct client *c, const char *what, unsigned int count)
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
static inline void assert_ends(struct client c, int status, const char *complaint)
{
	struct buf expected = {};
	const char *socket;

	finish(&c);
	for (; (socket = strstr(complaint, "%s")); complaint = socket + 2) {
		buf_mem(&expected, complaint, (size_t)(socket - complaint));
		buf_str(&expected, path);
	}
	buf_str(&expected, complaint);
	buf_char(&expected, 0);
	assert_string_equal(c.complained.data, expected.data);
	buf_free(&expected);
	assert_int_equal(c.status, status);
	forget(&c);
}

#endif
