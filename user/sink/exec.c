// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Each text stands in a memfd, which is the program's stdin: nobody has to
 * feed a pipe, and a program that reads nothing holds nothing up. Each child
 * has a pidfd that tells its end, a timer that bounds its time, and a process
 * group, so that what it started ends with it. Knows nothing of alerts.
 */
#include "sink/exec.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

/* How often the same trouble is said. */
#define SAY_EVERY_NS (10 * NS_PER_SEC)

struct child {
	struct exec *exec;
	pid_t pid; /* 0: free */
	int pidfd;
	struct watch *ended, *late;
	bool killed; /* for being late */
};

struct exec {
	struct loop *loop;
	const char *program;
	uint64_t bound; /* ns */
	struct child children[EXEC_RUNNING];
	int waiting[EXEC_WAITING]; /* memfds, in order from `first` on */
	unsigned int first, waits;
	bool full; /* some found no room, and some wait still: it was said */
	uint64_t dropped;
	uint64_t said; /* when trouble was said last */
};

extern char **environ;

/* May trouble be said, or was some a moment ago? */
static bool may_say(struct exec *e)
{
	uint64_t now = clock_mono();

	if (e->said && now < e->said + SAY_EVERY_NS)
		return false;
	e->said = now;
	return true;
}

/* There is no room: said when it begins, until nothing waits any more. */
static void drop_full(struct exec *e)
{
	e->dropped++;
	if (!e->full)
		log_warning("%s is too slow: %d alerts wait for it already, and those that find no "
			    "room are dropped (%llu so far)",
			    e->program, EXEC_WAITING, (unsigned long long)e->dropped);
	e->full = true;
}

static void drop_failed(struct exec *e, const char *why)
{
	e->dropped++;
	if (may_say(e))
		log_warning("%s was not run for an alert: %s; %llu so far", e->program, why,
			    (unsigned long long)e->dropped);
}

/* The text as a descriptor to read from; -1 with errno. */
static int text_fd(const char *text, size_t length)
{
	int fd = memfd_create("unreach-alert", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < length) {
		ssize_t n = write(fd, text + done, length - done);

		if (n < 0) {
			close(fd);
			return -1;
		}
		done += (size_t)n;
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

/* A process group of its own, with signals as a program expects them; 0 or an errno. */
static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	rc = posix_spawnattr_setsigmask(attributes, &none);
	rc = rc ? rc : posix_spawnattr_setsigdefault(attributes, &all);
	rc = rc ? rc : posix_spawnattr_setpgroup(attributes, 0);
	return rc ? rc
		  : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
								 POSIX_SPAWN_SETSIGDEF |
								 POSIX_SPAWN_SETPGROUP);
}

/*
 * stdin is the text, stdout goes where diagnostics go: ours may be the event
 * log. Nothing else is inherited, nor what we were started with. 0 or an errno.
 */
static int spawn(const char *program, int stdin_fd, pid_t *pid)
{
	char *argv[] = { (char *)program, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int rc = posix_spawn_file_actions_init(&files);

	if (rc)
		return rc;
	rc = posix_spawnattr_init(&attributes);
	if (rc) {
		posix_spawn_file_actions_destroy(&files);
		return rc;
	}
	rc = posix_spawn_file_actions_adddup2(&files, stdin_fd, STDIN_FILENO);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
	rc = rc ? rc : posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	rc = rc ? rc : set_attributes(&attributes);
	rc = rc ? rc : posix_spawn(pid, program, &files, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

static void start_waiting(struct exec *e);

/* How the program ended, where that is worth a word. */
static void judge(struct exec *e, const struct child *c, int status)
{
	if (c->killed) {
		if (may_say(e))
			log_warning("%s took longer than %llu s and was killed", e->program,
				    (unsigned long long)(e->bound / NS_PER_SEC));
	} else if (WIFSIGNALED(status)) {
		if (may_say(e))
			log_warning("%s was ended by signal %d", e->program, WTERMSIG(status));
	} else if (WEXITSTATUS(status) && may_say(e)) {
		log_warning("%s ended with status %d", e->program, WEXITSTATUS(status));
	}
}

/* Kills the child and what it has started. By its pid too: it may have left its group. */
static void kill_all(const struct child *c)
{
	kill(-c->pid, SIGKILL);
	kill(c->pid, SIGKILL);
}

/* Takes leave of a child: of what is left of it, and then of its pid. */
static int reap(struct child *c)
{
	int status = 0;

	kill_all(c);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	watch_remove(c->ended);
	watch_remove(c->late);
	close(c->pidfd);
	c->pid = 0;
	return status;
}

static void on_end(void *context, uint32_t events)
{
	struct child *c = context;
	struct exec *e = c->exec;

	(void)events;
	judge(e, c, reap(c));
	start_waiting(e);
}

/* It has had its time; its end comes by on_end. */
static void on_late(void *context, uint32_t events)
{
	struct child *c = context;

	(void)events;
	kill_all(c);
	c->killed = true;
}

/* Follows a child until it ends; one that can't be followed is ended at once. */
static void follow(struct exec *e, struct child *c, pid_t pid)
{
	*c = (struct child){ .exec = e, .pid = pid };
	c->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (c->pidfd >= 0)
		c->ended = loop_watch(e->loop, c->pidfd, EPOLLIN, on_end, c);
	if (c->ended)
		c->late = loop_after(e->loop, e->bound, on_late, c);
	if (c->late)
		return;
	drop_failed(e, strerror(errno));
	reap(c);
}

/* Runs the program on the text, which it closes. */
static void start(struct exec *e, struct child *c, int text)
{
	pid_t pid;
	int rc = spawn(e->program, text, &pid);

	close(text);
	if (rc)
		drop_failed(e, strerror(rc));
	else
		follow(e, c, pid);
}

static struct child *free_child(struct exec *e)
{
	for (int i = 0; i < EXEC_RUNNING; i++)
		if (!e->children[i].pid)
			return &e->children[i];
	return NULL;
}

static void start_waiting(struct exec *e)
{
	struct child *c;

	while (e->waits && (c = free_child(e))) {
		int text = e->waiting[e->first];

		e->first = (e->first + 1) % EXEC_WAITING;
		e->waits--;
		start(e, c, text);
	}
	if (!e->waits)
		e->full = false;
}

/* 0, or -1 with errno. Folders are "executable" to access(2). */
static int check_program(const char *program)
{
	struct stat st;

	if (stat(program, &st) || access(program, X_OK))
		return -1;
	if (S_ISREG(st.st_mode))
		return 0;
	errno = EACCES;
	return -1;
}

struct exec *exec_open(struct loop *loop, const char *program, unsigned int seconds)
{
	struct exec *e;

	if (check_program(program))
		return NULL;
	/* An inherited SIG_IGN would reap behind our back, and free pids that we know. */
	signal(SIGCHLD, SIG_DFL);
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->loop = loop;
	e->program = program;
	e->bound = seconds * NS_PER_SEC;
	return e;
}

void exec_run(struct exec *e, const char *text, size_t length)
{
	int fd;

	if (e->waits == EXEC_WAITING) {
		drop_full(e);
		return;
	}
	fd = text_fd(text, length);
	if (fd < 0) {
		drop_failed(e, strerror(errno));
		return;
	}
	e->waiting[(e->first + e->waits++) % EXEC_WAITING] = fd;
	start_waiting(e);
}

uint64_t exec_dropped(const struct exec *e)
{
	return e->dropped;
}

void exec_close(struct exec *e)
{
	if (!e)
		return;
	for (int i = 0; i < EXEC_RUNNING; i++)
		if (e->children[i].pid)
			reap(&e->children[i]);
	for (; e->waits; e->waits--)
		close(e->waiting[(e->first + e->waits - 1) % EXEC_WAITING]);
	free(e);
}
