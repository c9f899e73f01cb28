/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the daemon was told to do. */
#ifndef UNREACH_CONFIG_H
#define UNREACH_CONFIG_H

#include "base/opts.h"
#include "source/xdp.h"

struct config {
	struct xdp_options xdp;
	struct opt_list interfaces;
	const char *log, *pcap, *socket, *alert_exec, *inside; /* NULL: none */
	bool wait, text, detach, help, version;
};

/*
 * Fills the configuration from the command line. Returns -1 to go on, or the
 * exit status (sysexits) where all is said already: help, version, an error.
 */
int config_read(struct config *c, int argc, char **argv);

#endif
