// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ncurses keeps what the terminal shows and sends the differences, which is
 * what makes this bearable over a slow line. Signals and sizes are the caller's:
 * its handler for SIGWINCH never runs. Ctrl-Z is left to it.
 */
#include "cli/top_term.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#define ESCAPE_MS 50 /* what follows an escape later than this is another key */
#define SIZE_MOST 1000
#define PATIENCE_SECONDS 2

struct terminal {
	SCREEN *screen;
	bool unicode;
	attr_t looks[STYLES];
};

/* Can the cursor be placed on a terminal of that name? */
static bool is_known(const char *name)
{
	bool known;
	int result;

	if (setupterm(name, STDOUT_FILENO, &result))
		return false;
	known = cursor_address != NULL;
	del_curterm(cur_term);
	return known;
}

/* Does the terminal do what we need? Asked before ncurses touches it. */
static bool is_able(char *error, size_t error_size)
{
	const char *name = getenv("TERM");
	const bool named = name && *name;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		snprintf(error, error_size,
			 "top takes a terminal on stdin and stdout; for a file or a pipe there is: "
			 "unreach codes --watch");
	else if (!named)
		snprintf(error, error_size, "TERM is not set; try: TERM=xterm unreach top");
	else if (!is_known(name))
		snprintf(error, error_size,
			 "the terminal '%.40s' (TERM) is not known, or can't place its cursor; "
			 "try: TERM=xterm unreach top",
			 name);
	else
		return true;
	return false;
}

static void choose_looks(struct terminal *t, bool colour)
{
	static const short colours[STYLES] = {
		[STYLE_GOOD] = COLOR_GREEN,
		[STYLE_WARN] = COLOR_YELLOW,
		[STYLE_BAD] = COLOR_RED,
		[STYLE_GRAPH] = COLOR_CYAN,
	};

	t->looks[STYLE_BAR] = A_REVERSE;
	t->looks[STYLE_HEAD] = A_UNDERLINE | A_BOLD;
	t->looks[STYLE_STRONG] = t->looks[STYLE_BAD] = A_BOLD;
	t->looks[STYLE_DIM] = A_DIM;
	for (short style = 0; colour && style < STYLES; style++) {
		if (!colours[style])
			continue;
		init_pair(style, colours[style], -1);
		t->looks[style] |= (attr_t)COLOR_PAIR(style);
	}
}

/* no-color.org: set and not empty means none. */
static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return !(no && *no) && has_colors() && start_color() == OK && use_default_colors() == OK;
}

struct terminal *term_open(char *error, size_t error_size)
{
	struct terminal *t;

	setlocale(LC_CTYPE, "");
	if (!is_able(error, error_size))
		return NULL;
	t = calloc(1, sizeof(*t));
	if (t)
		t->screen = newterm(NULL, stdout, stdin);
	if (!t || !t->screen) {
		snprintf(error, error_size, "cannot use the terminal: out of memory");
		free(t);
		return NULL;
	}
	t->unicode = !strcmp(nl_langinfo(CODESET), "UTF-8");
	cbreak();
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	choose_looks(t, wants_colour());
	return t;
}

void term_close(struct terminal *t)
{
	if (!t)
		return;
	/* Linux takes back its own stop alone, and Ctrl-S's with it. */
	tcflow(STDOUT_FILENO, TCOOFF);
	tcflow(STDOUT_FILENO, TCOON);
	/* A terminal that takes nothing all the same must not keep us. */
	alarm(PATIENCE_SECONDS);
	endwin();
	alarm(0);
	delscreen(t->screen);
	free(t);
}

bool term_is_unicode(const struct terminal *t)
{
	return t->unicode;
}

static int within(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

void term_size(struct terminal *t, int *rows, int *cols)
{
	struct winsize size;

	(void)t;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(within(size.ws_row, 1, SIZE_MOST), within(size.ws_col, 1, SIZE_MOST));
	*rows = within(LINES, 1, SIZE_MOST);
	*cols = within(COLS, 1, SIZE_MOST);
}

/* The cells from `col` on that have one style: how many. */
static int show_run(const struct terminal *t, const struct canvas *c, int row, int col)
{
	const struct cell *cells = &c->cells[row * c->cols];
	wchar_t text[SIZE_MOST];
	int n = 0;

	while (col + n < c->cols && cells[col + n].style == cells[col].style) {
		text[n] = cells[col + n].c;
		n++;
	}
	attrset((int)t->looks[cells[col].style]);
	mvaddnwstr(row, col, text, n);
	return n;
}

bool term_is_ready(void)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&output, 1, 0) > 0;
}

void term_show(struct terminal *t, const struct canvas *c)
{
	for (int row = 0; row < c->rows; row++)
		for (int col = 0; col < c->cols;)
			col += show_run(t, c, row, col);
	refresh();
}

/* Is the other end of the line closed? */
static bool is_gone(void)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&input, 1, 0) > 0 && input.revents & (POLLHUP | POLLERR);
}

int term_key(struct terminal *t)
{
	int key = getch();

	(void)t;
	switch (key) {
	case ERR:
		return is_gone() ? TERM_GONE : TERM_NONE;
	case '\r':
	case '\n':
	case KEY_ENTER:
		return TERM_ENTER;
	case '\b':
	case 127:
	case KEY_BACKSPACE:
		return TERM_BACKSPACE;
	default:
		return key < 128 ? key : TERM_OTHER;
	}
}
