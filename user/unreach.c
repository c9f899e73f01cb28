// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The client's main: subcommands as a table, and nothing else. Usage is
 * printed from the same table. What a command does is its own file's matter.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/client.h"
#include "cli/diagnose.h"
#include "cli/explain.h"
#include "cli/options.h"
#include "cli/read.h"
#include "cli/top.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the name; returns the exit status */
	const char *help;
};

static const struct command commands[] = {
	{ "codes", client_codes,
	  "the 16 codes of each interface: messages, bytes, rate, last seen" },
	{ "sources", client_hosts, "who reports" },
	{ "targets", client_hosts, "what could not be reached" },
	{ "senders", client_hosts, "whose packets they were" },
	{ "paths", client_paths,
	  "who told which host what MTU for which destination, and whether it was heeded" },
	{ "alerts", client_alerts, "black holes, forged adverts, floods, scans; -f goes on" },
	{ "events", client_events, "recent messages one by one; -f goes on with what comes" },
	{ "top", cli_top, "all of it on one screen, refreshed" },
	{ "status", client_status,
	  "interfaces, tables, rings, and whether each message is accounted for" },
	{ "read", cli_read, "the same from captures, without a daemon" },
	{ "explain", cli_explain, "what a code, an MTU or a lack of answers means" },
	{ "diagnose", cli_diagnose,
	  "why there is no connection to a host: probes it, and says what the answers mean" },
	{},
};

static void usage(FILE *to)
{
	const struct command *c;

	fprintf(to,
		"usage: unreach COMMAND [option]...\n"
		"       unreach COMMAND --help | --help | --version\n\n"
		"Which of our packets the network could not deliver, why, and who says so.\n\n");
	for (c = commands; c->name; c++)
		fprintf(to, "  %-10s%s\n", c->name, c->help);
	fprintf(to, "\nCommands may be shortened as long as they stay unique.\n");
}

/* Says which commands `name` may stand for. */
static void say_ambiguous(const char *name)
{
	const struct command *c;
	char list[256] = "";
	size_t len = 0;

	for (c = commands; c->name; c++)
		if (!strncmp(c->name, name, strlen(name)) && len < sizeof(list))
			len += (size_t)snprintf(list + len, sizeof(list) - len, " %s", c->name);
	log_error("'%s' is ambiguous:%s", name, list);
}

/* The command of that name or unique prefix; NULL, said, where there is none. */
static const struct command *find(const char *name)
{
	const struct command *c, *found = NULL;
	unsigned int count = 0;

	for (c = commands; c->name; c++) {
		if (!strcmp(c->name, name))
			return c;
		if (strncmp(c->name, name, strlen(name)))
			continue;
		found = c;
		count++;
	}
	if (count > 1)
		say_ambiguous(name);
	else if (!count)
		log_error("there is no command '%s'; see unreach --help", name);
	return count == 1 ? found : NULL;
}

/* Does argv[1] ask for the program itself? */
static bool is_option(const char *given, const char *letter, const char *name)
{
	return !strcmp(given, letter) || !strcmp(given, name);
}

static int run(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (is_option(argv[1], "-h", "--help") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return EXIT_SUCCESS;
	}
	if (is_option(argv[1], "-V", "--version")) {
		printf("unreach %s\n", UNREACH_VERSION);
		return EXIT_SUCCESS;
	}
	command = find(argv[1]);
	if (!command)
		return EXIT_USAGE;
	argv[1] = (char *)command->name;
	return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	int status;

	log_open("unreach");
	/* A reader that goes is an error of write(2), so that it ends everything in order. */
	signal(SIGPIPE, SIG_IGN);
	status = run(argc, argv);
	if (fflush(stdout) && !status) {
		log_error("cannot write to stdout: %s", strerror(errno));
		status = EXIT_FAILURE;
	}
	return status;
}
