// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Options -> request line. What the daemon is asked is checked here as far as
 * that goes without it, so that a slip of the pen is a matter of usage.
 */
#include "cli/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/ask.h"
#include "cli/options.h"
#include "view/view.h"

#define ROWS 20
#define WATCH_SECONDS 2
#define CLEAR_SCREEN "\033[H\033[2J"

struct options {
	const char *socket, *interface, *code, *source, *target;
	uint32_t rows;
	uint32_t watch; /* seconds between two answers; 0: one answer */
	bool json, follow, help;
};

#define AT(member) offsetof(struct options, member)

/* clang-format off */
#define OPTION_ROWS(what)                                                                   \
	{ .name = "rows", .letter = 'n', .kind = OPT_U32, .offset = AT(rows),               \
	  .argument = "N", .max = UINT32_MAX, .help = what " (20); 0 is all" }
/* What every command has; ends its table. */
#define OPTIONS_COMMON                                                                      \
	{ .name = "interface", .letter = 'i', .kind = OPT_STRING, .offset = AT(interface),  \
	  .argument = "IFACE", .help = "only this interface" },                             \
	OPTION_JSON(struct options),                                                        \
	OPTION_SOCKET(struct options, ""),                                                  \
	OPTIONS_END(struct options)
/* clang-format on */

static const struct opt codes_options[] = {
	{ .name = "watch",
	  .letter = 'w',
	  .kind = OPT_U32,
	  .offset = AT(watch),
	  .argument = "SECONDS",
	  .min = 1,
	  .max = 86400,
	  .optional = true,
	  .missing = WATCH_SECONDS,
	  .help = "again and again, every SECONDS (2)" },
	OPTIONS_COMMON,
};

static const struct opt hosts_options[] = {
	OPTION_ROWS("most rows, those with the most messages"),
	OPTION_CODE(struct options),
	OPTIONS_COMMON,
};

static const struct opt events_options[] = {
	{ .name = "follow",
	  .letter = 'f',
	  .kind = OPT_FLAG,
	  .offset = AT(follow),
	  .help = "go on with what comes, until interrupted" },
	OPTION_ROWS("the last N that there are"),
	OPTION_CODE(struct options),
	{ .name = "source",
	  .kind = OPT_STRING,
	  .offset = AT(source),
	  .argument = "ADDRESS",
	  .help = "only what this address reports" },
	{ .name = "target",
	  .kind = OPT_STRING,
	  .offset = AT(target),
	  .argument = "ADDRESS",
	  .help = "only what is about packets to this address" },
	OPTIONS_COMMON,
};

static const struct opt paths_options[] = {
	OPTION_ROWS("most rows, those with the most messages"),
	OPTIONS_COMMON,
};

static const struct opt alerts_options[] = {
	{ .name = "follow",
	  .letter = 'f',
	  .kind = OPT_FLAG,
	  .offset = AT(follow),
	  .help = "the changes so far, a line each, and what comes, until interrupted" },
	OPTIONS_COMMON,
};

static const struct opt status_options[] = {
	OPTIONS_COMMON,
};

/* Are the values fit for a request? 0 or -EINVAL, which is said. */
static int check(const struct options *o)
{
	struct unreach_addr addr;

	if (o->interface && options_interface(o->interface))
		return -EINVAL;
	if (o->code && options_code(o->code) < 0)
		return -EINVAL;
	if (o->source && options_address("source", o->source, &addr))
		return -EINVAL;
	if (o->target && options_address("target", o->target, &addr))
		return -EINVAL;
	return 0;
}

/* The line of serve/request.h, for a command with `table`. */
static void write_request(struct buf *b, const char *view, const struct opt *table,
			  const struct options *o)
{
	buf_printf(b, "%s json=%d", view, o->json);
	if (table == hosts_options || table == events_options || table == paths_options)
		buf_printf(b, " rows=%u", o->rows);
	if (o->interface)
		buf_printf(b, " interface=%s", o->interface);
	if (o->code)
		buf_printf(b, " code=%d", view_code(o->code));
	if (o->source)
		buf_printf(b, " source=%s", o->source);
	if (o->target)
		buf_printf(b, " target=%s", o->target);
	if (o->follow)
		buf_str(b, " follow=1");
	buf_mem(b, "\n", 2); /* and the terminating zero */
}

/* Asks once, or again and again; returns when it fails. */
static int ask_all(const struct options *o, const char *request)
{
	struct ask a = {
		.socket = o->socket, .request = request, .heading = "", .follow = o->follow
	};
	bool screen = isatty(STDOUT_FILENO);
	int status;

	if (o->watch && screen)
		a.heading = CLEAR_SCREEN;
	while (!(status = ask(&a)) && o->watch) {
		sleep(o->watch);
		/* NDJSON has no empty lines. */
		if (!screen && !o->json)
			a.heading = "\n";
	}
	return status;
}

static int usage(const char *command, const struct opt *table)
{
	printf("usage: unreach %s [option]...\n\n", command);
	opts_help(table, stdout);
	return EXIT_SUCCESS;
}

static int run(int argc, char **argv, const struct opt *table)
{
	struct options o = { .socket = CONTROL_SOCKET, .rows = ROWS };
	struct buf request = {};
	int count = 0, status = EXIT_FAILURE;

	if (options_parse(table, argc, argv, &o, argv + 1, &count))
		return EXIT_USAGE;
	if (o.help)
		return usage(argv[0], table);
	if (count) {
		log_error("%s takes no '%s'; %ssee unreach %s --help", argv[0], argv[1],
			  o.watch ? "--watch takes a number of seconds; " : "", argv[0]);
		return EXIT_USAGE;
	}
	if (check(&o))
		return EXIT_USAGE;
	write_request(&request, argv[0], table, &o);
	if (request.failed)
		log_error("out of memory");
	else
		status = ask_all(&o, request.data);
	buf_free(&request);
	return status;
}

int client_codes(int argc, char **argv)
{
	return run(argc, argv, codes_options);
}

int client_hosts(int argc, char **argv)
{
	return run(argc, argv, hosts_options);
}

int client_events(int argc, char **argv)
{
	return run(argc, argv, events_options);
}

int client_paths(int argc, char **argv)
{
	return run(argc, argv, paths_options);
}

int client_alerts(int argc, char **argv)
{
	return run(argc, argv, alerts_options);
}

int client_status(int argc, char **argv)
{
	return run(argc, argv, status_options);
}
