// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One question on the control socket, followed for a moment since rings are
 * drained now and then. Of each line only four values are wanted, whose keys
 * come first in it: strings are escaped, so no value can look like a key.
 */
#include "cli/diagnose_monitor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/diagnose_progress.h"
#include "cli/reach.h"

/* More than the daemon remembers. */
enum { MOST_BYTES = 8 << 20 };

/* What follows the first `key` in the line, NULL: it isn't there. */
static const char *after(const char *line, const char *key)
{
	const char *at = strstr(line, key);

	return at ? at + strlen(key) : NULL;
}

bool monitor_read_event(const char *line, const char *since, struct seen_row *row)
{
	const char *time = after(line, "\"timestamp\":\""), *source = after(line, "\"src_ip\":\"");
	const char *code = after(line, "\"icmp_code\":"), *mtu = after(line, "\"mtu\":");
	char address[INET_ADDRSTRLEN] = "";
	size_t length;

	if (!time || !source || !code || strncmp(time, since, strlen(since)) < 0)
		return false;
	*row = (struct seen_row){ .code = (uint8_t)strtoul(code, NULL, 10), .by_monitor = true };
	length = strcspn(source, "\"");
	if (length >= sizeof(address))
		return false;
	memcpy(address, source, length);
	if (mtu && row->code == 4)
		row->mtu = (uint32_t)strtoul(mtu, NULL, 10);
	return inet_pton(AF_INET, address, &row->reporter) == 1;
}

/* Appends what comes until the deadline, or until there is a line if `line`. */
static void take(int fd, struct buf *b, uint64_t deadline, bool line)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	char bytes[4096];
	uint64_t now;
	ssize_t n = 1;

	while (n > 0 && b->len < MOST_BYTES && (now = clock_mono()) < deadline &&
	       !(line && b->len && memchr(b->data, '\n', b->len))) {
		if (poll(&readable, 1, (int)((deadline - now) / NS_PER_MSEC) + 1) <= 0)
			continue;
		n = read(fd, bytes, sizeof(bytes));
		if (n > 0)
			buf_mem(b, bytes, (size_t)n);
		else if (n < 0 && (errno == EAGAIN || errno == EINTR))
			n = 1;
	}
}

/* The lines after the status line. */
static void read_answer(struct diagnosis *d, char *text, uint64_t since)
{
	struct buf start = {};
	struct seen_row row;
	char *line, *rest;

	clock_format_eve(&start, since);
	buf_char(&start, 0);
	line = strtok_r(text, "\n", &rest);
	d->monitor = line && !strcmp(line, "ok") && !start.failed ? MONITOR_ASKED : MONITOR_FAILED;
	while (d->monitor == MONITOR_ASKED && (line = strtok_r(NULL, "\n", &rest)))
		if (monitor_read_event(line, start.data, &row))
			seen_add(&d->seen, &row);
	buf_free(&start);
}

static void ask(struct diagnosis *d, int fd, uint64_t since)
{
	struct buf answer = {};
	char request[128], address[INET_ADDRSTRLEN];
	int length;

	inet_ntop(AF_INET, &d->address, address, sizeof(address));
	length = snprintf(request, sizeof(request), "events json=1 rows=0 target=%s follow=1\n",
			  address);
	d->monitor = MONITOR_FAILED;
	if (send(fd, request, (size_t)length, MSG_NOSIGNAL) == length) {
		take(fd, &answer, clock_mono() + MONITOR_PATIENCE_MS * NS_PER_MSEC, true);
		if (answer.len && !answer.failed)
			take(fd, &answer, clock_mono() + MONITOR_LISTEN_MS * NS_PER_MSEC, false);
		while (answer.len && answer.data[answer.len - 1] != '\n')
			answer.len--; /* the last line is in the making */
		buf_char(&answer, 0);
		if (!answer.failed)
			read_answer(d, answer.data, since);
	}
	buf_free(&answer);
}

void monitor_ask(struct diagnosis *d, const char *path, uint64_t since)
{
	int fd = reach_daemon(path);

	progress("asking the monitor");
	d->monitor = MONITOR_ABSENT;
	if (fd == -EACCES || fd == -EPERM)
		d->monitor = MONITOR_NO_PERMISSION;
	else if (fd < 0 && fd != -ENOENT && fd != -ECONNREFUSED)
		d->monitor = MONITOR_FAILED;
	if (fd < 0)
		return;
	ask(d, fd, since);
	close(fd);
}
