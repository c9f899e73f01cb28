/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The terminal: a canvas goes out, keys come in. The only place that knows
 * ncurses; knows nothing of what is shown.
 */
#ifndef UNREACH_CLI_TOP_TERM_H
#define UNREACH_CLI_TOP_TERM_H

#include "cli/canvas.h"

enum term_key {
	TERM_NONE = -1, /* no key is waiting */
	TERM_GONE = -2, /* nor will one ever be */
	TERM_ENTER = '\n',
	TERM_ESCAPE = 27,
	TERM_BACKSPACE = 127,
	TERM_OTHER = 0x1000, /* one that nothing here has a use for */
};

/*
 * Takes the terminal on stdin and stdout over. SIGWINCH must be blocked. NULL
 * where it can't, with one line in `error`; the terminal is as it was then.
 */
struct terminal *term_open(char *error, size_t error_size);
/* Gives it back as it was, stopped or not; NULL-safe. */
void term_close(struct terminal *t);
/* Can it show more than ASCII? */
bool term_is_unicode(const struct terminal *t);
/* Its size now, which what is shown next must have. */
void term_size(struct terminal *t, int *rows, int *cols);
/* Does it take more now? One that is stopped (Ctrl-S), or far away, does not. */
bool term_is_ready(void);
void term_show(struct terminal *t, const struct canvas *c);
/* A character, or one of enum term_key; does not wait for one. */
int term_key(struct terminal *t);

#endif
