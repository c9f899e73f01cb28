/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The fake model's answers as `top` gets them, and the screen as text. */
#ifndef UNREACH_TESTS_UNIT_TOP_H
#define UNREACH_TESTS_UNIT_TOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/top_screen.h"
#include "fake_model.h"

static struct fake fake;
static struct top_data data;
static struct canvas canvas;
static char shown_text[1024 * 512];

static const struct top_trouble no_trouble = {};
static struct top_choice choice;

static inline int open_top(void **state)
{
	(void)state;
	fake_open(&fake);
	memset(&data, 0, sizeof(data));
	choice = (struct top_choice){ .code = -1, .pane = TOP_SOURCES };
	return 0;
}

/* What the daemon says of a view, taken at `now`. */
static inline void answer(enum top_view which, uint64_t now)
{
	const struct query all = { .code = -1, .rows = which > TOP_ALERTS ? TOP_ROWS : 0 };
	const struct view *view = views;
	struct buf b = {};
	struct writer *w = writer_lines(&b);

	while (strcmp(view->name, top_view_name(which)))
		view++;
	assert_int_equal(view->show(w, &fake.model, &all), 0);
	assert_int_equal(writer_finish(w), 0);
	buf_char(&b, 0);
	top_data_take(&data, which, b.data, now);
	buf_free(&b);
}

static inline void answer_all(uint64_t now)
{
	for (enum top_view view = TOP_CODES; view < TOP_VIEWS; view++)
		answer(view, now);
}

/* The screen as lines; each cell is one that a terminal may be sent. */
static inline const char *draw(int rows, int cols, const struct top_trouble *trouble)
{
	char *p = shown_text;

	assert_true((size_t)rows * ((size_t)cols + 1) < sizeof(shown_text));
	assert_int_equal(canvas_resize(&canvas, rows, cols), 0);
	top_screen_draw(&canvas, &data, &choice, trouble);
	for (int row = 0; row < rows; row++) {
		for (int col = 0; col < cols; col++) {
			wchar_t c = canvas.cells[row * cols + col].c;

			assert_true(
				(c >= L' ' && c <= L'~') ||
				(canvas.unicode && (c == 0x2500 || (c > 0x2580 && c <= 0x2588))));
			*p++ = c <= L'~' ? (char)c : c == 0x2500 ? '-' : '#';
		}
		*p++ = '\n';
	}
	*p = 0;
	return shown_text;
}

/* The screen's line with `what` in it, cut out; fails where there is none. */
static inline char *line_with(const char *screen, const char *what)
{
	static char line[2048];
	const char *at = strstr(screen, what), *end;

	if (!at)
		fail_msg("'%s' is not on the screen:\n%s", what, screen);
	while (at > screen && at[-1] != '\n')
		at--;
	end = strchr(at, '\n');
	snprintf(line, sizeof(line), "%.*s", (int)(end - at), at);
	return line;
}

static inline void assert_shows(const char *screen, const char *what)
{
	line_with(screen, what);
}

static inline void assert_hides(const char *screen, const char *what)
{
	if (strstr(screen, what))
		fail_msg("'%s' is on the screen:\n%s", what, screen);
}

#endif
