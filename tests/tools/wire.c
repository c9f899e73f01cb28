// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A wire between two interfaces, as bad as one likes: each frame that comes in on
 * one leaves by the other, unchanged and in order where nothing else is asked for.
 *
 *   wire IF_A IF_B [[ab:|ba:]KEY=VALUE[,KEY=VALUE]...]...
 *
 * ab: is the way from IF_A to IF_B; a word without it is about both. See `keys`.
 * Says "ready" on stdout when it forwards, and ends with its stdin or on SIGTERM:
 * status 0 where no frame was lost against its will. For kernels without netem.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define MILLISECOND 1000000LL
#define BUFFER (16 << 20) /* of a socket, in bytes: a burst waits here and is not dropped */
#define LONGEST_FRAME 65536 /* bytes */

enum key { DELAY, JITTER, LOSS, REORDER, GAP, DUP, RATE, QUEUE, LONGEST, DIE, SEED, KEYS };

static const struct {
	const char *name, *help;
} keys[KEYS] = {
	[DELAY] = { "delay", "ms that each frame takes" },
	[JITTER] = { "jitter", "up to so many ms more; the order stays" },
	[LOSS] = { "loss", "percent of IP packets that vanish" },
	[REORDER] = { "reorder", "percent that fall behind by `gap`" },
	[GAP] = { "gap", "ms" },
	[DUP] = { "dup", "percent that leave twice" },
	[RATE] = { "rate", "kbit a second; 0: as fast as it goes" },
	[QUEUE] = { "queue", "ms that a frame may wait for the rate, longer ones vanish" },
	[LONGEST] = { "longest", "bytes; longer IP packets with DF vanish" },
	[DIE] = { "die", "ms from the start, from then on all IP vanishes; SIGUSR1: at once" },
	[SEED] = { "seed", "of the random numbers: the same frames meet the same fate" },
};

struct frame {
	TAILQ_ENTRY(frame) link;
	int64_t due; /* ns */
	size_t length;
	uint8_t data[];
};

/* What came in on an interface and is yet to leave by the other, and how it fares on the way. */
struct end {
	const char *name;
	int fd;
	TAILQ_HEAD(queue, frame) queue; /* soonest first */
	double set[KEYS];
	uint64_t random;
	int64_t busy; /* until then the rate is taken up, ns */
	int64_t last; /* when the latest in order is due, ns */
	int64_t death; /* ns; 0: none */
};

static volatile sig_atomic_t stopped, dead;

static void on_signal(int number)
{
	if (number == SIGUSR1)
		dead = 1;
	else
		stopped = 1;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

static int64_t ms(double count)
{
	return (int64_t)(count * MILLISECOND);
}

/* From 0 to below 1 (SplitMix64). */
static double draw(struct end *end)
{
	uint64_t z = end->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (double)((z ^ z >> 31) >> 11) / (1LL << 53);
}

static bool happens(struct end *end, enum key percent)
{
	return end->set[percent] > 0 && 100 * draw(end) < end->set[percent];
}

/* "loss=5,delay=10"; false where it is not that. */
static bool set_keys(struct end *end, const char *word)
{
	char *rest;

	do {
		const size_t length = strcspn(word, "=");
		int key = 0;

		while (key < KEYS && (strlen(keys[key].name) != length ||
				      strncmp(word, keys[key].name, length) != 0))
			key++;
		if (key == KEYS || word[length] != '=')
			return false;
		end->set[key] = strtod(word + length + 1, &rest);
		if (rest == word + length + 1 || end->set[key] < 0)
			return false;
		word = rest + 1;
	} while (*rest == ',');
	return !*rest;
}

/* One word of the command line, for one way or both; false where it is none. */
static bool set_word(struct end *ends, const char *word)
{
	if (strncmp(word, "ab:", 3) == 0)
		return set_keys(&ends[0], word + 3);
	if (strncmp(word, "ba:", 3) == 0)
		return set_keys(&ends[1], word + 3);
	return set_keys(&ends[0], word) && set_keys(&ends[1], word);
}

/* Everything that comes in on an interface, nothing that leaves by it; 0 or -errno. */
static int open_end(struct end *end, const char *name)
{
	struct sockaddr_ll all = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	const int one = 1, size = BUFFER;

	end->name = name;
	TAILQ_INIT(&end->queue);
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

/* Is this the end of a frame? Only that of IPv4 is: the neighbours must find each other. */
static bool vanishes(struct end *end, const uint8_t *data, size_t length, int64_t at)
{
	struct ethhdr ethernet;
	struct iphdr ip;

	if (length < sizeof(ethernet) + sizeof(ip))
		return false;
	memcpy(&ethernet, data, sizeof(ethernet));
	memcpy(&ip, data + sizeof(ethernet), sizeof(ip));
	if (ethernet.h_proto != htons(ETH_P_IP))
		return false;
	if (dead || (end->death && at >= end->death))
		return true;
	if (end->set[LONGEST] > 0 && ntohs(ip.tot_len) > end->set[LONGEST] &&
	    ip.frag_off & htons(IP_DF))
		return true;
	return happens(end, LOSS);
}

/* When a frame leaves; -1 where it finds the queue before the rate full. */
static int64_t departure(struct end *end, size_t length, int64_t at)
{
	int64_t due = at;

	if (end->set[RATE] > 0) {
		if (end->busy < at)
			end->busy = at;
		if (end->busy - at > ms(end->set[QUEUE]))
			return -1;
		end->busy += ms(8.0 * (double)length / end->set[RATE]);
		due = end->busy;
	}
	due += ms(end->set[DELAY] + (end->set[JITTER] > 0 ? draw(end) * end->set[JITTER] : 0));
	if (due < end->last)
		due = end->last;
	end->last = due;
	return happens(end, REORDER) ? due + ms(end->set[GAP]) : due;
}

/* Queues a copy behind all that is due no later; 0 or -errno. */
static int queue(struct end *end, const uint8_t *data, size_t length, int64_t due)
{
	struct frame *frame = malloc(sizeof(*frame) + length), *before;

	if (!frame)
		return -ENOMEM;
	frame->due = due;
	frame->length = length;
	memcpy(frame->data, data, length);
	TAILQ_FOREACH_REVERSE(before, &end->queue, queue, link)
	{
		if (before->due <= due)
			break;
	}
	if (before)
		TAILQ_INSERT_AFTER(&end->queue, before, frame, link);
	else
		TAILQ_INSERT_HEAD(&end->queue, frame, link);
	return 0;
}

/* Queues all that has come in and goes on; 0 or -errno. */
static int take(struct end *end)
{
	static uint8_t data[LONGEST_FRAME];
	ssize_t n;
	int rc = 0;

	while (!rc && (n = recv(end->fd, data, sizeof(data), 0)) >= 0) {
		const size_t length = (size_t)n;
		int64_t at = now(), due;

		if (vanishes(end, data, length, at))
			continue;
		due = departure(end, length, at);
		if (due < 0)
			continue;
		rc = queue(end, data, length, due);
		if (!rc && happens(end, DUP))
			rc = queue(end, data, length, due);
	}
	return rc || errno == EAGAIN ? rc : -errno;
}

/* Lets go what is due; 0 or -errno. A full socket is tried again with the next frame. */
static int give(struct end *from, const struct end *to)
{
	struct frame *frame;

	while ((frame = TAILQ_FIRST(&from->queue)) && frame->due <= now()) {
		if (send(to->fd, frame->data, frame->length, 0) < 0)
			return errno == EAGAIN || errno == ENOBUFS ? 0 : -errno;
		TAILQ_REMOVE(&from->queue, frame, link);
		free(frame);
	}
	return 0;
}

/* How long to wait for frames: until the next one is due; NULL: for ever. */
static const struct timespec *patience(const struct end *ends, struct timespec *t)
{
	int64_t due = INT64_MAX, left;

	for (int i = 0; i < 2; i++) {
		const struct frame *frame = TAILQ_FIRST(&ends[i].queue);

		if (frame && frame->due < due)
			due = frame->due;
	}
	if (due == INT64_MAX)
		return NULL;
	left = due - now();
	if (left < MILLISECOND / 100) /* a full socket must not spin */
		left = MILLISECOND / 100;
	*t = (struct timespec){ .tv_sec = left / SECOND, .tv_nsec = left % SECOND };
	return t;
}

/* Forwards until it is stopped; 0 or -errno. */
static int forward(struct end *ends, const sigset_t *unblocked)
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
			rc = take(&ends[i]);
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

/* From now on our signals wait for ppoll, which takes `unblocked`. */
static void catch_signals(sigset_t *unblocked)
{
	const int numbers[] = { SIGTERM, SIGUSR1 };
	sigset_t blocked;

	sigemptyset(&blocked);
	for (int i = 0; i < 2; i++) {
		signal(numbers[i], on_signal);
		sigaddset(&blocked, numbers[i]);
	}
	sigprocmask(SIG_BLOCK, &blocked, unblocked);
	for (int i = 0; i < 2; i++)
		sigdelset(unblocked, numbers[i]);
}

static int usage(void)
{
	fputs("usage: wire IF_A IF_B [[ab:|ba:]KEY=VALUE[,KEY=VALUE]...]...\n", stderr);
	for (int i = 0; i < KEYS; i++)
		fprintf(stderr, "  %-8s %s\n", keys[i].name, keys[i].help);
	return 2;
}

/* Forwards, says how it went; the exit status. */
static int run(struct end *ends, const sigset_t *unblocked)
{
	int rc;

	for (int i = 0; i < 2; i++) {
		ends[i].random = 2 * (uint64_t)ends[i].set[SEED] + (uint64_t)i;
		ends[i].death = ends[i].set[DIE] > 0 ? now() + ms(ends[i].set[DIE]) : 0;
	}
	puts("ready");
	fflush(stdout);
	rc = forward(ends, unblocked);
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

int main(int argc, char **argv)
{
	struct end ends[2] = {};
	sigset_t unblocked;

	for (int i = 3; i < argc; i++)
		if (!set_word(ends, argv[i]))
			return usage();
	if (argc < 3)
		return usage();
	catch_signals(&unblocked);
	for (int i = 0; i < 2; i++) {
		int rc = open_end(&ends[i], argv[1 + i]);

		if (rc) {
			fprintf(stderr, "wire: %s: %s\n", argv[1 + i], strerror(-rc));
			return 1;
		}
	}
	return run(ends, &unblocked);
}
