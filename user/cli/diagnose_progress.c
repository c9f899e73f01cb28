// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The terminal's line is returned to and cleared, so no progress is left behind. */
#include "cli/diagnose_progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define CLEAR_LINE "\r\033[K"

void progress(const char *format, ...)
{
	va_list arguments;

	if (!isatty(STDERR_FILENO))
		return;
	va_start(arguments, format);
	fputs(CLEAR_LINE, stderr);
	vfprintf(stderr, format, arguments);
	fputs(" ...", stderr);
	va_end(arguments);
	fflush(stderr);
}

void progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fputs(CLEAR_LINE, stderr);
}
