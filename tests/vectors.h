/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The vectors for C: each capture of tests/vectors is read, its frames are
 * decoded by whoever is under test, and the event lines must be those of its
 * .ndjson byte for byte, the outcomes those of its .counts.json.
 */
#ifndef UNREACH_TESTS_VECTORS_H
#define UNREACH_TESTS_VECTORS_H

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "source/pcap.h"
#include "state/event.h"

#define VECTORS "tests/vectors/"

/* Decodes a frame into a record, as frame_decode does. */
typedef enum unreach_outcome (*decode_fn)(const struct frame *frame, struct unreach_record *record);

/* What one capture gives. */
struct run {
	decode_fn decode;
	struct buf lines;
	unsigned int outcomes[UNREACH_OUTCOMES];
};

static inline int take_frame(void *context, const struct frame *frame)
{
	struct run *run = context;
	struct unreach_record record;
	struct event ev = {
		.record = &record,
		.interface = frame->interface,
		.pcap_cnt = frame->number,
		.link = frame->link,
	};
	enum unreach_outcome outcome = run->decode(frame, &record);

	run->outcomes[outcome]++;
	if (outcome == UNREACH_OK)
		event_json(&run->lines, &ev);
	return 0;
}

/* The whole file, as a string. */
static inline char *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "r");
	char *data;

	if (!file)
		fail_msg("cannot open %s", path);
	fseek(file, 0, SEEK_END);
	*size = (size_t)ftell(file);
	rewind(file);
	data = calloc(1, *size + 1);
	assert_int_equal(fread(data, 1, *size, file), *size);
	fclose(file);
	return data;
}

/* "NAME.pcap" or "NAME.pcapng" with another ending. */
static inline char *sibling(const char *capture, const char *ending)
{
	char *path;

	if (asprintf(&path, "%.*s%s", (int)(strrchr(capture, '.') - capture), capture, ending) < 0)
		fail();
	return path;
}

/* Says the first line that differs. */
static inline void compare_lines(const char *capture, const char *got, const char *want)
{
	unsigned int line = 1;
	size_t n;

	for (; *got || *want; line++, got += n, want += n) {
		n = strcspn(want, "\n") + 1;
		if (strncmp(got, want, n))
			fail_msg("%s, line %u:\n got %.*s\nwant %.*s", capture, line,
				 (int)strcspn(got, "\n"), got, (int)strcspn(want, "\n"), want);
	}
}

static inline void compare_events(const char *capture, struct run *run)
{
	char *path = sibling(capture, ".ndjson"), *want;
	size_t size;

	want = slurp(path, &size);
	buf_char(&run->lines, 0);
	compare_lines(capture, run->lines.data, want);
	free(want);
	free(path);
}

/* The number behind "key": in a file that has each key once. */
static inline unsigned long number_at(const char *json, const char *key)
{
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
	at = strstr(json, quoted);
	if (!at)
		fail_msg("no %s in %s", key, json);
	return strtoul(at + strlen(quoted), NULL, 10);
}

static inline void compare_counts(const char *capture, const struct run *run)
{
	char *path = sibling(capture, ".counts.json"), *want;
	size_t size;

	want = slurp(path, &size);
	if (run->outcomes[UNREACH_OK] != number_at(want, "seen") ||
	    run->outcomes[UNREACH_TRUNCATED] != number_at(want, "truncated") ||
	    run->outcomes[UNREACH_BAD_HEADER] != number_at(want, "bad-header") ||
	    run->outcomes[UNREACH_FRAGMENT] != number_at(want, "fragment"))
		fail_msg("%s: ok %u truncated %u bad-header %u fragment %u, want %s", capture,
			 run->outcomes[UNREACH_OK], run->outcomes[UNREACH_TRUNCATED],
			 run->outcomes[UNREACH_BAD_HEADER], run->outcomes[UNREACH_FRAGMENT], want);
	free(want);
	free(path);
}

static inline void check_vector(const char *path, decode_fn decode)
{
	struct run run = { .decode = decode };
	struct capture capture;

	if (capture_read(&capture, path, take_frame, &run))
		fail_msg("%s", capture.error);
	compare_events(path, &run);
	compare_counts(path, &run);
	buf_free(&run.lines);
}

/* Calls fn for each capture; returns how many there are. */
static inline size_t each_vector(void (*fn)(const char *path))
{
	glob_t found;
	size_t i, count;

	if (glob(VECTORS "*.pcap*", 0, NULL, &found))
		fail_msg("no captures in " VECTORS "; run this from the project's root");
	for (i = 0; i < found.gl_pathc; i++)
		fn(found.gl_pathv[i]);
	count = found.gl_pathc;
	globfree(&found);
	return count;
}

#endif
