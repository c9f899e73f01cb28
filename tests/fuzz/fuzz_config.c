// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes as the daemon's configuration file. It is refused with the status
 * for that, or what comes out is within the limits that the help names. Bytes
 * from 0x80 on stand for words, so that it need not learn to spell; below
 * "[unreachd]", unless the first byte is odd.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

#include "fuzz/limits.h"

#define INPUT_MAX 4096

static const char *const spelled[] = {
	"[unreachd]\n",
	"interface = ",
	"inside = ",
	"wait = ",
	"yes",
	"no",
	"mode = ",
	"native",
	"events = ",
	"limited",
	"event-rate",
	"event-budget",
	"log = /x",
	"pcap = ",
	"snaplen = 64",
	"text = ",
	"socket = ",
	"pin-dir = ",
	"none",
	"table-size =",
	"1024",
	"16777217",
	"track = ",
	"sources",
	", targets",
	"flow-table",
	"flow-sample = ",
	"flood-code-rate = ",
	"scan-targets=",
	"alert-exec = ",
	"help = ",
	"\n",
	" ; ",
	" # ",
	"\r\n",
	"\xef\xbb\xbf",
	"\xff",
	"[",
	"eth0, eth1",
	"\"",
	"    ",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
};
#define SPELLED (sizeof(spelled) / sizeof(*spelled))

/* The file that the bytes stand for, written to `to`. */
static void spell(FILE *to, const uint8_t *data, size_t size)
{
	if (size && !(data[0] & 1))
		fputs(spelled[0], to);
	for (size_t i = 1; i < size; i++) {
		if (data[i] < 0x80)
			fputc(data[i], to);
		else
			fputs(spelled[data[i] % SPELLED], to);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char program[] = "unreachd", flag[] = "-c";
	char path[32], *words[] = { program, flag, path, NULL };
	struct config config;
	int status, fd;
	FILE *to;

	if (size > INPUT_MAX)
		return -1;
	fd = memfd_create("conf", MFD_CLOEXEC);
	CHECK(fd >= 0);
	to = fdopen(fd, "w");
	CHECK(to);
	spell(to, data, size);
	fflush(to);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	status = config_read(&config, 3, words);
	CHECK(status == -1 || status == EX_CONFIG);
	if (status == -1)
		check_limits(&config);
	config_free(&config);
	fclose(to);
	return 0;
}
