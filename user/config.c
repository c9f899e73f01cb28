// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the daemon can be told: a table of options, their defaults, and the way
 * from the command line into struct config. Opens and does nothing.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/paths.h"

#define AT(member) offsetof(struct config, member)

static const char *const modes[] = { "auto", "native", "generic", NULL };
static const char *const events_modes[] = { "limited", "all", "none", NULL };
static const char *const tables[] = { "sources", "targets", "senders", NULL };

/* clang-format off */
static const struct opt options[] = {
	{ .name = "interface", .letter = 'i', .kind = OPT_LIST, .offset = AT(interfaces), .argument = "IFACE",
	  .help = "watch it; several allowed; default: the default route's" },
	{ .name = "inside", .kind = OPT_STRING, .offset = AT(inside), .argument = "IFACE",
	  .help = "the interface towards our own hosts: needed for silent black holes" },
	{ .name = "wait", .kind = OPT_FLAG, .offset = AT(wait),
	  .help = "start without an interface that is missing or taken; watch it as soon as it is free" },
	{ .name = "mode", .letter = 'm', .kind = OPT_CHOICE, .offset = AT(xdp.mode), .argument = "MODE",
	  .choices = modes, .help = "how to attach: auto, native or generic (auto)" },
	{ .name = "events", .letter = 'e', .kind = OPT_CHOICE, .offset = AT(xdp.events), .argument = "WHICH",
	  .choices = events_modes, .help = "limited by budget, all, or none: counters only (limited)" },
	{ .name = "event-rate", .kind = OPT_U32, .offset = AT(xdp.event_rate), .argument = "N",
	  .min = 1, .max = 1000000, .help = "events a second for one source, when limited (10)" },
	{ .name = "event-budget", .kind = OPT_U32, .offset = AT(xdp.event_budget), .argument = "N",
	  .min = 1, .max = 100000000,
	  .help = "events a second for all; half is kept for known sources (20000)" },
	{ .name = "community-id", .kind = OPT_FLAG, .offset = AT(xdp.community_id),
	  .help = "events have that of the quoted flow, as flow logs do (no)" },
	{ .name = "log", .letter = 'l', .kind = OPT_STRING, .offset = AT(log), .argument = "FILE",
	  .help = "event log, one JSON object a line; - is stdout" },
	{ .name = "pcap", .letter = 'w', .kind = OPT_STRING, .offset = AT(pcap), .argument = "FILE",
	  .help = "the messages themselves as pcapng; - is stdout" },
	{ .name = "snaplen", .kind = OPT_U32, .offset = AT(xdp.snaplen), .argument = "N",
	  .min = 64, .max = UNREACH_SNAPLEN_MAX, .help = "bytes of each frame kept for it (256)" },
	{ .name = "text", .letter = 't', .kind = OPT_FLAG, .offset = AT(text),
	  .help = "events as text lines on stdout" },
	{ .name = "socket", .kind = OPT_STRING, .offset = AT(socket), .argument = "PATH",
	  .help = "control socket (" CONTROL_SOCKET ")" },
	{ .name = "pin-dir", .kind = OPT_STRING, .offset = AT(xdp.pin_dir), .argument = "DIR",
	  .help = "where maps, rings and links live on, or none (/sys/fs/bpf/unreach)" },
	{ .name = "table-size", .kind = OPT_U32, .offset = AT(xdp.table_size), .argument = "N",
	  .min = 1024, .max = 16777216, .help = "sources, targets and senders remembered each (65536)" },
	{ .name = "track", .kind = OPT_SET, .offset = AT(xdp.track), .argument = "LIST", .choices = tables,
	  .help = "which of sources,targets,senders (all three)" },
	{ .name = "flow-table", .kind = OPT_U32, .offset = AT(xdp.flow_table), .argument = "N",
	  .min = 1024, .max = 16777216, .help = "TCP flows, and peers, watched with --inside (65536)" },
	{ .name = "flow-sample", .kind = OPT_U32, .offset = AT(xdp.flow_sample), .argument = "N",
	  .min = 1, .max = 1000000, .help = "watch one flow in N only (1)" },
	{ .name = "alert-exec", .kind = OPT_STRING, .offset = AT(alert_exec), .argument = "PROGRAM",
	  .help = "run on each alert change, the JSON object on its stdin" },
	{ .name = "detach", .kind = OPT_FLAG, .offset = AT(detach),
	  .help = "remove what is pinned and attached, and exit" },
	{ .name = "help", .letter = 'h', .kind = OPT_FLAG, .offset = AT(help), .help = "show this" },
	{ .name = "version", .letter = 'V', .kind = OPT_FLAG, .offset = AT(version),
	  .help = "show the version" },
	{},
};
/* clang-format on */

static const struct config defaults = {
	.xdp = {
		.pin_dir = "/sys/fs/bpf/unreach",
		.event_rate = 10,
		.event_budget = 20000,
		.snaplen = 256,
		.table_size = 65536,
		.track = (1U << UNREACH_TABLES) - 1,
		.flow_table = 65536,
		.flow_sample = 1,
	},
	.socket = CONTROL_SOCKET,
};

static void usage(FILE *to)
{
	fprintf(to, "usage: unreachd [-i IFACE]... [option]...\n"
		    "Counts ICMP Destination Unreachable messages that come in, and says who sent "
		    "them.\n\n");
	opts_help(options, to);
}

int config_read(struct config *c, int argc, char **argv)
{
	char error[256];
	int count = 0;

	*c = defaults;
	if (opts_parse(options, argc, argv, c, argv, &count, error, sizeof(error)) || count) {
		if (count)
			log_error("%s is not an option; interfaces are named with -i", argv[0]);
		else
			log_error("%s", error);
		return EX_USAGE;
	}
	if (c->help || c->version) {
		if (c->help)
			usage(stdout);
		else
			printf("unreachd %s\n", UNREACH_VERSION);
		return 0;
	}
	if (strcmp(c->xdp.pin_dir, "none") == 0)
		c->xdp.pin_dir = NULL;
	if (!c->pcap)
		c->xdp.snaplen = 0;
	c->xdp.watch_flows = c->inside != NULL;
	return -1;
}
