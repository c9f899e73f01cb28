// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes as a command line of the daemon: a word a line. It is refused with
 * the status for that, or what comes out is within the limits that the help
 * names. Bytes from 0x80 on stand for words, so that it need not learn to spell.
 */
#include <string.h>
#include <sysexits.h>

#include "fuzz/limits.h"

#define INPUT_MAX 2048
#define WORDS_MAX 512
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
	"--flood-source-rate",
	"--flood-code-rate=",
	"--scan-targets",
	"--alert-exec",
	"--detach",
	"--config=",
	"--check-config",
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
	CHECK(status == -1 || status == 0 || status == EX_USAGE || status == EX_CONFIG ||
	      status == EX_NOPERM);
	if (status == -1)
		check_limits(&config);
	config_free(&config);
	return 0;
}
