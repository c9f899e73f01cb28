// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The daemon's main: wiring, the loop, teardown. What happens to an
 * event is pipeline.c's, how it gets here is source/'s; here is only who is
 * connected to whom.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "attach.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "config.h"
#include "lookout.h"
#include "pipeline.h"
#include "serve/control.h"
#include "source/route.h"
#include "source/xdp.h"
#include "unreach/bucket.h"
#include "unreach/classify.h"
#include "view/view.h"

#define DRAIN_PERIOD_NS (50 * NS_PER_MSEC)
#define TICK_PERIOD_NS NS_PER_SEC
#define ASKS_PER_SECOND 500

struct daemon {
	struct config config;
	struct loop *loop;
	struct xdp *xdp;
	struct pipeline pipeline;
	struct recent *recent;
	struct lookout *lookout;
	struct route *route;
	__u64 asked; /* bucket of questions to it, see may_ask */
	struct control *control;
	struct model model;
	enum flow_watch_state flow_state; /* that was said last */
	int again; /* eventfd: more stands in the rings than one turn may take */
};

/* The exit status for what a source's function returned. */
static int exit_status(int rc)
{
	switch (rc) {
	case 0:
		return 0;
	case -EPERM:
	case -EACCES:
		return EX_NOPERM;
	case -EINVAL:
	case -EPROTO:
	case -ENAMETOOLONG:
		return EX_CONFIG;
	default:
		return EX_OSERR;
	}
}

/* Moves what stands in the rings to the sinks; asks to be called again where there is more. */
static void drain(void *context, uint32_t events)
{
	struct daemon *d = context;
	const struct event_taker taker = pipeline_taker(&d->pipeline);
	uint64_t one = 1, value;

	(void)events;
	while (read(d->again, &value, sizeof(value)) > 0)
		;
	if (xdp_drain(d->xdp, &taker) && write(d->again, &one, sizeof(one)) < 0)
		log_error("cannot ask for another turn: %s", strerror(errno));
	if (d->control)
		control_pump(d->control);
}

/* Between two batches of a long table: the rings must not fill up meanwhile. */
static void drain_between(void *context)
{
	drain(context, 0);
}

static int load_hosts(void *context, enum unreach_table table, struct hosts *out)
{
	struct daemon *d = context;

	return xdp_read_hosts(d->xdp, table, out, drain_between, d);
}

/* The evidence_source's. */
static int walk(void *context, enum unreach_evidence which, evidence_fn fn, void *fn_context)
{
	struct daemon *d = context;
	const struct flow_watch *flows;

	if (which == UNREACH_FLOWS) {
		flows = xdp_read_flow_watch(d->xdp);
		/* Sizes that are not real must not be judged. */
		if (!flows || flow_watch_state(flows) == FLOW_WATCH_OFFLOAD)
			return 0;
	}
	return xdp_walk(d->xdp, which, fn, fn_context, drain_between, d);
}

static struct evidence_source evidence(struct daemon *d)
{
	return (struct evidence_source){ .walk = walk, .context = d };
}

/* Adverts that found their way into a table of evidence, or should have; and segments
 * of flows that are watched, both ways. */
static uint64_t adverts(void *context)
{
	const struct flow_watch *flows;
	struct daemon *d = context;
	uint64_t sum = 0;

	if (xdp_read_tallies(d->xdp))
		return d->model.now; /* look anyway */
	for (unsigned int i = 0; i < xdp_tallies(d->xdp); i++)
		sum += xdp_tally(d->xdp)[i].counters.evidence[UNREACH_PATHS].attributable;
	flows = xdp_read_flow_watch(d->xdp);
	return flows ? sum + flows->stats.sent + flows->stats.answered : sum;
}

static const struct flow_watch *flow_watch(void *context)
{
	struct daemon *d = context;

	return xdp_read_flow_watch(d->xdp);
}

static const char *interface_of(void *context, uint32_t slot)
{
	struct daemon *d = context;

	for (unsigned int i = 0; i < xdp_tallies(d->xdp); i++)
		if (xdp_tally(d->xdp)[i].slot == slot)
			return xdp_tally(d->xdp)[i].name;
	return "";
}

/* Forged adverts must not keep us busy with the kernel's routes. */
static bool may_ask(struct daemon *d)
{
	const struct unreach_rate rate = { NS_PER_SEC / ASKS_PER_SECOND, NS_PER_SEC };

	return unreach_bucket_take(&d->asked, clock_mono(), rate);
}

/* The two of struct local. What the kernel does not tell is nobody's fault. */
static bool is_ours(void *context, const struct unreach_addr *addr)
{
	struct daemon *d = context;

	return may_ask(d) && route_is_local(d->route, addr) == 1;
}

static bool has_learned(void *context, const struct unreach_addr *src,
			const struct unreach_addr *dst, uint32_t mtu)
{
	struct daemon *d = context;
	/* Of less than this Linux makes this (min_pmtu). */
	uint32_t known, most = mtu < UNREACH_MTU_TINY ? UNREACH_MTU_TINY : mtu;

	return route_mtu(d->route, src, dst, &known) || (known && known <= most);
}

static int refresh(void *context)
{
	struct daemon *d = context;

	return xdp_read_tallies(d->xdp);
}

static unsigned int ring_fills(void *context, struct fill *out, unsigned int max)
{
	struct daemon *d = context;
	unsigned int rings = xdp_rings(d->xdp), i;

	for (i = 0; i < rings && i < max; i++) {
		size_t size;

		snprintf(out[i].name, sizeof(out[i].name), "ring-%u", i);
		out[i].used = xdp_ring_used(d->xdp, i, &size);
		out[i].size = size;
	}
	return i;
}

/* Brings the model up to date before a question is answered. */
static void prepare(void *context)
{
	struct daemon *d = context;
	int rc;

	d->model.now = clock_mono();
	d->model.to_wall = clock_mono_to_wall();
	rc = xdp_read_tallies(d->xdp);
	if (rc)
		log_error("cannot read the counters: %s", strerror(-rc));
}

static void tick(void *context, uint32_t events)
{
	struct daemon *d = context;

	(void)events;
	prepare(d);
	attach_judge_flows(d->xdp, &d->flow_state);
	for (unsigned int i = 0; i < xdp_tallies(d->xdp); i++)
		tally_tick(&xdp_tally(d->xdp)[i], d->model.now);
}

static void on_signal(void *context, int signal)
{
	struct daemon *d = context;

	if (signal == SIGHUP)
		pipeline_reopen(&d->pipeline);
	else
		loop_stop(d->loop);
}

/* One sink into the pipeline; 0 or -errno, said. */
static int add_sink(struct daemon *d, struct sink *sink, const char *what)
{
	int rc = sink ? pipeline_add(&d->pipeline, sink) : -errno;

	if (rc == -EWOULDBLOCK)
		log_error("%s is being written by another process; choose another file", what);
	else if (rc)
		log_error("cannot write %s: %s", what, strerror(-rc));
	return rc;
}

static int open_sinks(struct daemon *d)
{
	const struct config *c = &d->config;
	int rc = 0;

	if (c->log)
		rc = add_sink(d, sink_eve_open(c->log, false), c->log);
	if (!rc && c->pcap)
		rc = add_sink(d, sink_pcapng_open(c->pcap, c->xdp.snaplen), c->pcap);
	if (!rc && c->text)
		rc = add_sink(d, sink_text_open(false), "stdout");
	return rc;
}

static int watch_rings(struct daemon *d)
{
	d->again = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (d->again < 0 || !loop_watch(d->loop, d->again, EPOLLIN, drain, d) ||
	    !loop_every(d->loop, DRAIN_PERIOD_NS, drain, d) ||
	    !loop_every(d->loop, TICK_PERIOD_NS, tick, d))
		return -errno;
	for (unsigned int i = 0; i < xdp_rings(d->xdp); i++)
		if (!loop_watch(d->loop, xdp_ring_fd(d->xdp, i), EPOLLIN | EPOLLET, drain, d))
			return -errno;
	return 0;
}

static void fill_model(struct daemon *d)
{
	d->model = (struct model){
		.version = UNREACH_VERSION,
		.started = clock_mono(),
		.interfaces = xdp_tally(d->xdp),
		.count = xdp_tallies(d->xdp),
		.recent = d->recent,
		.alerts = lookout_alerts(d->lookout),
		.evidence = evidence(d),
		.cpus = xdp_cpus(d->xdp),
		.load_hosts = load_hosts,
		.refresh = refresh,
		.ring_fills = ring_fills,
		.flow_watch = flow_watch,
		.context = d,
	};
}

static void say_ready(const struct daemon *d)
{
	for (unsigned int i = 0; i < xdp_tallies(d->xdp); i++) {
		const struct tally *t = &xdp_tally(d->xdp)[i];

		log_info("watching %s (%s mode, program %u)", t->name, t->mode, t->program_id);
	}
	log_info("ready; control socket %s", d->config.socket);
}

/* The loop with its socket, so that a second daemon is refused before it touches an interface. */
static int open_loop(struct daemon *d)
{
	const int signals[] = { SIGINT, SIGTERM, SIGHUP, 0 };
	char error[512];

	d->loop = loop_new();
	d->recent = calloc(1, sizeof(*d->recent));
	d->pipeline.recent = d->recent;
	if (!d->loop || !d->recent || loop_signals(d->loop, signals, on_signal, d) ||
	    watch_rings(d)) {
		log_error("cannot set up the event loop: %s", strerror(errno));
		return EX_OSERR;
	}
	d->control = control_open(d->loop, d->config.socket, &d->model, prepare, d, error,
				  sizeof(error));
	if (!d->control) {
		log_error("%s", error);
		return EX_OSERR;
	}
	return 0;
}

/* Looks begin when all that they look at is there. */
static int open_lookout(struct daemon *d)
{
	const struct lookout_options options = {
		.pipeline = &d->pipeline,
		.evidence = evidence(d),
		.adverts = adverts,
		.interface = interface_of,
		.local = { is_ours, has_learned, d },
		.alert_exec = d->config.alert_exec,
		.context = d,
	};

	d->route = route_open();
	if (!d->route) {
		log_error("cannot ask the kernel for its routes: %s", strerror(errno));
		return EX_OSERR;
	}
	d->lookout = lookout_open(d->loop, &options);
	if (d->lookout)
		return 0;
	if (d->config.alert_exec)
		log_error("cannot look for alerts, or run %s for them: %s", d->config.alert_exec,
			  strerror(errno));
	else
		log_error("cannot look for alerts: %s", strerror(errno));
	return EX_OSERR;
}

/* Everything up to the loop; an exit status. */
static int start(struct daemon *d)
{
	char error[512];
	int rc;

	d->xdp = xdp_open(&d->config.xdp, &rc, error, sizeof(error));
	if (!d->xdp) {
		log_error("%s", error);
		return exit_status(rc);
	}
	rc = open_loop(d);
	if (rc)
		return rc;
	rc = attach_interfaces(d->xdp, &d->config.interfaces);
	if (rc)
		return rc == -EPERM || rc == -EACCES ? EX_NOPERM : EX_UNAVAILABLE;
	/* Not before: a start that fails must not begin a capture anew. */
	if (open_sinks(d))
		return EX_OSERR;
	attach_inside(d->xdp, d->config.inside);
	rc = open_lookout(d);
	if (rc)
		return rc;
	fill_model(d);
	return 0;
}

/* A clean stop: what stands in the rings is still written; counting goes on where it is pinned. */
static void stop(struct daemon *d)
{
	const struct event_taker taker = pipeline_taker(&d->pipeline);

	if (d->xdp && d->loop) {
		xdp_consume(d->xdp, false);
		while (xdp_drain(d->xdp, &taker))
			;
	}
	if (d->lookout)
		lookout_look(d->lookout);
	control_close(d->control);
	lookout_close(d->lookout);
	route_close(d->route);
	pipeline_close(&d->pipeline);
	loop_free(d->loop);
	xdp_close(d->xdp);
	free(d->recent);
	if (d->again >= 0)
		close(d->again);
}

static int run(struct daemon *d)
{
	int status = start(d), rc;

	if (!status) {
		xdp_consume(d->xdp, true);
		tick(d, 0); /* rates begin now */
		say_ready(d);
		lookout_look(d->lookout); /* what an earlier daemon's tables hold */
		rc = loop_run(d->loop);
		if (rc) {
			log_error("the event loop failed: %s", strerror(-rc));
			status = EX_OSERR;
		}
	}
	stop(d);
	return status;
}

static int detach(const struct config *c)
{
	char error[512];
	int rc;

	if (!c->xdp.pin_dir) {
		log_error("--detach: with --pin-dir none there is nothing to remove");
		return EX_USAGE;
	}
	rc = xdp_detach(c->xdp.pin_dir, error, sizeof(error));
	if (rc == -ENOENT) {
		log_info("nothing is pinned in %s", c->xdp.pin_dir);
		return 0;
	}
	if (rc)
		log_error("%s", error);
	return exit_status(rc);
}

int main(int argc, char **argv)
{
	struct daemon d = { .again = -1 };
	int status;

	log_open("unreachd");
	signal(SIGPIPE, SIG_IGN);
	status = config_read(&d.config, argc, argv);
	if (status >= 0)
		return status;
	/* Kernels before 5.11 count maps against this limit. */
	setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY });
	return d.config.detach ? detach(&d.config) : run(&d);
}
