// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes as captures of both sides of a border, through all of
 * `unreach read`: frames, the tables of evidence, the flow watcher and its TCP
 * segments, the detectors, the views. The last byte chooses what is shown, the
 * rest is the capture, of the outside and of the inside alike; the corpus is
 * tests/vectors. What may come out is fuzz_capture's and fuzz_parse's matter:
 * here it must come to an end, with an exit status that the manual knows.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/read.h"
#include "fuzz/fuzz.h"

#define WORDS_MOST 8

/* In place of the capture's name. */
static char capture[] = "the capture";

static char *const ways[][WORDS_MOST] = {
	{ "read", capture, "--show", "alerts", "--inside", capture, "--json" },
	{ "read", capture, "--show", "paths", "--inside", capture },
	{ "read", capture, capture, "--show", "alerts" },
	{ "read", capture, "--show", "codes" },
	{ "read", capture, "--show", "targets", "--json" },
	{ "read", capture, "--code", "4", "--target", "203.0.113.9" },
	{ "read", capture, "--show", "alerts", "--inside", "in", "--json" },
};

static int file;
static char path[64];

/* What is read is said on stdout and stderr all the time: libFuzzer is to drop that. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char quiet[] = "-close_fd_mask=3";

	fuzz_add_flag(argc, argv, quiet);
	file = memfd_create("capture", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words[WORDS_MOST] = {};
	char *const *way;
	int count, status;

	if (!size)
		return -1;
	way = ways[data[--size] % (sizeof(ways) / sizeof(*ways))];
	for (count = 0; count < WORDS_MOST && way[count]; count++)
		words[count] = way[count] == capture ? path : way[count];
	if (ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
		abort();
	status = cli_read(count, words);
	if (status != EXIT_SUCCESS && status != EXIT_FAILURE)
		__builtin_trap();
	return 0;
}
