// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The epoll loop. A watch that is removed while a batch of events is handled
 * may have an event in that batch still: it is marked dead, skipped, and freed
 * when the batch is done.
 */
#include "base/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"

#define BATCH 64

struct watch {
	struct loop *loop;
	struct watch *next;
	int fd;
	bool owned; /* the descriptor is ours: a timer */
	bool dead;
	watch_fn fn;
	void *context;
};

struct loop {
	int epoll;
	int signals; /* signalfd, -1: none */
	signal_fn on_signal;
	void *signal_context;
	bool running;
	bool handling; /* a batch of events: what is in it must not be freed */
	bool any_dead;
	struct watch *watches;
};

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->signals = -1;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		free(loop);
		return NULL;
	}
	return loop;
}

static void watch_free(struct watch *w)
{
	if (w->owned)
		close(w->fd);
	free(w);
}

/* Frees the watches that are dead, or all. */
static void sweep(struct loop *loop, bool all)
{
	struct watch **at = &loop->watches, *w;

	while ((w = *at)) {
		if (all || w->dead) {
			*at = w->next;
			watch_free(w);
		} else {
			at = &w->next;
		}
	}
	loop->any_dead = false;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	sweep(loop, true);
	if (loop->signals >= 0)
		close(loop->signals);
	close(loop->epoll);
	free(loop);
}

struct watch *loop_watch(struct loop *loop, int fd, uint32_t events, watch_fn fn, void *context)
{
	struct watch *w = calloc(1, sizeof(*w));
	struct epoll_event event = { .events = events, .data.ptr = w };

	if (!w)
		return NULL;
	*w = (struct watch){ .loop = loop, .fd = fd, .fn = fn, .context = context };
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event)) {
		free(w);
		return NULL;
	}
	w->next = loop->watches;
	loop->watches = w;
	return w;
}

int watch_events(struct watch *w, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = w };

	return epoll_ctl(w->loop->epoll, EPOLL_CTL_MOD, w->fd, &event) ? -errno : 0;
}

void watch_remove(struct watch *w)
{
	if (!w || w->dead)
		return;
	epoll_ctl(w->loop->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->dead = true;
	w->loop->any_dead = true;
	if (!w->loop->handling)
		sweep(w->loop, false);
}

/* A timer's count is read away before its callback, or it would fire for ever. */
static bool timer_fired(struct watch *w)
{
	uint64_t times;

	return read(w->fd, &times, sizeof(times)) == sizeof(times);
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / NS_PER_SEC),
		.tv_nsec = (long)(ns % NS_PER_SEC),
	};
}

/* First at a time of clock_mono, then every `period` ns, or never again (0). */
static struct watch *start_timer(struct loop *loop, uint64_t first, uint64_t period, watch_fn fn,
				 void *context)
{
	const struct itimerspec timer = { .it_interval = timespec_of(period),
					  .it_value = timespec_of(first) };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), error;
	struct watch *w = NULL;

	if (fd < 0)
		return NULL;
	if (timerfd_settime(fd, TFD_TIMER_ABSTIME, &timer, NULL) == 0)
		w = loop_watch(loop, fd, EPOLLIN, fn, context);
	if (!w) {
		error = errno;
		close(fd);
		errno = error;
		return NULL;
	}
	w->owned = true;
	return w;
}

struct watch *loop_every(struct loop *loop, uint64_t period_ns, watch_fn fn, void *context)
{
	uint64_t first = (clock_mono() / period_ns + 1) * period_ns;

	return start_timer(loop, first, period_ns, fn, context);
}

struct watch *loop_after(struct loop *loop, uint64_t ns, watch_fn fn, void *context)
{
	return start_timer(loop, clock_mono() + ns, 0, fn, context);
}

static void read_signals(void *context, uint32_t events)
{
	struct loop *loop = context;
	struct signalfd_siginfo info;

	(void)events;
	while (read(loop->signals, &info, sizeof(info)) == sizeof(info))
		loop->on_signal(loop->signal_context, (int)info.ssi_signo);
}

int loop_signals(struct loop *loop, const int *signals, signal_fn fn, void *context)
{
	sigset_t set;

	sigemptyset(&set);
	for (; *signals; signals++)
		sigaddset(&set, *signals);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals < 0)
		return -errno;
	loop->on_signal = fn;
	loop->signal_context = context;
	return loop_watch(loop, loop->signals, EPOLLIN, read_signals, loop) ? 0 : -errno;
}

static void handle(struct watch *w, uint32_t events)
{
	if (w->dead || (w->owned && !timer_fired(w)))
		return;
	w->fn(w->context, events);
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[BATCH];

	loop->running = true;
	while (loop->running) {
		int n = epoll_wait(loop->epoll, events, BATCH, -1);

		if (n < 0 && errno != EINTR) {
			loop->running = false;
			return -errno;
		}
		loop->handling = true;
		for (int i = 0; i < n; i++)
			handle(events[i].data.ptr, events[i].events);
		loop->handling = false;
		if (loop->any_dead)
			sweep(loop, false);
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->running = false;
}
