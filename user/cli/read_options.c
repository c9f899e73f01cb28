// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Options -> question, checked as far as that goes without a capture. An option
 * that would change nothing is a slip of the pen, and refused.
 */
#include "cli/read_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "cli/options.h"

/* Rows of a table where -n is not given, as live; and what says so. */
#define ROWS 20
#define NOT_GIVEN UINT32_MAX

static const char *const subjects[] = { "events",  "alerts",  "codes",	 "paths",
					"sources", "targets", "senders", NULL };

#define OPTION(member) offsetof(struct read_options, member)

static const struct opt options[] = {
	{ .name = "show",
	  .kind = OPT_CHOICE,
	  .offset = OPTION(show),
	  .argument = "WHAT",
	  .choices = subjects,
	  .help = "events (default), alerts, codes, paths, sources, targets or senders" },
	{ .name = "inside",
	  .kind = OPT_STRING,
	  .offset = OPTION(inside),
	  .argument = "NAME",
	  .help = "a capture from the inside of the border, or the inside's interface in FILE: "
		  "finds silent black holes" },
	{ .name = "json",
	  .letter = 'j',
	  .kind = OPT_FLAG,
	  .offset = OPTION(json),
	  .help = "as JSON; events as one object a line" },
	{ .name = "interface",
	  .letter = 'i',
	  .kind = OPT_STRING,
	  .offset = OPTION(interface),
	  .argument = "IFACE",
	  .help = "only frames of this interface (pcapng tells it)" },
	{ .name = "rows",
	  .letter = 'n',
	  .kind = OPT_U32,
	  .offset = OPTION(rows),
	  .argument = "N",
	  .max = UINT32_MAX,
	  .help = "the first N events (all), or the N rows with the most messages (20); 0 is all" },
	OPTION_CODE(struct read_options),
	{ .name = "source",
	  .kind = OPT_STRING,
	  .offset = OPTION(source),
	  .argument = "ADDRESS",
	  .help = "only events that this address reports" },
	{ .name = "target",
	  .kind = OPT_STRING,
	  .offset = OPTION(target),
	  .argument = "ADDRESS",
	  .help = "only events about packets to this address" },
	{ .name = "community-id",
	  .kind = OPT_FLAG,
	  .offset = OPTION(community_id),
	  .help = "JSON events have that of the quoted flow, as flow logs do" },
	OPTIONS_END(struct read_options),
};

const char *read_subject(uint32_t show)
{
	return subjects[show];
}

/* An option that would do nothing is a mistake; 0 or -EINVAL, which is said. */
static int refuse_idle_options(const struct read_options *o)
{
	const char *idle = NULL;

	if (o->show != SHOW_EVENTS && o->source)
		idle = "source";
	else if (o->show != SHOW_EVENTS && o->target)
		idle = "target";
	else if ((o->show == SHOW_ALERTS || o->show == SHOW_PATHS) && o->code)
		idle = "code";
	else if (o->show != SHOW_ALERTS && o->show != SHOW_PATHS && o->inside)
		idle = "inside";
	else
		return 0;
	log_error("--%s does nothing with --show %s; leave one of them out", idle,
		  read_subject(o->show));
	return -EINVAL;
}

/* Turns the texts into the question; 0 or -EINVAL, which is said. */
static int fill_query(struct read_options *o)
{
	struct query *q = &o->query;

	q->interface = o->interface;
	q->rows = o->rows;
	if (o->rows == NOT_GIVEN)
		q->rows = o->show >= SHOW_PATHS ? ROWS : 0;
	q->code = o->code ? options_code(o->code) : -1;
	q->has_source = o->source;
	q->has_target = o->target;
	if (o->code && q->code < 0)
		return -EINVAL;
	if (o->source && options_address("source", o->source, &q->source))
		return -EINVAL;
	if (o->target && options_address("target", o->target, &q->target))
		return -EINVAL;
	return refuse_idle_options(o);
}

int read_options_take(struct read_options *o, int argc, char **argv, char **paths, int *count)
{
	*o = (struct read_options){ .rows = NOT_GIVEN };
	*count = 0;
	if (options_parse(options, argc, argv, o, paths, count))
		return -EINVAL;
	if (o->help)
		return 0;
	if (fill_query(o))
		return -EINVAL;
	if (*count)
		return 0;
	log_error("read: no capture named; give FILE... or - for stdin, or see --help");
	return -EINVAL;
}

int read_usage(void)
{
	printf("usage: unreach read FILE... [option]...\n\n"
	       "Shows what captures (pcap or pcapng; - is stdin) hold.\n\n");
	opts_help(options, stdout);
	return EXIT_SUCCESS;
}
