// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Files as batches see them: opening with a lock, writing all or nothing,
 * opening anew after a rotation. Reports by -errno and says nothing itself.
 */
#include "sink/out.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long a pipe's reader is waited for, once, before a batch counts as not accepted. */
#define PATIENCE_MS 1000
/* No file is so long. */
#define LOCKED_BYTE (INT64_MAX - 1)

static struct out *out_of(struct sink *sink)
{
	return (struct out *)sink;
}

/* Where the last whole line of a file of `size` bytes ends; -errno. */
static off_t last_line_end(int fd, off_t size)
{
	char block[4096];

	while (size > 0) {
		size_t n = size < (off_t)sizeof(block) ? (size_t)size : sizeof(block);
		ssize_t got = pread(fd, block, n, size - (off_t)n);
		const char *newline;

		if (got != (ssize_t)n)
			return got < 0 ? -errno : -EIO;
		newline = memrchr(block, '\n', n);
		if (newline)
			return size - (off_t)n + (newline - block) + 1;
		size -= (off_t)n;
	}
	return 0;
}

/* Does no other daemon have the file locked? 0, -EWOULDBLOCK or another -errno. */
static int ask_lock(int fd)
{
	/* What is in the way of this is for writing. */
	struct flock lock = { .l_type = F_RDLCK, .l_start = LOCKED_BYTE, .l_len = 1 };

	if (fcntl(fd, F_OFD_GETLK, &lock))
		return -errno;
	return lock.l_type == F_UNLCK ? 0 : -EWOULDBLOCK;
}

/*
 * A daemon's lock on its file: for writing, which only who may write it can
 * take, on a byte that nobody has a reason to read. Readers can lock that too
 * (fcntl_locking(2)), on purpose: they do not keep us out, we go without.
 */
static int take_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_start = LOCKED_BYTE, .l_len = 1 };

	if (!fcntl(fd, F_OFD_SETLK, &lock))
		return 0;
	return errno == EAGAIN || errno == EACCES ? ask_lock(fd) : -errno;
}

/* Locks a regular file and cuts it to what its kind goes on from. */
static int take_file(int fd, enum out_kind kind, const struct stat *st)
{
	int result = take_lock(fd);
	off_t keep = 0;

	if (result)
		return result;
	if (kind == OUT_LINES)
		keep = last_line_end(fd, st->st_size);
	if (keep < 0)
		return (int)keep;
	return keep < st->st_size && ftruncate(fd, keep) ? -errno : 0;
}

/* A FIFO is opened for writing alone, so that the lack of a reader is told (ENXIO). */
static int open_path(const char *path)
{
	struct stat st;
	bool special = !stat(path, &st) && !S_ISREG(st.st_mode);
	int fd = open(path,
		      (special ? O_WRONLY : O_RDWR | O_CREAT) | O_APPEND | O_NONBLOCK | O_CLOEXEC |
			      O_NOCTTY,
		      0640);

	return fd < 0 ? -errno : fd;
}

/* May a file be made at the path? 0 or -errno. */
static int check_folder(const char *path)
{
	char *copy = strdup(path);
	int result = 0;

	if (!copy)
		return -ENOMEM;
	if (faccessat(AT_FDCWD, dirname(copy), W_OK | X_OK, AT_EACCESS))
		result = -errno;
	free(copy);
	return result;
}

int sink_check(const char *path)
{
	struct stat st;
	int fd, result;

	if (!strcmp(path, "-"))
		return 0;
	if (stat(path, &st))
		return errno == ENOENT ? check_folder(path) : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode)) /* to open it might mean something to who is at its other end */
		return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) ? -errno : 0;
	fd = open_path(path);
	if (fd < 0)
		return fd;
	result = ask_lock(fd);
	close(fd);
	return result;
}

static bool same_file(int fd, const struct stat *other)
{
	struct stat st;

	return fd >= 0 && !fstat(fd, &st) && st.st_dev == other->st_dev &&
	       st.st_ino == other->st_ino;
}

/* Lets the output go to fd from now on. */
static void adopt(struct out *o, int fd, mode_t mode)
{
	o->fd = fd;
	o->regular = S_ISREG(mode);
	o->append = fcntl(fd, F_GETFL) & O_APPEND;
	o->stalled = false;
	o->owed = 0;
	o->torn = -1;
	o->buf.len = 0;
	if (o->start)
		o->start(o);
}

/* Opens o's path and adopts it: 1 where it is another file than before, 0 or -errno. */
static int open_file(struct out *o)
{
	int old = o->fd, result = 0, fd = open_path(o->sink.path);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		result = -errno;
	else if (same_file(old, &st))
		goto out;
	else if (S_ISREG(st.st_mode))
		result = take_file(fd, o->kind, &st);
	if (result)
		goto out;
	adopt(o, fd, st.st_mode);
	if (old >= 0)
		close(old);
	return 1;
out:
	close(fd);
	return result;
}

static int open_stdout(struct out *o)
{
	struct stat st;
	int fd = -1;

	if (fstat(STDOUT_FILENO, &st))
		return -errno;
	o->is_stdout = true;
	/*
	 * A daemon must not be held up by whoever reads it. Not to block is set on
	 * a description of our own, since others may share that of stdout; a
	 * socket can't be opened so, and there a reader that stops holds us up.
	 */
	if (!o->patient && !S_ISREG(st.st_mode))
		fd = open("/proc/self/fd/1",
			  O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	adopt(o, fd >= 0 ? fd : STDOUT_FILENO, st.st_mode);
	return 1;
}

struct sink *out_open(struct out *o, const struct sink_ops *ops, enum out_kind kind,
		      void (*start)(struct out *o), const char *path)
{
	int result;

	if (!o)
		return NULL;
	o->sink.ops = ops;
	o->sink.path = path;
	o->kind = kind;
	o->start = start;
	o->fd = -1;
	result = strcmp(path, "-") ? open_file(o) : open_stdout(o);
	if (result >= 0)
		result = ops->flush(&o->sink);
	if (result >= 0)
		return &o->sink;
	ops->close(&o->sink);
	errno = -result;
	return NULL;
}

int out_reopen(struct sink *sink)
{
	struct out *o = out_of(sink);
	int result = o->is_stdout ? 0 : open_file(o);

	/* What the new file starts with is put again by a later batch, if it can't be now. */
	if (result > 0)
		sink->ops->flush(sink);
	return result < 0 ? result : 0;
}

/* Waits until a pipe or socket takes bytes again; 0 or -errno. */
static int wait_for_room(struct out *o)
{
	struct pollfd one = { .fd = o->fd, .events = POLLOUT };
	int n = poll(&one, 1, o->patient ? -1 : o->stalled ? 0 : PATIENCE_MS);

	if (n < 0 && errno != EINTR)
		return -errno;
	return n == 0 ? -EAGAIN : 0;
}

/* Writes the buffer as far as it goes; *done are the bytes that went. */
static int write_buffer(struct out *o, size_t *done)
{
	for (*done = 0; *done < o->buf.len;) {
		ssize_t n = write(o->fd, o->buf.data + *done, o->buf.len - *done);
		int result = 0;

		if (n > 0)
			*done += (size_t)n;
		else if (n == 0)
			result = -EIO;
		else if (errno == EAGAIN)
			result = wait_for_room(o);
		else if (errno != EINTR)
			result = -errno;
		if (result)
			return result;
	}
	return 0;
}

/* Takes away what a failed batch left in a regular file. */
static int mend(struct out *o)
{
	if (o->torn < 0)
		return 0;
	if (ftruncate(o->fd, o->torn))
		return -errno;
	if (!o->append && lseek(o->fd, o->torn, SEEK_SET) < 0)
		return -errno;
	o->torn = -1;
	return 0;
}

/* Appends the buffer to a regular file, or leaves that as it was. */
static int append_file(struct out *o)
{
	int result = mend(o);
	size_t done;

	if (result)
		return result;
	result = write_buffer(o, &done);
	if (result && done) {
		/* A regular file tells always, and with O_APPEND, too, where our bytes end. */
		o->torn = lseek(o->fd, 0, SEEK_CUR) - (off_t)done;
		mend(o); /* if not now, then before the next batch */
	}
	return result;
}

static int flush_file(struct out *o)
{
	int result = append_file(o);

	o->taken = !result;
	o->buf.len = 0;
	return result;
}

static int flush_stream(struct out *o)
{
	size_t done;
	int result = write_buffer(o, &done);

	o->stalled = result == -EAGAIN;
	o->taken = !result || (o->stalled && done > o->owed);
	if (!o->stalled)
		o->buf.len = 0; /* all of it is out, or nobody will ever read the rest */
	else if (!o->taken)
		o->buf.len = o->owed;
	if (o->stalled)
		buf_consume(&o->buf, done);
	o->owed = o->buf.len;
	return result;
}

int out_flush(struct sink *sink)
{
	struct out *o = out_of(sink);

	if (o->buf.failed) {
		o->buf.failed = false;
		o->buf.len = o->owed;
		o->taken = false;
		return -ENOMEM;
	}
	return o->regular ? flush_file(o) : flush_stream(o);
}

void out_close(struct sink *sink)
{
	struct out *o = out_of(sink);

	if (o->owed)
		flush_stream(o); /* the last chance to end a line */
	if (o->fd > STDERR_FILENO)
		close(o->fd);
	buf_free(&o->buf);
	free(o);
}
