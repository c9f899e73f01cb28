/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Diagnostics on stderr, one line each. Where that is systemd's journal
 * (JOURNAL_STREAM names it) each line starts with its priority as <N> (sd-daemon(3)), else with the
 * program's name.
 */
#ifndef UNREACH_BASE_LOG_H
#define UNREACH_BASE_LOG_H

#include <stdbool.h>

/* Numbers of syslog(3). */
enum log_level {
	LOG_LEVEL_CRITICAL = 2,
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6
};

/* First of all: holds descriptors 0 to 2 where they are closed. `program` is kept, not copied. */
void log_open(const char *program);
void log_at(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_at(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_at(LOG_LEVEL_INFO, __VA_ARGS__)

#endif
