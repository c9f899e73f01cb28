// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The event log on real files, pipes and a full disk: locks, torn lines,
 * batches that go out whole or not at all, readers that stall, rotation.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/file.h>
#include <time.h>

#include <cmocka.h>

#include "unit/sinks.h"

/* How often `what` stands in the file, which must end with a newline if it has any bytes. */
static unsigned int count_in(const char *path, const char *what)
{
	off_t size = size_of(path);
	char *data = calloc(1, (size_t)size + 1), *at = data;
	FILE *file = fopen(path, "r");
	unsigned int count = 0;

	assert_non_null(file);
	assert_int_equal(fread(data, 1, (size_t)size, file), size);
	fclose(file);
	assert_true(size == 0 || data[size - 1] == '\n');
	for (; (at = strstr(at, what)); at++)
		count++;
	free(data);
	return count;
}

static void test_log(void **state)
{
	const char *path = in_dir("log");
	struct sink *sink = sink_eve_open(path, false);
	struct stat st;

	(void)state;
	assert_non_null(sink);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777 & ~0640, 0);
	write_many(sink, 1, 3);
	assert_int_equal(size_of(path), 0); /* not before the batch ends */
	assert_int_equal(flush(sink), 0);
	assert_int_equal(count_in(path, "\n"), 3);
	assert_int_equal(flush(sink), 0);
	sink->ops->close(sink);
	sink = sink_eve_open(path, false);
	write_many(sink, 4, 1);
	assert_int_equal(flush(sink), 0);
	sink->ops->close(sink);
	assert_int_equal(count_in(path, "\n"), 4);
	assert_int_equal(count_in(path, "-3\""), 1);
	unlink(path);
}

static void test_lock(void **state)
{
	const char *path = in_dir("locked");
	struct sink *sink = sink_eve_open(path, false);

	(void)state;
	write_many(sink, 1, 1);
	flush(sink);
	assert_null(sink_eve_open(path, false));
	assert_int_equal(errno, EWOULDBLOCK);
	assert_null(sink_pcapng_open(path, 64));
	assert_int_equal(errno, EWOULDBLOCK);
	assert_int_equal(count_in(path, "\n"), 1); /* not cut by the one that was refused */
	sink->ops->close(sink);
	sink = sink_eve_open(path, false);
	assert_non_null(sink);
	sink->ops->close(sink);
	unlink(path);
}

/* Whoever may read it may lock it (flock(2), fcntl_locking(2)): that keeps no daemon out. */
static void test_locked_by_a_reader(void **state)
{
	static const int commands[] = { F_SETLK, F_OFD_SETLK };
	const char *path = in_dir("read");

	(void)state;
	for (unsigned int way = 0; way < 3; way++) {
		struct flock all = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
		int reader = open(path, O_RDONLY | O_CREAT, 0640);
		struct sink *sink;

		if (way == 2)
			assert_int_equal(flock(reader, LOCK_EX), 0);
		else
			assert_int_equal(fcntl(reader, commands[way], &all), 0);
		sink = sink_eve_open(path, false);
		assert_non_null(sink);
		write_many(sink, 1, 1);
		assert_int_equal(flush(sink), 0);
		sink->ops->close(sink);
		close(reader);
		assert_int_equal(count_in(path, "\n"), 1);
		unlink(path);
	}
}

/* Nor does a log that is being written keep anybody from reading all of it under a lock. */
static void test_reader_may_lock(void **state)
{
	const char *path = in_dir("writing");
	struct sink *sink = sink_eve_open(path, false);
	struct flock all = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int reader = open(path, O_RDONLY);

	(void)state;
	write_many(sink, 1, 1);
	assert_int_equal(flush(sink), 0);
	all.l_len = size_of(path);
	assert_int_equal(fcntl(reader, F_OFD_SETLK, &all), 0);
	assert_int_equal(flock(reader, LOCK_SH | LOCK_NB), 0);
	close(reader);
	sink->ops->close(sink);
	unlink(path);
}

static void test_torn_line(void **state)
{
	const char *path = in_dir("torn");
	char *long_line = malloc(10001);
	struct sink *sink;

	(void)state;
	memset(long_line, 'x', 10000);
	long_line[10000] = '\0';
	long_line[4] = '\n';
	put_file(path, long_line);
	sink = sink_eve_open(path, false);
	assert_int_equal(size_of(path), 5);
	sink->ops->close(sink);
	put_file(path, long_line + 5); /* no newline at all */
	sink = sink_eve_open(path, false);
	assert_int_equal(size_of(path), 0);
	sink->ops->close(sink);
	put_file(path, "whole\n");
	sink = sink_eve_open(path, false);
	assert_int_equal(size_of(path), 6);
	sink->ops->close(sink);
	unlink(path);
	free(long_line);
}

static void test_no_file(void **state)
{
	(void)state;
	assert_null(sink_eve_open(in_dir("none/log"), true));
	assert_int_equal(errno, ENOENT);
	assert_null(sink_eve_open(temp_dir, false));
	assert_int_equal(errno, EISDIR);
}

/* A batch that does not fit leaves no byte; the next one that fits goes on behind the last. */
static void test_full(void **state)
{
	const char *path = in_dir("full");
	struct sink *sink = sink_eve_open(path, false);
	off_t size;

	(void)state;
	write_many(sink, 1, 2);
	assert_int_equal(flush(sink), 0);
	size = size_of(path);
	limit_file_size((rlim_t)size * 2);
	write_many(sink, 3, 100);
	assert_int_equal(flush(sink), -EFBIG);
	assert_int_equal(size_of(path), size);
	write_many(sink, 200, 1);
	assert_int_equal(flush(sink), 0);
	limit_file_size(RLIM_INFINITY);
	write_many(sink, 300, 100);
	assert_int_equal(flush(sink), 0);
	sink->ops->close(sink);
	assert_int_equal(count_in(path, "\n"), 103);
	assert_int_equal(count_in(path, "0-200\""), 1);
	assert_int_equal(count_in(path, "0-3\""), 0);
	unlink(path);
}

/* Lets `path` be stdout while fn runs. */
static void with_stdout(const char *path, int flags, void (*fn)(struct sink *))
{
	int saved, fd = open(path, flags | O_CREAT, 0600);
	struct sink *sink;

	assert_true(fd >= 0);
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(fd, STDOUT_FILENO);
	sink = sink_eve_open("-", true);
	if (sink) {
		fn(sink);
		sink->ops->close(sink);
	}
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fd);
	assert_non_null(sink);
}

/* A daemon is not held up by a reader that takes nothing, nor is anybody who shares its stdout. */
static void test_stdout_stalled(void **state)
{
	const char *path = in_dir("fifo-stdout");
	int saved = dup(STDOUT_FILENO), fd, results[2], flags;
	struct sink *sink;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR);
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	sink = sink_eve_open("-", false);
	write_many(sink, 1, 2000); /* more than a pipe holds */
	results[0] = flush(sink);
	write_many(sink, 2000, 2000);
	results[1] = flush(sink);
	flags = fcntl(STDOUT_FILENO, F_GETFL);
	sink->ops->close(sink);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fd);
	assert_int_equal(results[0], -EAGAIN);
	assert_int_equal(results[1], -EAGAIN);
	assert_false(flags & O_NONBLOCK);
}

static int stdout_results[4];

static void fill_stdout(struct sink *sink)
{
	write_many(sink, 1, 1);
	stdout_results[0] = flush(sink);
	limit_file_size(2000);
	write_many(sink, 2, 100);
	stdout_results[1] = flush(sink);
	limit_file_size(RLIM_INFINITY);
	write_many(sink, 200, 1);
	stdout_results[2] = flush(sink);
	stdout_results[3] = sink->ops->reopen(sink);
}

static void check_stdout(const char *path, unsigned int lines)
{
	assert_int_equal(stdout_results[0], 0);
	assert_int_equal(stdout_results[1], -EFBIG);
	assert_int_equal(stdout_results[2], 0);
	assert_int_equal(stdout_results[3], 0);
	assert_int_equal(count_in(path, "\n"), lines);
	assert_int_equal(count_in(path, "0-200\""), 1);
	assert_int_equal(count_in(path, "0-2\""), 0);
}

static void test_stdout(void **state)
{
	const char *path = in_dir("stdout");

	(void)state;
	put_file(path, "before\n");
	with_stdout(path, O_WRONLY | O_APPEND, fill_stdout);
	check_stdout(path, 3);
	with_stdout(path, O_WRONLY | O_TRUNC, fill_stdout);
	check_stdout(path, 2);
	unlink(path);
}

/* Takes what a pipe holds into a file, and what comes within it. */
static void drain_to(int fd, const char *path)
{
	FILE *file = fopen(path, "a");
	char block[4096];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		fwrite(block, 1, (size_t)n, file);
	fclose(file);
}

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

/* A reader that does not read: batches count as not accepted, at no cost, and no line is torn. */
static void test_stalled_pipe(void **state)
{
	const char *path = in_dir("fifo"), *got = in_dir("got");
	struct sink *sink;
	uint64_t cpu;
	int fd, i;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(sink_eve_open(path, false));
	assert_int_equal(errno, ENXIO); /* nobody reads */
	fd = open(path, O_RDONLY | O_NONBLOCK);
	sink = sink_eve_open(path, false);
	assert_non_null(sink);
	write_many(sink, 1000, 1000); /* more than a pipe holds */
	cpu = cpu_ns();
	assert_int_equal(flush(sink), -EAGAIN);
	for (i = 0; i < 100; i++) {
		write_many(sink, 2000, 1);
		assert_int_equal(flush(sink), -EAGAIN);
	}
	assert_true(cpu_ns() - cpu < NS_PER_SEC / 2);
	drain_to(fd, got);
	write_many(sink, 3000, 1);
	assert_int_equal(flush(sink), -EAGAIN); /* the first batch is not out yet */
	do {
		drain_to(fd, got);
		write_many(sink, 4000, 1);
	} while (flush(sink) == -EAGAIN);
	drain_to(fd, got);
	assert_int_equal(count_in(got, "{\"timestamp"), count_in(got, "}}\n"));
	assert_int_equal(count_in(got, "0-1"), 1000);
	assert_int_equal(count_in(got, "0-2000\""), 0);
	assert_int_equal(count_in(got, "0-4000\""), 1);
	/* Closing is the last chance to end a line. */
	write_many(sink, 5000, 350); /* a little more than a pipe holds */
	assert_int_equal(flush(sink), -EAGAIN);
	drain_to(fd, got);
	sink->ops->close(sink);
	drain_to(fd, got);
	assert_int_equal(count_in(got, "{\"timestamp"), count_in(got, "}}\n"));
	sink = sink_eve_open(path, false);
	close(fd);
	write_many(sink, 7000, 1);
	assert_int_equal(flush(sink), -EPIPE);
	sink->ops->close(sink);
	unlink(path);
	unlink(got);
}

static void test_rotate(void **state)
{
	const char *path = in_dir("rotated"), *old = in_dir("rotated.1");
	struct sink *sink = sink_eve_open(path, false), *other;

	(void)state;
	write_many(sink, 1, 1);
	flush(sink);
	assert_int_equal(sink->ops->reopen(sink), 0); /* nothing was moved */
	write_many(sink, 2, 1);
	flush(sink);
	assert_int_equal(count_in(path, "\n"), 2);
	rename(path, old);
	write_many(sink, 3, 1);
	flush(sink);
	assert_int_equal(sink->ops->reopen(sink), 0);
	write_many(sink, 4, 1);
	flush(sink);
	assert_int_equal(count_in(old, "\n"), 3);
	assert_int_equal(count_in(path, "0-4\""), 1);
	/* What can't be opened leaves the old one in use. */
	rename(path, old);
	other = sink_eve_open(path, false);
	assert_int_equal(sink->ops->reopen(sink), -EWOULDBLOCK);
	write_many(sink, 5, 1);
	assert_int_equal(flush(sink), 0);
	assert_int_equal(count_in(old, "0-5\""), 1);
	other->ops->close(other);
	sink->ops->close(sink);
	unlink(path);
	unlink(old);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stdout_stalled),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_locked_by_a_reader),
		cmocka_unit_test(test_reader_may_lock),
		cmocka_unit_test(test_torn_line),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_stdout),
		cmocka_unit_test(test_stalled_pipe),
		cmocka_unit_test(test_rotate),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
