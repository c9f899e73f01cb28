/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * For the tests of the sinks: messages to write, a folder of the test's own,
 * and a disk that is full when the test wants it (RLIMIT_FSIZE). The includer
 * has cmocka included before.
 */
#ifndef UNREACH_TESTS_UNIT_SINKS_H
#define UNREACH_TESTS_UNIT_SINKS_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "sink/sink.h"
#include "temp_dir.h"

#define WHEN (1795228000 * NS_PER_SEC)

/* A record with the bytes that were kept of its frame. */
struct message {
	struct unreach_record record;
	uint8_t bytes[64];
};

/* A path in the test's folder; good until the next call but three. */
static inline const char *in_dir(const char *name)
{
	static char paths[4][128];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(*paths), "%s/%s", temp_dir, name);
	return path;
}

static inline struct message message(unsigned int number, uint16_t kept)
{
	struct message m = {
		.record = {
			.envelope = { .number = number, .time = WHEN + number, .kept = kept,
				      .frame_length = 1000 },
			.event = { .type = 3, .code = 4, .present = UNREACH_HAS_MTU, .mtu = 1400,
				   .checksum = UNREACH_CHECKSUM_OK,
				   .flags = UNREACH_FLAG_POINTLESS },
		},
	};
	unsigned int i;

	for (i = 0; i < sizeof(m.bytes); i++)
		m.bytes[i] = (uint8_t)(number + i);
	return m;
}

static inline void write_one(struct sink *sink, unsigned int number, const char *interface,
			     uint16_t kept)
{
	struct message m = message(number, kept);
	struct event ev = { .record = &m.record, .interface = interface };

	sink->ops->write(sink, &ev);
}

static inline void write_many(struct sink *sink, unsigned int first, unsigned int count)
{
	while (count--)
		write_one(sink, first++, "eth0", 0);
}

static inline int flush(struct sink *sink)
{
	return sink->ops->flush(sink);
}

static inline void put_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static inline off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : st.st_size;
}

static inline void limit_file_size(rlim_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Group set-up: the folder, and failed writes that are told by errno alone. */
static inline int set_up(void **state)
{
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	temp_dir_make();
	return 0;
}

#endif
