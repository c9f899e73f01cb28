/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the daemon was told to do. */
#ifndef UNREACH_CONFIG_H
#define UNREACH_CONFIG_H

#include "base/opts.h"
#include "source/xdp.h"
#include "state/floods.h"

struct config {
	struct xdp_options xdp;
	struct opt_list interfaces;
	struct opt_endpoint listen; /* HTTP */
	struct flood_rates floods;
	uint32_t scan_targets;
	const char *log, *pcap, *socket, *alert_exec, *inside; /* NULL: none */
	const char *file; /* that was read, or NULL */
	bool wait, text, detach, check, help, version;
	char *texts; /* the file's: what strings point into that are not argv's */
};

/*
 * Fills the configuration: defaults, over them the file that the command line
 * names, over that the command line. Returns -1 to go on, or the exit status
 * (sysexits) where all is said already: help, version, the check, an error.
 * Either way the configuration is to be freed.
 */
int config_read(struct config *c, int argc, char **argv);
void config_free(struct config *c);

#endif
