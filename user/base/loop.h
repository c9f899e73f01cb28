/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One epoll loop: descriptors with a callback, one signalfd, timers on
 * timerfd. Callbacks run one after the other in the loop's thread, never in a
 * signal handler. A callback may remove any watch, its own too.
 */
#ifndef UNREACH_BASE_LOOP_H
#define UNREACH_BASE_LOOP_H

#include <stdint.h>

struct loop;
struct watch;

/* `events` are EPOLLIN, EPOLLOUT, ... as they came. */
typedef void (*watch_fn)(void *context, uint32_t events);
/* `signal` is the number that came. */
typedef void (*signal_fn)(void *context, int signal);

/* NULL with errno where epoll is not to be had. */
struct loop *loop_new(void);
/* NULL-safe; removes what is left. Descriptors that callers brought stay open. */
void loop_free(struct loop *loop);

/* Watches fd for events (EPOLLET and so on as in epoll_ctl(2)). NULL with errno. */
struct watch *loop_watch(struct loop *loop, int fd, uint32_t events, watch_fn fn, void *context);
/* Changes the events waited for; 0 or -errno. */
int watch_events(struct watch *watch, uint32_t events);
/* NULL-safe. Comes before the descriptor is closed: epoll knows it by its number. */
void watch_remove(struct watch *watch);
/*
 * A timer that fires every period_ns, until removed. The missed ones are one. It
 * fires at multiples of its period, the first time sooner than after a whole one:
 * so timers wake the process together. NULL with errno.
 */
struct watch *loop_every(struct loop *loop, uint64_t period_ns, watch_fn fn, void *context);
/* A timer that fires once, after so many ns. NULL with errno. */
struct watch *loop_after(struct loop *loop, uint64_t ns, watch_fn fn, void *context);
/* Blocks the signals (0-terminated list) and delivers them to fn. 0 or -errno. */
int loop_signals(struct loop *loop, const int *signals, signal_fn fn, void *context);

/* Runs until loop_stop; 0 or -errno. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#endif
