// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Programs for alerts: what they get, how many run, how long, what is said, and that none is left.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "sink/exec.h"
#include "temp_dir.h"

#define DEADLINE_NS (20 * NS_PER_SEC)
/* Longer than any test takes, but not for ever: a test may be interrupted. */
#define HANG "sleep 60"

static char program[512], output[512];
static struct loop *loop;
static struct exec *exec;
static unsigned int orphans; /* what programs had started, and was killed with them */

/* A script of these lines, the shell's if they don't say whose; `output` is its $OUT. */
static void script(const char *lines)
{
	FILE *file = fopen(program, "w");

	fprintf(file, "%s%s\n", lines[0] == '#' ? "" : "#!/bin/sh\n", lines);
	fclose(file);
	chmod(program, 0755);
}

static int open_loop(void **state)
{
	(void)state;
	temp_dir_make();
	alarm(60);
	snprintf(program, sizeof(program), "%s", temp_path("program"));
	snprintf(output, sizeof(output), "%s", temp_path("out"));
	setenv("OUT", output, 1);
	orphans = 0;
	loop = loop_new();
	return loop ? 0 : -1;
}

/* Nothing is left: no child, not even a dead one, but for the orphans that the test knows. */
static int close_loop(void **state)
{
	uint64_t deadline = clock_mono() + DEADLINE_NS;
	unsigned int reaped = 0;
	pid_t pid;

	(void)state;
	exec_close(exec);
	exec = NULL;
	loop_free(loop);
	temp_dir_remove();
	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0) {
		reaped += pid > 0;
		assert_true(clock_mono() < deadline);
	}
	assert_int_equal(errno, ECHILD);
	assert_int_equal(reaped, orphans);
	alarm(0);
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

/* The file as it is now; "" where there is none. Freed by the caller. */
static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "r");
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
		text = read_file(output, &length);
		if (length >= wanted)
			return text;
		free(text);
		assert_true(clock_mono() < deadline);
	}
}

/* Runs the loop until no program runs. */
static void await_idle(void)
{
	uint64_t deadline = clock_mono() + DEADLINE_NS;
	siginfo_t info;

	while (!waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT)) {
		run_loop();
		assert_true(clock_mono() < deadline);
	}
	assert_int_equal(errno, ECHILD);
}

static void run_times(int times)
{
	for (int i = 0; i < times; i++)
		exec_run(exec, "x\n", 2);
}

/* From here on, stderr is a file. */
static int divert_stderr(void)
{
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	int fd = open(temp_path("err"), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);

	dup2(fd, STDERR_FILENO);
	close(fd);
	return saved;
}

/* How often it was said; stderr is what it was before. */
static unsigned int said(int saved, const char *what)
{
	unsigned int times = 0;
	size_t length;
	char *text, *at;

	dup2(saved, STDERR_FILENO);
	close(saved);
	text = read_file(temp_path("err"), &length);
	for (at = text; (at = strstr(at, what)); at++)
		times++;
	free(text);
	return times;
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
		big[i] = (char)i; /* any byte */
	exec_run(exec, big, size);
	got = await_bytes(size);
	await_idle();
	assert_memory_equal(got, big, size);
	free(got);
	free(big);
}

static void takes_no_text_at_all(void **state)
{
	(void)state;
	script("echo done >$OUT");
	exec = exec_open(loop, program, EXEC_SECONDS);
	exec_run(exec, "", 0);
	free(await_bytes(5));
	await_idle();
	assert_int_equal(exec_dropped(exec), 0);
}

/* All but one place taken, the rest go one after the other: in the order in which they came. */
static void keeps_order(void **state)
{
	char *got, wanted[512] = "";

	(void)state;
	script("read n; [ $n != x ] || exec " HANG "; echo $n >>$OUT");
	exec = exec_open(loop, program, EXEC_SECONDS);
	run_times(EXEC_RUNNING - 1);
	for (int i = 10; i < 40; i++) {
		char *end = wanted + strlen(wanted);

		exec_run(exec, end, (size_t)sprintf(end, "%d\n", i));
	}
	got = await_bytes(strlen(wanted));
	assert_string_equal(got, wanted);
	free(got);
	assert_int_equal(exec_dropped(exec), 0);
}

/* Each of the first says so and goes on when all of them have: they run at once, and no more do. */
static void runs_four_at_once(void **state)
{
	char *got;

	(void)state;
	script("echo x >>$OUT; until [ -e $OUT.go ]; do sleep 0.02; done; echo y >>$OUT");
	exec = exec_open(loop, program, EXEC_SECONDS);
	run_times(EXEC_RUNNING + 1);
	got = await_bytes(2 * EXEC_RUNNING);
	assert_int_equal(strlen(got), 2 * EXEC_RUNNING);
	free(got);
	close(open(temp_path("out.go"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	got = await_bytes(4 * (EXEC_RUNNING + 1));
	/* The last one began when one of the others had ended. */
	assert_true(strchr(got, 'y') < strrchr(got, 'x'));
	free(got);
}

/* A program that hangs, and what it has started, is killed; the next one runs. */
static void kills_what_hangs(void **state)
{
	int saved = divert_stderr();

	(void)state;
	script("read n; " HANG " & echo $n >>$OUT; wait");
	exec = exec_open(loop, program, 1);
	run_times(EXEC_RUNNING + 1);
	free(await_bytes(2 * (EXEC_RUNNING + 1)));
	assert_int_equal(said(saved, "took longer than 1 s and was killed"), 1);
	orphans = EXEC_RUNNING + 1;
}

/* It may end in time and leave something behind: that would not be bounded. */
static void kills_what_is_left(void **state)
{
	uint64_t deadline = clock_mono() + DEADLINE_NS;
	char *got;
	pid_t pid;

	(void)state;
	script(HANG " & echo $! >$OUT.all; mv $OUT.all $OUT");
	exec = exec_open(loop, program, EXEC_SECONDS);
	run_times(1);
	got = await_bytes(2);
	pid = atoi(got);
	free(got);
	while (waitpid(pid, NULL, WNOHANG) != pid) {
		run_loop();
		assert_true(clock_mono() < deadline);
	}
}

/* What still runs is killed; what waits is forgotten. */
static void closes_at_any_time(void **state)
{
	(void)state;
	script("read n; " HANG " & echo $n >>$OUT; wait");
	exec = exec_open(loop, program, EXEC_SECONDS);
	run_times(EXEC_RUNNING + 2);
	free(await_bytes(2 * EXEC_RUNNING));
	orphans = EXEC_RUNNING;
}

/* A flood is bounded and counted, and said once until it is over. */
static void bounds_a_flood(void **state)
{
	const unsigned int fit = EXEC_RUNNING + EXEC_WAITING;
	int saved = divert_stderr();

	(void)state;
	script("until [ -e $OUT.go ]; do sleep 0.02; done; echo x >>$OUT");
	exec = exec_open(loop, program, EXEC_SECONDS);
	run_times(1000);
	assert_int_equal(exec_dropped(exec), 1000 - fit);
	close(open(temp_path("out.go"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	free(await_bytes((size_t)2 * fit));
	await_idle();
	run_times(1000);
	assert_int_equal(exec_dropped(exec), 2 * (1000 - fit));
	assert_int_equal(said(saved, "is too slow"), 2);
}

static void says_how_it_ended(void **state)
{
	int saved = divert_stderr();

	(void)state;
	script("exit 3");
	exec = exec_open(loop, program, EXEC_SECONDS);
	run_times(2 * EXEC_RUNNING);
	await_idle();
	assert_int_equal(said(saved, "ended with status 3"), 1);
	exec_close(exec);
	saved = divert_stderr();
	script("kill -USR1 $$");
	exec = exec_open(loop, program, EXEC_SECONDS);
	run_times(2 * EXEC_RUNNING);
	await_idle();
	assert_int_equal(said(saved, "was ended by signal 10"), 1);
}

/* Of what we have, stdin alone is new: no loop, no other text, nothing that we inherited. */
static void inherits_nothing(void **state)
{
	int saved = divert_stderr(); /* away from stdout */
	int stray = dup(STDERR_FILENO); /* as one that started us may leave it */
	char *got, *at;
	int count = 0;

	(void)state;
	script("[ /proc/self/fd/1 -ef /proc/self/fd/2 ] || exit 1\n"
	       "ls -l /proc/self/fd >$OUT.$$; mv $OUT.$$ $OUT");
	exec = exec_open(loop, program, EXEC_SECONDS);
	run_times(EXEC_RUNNING + 1);
	got = await_bytes(8);
	close(stray);
	await_idle();
	assert_int_equal(said(saved, "ended with"), 0);
	assert_non_null(strstr(got, " 0 -> /memfd:"));
	for (at = got; (at = strstr(at, " -> ")); at++)
		count++;
	assert_int_equal(count, 4); /* ls has the folder itself */
	free(got);
}

/* The daemon ignores SIGPIPE and blocks what its loop reads; a program expects neither. */
static void starts_with_clean_signals(void **state)
{
	struct sigaction before;
	sigset_t set;
	unsigned long long blocked = 1, ignored = 1;
	char *got;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	/* Shells see to their signals first. */
	script("#!/usr/bin/awk -f\n"
	       "BEGIN { while ((getline line < \"/proc/self/status\") > 0)\n"
	       "if (line ~ /^Sig(Blk|Ign)/) all = all line \"\\n\"\n"
	       "printf \"%s\", all > ENVIRON[\"OUT\"] }");
	exec = exec_open(loop, program, EXEC_SECONDS);
	run_times(1);
	got = await_bytes(8);
	await_idle();
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(sscanf(got, "SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2);
	free(got);
	assert_int_equal(blocked, 0);
	assert_int_equal(ignored & 0x7fffffff, 0); /* 32 and 33 are the C library's own */
	sigaction(SIGCHLD, NULL, &before);
	assert_true(before.sa_handler == SIG_DFL);
}

static void refuses_what_does_not_run(void **state)
{
	(void)state;
	assert_null(exec_open(loop, "/nonexistent/program", EXEC_SECONDS));
	assert_int_equal(errno, ENOENT);
	assert_null(exec_open(loop, temp_dir, EXEC_SECONDS));
	assert_int_equal(errno, EACCES);
	script("true");
	chmod(program, 0644);
	assert_null(exec_open(loop, program, EXEC_SECONDS));
	assert_int_equal(errno, EACCES);
}

/* It could be run at first, but not when it is needed. */
static void says_what_cannot_be_started(void **state)
{
	int saved = divert_stderr();

	(void)state;
	script("true");
	exec = exec_open(loop, program, EXEC_SECONDS);
	unlink(program);
	run_times(3);
	assert_int_equal(exec_dropped(exec), 3);
	assert_int_equal(said(saved, "was not run for an alert: No such file or directory; 1"), 1);
}

static int adopt_orphans(void **state)
{
	(void)state;
	log_open("test_exec");
	return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

int main(void)
{
#define EXEC_TEST(name) cmocka_unit_test_setup_teardown(name, open_loop, close_loop)
	static const struct CMUnitTest tests[] = {
		EXEC_TEST(gets_the_text),
		EXEC_TEST(takes_no_text_at_all),
		EXEC_TEST(keeps_order),
		EXEC_TEST(runs_four_at_once),
		EXEC_TEST(kills_what_hangs),
		EXEC_TEST(kills_what_is_left),
		EXEC_TEST(closes_at_any_time),
		EXEC_TEST(bounds_a_flood),
		EXEC_TEST(says_how_it_ended),
		EXEC_TEST(inherits_nothing),
		EXEC_TEST(starts_with_clean_signals),
		EXEC_TEST(refuses_what_does_not_run),
		EXEC_TEST(says_what_cannot_be_started),
	};

	return cmocka_run_group_tests(tests, adopt_orphans, NULL);
}
