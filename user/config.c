// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the daemon can be told: a table of options, their defaults, and the way
 * from a file and the command line into struct config. Does nothing but read.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/opts_file.h"
#include "base/paths.h"
#include "state/scans.h"

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
#if UNREACH_HTTP
	{ .name = "listen", .kind = OPT_ENDPOINT, .offset = AT(listen), .argument = "ADDR:PORT",
	  .help = "HTTP: /metrics, nothing else; or none (127.0.0.1:10792)" },
#endif
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
	{ .name = "flood-source-rate", .kind = OPT_U32, .offset = AT(floods.source), .argument = "N",
	  .max = 100000000, .help = "messages a second of one source that are a flood; 0: never (100)" },
	{ .name = "flood-code-rate", .kind = OPT_U32, .offset = AT(floods.code), .argument = "N",
	  .max = 100000000, .help = "the same of one code, from all other sources; 0: never (1000)" },
	{ .name = "scan-targets", .kind = OPT_U32, .offset = AT(scan_targets), .argument = "N",
	  .max = SCAN_TARGETS_MOST,
	  .help = "unreachable targets of one sender within 60 s that are a scan; 0: never (50)" },
	{ .name = "alert-exec", .kind = OPT_STRING, .offset = AT(alert_exec), .argument = "PROGRAM",
	  .help = "run on each alert change, the JSON object on its stdin" },
	{ .name = "config", .letter = 'c', .kind = OPT_STRING, .offset = AT(file), .argument = "FILE",
	  .not_in_file = true, .help = "options from a file; those given here win" },
	{ .name = "check-config", .kind = OPT_FLAG, .offset = AT(check), .not_in_file = true,
	  .help = "say whether the options are right, and exit" },
	{ .name = "detach", .kind = OPT_FLAG, .offset = AT(detach), .not_in_file = true,
	  .help = "remove what is pinned and attached, and exit" },
	{ .name = "help", .letter = 'h', .kind = OPT_FLAG, .offset = AT(help), .not_in_file = true,
	  .help = "show this" },
	{ .name = "version", .letter = 'V', .kind = OPT_FLAG, .offset = AT(version), .not_in_file = true,
	  .help = "show the version" },
	{},
};
/* clang-format on */
_Static_assert(sizeof(options) / sizeof(*options) <= OPTS_FILE_ROWS, "a file knows each option");

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
	.floods = { FLOOD_SOURCE_RATE, FLOOD_CODE_RATE },
	.scan_targets = SCAN_TARGETS,
	.socket = CONTROL_SOCKET,
#if UNREACH_HTTP
	.listen = { .addr = { .bytes = { [10] = 0xff, 0xff, 127, 0, 0, 1 } }, .port = 10792 },
#endif
};

static void usage(FILE *to)
{
	fprintf(to, "usage: unreachd [-i IFACE]... [-c FILE] [option]...\n"
		    "Counts ICMP Destination Unreachable messages that come in, and says who sent "
		    "them.\n\n");
	opts_help(options, to);
}

/* The command line over what stands in c. 0, or an exit status where it is wrong, said. */
static int read_words(struct config *c, int argc, char **argv)
{
	char error[256];
	int count = 0;

	if (!opts_parse(options, argc, argv, c, argv, &count, error, sizeof(error)) && !count)
		return 0;
	if (count)
		log_error("%s is not an option; interfaces are named with -i", argv[0]);
	else
		log_error("%s", error);
	return EX_USAGE;
}

/* The file over what stands in c. 0, or an exit status where it is wrong, all said. */
static int read_file(struct config *c, const char *path)
{
	struct buf errors = {};
	int rc = opts_read_file(options, "unreachd", path, c, &c->texts, &errors);

	buf_char(&errors, '\0');
	if (errors.failed)
		log_error("out of memory");
	else
		for (char *at = errors.data, *line; (line = strsep(&at, "\n")) && *line;)
			log_error("%s", line);
	buf_free(&errors);
	if (rc == -EACCES || rc == -EPERM)
		return EX_NOPERM;
	return rc ? EX_CONFIG : 0;
}

/* What the command line named is known by now: the file below it, then the command line again. */
static int read_both(struct config *c, int argc, char **argv)
{
	const struct config told = *c;
	int status;

	*c = defaults;
	status = read_file(c, told.file);
	if (told.interfaces.count) /* these are watched, not the file's too */
		c->interfaces.count = 0;
	return status ? status : read_words(c, argc, argv);
}

static bool is_stdout(const char *path)
{
	return path && !strcmp(path, "-");
}

/* What two sinks write into one file nobody can read. 0, or an exit status, said. */
static int refuse_shared(const struct config *c)
{
	if (is_stdout(c->log) + is_stdout(c->pcap) + c->text > 1)
		log_error("stdout takes one of --log -, --pcap - and --text; "
			  "give the others a file, or leave them out");
	else if (c->log && c->pcap && !strcmp(c->log, c->pcap))
		log_error("--log and --pcap name the same file %s; choose another one for one "
			  "of them",
			  c->log);
	else
		return 0;
	return EX_CONFIG;
}

/* What is asked and answered here. */
static void answer(const struct config *c)
{
	if (c->help)
		usage(stdout);
	else if (c->version)
		printf("unreachd %s\n", UNREACH_VERSION);
	else
		printf("the configuration is OK\n");
}

int config_read(struct config *c, int argc, char **argv)
{
	int status;

	*c = defaults;
	status = read_words(c, argc, argv);
	if (!status && c->file && !c->help && !c->version)
		status = read_both(c, argc, argv);
	if (!status && !c->help && !c->version)
		status = refuse_shared(c);
	if (status)
		return status;
	if (c->help || c->version || c->check) {
		answer(c);
		return 0;
	}
	if (strcmp(c->xdp.pin_dir, "none") == 0)
		c->xdp.pin_dir = NULL;
	if (!c->pcap)
		c->xdp.snaplen = 0;
	c->xdp.watch_flows = c->inside != NULL;
	return -1;
}

void config_free(struct config *c)
{
	free(c->texts);
	c->texts = NULL;
}
