// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The daemon's main: options, and what they ask for: to run, or to remove what is pinned. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "base/log.h"
#include "daemon.h"
#include "privileges.h"

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
	return daemon_status(rc);
}

/* What the options ask for; an exit status. */
static int run(struct daemon *d)
{
	int rc = privileges_keep(PRIVILEGES_START);

	if (rc) {
		log_error("cannot give up the privileges that are not needed: %s", strerror(-rc));
		return EX_OSERR;
	}
	/* Kernels before 5.11 count maps against this limit. */
	setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY });
	return d->config.detach ? detach(&d->config) : daemon_run(d);
}

int main(int argc, char **argv)
{
	struct daemon d = { .again = -1 };
	int status;

	log_open("unreachd");
	signal(SIGPIPE, SIG_IGN);
	status = config_read(&d.config, argc, argv);
	if (status < 0)
		status = run(&d);
	config_free(&d.config);
	return status;
}
