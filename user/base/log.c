// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One write(2) a line, so that lines of several processes don't mix. Control
 * characters become spaces: a message may hold what others have named, and
 * that must neither begin a line of its own nor move a terminal's cursor.
 */
#include "base/log.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Set once, by log_open: every function may have to say something. */
static struct {
	const char *program;
	bool journal;
} state = { .program = "unreach" };

/* A closed stdin, stdout or stderr must not be what the next open or socket returns. */
static void hold_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Is stderr the journal's? JOURNAL_STREAM is inherited by many whose stderr is another. */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       !fstat(STDERR_FILENO, &st) && st.st_dev == device && st.st_ino == inode;
}

void log_open(const char *program)
{
	hold_standard_descriptors();
	state.program = program;
	state.journal = is_journal();
}

/* Those of ASCII, and U+0080 to U+009F, which UTF-8 writes as two bytes. */
static void blank_controls(unsigned char *line, int length)
{
	for (int i = 0; i < length; i++) {
		if (iscntrl(line[i])) {
			line[i] = ' ';
		} else if (i && line[i - 1] == 0xc2 && line[i] >= 0x80 && line[i] < 0xa0) {
			line[i - 1] = ' ';
			line[i] = ' ';
		}
	}
}

void log_at(enum log_level level, const char *format, ...)
{
	char line[2048];
	size_t room = sizeof(line) - 1; /* one byte for the newline */
	va_list args;
	int used, n;

	used = state.journal ? snprintf(line, room, "<%d>", (int)level)
			     : snprintf(line, room, "%s: ", state.program);
	va_start(args, format);
	n = vsnprintf(line + used, room - (size_t)used, format, args);
	va_end(args);
	if (n < 0)
		return;
	used += n;
	if ((size_t)used >= room)
		used = (int)room - 1;
	blank_controls((unsigned char *)line, used);
	line[used++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)used) < 0)
		return; /* nowhere left to say it */
}
