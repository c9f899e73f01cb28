// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the loop calls: rings that fill up, timers, signals, interfaces that
 * come and go. Each turn is bounded; none of it runs in a signal handler.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "attach.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/notify.h"
#include "daemon.h"

#define DRAIN_PERIOD_NS (50 * NS_PER_MSEC)
#define TICK_PERIOD_NS NS_PER_SEC

/* Said where rings are drained, and nowhere else: who does not drain them is not alive. */
static void say_alive(struct daemon *d)
{
	uint64_t now;

	if (!d->watchdog)
		return;
	now = clock_mono();
	if (now - d->alive < d->watchdog)
		return;
	d->alive = now;
	daemon_tell(d, "WATCHDOG=1");
}

void daemon_drain(struct daemon *d, uint64_t most)
{
	const struct event_taker taker = pipeline_taker(&d->pipeline);
	uint64_t one = 1, value;

	while (read(d->again, &value, sizeof(value)) > 0)
		;
	if (xdp_drain(d->xdp, &taker, most) && write(d->again, &one, sizeof(one)) < 0)
		log_error("cannot ask for another turn: %s", strerror(errno));
	if (d->control)
		control_pump(d->control);
	say_alive(d);
}

static void on_ring(void *context, uint32_t events)
{
	(void)events;
	daemon_drain(context, DRAIN_NS);
}

static void look_again(struct daemon *d)
{
	attach_again(d->xdp);
	daemon_shed(d);
	daemon_tell_status(d);
}

/* Interfaces came, went or changed: which ones, and how, is looked up. */
static void on_links(void *context, uint32_t events)
{
	struct daemon *d = context;

	(void)events;
	links_take(d->links);
	look_again(d);
}

void daemon_tick(struct daemon *d)
{
	daemon_prepare(d);
	/* What holds an interface that we wait for may leave without a word. */
	if (xdp_waits(d->xdp))
		look_again(d);
	attach_judge_flows(d->xdp, &d->flow_state);
	daemon_watch_floods(d);
	for (unsigned int i = 0; i < xdp_tallies(d->xdp); i++)
		tally_tick(&xdp_tally(d->xdp)[i], d->model.now);
}

static void on_second(void *context, uint32_t events)
{
	(void)events;
	daemon_tick(context);
}

/* What a rotation asks for; options are not read again. */
static void reload(struct daemon *d)
{
	daemon_tell_reloading(d);
	if (!pipeline_reopen(&d->pipeline))
		log_info("reloaded: files are opened anew; options are read at the next start");
	daemon_tell(d, "READY=1");
}

static void on_signal(void *context, int signal)
{
	struct daemon *d = context;

	if (signal == SIGHUP)
		reload(d);
	else
		loop_stop(d->loop);
}

static int watch_rings(struct daemon *d)
{
	d->watchdog = notify_watchdog();
	d->again = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (d->again < 0 || !loop_watch(d->loop, d->again, EPOLLIN, on_ring, d) ||
	    !loop_every(d->loop, DRAIN_PERIOD_NS, on_ring, d) ||
	    !loop_every(d->loop, TICK_PERIOD_NS, on_second, d))
		return -errno;
	for (unsigned int i = 0; i < xdp_rings(d->xdp); i++)
		if (!loop_watch(d->loop, xdp_ring_fd(d->xdp, i), EPOLLIN | EPOLLET, on_ring, d))
			return -errno;
	return 0;
}

int daemon_watch(struct daemon *d)
{
	const int signals[] = { SIGINT, SIGTERM, SIGHUP, 0 };
	int rc = loop_signals(d->loop, signals, on_signal, d);

	if (!rc)
		rc = watch_rings(d);
	if (rc)
		return rc;
	/* Before any interface is looked at, so that no change goes unseen. */
	d->links = links_open();
	if (!d->links || !loop_watch(d->loop, links_fd(d->links), EPOLLIN, on_links, d))
		return -errno;
	return 0;
}
