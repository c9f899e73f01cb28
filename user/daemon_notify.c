// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the service manager is told, where there is one: that we are ready, what
 * is watched, that files are opened anew, that we live. Knows none of the work;
 * the turns of the loop say when there is something to tell.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/notify.h"
#include "daemon.h"

#define NS_PER_USEC 1000

void daemon_tell(struct daemon *d, const char *state)
{
	int rc = notify(state);

	if (rc && !d->unheard)
		log_warning("cannot tell %.*s to NOTIFY_SOCKET: %s", (int)strcspn(state, "\n"),
			    state, strerror(-rc));
	d->unheard = rc != 0;
}

/* "watching eth0 (native), eth1 (generic)", or the names alone of those that are waited for. */
static bool put_names(struct buf *b, const struct daemon *d, const char *before, bool waiting)
{
	const char *parting = before;

	for (unsigned int i = 0; i < xdp_tallies(d->xdp); i++) {
		const struct tally *t = &xdp_tally(d->xdp)[i];

		if (t->waiting != waiting)
			continue;
		buf_str(b, parting);
		buf_str(b, t->name);
		if (!waiting)
			buf_printf(b, " (%s)", t->mode);
		parting = ", ";
	}
	return parting != before;
}

/* "; flows from eth3 (native)" */
static void put_inside(struct buf *b, const struct flow_watch *w)
{
	if (w->inside[0])
		buf_printf(b, "; flows from %s (%s)", w->inside,
			   strcmp(w->mode, "none") ? w->mode : "waiting");
}

void daemon_tell_status(struct daemon *d)
{
	struct buf b = {}, old = d->status;
	bool any;

	buf_str(&b, "STATUS=");
	any = put_names(&b, d, "watching ", false);
	put_names(&b, d, any ? "; waiting for " : "waiting for ", true);
	put_inside(&b, xdp_inside(d->xdp));
	buf_char(&b, '\0');
	if (b.failed || (old.data && strcmp(old.data, b.data) == 0)) {
		buf_free(&b);
		return;
	}
	daemon_tell(d, b.data);
	d->status = b;
	buf_free(&old);
}

void daemon_tell_reloading(struct daemon *d)
{
	char state[64];

	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%llu",
		 (unsigned long long)(clock_mono() / NS_PER_USEC));
	daemon_tell(d, state);
}
