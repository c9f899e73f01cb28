/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A folder for one run of a test, gone with what is in it when the run ends or is interrupted. */
#ifndef UNREACH_TESTS_TEMP_DIR_H
#define UNREACH_TESTS_TEMP_DIR_H

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Empty: there is none. */
static char temp_dir[64];

static inline int temp_dir_remove_one(const char *path, const struct stat *st, int type,
				      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void temp_dir_remove(void)
{
	if (temp_dir[0])
		nftw(temp_dir, temp_dir_remove_one, 8, FTW_DEPTH | FTW_PHYS);
	temp_dir[0] = '\0';
}

/* Removing files in a handler is good enough for a test that is about to die. */
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
