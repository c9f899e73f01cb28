// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs for alerts: what they get, how many run, how long, and that none is left. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "sink/exec.h"
#include "temp_dir.h"

#define DEADLINE_NS (20 * NS_PER_SEC)

static char program[512], output[512];
static struct loop *loop;
static struct exec *exec;

/* A shell script of these lines; `output` is its $OUT. */
static void script(const char *lines)
{
	FILE *file = fopen(program, "w");

	fprintf(file, "#!/bin/sh\n%s\n", lines);
	fclose(file);
	chmod(program, 0755);
}

static int open_loop(void **state)
{
	(void)state;
	temp_dir_make();
	snprintf(program, sizeof(program), "%s", temp_path("program"));
	snprintf(output, sizeof(output), "%s", temp_path("out"));
	setenv("OUT", output, 1);
	loop = loop_new();
	return loop ? 0 : -1;
}

static int close_loop(void **state)
{
	(void)state;
	exec_close(exec);
	exec = NULL;
	loop_free(loop);
	/* No child of ours is left, not even a dead one. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	temp_dir_remove();
	return 0;
}

static void turn(void *context, uint32_t events)
{
	(void)events;
	loop_stop(context);
}

/* Lets the loop run for some ms. */
static void run_loop(void)
{
	struct watch *timer = loop_every(loop, 2 * NS_PER_MSEC, turn, loop);

	assert_int_equal(loop_run(loop), 0);
	watch_remove(timer);
}

/* The output as it is now; "" where there is none. Freed by the caller. */
static char *written(size_t *length)
{
	FILE *file = fopen(output, "r");
	char *text = calloc(1, 1 << 20);

	*length = file ? fread(text, 1, (1 << 20) - 1, file) : 0;
	if (file)
		fclose(file);
	return text;
}

/* Runs the loop until so many bytes are written, and returns them. */
static char *await_bytes(size_t wanted)
{
	uint64_t deadline = clock_mono() + DEADLINE_NS;
	size_t length;
	char *text;

	for (;;) {
		run_loop();
		text = written(&length);
		if (length >= wanted)
			return text;
		free(text);
		assert_true(clock_mono() < deadline);
	}
}

static void gets_the_text(void **state)
{
	const size_t size = 200000; /* more than a pipe holds */
	char *big = malloc(size), *got;

	(void)state;
	script("cat >>$OUT");
	exec = exec_open(loop, program, EXEC_SECONDS);
	assert_non_null(exec);
	for (size_t i = 0; i < size; i++)
		big[i] = (char)('a' + i % 26);
	exec_run(exec, big, size);
	got = await_bytes(size);
	assert_memory_equal(got, big, size);
	free(got);
	free(big);
}

/* More than run at once: each gets its turn, and its own text. */
static void runs_them_all(void **state)
{
	char *got;

	(void)state;
	script("read n; exec 9>$OUT.lock; flock 9; echo $n >>$OUT");
	exec = exec_open(loop, program, EXEC_SECONDS);
	for (int i = 10; i < 40; i++) {
		char text[8];

		exec_run(exec, text, (size_t)snprintf(text, sizeof(text), "%d\n", i));
	}
	got = await_bytes(30 * 3);
	for (int i = 10; i < 40; i++) {
		char text[8];

		snprintf(text, sizeof(text), "%d\n", i);
		assert_non_null(strstr(got, text));
	}
	free(got);
	assert_int_equal(exec_dropped(exec), 0);
}

/* A program that hangs, and what it has started, is killed; the next one runs. */
static void kills_what_hangs(void **state)
{
	char *got;

	(void)state;
	script("read n; echo $n >>$OUT; sleep 1000 & wait");
	exec = exec_open(loop, program, 1);
	for (int i = 0; i < EXEC_RUNNING + 1; i++)
		exec_run(exec, "x\n", 2);
	got = await_bytes(2 * (EXEC_RUNNING + 1));
	free(got);
}

static void bounded(void **state)
{
	(void)state;
	script("exec sleep 1000");
	exec = exec_open(loop, program, EXEC_SECONDS);
	for (int i = 0; i < 1000; i++)
		exec_run(exec, "x\n", 2);
	assert_int_equal(exec_dropped(exec), 1000 - EXEC_RUNNING - EXEC_WAITING);
}

static void inherits_nothing(void **state)
{
	char *got;

	(void)state;
	script("ls -l /proc/self/fd >$OUT.all; mv $OUT.all $OUT");
	exec = exec_open(loop, program, EXEC_SECONDS);
	exec_run(exec, "x\n", 2);
	got = await_bytes(8);
	/* Of what we have opened, the text alone: no loop, no timer, no other text. */
	assert_non_null(strstr(got, " 0 -> /memfd:"));
	assert_null(strstr(strstr(got, "memfd") + 1, "memfd"));
	assert_null(strstr(got, "anon_inode"));
	free(got);
}

static void refuses_what_does_not_run(void **state)
{
	(void)state;
	assert_null(exec_open(loop, "/nonexistent/program", EXEC_SECONDS));
	assert_int_equal(errno, ENOENT);
	/* It can be run now, but not when it is needed. */
	script("true");
	exec = exec_open(loop, program, EXEC_SECONDS);
	unlink(program);
	exec_run(exec, "x\n", 2);
	assert_int_equal(exec_dropped(exec), 1);
}

int main(void)
{
#define EXEC_TEST(name) cmocka_unit_test_setup_teardown(name, open_loop, close_loop)
	static const struct CMUnitTest tests[] = {
		EXEC_TEST(gets_the_text),    EXEC_TEST(runs_them_all),
		EXEC_TEST(kills_what_hangs), EXEC_TEST(bounded),
		EXEC_TEST(inherits_nothing), EXEC_TEST(refuses_what_does_not_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
