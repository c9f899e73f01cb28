// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes as a command line of the daemon: a word a line. It is refused with
 * the status for that, or what comes out is within the limits that the help
 * names. Bytes from 0x80 on stand for words, so that it need not learn to spell.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "config.h"

#define INPUT_MAX 2048
#define WORDS_MAX 512
#define FLAGS_MOST 64

#define CHECK(condition)                  \
	do {                              \
		if (!(condition))         \
			__builtin_trap(); \
	} while (0)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const spelled[] = {
	"--interface",
	"-i",
	"--inside=",
	"--wait",
	"--mode=",
	"native",
	"generic",
	"auto",
	"-m",
	"--events",
	"-e",
	"all",
	"none",
	"limited",
	"--event-rate",
	"--event-budget",
	"--log",
	"-l",
	"--pcap=",
	"-w",
	"--snaplen=",
	"1536",
	"--text",
	"-t",
	"--socket",
	"--pin-dir",
	"--table-size",
	"--track=",
	"sources",
	",targets",
	",senders",
	"--flow-table",
	"--flow-sample=",
	"--alert-exec",
	"--detach",
	"--version",
	"--help",
	"--",
	"=",
	"\n",
	"--e",
	"4294967296",
	"16777216",
	"18446744073709551616",
	"-",
};
#define SPELLED (sizeof(spelled) / sizeof(*spelled))

/* What a command line is refused with, or a help asked for, is said: libFuzzer is to drop that. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char quiet[] = "-close_fd_mask=3";
	static char *flags[FLAGS_MOST + 2];

	if (*argc > FLAGS_MOST)
		abort();
	for (int i = 0; i < *argc; i++)
		flags[i] = (*argv)[i];
	flags[(*argc)++] = quiet;
	*argv = flags;
	return 0;
}

/* The words' text, each with its end. */
static size_t spell(char *text, size_t room, const uint8_t *data, size_t size)
{
	size_t length = 0;

	for (size_t i = 0; i < size; i++) {
		const char *word = data[i] < 0x80 ? NULL : spelled[data[i] % SPELLED];
		size_t n = word ? strlen(word) : 1;

		if (length + n + 1 > room)
			break;
		memcpy(text + length, word ? word : (const char *)&data[i], n);
		length += n;
	}
	text[length++] = '\n';
	for (size_t i = 0; i < length; i++)
		text[i] = text[i] == '\n' ? '\0' : text[i];
	return length;
}

static int within(uint32_t value, uint32_t least, uint32_t most)
{
	return value >= least && value <= most;
}

static void check(const struct config *c)
{
	const struct xdp_options *x = &c->xdp;

	CHECK(within(x->mode, XDP_MODE_AUTO, XDP_MODE_GENERIC));
	CHECK(within(x->events, XDP_EVENTS_LIMITED, XDP_EVENTS_NONE));
	CHECK(within(x->event_rate, 1, 1000000) && within(x->event_budget, 1, 100000000));
	CHECK(c->pcap ? within(x->snaplen, 64, UNREACH_SNAPLEN_MAX) : !x->snaplen);
	CHECK(within(x->table_size, 1024, 1 << 24) && within(x->flow_table, 1024, 1 << 24));
	CHECK(within(x->flow_sample, 1, 1000000));
	CHECK(!(x->track & ~((1U << UNREACH_TABLES) - 1)));
	CHECK(x->watch_flows == !!c->inside);
	CHECK(c->interfaces.count <= OPT_LIST_MAX && !c->help && !c->version);
	for (unsigned int i = 0; i < c->interfaces.count; i++)
		CHECK(*c->interfaces.values[i]);
	CHECK(*c->socket && (!x->pin_dir || *x->pin_dir));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char program[] = "unreachd";
	char text[INPUT_MAX + 64], *words[WORDS_MAX + 1] = { program };
	struct config config;
	int count = 1, status;
	size_t length;

	if (size > INPUT_MAX)
		return -1;
	length = spell(text, sizeof(text), data, size);
	for (char *word = text; word < text + length && count < WORDS_MAX; word += strlen(word) + 1)
		words[count++] = word;
	status = config_read(&config, count, words);
	CHECK(status == -1 || status == 0 || status == EX_USAGE);
	if (status == -1)
		check(&config);
	return 0;
}
