// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Options, and the loop: signals, keys and the daemon's answers, whichever
 * comes first; then what changed is drawn. Whatever ends it, the terminal is
 * given back first.
 */
#include "cli/top.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/ask.h"
#include "cli/options.h"
#include "cli/top_keys.h"
#include "cli/top_poll.h"
#include "cli/top_screen.h"
#include "cli/top_term.h"

enum { FDS = 4 };

struct options {
	const char *socket, *interface;
	bool help;
};

static const struct opt top_options[] = {
	{ .name = "interface",
	  .letter = 'i',
	  .kind = OPT_STRING,
	  .offset = offsetof(struct options, interface),
	  .argument = "IFACE",
	  .help = "only this interface, to begin with" },
	OPTION_SOCKET(struct options, ""),
	OPTIONS_END(struct options),
};

struct top {
	struct top_data data;
	struct top_choice choice;
	struct top_poll poll;
	struct terminal *term;
	struct canvas canvas;
	int signals; /* signalfd */
	int signal; /* that ended it */
	bool stale; /* what is known is not drawn yet */
	bool over;
};

static void draw(struct top *t)
{
	const struct top_trouble trouble = top_poll_trouble(&t->poll, clock_mono());

	top_screen_draw(&t->canvas, &t->data, &t->choice, &trouble);
	term_show(t->term, &t->canvas);
	t->stale = false;
}

static unsigned int views(const struct top *t)
{
	return top_screen_views(t->canvas.rows, t->canvas.cols, &t->choice);
}

static void fit(struct top *t)
{
	unsigned int before = views(t);
	int rows, cols;

	term_size(t->term, &rows, &cols);
	if (canvas_resize(&t->canvas, rows, cols))
		t->over = true;
	if (views(t) & ~before && !t->choice.paused)
		top_poll_again(&t->poll);
}

static void take_signals(struct top *t)
{
	struct signalfd_siginfo info;

	while (read(t->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			fit(t);
			continue;
		}
		t->signal = (int)info.ssi_signo;
		t->over = true;
	}
}

static void take_key(struct top *t, int key)
{
	switch (top_key(&t->choice, &t->data, key)) {
	case EFFECT_QUIT:
		t->over = true;
		break;
	case EFFECT_FORGET:
		top_data_forget(&t->data);
		top_poll_again(&t->poll);
		break;
	case EFFECT_ASK:
		top_poll_again(&t->poll);
		break;
	case EFFECT_NONE:
		break;
	}
	/* Half of an answer must not show up later. */
	if (t->choice.paused)
		top_poll_again(&t->poll);
}

static void take_keys(struct top *t)
{
	int key;

	while (!t->over && (key = term_key(t->term)) != TERM_NONE) {
		if (key == TERM_GONE)
			t->over = true;
		else
			take_key(t, key);
	}
}

/* Until something comes, or it is time to ask. */
static void wait(const struct top *t, struct pollfd *fds)
{
	uint64_t now = clock_mono(), due = top_poll_due(&t->poll);
	int timeout = -1;

	fds[0] = (struct pollfd){ .fd = t->signals, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = t->poll.ask.fd, .events = POLLIN };
	fds[3] = (struct pollfd){ .fd = t->stale ? STDOUT_FILENO : -1, .events = POLLOUT };
	if (!t->choice.paused)
		timeout = due > now ? (int)((due - now) / NS_PER_MSEC) + 1 : 0;
	if (poll(fds, FDS, timeout) < 0)
		fds[0].revents = fds[1].revents = 0;
}

static void run(struct top *t)
{
	struct pollfd fds[FDS] = {};

	fit(t);
	while (!t->over) {
		bool news = !t->choice.paused &&
			    top_poll_turn(&t->poll, &t->data, &t->choice, views(t), clock_mono());

		t->stale |= news || fds[0].revents || fds[1].revents;
		if (t->stale && term_is_ready())
			draw(t);
		wait(t, fds);
		if (fds[0].revents)
			take_signals(t);
		if (fds[1].revents)
			take_keys(t);
	}
}

/* What ends us comes through a descriptor from now on, so that it finds us in order. */
static int catch_signals(sigset_t *caught)
{
	sigemptyset(caught);
	sigaddset(caught, SIGINT);
	sigaddset(caught, SIGTERM);
	sigaddset(caught, SIGHUP);
	sigaddset(caught, SIGWINCH);
	sigprocmask(SIG_BLOCK, caught, NULL);
	return signalfd(-1, caught, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* Ends as who sent the signal expects; returns where it is ignored. */
static void die_of(int number, const sigset_t *caught)
{
	signal(number, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, caught, NULL);
	raise(number);
}

static int show(struct top *t)
{
	char error[256];
	sigset_t caught;

	if (ask_try(t->poll.socket))
		return EXIT_FAILURE;
	t->signals = catch_signals(&caught);
	t->term = t->signals < 0 ? NULL : term_open(error, sizeof(error));
	if (!t->term) {
		log_error("%s", t->signals < 0 ? strerror(errno) : error);
		return EXIT_FAILURE;
	}
	t->canvas.unicode = term_is_unicode(t->term);
	run(t);
	term_close(t->term);
	top_poll_end(&t->poll);
	canvas_free(&t->canvas);
	close(t->signals);
	if (t->signal)
		die_of(t->signal, &caught);
	return EXIT_SUCCESS;
}

static int usage(void)
{
	printf("usage: unreach top [option]...\n\n");
	opts_help(top_options, stdout);
	printf("\nIn it, h shows the keys.\n");
	return EXIT_SUCCESS;
}

static int start(const struct options *o)
{
	struct top *t = calloc(1, sizeof(*t));
	int status;

	if (!t) {
		log_error("out of memory");
		return EXIT_FAILURE;
	}
	t->poll.socket = o->socket;
	t->poll.ask.fd = -1;
	t->choice = (struct top_choice){ .code = -1, .pane = TOP_SOURCES };
	snprintf(t->choice.interface, sizeof(t->choice.interface), "%s",
		 o->interface ? o->interface : "");
	status = show(t);
	free(t);
	return status;
}

int cli_top(int argc, char **argv)
{
	struct options o = { .socket = CONTROL_SOCKET };
	int count = 0;

	if (options_parse(top_options, argc, argv, &o, argv + 1, &count))
		return EXIT_USAGE;
	if (o.help)
		return usage();
	if (count) {
		log_error("top takes no '%s'; see unreach top --help", argv[1]);
		return EXIT_USAGE;
	}
	if (o.interface && options_interface(o.interface))
		return EXIT_USAGE;
	return start(&o);
}
