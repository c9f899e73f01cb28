/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A control socket over a made-up model, and clients that are plain sockets.
 * Both share one thread: the loop turns a few milliseconds at a time, so every
 * order of steps can be made, and anything that blocks the server stops the
 * test (by its alarm).
 */
#ifndef UNREACH_TEST_CONTROL_H
#define UNREACH_TEST_CONTROL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "fake_model.h"
#include "serve/control.h"
#include "temp_dir.h"

#define TURN_NS (2 * NS_PER_MSEC)
#define DEADLINE_NS (20 * NS_PER_SEC)
#define WATCHDOG_SECONDS 120

static struct fake fake;
static struct loop *loop;
static struct control *control;
static char path[256];
static unsigned int descriptors; /* open before the test */

static inline unsigned int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static inline int start(void **state)
{
	char error[512] = "";

	(void)state;
	descriptors = count_descriptors();
	fake_open(&fake);
	loop = loop_new();
	control = control_open(loop, path, &fake.model, NULL, NULL, error, sizeof(error));
	if (!control)
		fail_msg("%s", error);
	return 0;
}

/* Nothing may be left: no descriptor, no file. */
static inline int stop(void **state)
{
	(void)state;
	control_close(control);
	loop_free(loop);
	assert_int_equal(count_descriptors(), descriptors);
	assert_int_equal(access(path, F_OK), -1);
	return 0;
}

static inline void stop_turn(void *context, uint32_t events)
{
	(void)events;
	loop_stop(context);
}

/* The server's turn, for about `ns`. */
static inline void run_for(uint64_t ns)
{
	struct watch *timer = loop_every(loop, ns, stop_turn, loop);

	assert_int_equal(loop_run(loop), 0);
	watch_remove(timer);
}

static inline void await_connections(unsigned int count)
{
	uint64_t deadline = clock_mono() + DEADLINE_NS;

	while (control_connections(control) != count) {
		assert_true(clock_mono() < deadline);
		run_for(TURN_NS);
	}
}

static inline int dial(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static inline void say_bytes(int fd, const char *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

static inline void say(int fd, const char *text)
{
	say_bytes(fd, text, strlen(text));
}

static inline int ask(const char *request)
{
	int fd = dial();

	say(fd, request);
	return fd;
}

/* Takes what is there into b; -1: nothing now, 0: the end, else bytes. A reset fails the test. */
static inline ssize_t take(int fd, struct buf *b)
{
	char bytes[65536];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0)
		assert_int_equal(errno, EAGAIN);
	else if (n)
		buf_mem(b, bytes, (size_t)n);
	return n;
}

/* The whole answer until the server closes, as a string; freed by the caller. Closes fd. */
static inline char *answer(int fd)
{
	uint64_t deadline = clock_mono() + DEADLINE_NS;
	struct buf b = {};
	ssize_t n;

	while ((n = take(fd, &b))) {
		assert_true(clock_mono() < deadline);
		if (n < 0)
			run_for(TURN_NS);
	}
	close(fd);
	buf_char(&b, '\0');
	return b.data;
}

static inline void assert_answers(int fd, const char *start_of_it)
{
	char *got = answer(fd);

	if (strncmp(got, start_of_it, strlen(start_of_it)))
		fail_msg("got '%.100s', not '%s'", got, start_of_it);
	free(got);
}

/* What there is within a moment, or before the end; freed by the caller. */
static inline char *heard(int fd)
{
	struct buf b = {};
	ssize_t n = 1;
	int quiet = 0;

	while (quiet < 5 && (n = take(fd, &b))) {
		quiet = n < 0 ? quiet + 1 : 0;
		run_for(TURN_NS);
	}
	buf_char(&b, '\0');
	return b.data;
}

/* A test between start and stop. */
#define CONTROL_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

/* Before the tests: a path for the socket, and an end to waiting. */
static inline void prepare_tests(void)
{
	temp_dir_make();
	snprintf(path, sizeof(path), "%s", temp_path("control.sock"));
	alarm(WATCHDOG_SECONDS);
}

#endif
