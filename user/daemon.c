// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The daemon's life: its parts opened one after the other, the loop, and all of
 * it closed again, wherever a start ended. What is opened late is what a start
 * that fails must not touch.
 */
#include "daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "attach.h"
#include "base/log.h"

int daemon_status(int rc)
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

/* Says why `what` can't be written, if it can't; `rc` again. */
static int say_unwritable(const char *what, int rc)
{
	if (rc == -EWOULDBLOCK)
		log_error("%s is being written by another process; choose another file", what);
	else if (rc)
		log_error("cannot write %s: %s%s", what, strerror(-rc),
			  rc == -ENOENT ? "; make its folder, or choose another file" : "");
	return rc;
}

/* What opening the sinks would fail at, as far as that can be told before; 0 or -errno, said. */
static int check_sinks(const struct config *c)
{
	int rc = c->log ? say_unwritable(c->log, sink_check(c->log)) : 0;

	return rc || !c->pcap ? rc : say_unwritable(c->pcap, sink_check(c->pcap));
}

/* One sink into the pipeline; 0 or -errno, said. */
static int add_sink(struct daemon *d, struct sink *sink, const char *what)
{
	return say_unwritable(what, sink ? pipeline_add(&d->pipeline, sink) : -errno);
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

static void say_ready(struct daemon *d)
{
	for (unsigned int i = 0; i < xdp_tallies(d->xdp); i++) {
		const struct tally *t = &xdp_tally(d->xdp)[i];

		if (!t->waiting)
			log_info("watching %s (%s mode, program %u)", t->name, t->mode,
				 t->program_id);
	}
	log_info("ready; control socket %s", d->config.socket);
	daemon_tell_status(d);
	daemon_tell(d, "READY=1");
}

/* The default is nobody's wish: where its port is taken, by another daemon say, we go on. */
static int open_metrics(struct daemon *d)
{
	const struct opt_endpoint *at = &d->config.listen;
	char error[512];

	if (!at->port)
		return 0;
	d->http = http_open(d->loop, &at->addr, at->port, &d->model, daemon_prepare, d, error,
			    sizeof(error));
	if (d->http)
		return 0;
	if (at->given) {
		log_error("%s", error);
		return EX_OSERR;
	}
	log_warning("%s", error);
	return 0;
}

/* The loop with its sockets, so that a second daemon is refused before it touches an interface. */
static int open_loop(struct daemon *d)
{
	char error[512];

	d->loop = loop_new();
	d->recent = calloc(1, sizeof(*d->recent));
	d->pipeline.recent = d->recent;
	d->floods = floods_none(d->config.floods);
	d->scans = scans_new(d->config.scan_targets, table_seed());
	d->pipeline.scans = d->scans;
	if (!d->loop || !d->recent || !d->scans || daemon_watch(d)) {
		log_error("cannot set up the event loop: %s", strerror(errno));
		return EX_OSERR;
	}
	d->control = control_open(d->loop, d->config.socket, &d->model, daemon_prepare, d, error,
				  sizeof(error));
	if (!d->control) {
		log_error("%s", error);
		return EX_OSERR;
	}
	return open_metrics(d);
}

/* Looks begin when all that they look at is there. */
static int open_lookout(struct daemon *d)
{
	const struct lookout_options options = daemon_lookout(d);

	d->route = route_open();
	d->sockdiag = d->route ? sockdiag_open() : NULL;
	if (!d->sockdiag) {
		log_error("cannot ask the kernel for its routes and connections: %s",
			  strerror(errno));
		return EX_OSERR;
	}
	d->lookout = lookout_open(d->loop, &options);
	if (d->lookout)
		return 0;
	if (d->config.alert_exec)
		log_error("cannot look for alerts, or run %s for them: %s; --alert-exec takes the "
			  "path of an executable file",
			  d->config.alert_exec, strerror(errno));
	else
		log_error("cannot look for alerts: %s", strerror(errno));
	return EX_OSERR;
}

static bool goes_on(void *context)
{
	const struct daemon *d = context;

	return xdp_goes_on(d->xdp);
}

void daemon_shed(struct daemon *d)
{
	enum privileges step = PRIVILEGES_LOAD;
	int rc;

	if (d->privileges >= PRIVILEGES_RUN)
		return;
	if (xdp_loaded(d->xdp))
		step = privileges_spare(goes_on, d) ? PRIVILEGES_NONE : PRIVILEGES_RUN;
	if (step == d->privileges)
		return;
	rc = privileges_keep(step);
	if (rc)
		log_error("cannot give up privileges that are not needed any more: %s",
			  strerror(-rc));
	d->privileges = step;
}

/* Everything up to the loop; an exit status. */
static int start(struct daemon *d)
{
	char error[512];
	int rc;

	d->xdp = xdp_open(&d->config.xdp, &rc, error, sizeof(error));
	if (!d->xdp) {
		log_error("%s", error);
		return daemon_status(rc);
	}
	rc = open_loop(d);
	if (rc)
		return rc;
	/* Attaching can make a driver reset its rings: not for a start that is in vain. */
	if (check_sinks(&d->config))
		return EX_OSERR;
	rc = attach_interfaces(d->xdp, &d->config.interfaces, d->config.wait);
	if (rc)
		return rc == -EPERM || rc == -EACCES ? EX_NOPERM : EX_UNAVAILABLE;
	rc = open_lookout(d);
	if (rc)
		return rc;
	/* Not before: a start that fails must not begin a capture anew. */
	if (open_sinks(d))
		return EX_OSERR;
	attach_inside(d->xdp, d->config.inside, d->config.wait);
	daemon_fill_model(d);
	return 0;
}

/*
 * A clean stop: what stands in the rings is still written; counting goes on
 * where it is pinned. A start that failed leaves nothing that it found not, and
 * takes nothing: what a killed daemon left in the rings is the next one's.
 */
static void stop(struct daemon *d, bool started)
{
	const struct event_taker taker = pipeline_taker(&d->pipeline);

	if (started) {
		xdp_consume(d->xdp, false);
		while (xdp_drain(d->xdp, &taker, DRAIN_NS))
			;
		lookout_look(d->lookout);
	}
	http_close(d->http);
	control_close(d->control);
	lookout_close(d->lookout);
	sockdiag_close(d->sockdiag);
	route_close(d->route);
	pipeline_close(&d->pipeline);
	links_close(d->links);
	loop_free(d->loop);
	xdp_close(d->xdp, started);
	free(d->recent);
	buf_free(&d->status);
	floods_free(&d->floods);
	scans_free(d->scans);
	if (d->again >= 0)
		close(d->again);
}

int daemon_run(struct daemon *d)
{
	int status = start(d), rc;
	bool started = !status;

	if (started) {
		xdp_consume(d->xdp, true);
		daemon_tick(d); /* rates begin now */
		daemon_shed(d);
		say_ready(d);
		lookout_look(d->lookout); /* what an earlier daemon's tables hold */
		rc = loop_run(d->loop);
		daemon_tell(d, "STOPPING=1");
		if (rc) {
			log_error("the event loop failed: %s", strerror(-rc));
			status = EX_OSERR;
		}
	}
	stop(d, started);
	return status;
}
