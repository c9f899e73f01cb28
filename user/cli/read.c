// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Captures as one run of time: each frame is decoded and counted at its
 * interface as the kernel's program would, and then shown as an event or, at
 * the end, as a view. Time is the captures' own.
 */
#include "cli/read.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/looks.h"
#include "cli/options.h"
#include "cli/read_options.h"
#include "cli/tallies.h"
#include "pipeline.h"
#include "source/pcap.h"
#include "view/view.h"

/* Events written at once. */
#define BATCH 256
/* What ends the reading of a capture in which all that was asked for is found. */
#define ENOUGH 1

/* One run of the command. */
struct reading {
	struct read_options options;
	struct pipeline pipeline; /* events and alerts */
	uint64_t events; /* given to it */
	struct tallies tallies;
	struct tallies others; /* interfaces that were not asked for */
	struct hosts hosts; /* the table that is shown */
	struct looks looks; /* of alerts and paths */
	struct unreach_record record;
	bool failed; /* a file could not be read, or not all of it */
};

static bool shows_evidence(const struct reading *r)
{
	return r->options.show == SHOW_ALERTS || r->options.show == SHOW_PATHS;
}

/* Counts the message in the table that is shown, as bpf/attribute.h does; 0 or -ENOMEM. */
static int attribute(struct reading *r, const struct tally *t, uint64_t now)
{
	const struct unreach_event *e = &r->record.event;
	struct unreach_host_key key = { .slot = t->slot };

	if (e->checksum == UNREACH_CHECKSUM_BAD)
		return 0;
	switch (r->options.show - SHOW_TABLES) {
	case UNREACH_TARGETS:
		if (!(e->present & UNREACH_HAS_ORIG_DST))
			return 0;
		key.addr = e->orig_dst;
		break;
	case UNREACH_SENDERS:
		if (!(e->present & UNREACH_HAS_ORIG_SRC))
			return 0;
		key.addr = e->orig_src;
		break;
	default:
		key.addr = e->src;
	}
	return hosts_count(&r->hosts, &key, e, now);
}

/* Gives the message to the pipeline; 0, ENOUGH or -errno. */
static int show_event(struct reading *r, const struct frame *frame)
{
	struct event ev = {
		.record = &r->record,
		.interface = frame->interface,
		.pcap_cnt = frame->number,
		.link = frame->link,
		.community_id = r->options.community_id,
	};

	if (!view_event_matches(&r->options.query, &ev))
		return 0;
	pipeline_event(&r->pipeline, &ev);
	r->events++;
	if (r->options.query.rows && r->events == r->options.query.rows)
		return ENOUGH;
	return r->events % BATCH ? 0 : pipeline_flush(&r->pipeline);
}

/* What is done with a message depends on what is shown; 0, ENOUGH or -errno. */
static int take_message(struct reading *r, const struct frame *frame, struct tally *t, uint64_t now)
{
	switch ((enum read_subject)r->options.show) {
	case SHOW_EVENTS:
		return show_event(r, frame);
	case SHOW_CODES:
		return 0;
	case SHOW_ALERTS:
	case SHOW_PATHS:
		return looks_message(&r->looks, &r->record.event, t, now);
	default:
		return attribute(r, t, now);
	}
}

/* The frame_fn: one frame on its way. */
static int take_frame(void *context, const struct frame *frame)
{
	struct reading *r = context;
	const char *name = frame->interface ? frame->interface : "";
	uint64_t now = frame->time ? frame->time : 1; /* 0 is "never" */
	enum unreach_outcome outcome;
	struct tally *t;
	int rc;

	if (r->options.query.interface && strcmp(r->options.query.interface, name))
		return tallies_of(&r->others, name) ? 0 : -ENOMEM;
	tallies_advance(&r->tallies, now);
	t = tallies_of(&r->tallies, name);
	if (!t)
		return -ENOMEM;
	rc = shows_evidence(r) ? looks_frame(&r->looks, frame, now) : 0;
	if (rc)
		return rc;
	outcome = frame_decode(frame, &r->record);
	tally_frame(t, outcome, &r->record.event, now);
	return outcome == UNREACH_OK ? take_message(r, frame, t, now) : 0;
}

static void say_remarks(const struct capture *c, const char *name)
{
	unsigned long long frames = c->frames, skipped = c->skipped;

	if (c->cut)
		log_warning("%s: ends in the middle of frame %llu; "
			    "the %llu frames before it were read",
			    name, frames + 1, frames);
	if (skipped)
		log_warning("%s: %llu of %llu frames skipped, their link type (%u%s) is not read; "
			    "Ethernet, IP and Linux cooked captures are",
			    name, skipped, frames, c->skipped_link,
			    skipped > 1 ? " or others" : "");
}

/*
 * Reads one file: 0, ENOUGH, or -errno where there is no going on; all of it
 * has been said. A file that can't be read fails the run, but does not end it.
 */
static int read_file(struct reading *r, const char *path)
{
	const char *name = strcmp(path, "-") ? path : "stdin";
	struct capture capture;
	int result = capture_read(&capture, path, take_frame, r);

	say_remarks(&capture, name);
	if (capture.error[0]) {
		log_error("%s", capture.error);
		r->failed = true;
		return 0;
	}
	if (result == -ENOMEM)
		log_error("%s: out of memory at frame %llu", name,
			  (unsigned long long)capture.frames);
	return result;
}

/* The model's load_hosts: the table has been counted, and is given away. */
static int load_hosts(void *context, enum unreach_table table, struct hosts *out)
{
	struct reading *r = context;

	(void)table;
	*out = r->hosts;
	r->hosts = hosts_none();
	return 0;
}

static const struct view *find_view(const char *name)
{
	const struct view *view = views;

	while (strcmp(view->name, name))
		view++;
	return view;
}

static int show_view(struct reading *r)
{
	const char *name = read_subject(r->options.show);
	struct model model = {
		.version = UNREACH_VERSION,
		/* Without a frame there is no time but that of the question. */
		.now = r->tallies.now ? r->tallies.now
				      : clock_mono() + (uint64_t)clock_mono_to_wall(),
		.interfaces = r->tallies.interfaces,
		.count = r->tallies.count,
		.cpus = 1,
		.load_hosts = load_hosts,
		.alerts = r->looks.alerts,
		.evidence = looks_source(&r->looks),
		.context = r,
	};
	struct buf out = {};
	struct writer *w = r->options.json ? writer_json(&out) : writer_text(&out);
	int result = w ? find_view(name)->show(w, &model, &r->options.query) : -ENOMEM;
	int finished = writer_finish(w);

	if (!result)
		result = finished;
	if (!result && (fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout)))
		result = -errno;
	if (result)
		log_error("cannot show %s: %s", name, strerror(-result));
	buf_free(&out);
	return result;
}

/* Events and alerts go to stdout as they come, by the pipeline. */
static int show_start(struct reading *r)
{
	struct sink *sink;
	int rc = 0;

	if (shows_evidence(r))
		rc = looks_open(&r->looks, r->options.inside, &r->pipeline, &r->tallies);
	if (rc)
		return rc;
	if (r->options.show != SHOW_EVENTS && r->options.show != SHOW_ALERTS)
		return 0;
	sink = r->options.json ? sink_eve_open("-", true) : sink_text_open(true);
	if (sink)
		return pipeline_add(&r->pipeline, sink);
	log_error("cannot write to stdout: %s", strerror(errno));
	return -EIO;
}

/* Where nothing could be read, there is nothing to show either. */
static int show_end(struct reading *r)
{
	int rc = looks_end(&r->looks);

	if (rc)
		return rc;
	if (r->options.show == SHOW_EVENTS || r->options.show == SHOW_ALERTS)
		return pipeline_flush(&r->pipeline);
	return r->failed && !r->tallies.count ? 0 : show_view(r);
}

/* Who named an inside is not to take its silence for a path without a hole. */
static void say_missing_inside(struct reading *r)
{
	if (!looks_miss_inside(&r->looks))
		return;
	log_error("--inside %s: there is no such file, and no frame of an interface of that name "
		  "was read: silent black holes were not looked for",
		  r->options.inside);
	r->failed = true;
}

/* Nor is who asked for one interface to take the lack of it for silence. */
static void say_missing_interface(struct reading *r)
{
	struct buf names = {};

	if (r->tallies.count || !r->others.count)
		return;
	for (unsigned int i = 0; i < r->others.count; i++)
		if (r->others.interfaces[i].name[0])
			buf_printf(&names, " %s", r->others.interfaces[i].name);
	buf_char(&names, 0);
	if (names.len > 1 && !names.failed)
		log_error("interface '%s' is of no frame that was read; there are:%s",
			  r->options.query.interface, names.data);
	else
		log_error("interface '%s' is of no frame that was read: what was read names no "
			  "interface (pcapng can, pcap cannot)",
			  r->options.query.interface);
	buf_free(&names);
	r->failed = true;
}

/* Reads all files as one and shows what they hold; returns the exit status. */
static int run(struct reading *r, char **paths, int count)
{
	int i, result = show_start(r);

	for (i = 0; i < count && result == 0; i++)
		result = read_file(r, paths[i]);
	say_missing_interface(r);
	if (result >= 0)
		result = show_end(r);
	if (!result)
		say_missing_inside(r);
	pipeline_close(&r->pipeline);
	hosts_free(&r->hosts);
	looks_close(&r->looks);
	tallies_free(&r->tallies);
	tallies_free(&r->others);
	return result || r->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cli_read(int argc, char **argv)
{
	struct reading r = { .hosts = hosts_none() };
	char **paths = calloc((size_t)argc + 1, sizeof(*paths));
	int count, status = EXIT_FAILURE;

	signal(SIGPIPE, SIG_DFL); /* as any filter: ends with its reader */
	if (!paths)
		log_error("read: out of memory");
	else if (read_options_take(&r.options, argc, argv, paths, &count))
		status = EXIT_USAGE;
	else if (r.options.help)
		status = read_usage();
	else
		status = run(&r, paths, count);
	free(paths);
	return status;
}
