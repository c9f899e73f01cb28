/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The daemon: its parts, and who is connected to whom. daemon.c opens and
 * closes them, daemon_turn.c is what the loop calls, daemon_model.c what views
 * and detectors may ask, daemon_notify.c what the service manager is told. What
 * happens to an event is pipeline.c's matter.
 */
#ifndef UNREACH_DAEMON_H
#define UNREACH_DAEMON_H

#include "base/clock.h"
#include "base/loop.h"
#include "config.h"
#include "lookout.h"
#include "pipeline.h"
#include "privileges.h"
#include "serve/control.h"
#include "serve/http.h"
#include "source/links.h"
#include "source/route.h"
#include "source/sockdiag.h"
#include "source/xdp.h"
#include "state/floods.h"
#include "state/scans.h"
#include "view/view.h"

struct daemon {
	struct config config;
	struct loop *loop;
	struct xdp *xdp;
	struct links *links;
	struct pipeline pipeline;
	struct recent *recent;
	struct floods floods;
	struct scans *scans;
	bool floods_failing; /* said once */
	struct lookout *lookout;
	struct route *route;
	struct sockdiag *sockdiag;
	__u64 asked; /* bucket of questions to it */
	struct control *control;
	struct http *http; /* NULL: no metrics */
	struct model model;
	enum flow_watch_state flow_state; /* that was said last */
	enum privileges privileges; /* how far they are given up */
	int again; /* eventfd: more stands in the rings than one turn may take */
	struct buf status; /* the line that the service manager was told last */
	bool unheard; /* it could not be told */
	uint64_t watchdog, alive; /* ns: how often it wants to hear of us, and when it last did */
};

/* daemon.c: runs until a signal ends it; the exit status (sysexits). All is said. */
int daemon_run(struct daemon *d);
/* The exit status for what a source's function returned. */
int daemon_status(int rc);

/* Gives up what privileges are not needed any more. */
void daemon_shed(struct daemon *d);

/* daemon_turn.c: watches rings, timers, signals and interfaces. 0 or -errno. */
int daemon_watch(struct daemon *d);
/* How long a turn of the loop drains the rings at the most, ns. */
#define DRAIN_NS (20 * NS_PER_MSEC)
/* Moves what stands in the rings to the sinks, for `most` ns; asks to be called again where there
 * is more. Tells the service manager that we live. */
void daemon_drain(struct daemon *d, uint64_t most);
/* What is done once a second. */
void daemon_tick(struct daemon *d);

/* daemon_notify.c: tells the service manager, where there is one; failure is said once. */
void daemon_tell(struct daemon *d, const char *state);
/* What is watched and what is waited for, where that has changed. */
void daemon_tell_status(struct daemon *d);
/* READY=1 ends it. */
void daemon_tell_reloading(struct daemon *d);

/* daemon_model.c: what detectors look at, and what they may ask. */
struct evidence_source daemon_evidence(struct daemon *d);
struct lookout_options daemon_lookout(struct daemon *d);
/* Takes the floods on by a second; the model is up to date. */
void daemon_watch_floods(struct daemon *d);
/* Fills d->model; all that it shows is open. */
void daemon_fill_model(struct daemon *d);
/* Brings the model up to date before a question is answered; the context is a struct daemon. */
void daemon_prepare(void *context);

#endif
