/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A folder for one run of a test, gone with what is in it when the run ends or is interrupted. */
#ifndef UNREACH_TESTS_TEMP_DIR_H
#define UNREACH_TESTS_TEMP_DIR_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Empty: there is none. */
static char temp_dir[64];
static pid_t temp_dir_owner; /* not its children */

/* By another process: a signal handler must not allocate, and walking a tree does. */
static inline void temp_dir_remove(void)
{
	pid_t pid;

	if (!temp_dir[0] || getpid() != temp_dir_owner)
		return;
	pid = vfork();
	if (!pid) {
		execl("/bin/rm", "rm", "-rf", "--", temp_dir, (char *)NULL);
		_exit(1);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	temp_dir[0] = '\0';
}

static inline void temp_dir_interrupted(int number)
{
	temp_dir_remove();
	signal(number, SIG_DFL);
	raise(number);
}

static inline void temp_dir_make(void)
{
	snprintf(temp_dir, sizeof(temp_dir), "%s", "/tmp/unreach-test-XXXXXX");
	if (!mkdtemp(temp_dir))
		abort();
	temp_dir_owner = getpid();
	atexit(temp_dir_remove);
	signal(SIGINT, temp_dir_interrupted);
	signal(SIGTERM, temp_dir_interrupted);
	signal(SIGALRM, temp_dir_interrupted);
}

/* `name` in the folder; good until the next call. */
static inline const char *temp_path(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", temp_dir, name);
	return path;
}

#endif
