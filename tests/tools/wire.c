// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A wire between two interfaces that takes its time: each frame that comes in on
 * one leaves by the other, unchanged and in order, DELAY_MS later.
 *
 *   wire IF_A IF_B DELAY_MS
 *
 * Says "ready" on stdout when it forwards, and ends with its stdin or on SIGTERM:
 * status 0 where no frame was lost. For kernels without netem; knows no protocol.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define MILLISECOND 1000000LL
#define BUFFER (16 << 20) /* of a socket, in bytes: a burst waits here and is not dropped */
#define LONGEST 65536 /* frame, in bytes */

struct frame {
	struct frame *next;
	int64_t due; /* ns */
	size_t length;
	uint8_t data[];
};

/* What came in on an interface and is yet to leave by the other, oldest first. */
struct end {
	const char *name;
	int fd;
	struct frame *first, **last;
};

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* Everything that comes in on an interface, nothing that leaves by it; 0 or -errno. */
static int open_end(struct end *end, const char *name)
{
	struct sockaddr_ll all = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	const int one = 1, size = BUFFER;

	end->name = name;
	end->last = &end->first;
	all.sll_ifindex = (int)if_nametoindex(name);
	if (!all.sll_ifindex)
		return -errno;
	end->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0); /* deaf until bound */
	if (end->fd < 0 ||
	    setsockopt(end->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    setsockopt(end->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(end->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) ||
	    bind(end->fd, (struct sockaddr *)&all, sizeof(all)))
		return -errno;
	return 0;
}

/* Queues all that has come in; 0 or -errno. */
static int take(struct end *end, int64_t delay)
{
	static uint8_t data[LONGEST];
	ssize_t n;

	while ((n = recv(end->fd, data, sizeof(data), 0)) >= 0) {
		struct frame *frame = malloc(sizeof(*frame) + (size_t)n);

		if (!frame)
			return -ENOMEM;
		*frame = (struct frame){ .due = now() + delay, .length = (size_t)n };
		memcpy(frame->data, data, frame->length);
		*end->last = frame;
		end->last = &frame->next;
	}
	return errno == EAGAIN ? 0 : -errno;
}

/* Lets go what is due; 0 or -errno. A full socket is tried again with the next frame. */
static int give(struct end *from, const struct end *to)
{
	while (from->first && from->first->due <= now()) {
		struct frame *frame = from->first;

		if (send(to->fd, frame->data, frame->length, 0) < 0)
			return errno == EAGAIN || errno == ENOBUFS ? 0 : -errno;
		from->first = frame->next;
		if (!from->first)
			from->last = &from->first;
		free(frame);
	}
	return 0;
}

/* How long to wait for frames: until the next one is due; NULL: for ever. */
static const struct timespec *patience(const struct end *ends, struct timespec *t)
{
	int64_t due = INT64_MAX, left;

	for (int i = 0; i < 2; i++)
		if (ends[i].first && ends[i].first->due < due)
			due = ends[i].first->due;
	if (due == INT64_MAX)
		return NULL;
	left = due - now();
	if (left < MILLISECOND / 100) /* a full socket must not spin */
		left = MILLISECOND / 100;
	*t = (struct timespec){ .tv_sec = left / SECOND, .tv_nsec = left % SECOND };
	return t;
}

/* Forwards until it is stopped; 0 or -errno. */
static int forward(struct end *ends, int64_t delay, const sigset_t *unblocked)
{
	struct pollfd fds[] = { { .fd = ends[0].fd, .events = POLLIN },
				{ .fd = ends[1].fd, .events = POLLIN },
				{ .fd = STDIN_FILENO } };
	struct timespec t;
	int rc = 0;

	while (!rc && !stopped && !fds[2].revents) {
		if (ppoll(fds, 3, patience(ends, &t), unblocked) < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; !rc && i < 2; i++) {
			rc = take(&ends[i], delay);
			if (!rc)
				rc = give(&ends[i], &ends[!i]);
		}
	}
	return rc;
}

/* Frames that the kernel had no room for. */
static unsigned int lost(const struct end *end)
{
	struct tpacket_stats stats = {};
	socklen_t size = sizeof(stats);

	getsockopt(end->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size);
	return stats.tp_drops;
}

/* From now on SIGTERM waits for ppoll, which takes `unblocked`. */
static void catch_stop(sigset_t *unblocked)
{
	sigset_t blocked;

	signal(SIGTERM, stop);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, unblocked);
	sigdelset(unblocked, SIGTERM);
}

int main(int argc, char **argv)
{
	struct end ends[2] = {};
	sigset_t unblocked;
	int rc;

	if (argc != 4) {
		fprintf(stderr, "usage: wire IF_A IF_B DELAY_MS\n");
		return 2;
	}
	catch_stop(&unblocked);
	for (int i = 0; i < 2; i++) {
		rc = open_end(&ends[i], argv[1 + i]);
		if (rc) {
			fprintf(stderr, "wire: %s: %s\n", argv[1 + i], strerror(-rc));
			return 1;
		}
	}
	puts("ready");
	fflush(stdout);
	rc = forward(ends, strtol(argv[3], NULL, 10) * MILLISECOND, &unblocked);
	if (rc)
		fprintf(stderr, "wire: %s - %s: %s\n", ends[0].name, ends[1].name, strerror(-rc));
	for (int i = 0; i < 2; i++) {
		unsigned int drops = lost(&ends[i]);

		if (drops) {
			fprintf(stderr, "wire: %s: %u frames lost\n", ends[i].name, drops);
			rc = -ENOBUFS;
		}
	}
	return rc ? 1 : 0;
}
