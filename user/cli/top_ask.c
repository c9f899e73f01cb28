// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The request goes out in one piece (a fresh socket has room for it), the answer
 * is collected until the daemon closes. It is one only if it is whole: "ok",
 * lines, and the empty line that ends them. Time and memory are bounded.
 */
#include "cli/top_ask.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/reach.h"

#define ANSWER_MOST (16UL << 20)
#define READS_PER_TURN 64

static const char accepted[] = "ok\n", refused[] = "error ";

static void hang_up(struct top_ask *a)
{
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

/* What was collected makes no sense, or there is nothing. */
static enum top_asked fail(struct top_ask *a, const char *why)
{
	hang_up(a);
	snprintf(a->error, sizeof(a->error), "%s", why);
	return ASKED_FAILED;
}

static enum top_asked fail_connect(struct top_ask *a, int error)
{
	char why[sizeof(a->error)];

	if (error == EAGAIN)
		return fail(a, "the daemon takes no connection");
	if (error == ENOENT || error == ECONNREFUSED)
		snprintf(why, sizeof(why), "no daemon (%s)", strerror(error));
	else
		snprintf(why, sizeof(why), "cannot reach the daemon: %s", strerror(error));
	return fail(a, why);
}

enum top_asked top_ask_start(struct top_ask *a, const char *path, const char *request)
{
	top_ask_end(a);
	a->since = clock_mono();
	a->fd = reach_daemon(path);
	if (a->fd < 0)
		return fail_connect(a, -a->fd);
	/* A daemon that refuses may have closed already; it has said why. */
	if (send(a->fd, request, strlen(request), MSG_NOSIGNAL) < 0 && errno != EPIPE)
		return fail_connect(a, errno);
	return ASKED_WAITING;
}

static bool starts(const struct top_ask *a, const char *with)
{
	return a->answer.len >= strlen(with) && !memcmp(a->answer.data, with, strlen(with));
}

/* The daemon's words, as far as they are print. */
static enum top_asked take_refusal(struct top_ask *a)
{
	size_t from = strlen(refused), i = 0;

	for (; from + i < a->answer.len && i < sizeof(a->error) - 1; i++) {
		char c = a->answer.data[from + i];

		if (c == '\n')
			break;
		a->error[i] = c >= ' ' && c <= '~' ? c : '?';
	}
	a->error[i] = 0;
	return ASKED_REFUSED;
}

/* The daemon has closed. */
static enum top_asked judge(struct top_ask *a)
{
	const size_t len = a->answer.len;

	hang_up(a);
	if (starts(a, refused))
		return take_refusal(a);
	if (!starts(a, accepted) || a->answer.data[len - 1] != '\n' ||
	    a->answer.data[len - 2] != '\n')
		return fail(a, len ? "the daemon's answer is not whole" : "the daemon went away");
	buf_char(&a->answer, 0);
	return a->answer.failed ? fail(a, "out of memory") : ASKED_ANSWERED;
}

enum top_asked top_ask_turn(struct top_ask *a, uint64_t now)
{
	char bytes[16384];

	for (int i = 0; i < READS_PER_TURN; i++) {
		ssize_t n = recv(a->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (!n)
			return judge(a);
		if (n < 0 && errno == ECONNRESET)
			return a->answer.len ? judge(a) : fail(a, "the daemon went away");
		if (n < 0)
			break;
		buf_mem(&a->answer, bytes, (size_t)n);
		if (a->answer.failed || a->answer.len > ANSWER_MOST)
			return fail(a, "the daemon's answer is too long");
	}
	return now > a->since + TOP_ASK_NS ? fail(a, "the daemon does not answer") : ASKED_WAITING;
}

char *top_ask_document(struct top_ask *a)
{
	return a->answer.data + strlen(accepted);
}

void top_ask_end(struct top_ask *a)
{
	hang_up(a);
	buf_free(&a->answer);
	a->answer = (struct buf){};
}
