/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs a program for each alert, the JSON line on its stdin. Bounded in number
 * and time, and never waited for: whatever the program does, events go on.
 */
#ifndef UNREACH_SINK_EXEC_H
#define UNREACH_SINK_EXEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"

/* Running at the same time, and waiting for one of these to end. */
#define EXEC_RUNNING 4
#define EXEC_WAITING 64
/* A program that takes longer is killed. What it has started and left is killed when it ends. */
#define EXEC_SECONDS 10

struct exec;

/*
 * `program` is a path, run without a shell or arguments, its stdout and stderr
 * our stderr; it must outlive the exec. `seconds` is EXEC_SECONDS but in tests.
 * NULL with errno: EACCES or ENOENT where it can't be run.
 */
struct exec *exec_open(struct loop *loop, const char *program, unsigned int seconds);
/*
 * Runs it on a copy of the text, now or when there is room, in the order in
 * which texts came. What is too much is counted and said once, until nothing
 * waits any more; a program that fails is said every 10 s at the most.
 */
void exec_run(struct exec *e, const char *text, size_t length);
/* Texts that found no room, or whose program could not be started. */
uint64_t exec_dropped(const struct exec *e);
/* Kills what still runs, and forgets what waits. NULL-safe. */
void exec_close(struct exec *e);

#endif
