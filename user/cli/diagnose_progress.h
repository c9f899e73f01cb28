/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One line on stderr that says what is going on, where that is a terminal; nothing elsewhere. */
#ifndef UNREACH_CLI_DIAGNOSE_PROGRESS_H
#define UNREACH_CLI_DIAGNOSE_PROGRESS_H

/* Replaces what stood there. */
void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Takes it away. */
void progress_end(void);

#endif
