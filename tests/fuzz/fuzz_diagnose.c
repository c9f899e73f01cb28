// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes as what the kernel hands to `unreach diagnose`: errors, answers,
 * readiness, and what becomes of each system call. The linker puts this file in
 * the place of the sockets and of the clock (--wrap), so a diagnosis of half a
 * minute takes none; all behind them is reached as it is.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/errqueue.h>

#include "base/clock.h"
#include "cli/diagnose_contact.h"
#include "cli/diagnose_path.h"
#include "cli/diagnose_search.h"
#include "cli/diagnose_show.h"
#include "cli/diagnose_socket.h"
#include "fuzz/fuzz.h"

enum { FIRST_FD = 1 << 20 }; /* of ours; those below are the fuzzer's own */

struct recverr {
	struct sock_extended_err error;
	struct sockaddr_in offender;
};

static struct {
	const uint8_t *data;
	size_t left;
	uint64_t now;
	int open;
} kernel;

/* The kernel's next word; when it has said all it says "nothing", which is 0. */
static uint8_t next(void)
{
	if (!kernel.left)
		return 0;
	kernel.left--;
	return *kernel.data++;
}

static size_t next_bytes(void *to, size_t most)
{
	size_t n = next();

	n = n < most ? n : most;
	n = n < kernel.left ? n : kernel.left;
	memcpy(to, kernel.data, n);
	kernel.data += n;
	kernel.left -= n;
	return n;
}

/* What most calls return, or -1 with an errno. */
static int outcome(int rc)
{
	static const int errors[] = { EMSGSIZE,	    EAGAIN, ENOBUFS, EHOSTUNREACH, ENETUNREACH,
				      ECONNREFUSED, EPERM,  EACCES,  EINVAL };
	unsigned int which = next() & 0xf;

	if (!which || which > sizeof(errors) / sizeof(*errors))
		return rc;
	errno = errors[which - 1];
	return -1;
}

int __wrap_socket(int domain, int type, int protocol);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t length);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *length);
ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t length, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_close(int fd);
int __real_close(int fd);
uint64_t __wrap_clock_mono(void);

int __wrap_socket(int domain, int type, int protocol)
{
	(void)type;
	(void)protocol;
	CHECK(domain == AF_INET);
	if (outcome(0))
		return -1;
	return FIRST_FD + kernel.open++;
}

int __wrap_close(int fd)
{
	if (fd < FIRST_FD)
		return __real_close(fd);
	kernel.open--;
	return 0;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	(void)level;
	(void)name;
	(void)value;
	CHECK(fd >= FIRST_FD && length == sizeof(int));
	return outcome(0);
}

int __wrap_connect(int fd, const struct sockaddr *to, socklen_t length)
{
	CHECK(fd >= FIRST_FD && to->sa_family == AF_INET && length == sizeof(struct sockaddr_in));
	return outcome(0);
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
	int number = 0;

	(void)level;
	(void)name;
	CHECK(fd >= FIRST_FD && *length == sizeof(number));
	next_bytes(&number, sizeof(number));
	memcpy(value, &number, sizeof(number));
	return outcome(0);
}

/* Touches all that is sent. */
ssize_t __wrap_send(int fd, const void *bytes, size_t length, int flags)
{
	volatile uint8_t sum = 0;

	(void)flags;
	CHECK(fd >= FIRST_FD && length <= IPV4_MOST - PROBE_HEADERS + 8);
	for (size_t i = 0; i < length; i++)
		sum += ((const uint8_t *)bytes)[i];
	return outcome((int)length);
}

ssize_t __wrap_recv(int fd, void *bytes, size_t length, int flags)
{
	CHECK(fd >= FIRST_FD && flags & MSG_DONTWAIT);
	return outcome(0) ? -1 : (ssize_t)next_bytes(bytes, length);
}

/* What the kernel puts there, with any values; `manner` makes the likely ones likely. */
static void fill_error(struct recverr *e, uint8_t manner)
{
	next_bytes(e, sizeof(*e));
	if (manner & 2)
		return;
	e->error.ee_origin = manner & 4 ? SO_EE_ORIGIN_LOCAL : SO_EE_ORIGIN_ICMP;
	e->error.ee_type = manner & 8 ? 11 : 3;
	e->error.ee_code = manner >> 4;
	e->error.ee_info &= 0xffff;
	e->offender.sin_family = AF_INET;
}

/* A control message of any length and kind, or one that is right but for what it says. */
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	struct cmsghdr *control = message->msg_control;
	uint8_t manner = next();
	struct recverr e = {};

	CHECK(fd >= FIRST_FD && flags & MSG_ERRQUEUE && flags & MSG_DONTWAIT);
	if (!manner) {
		errno = EAGAIN;
		return -1;
	}
	if (manner & 1) {
		message->msg_controllen = next_bytes(control, message->msg_controllen);
		return 0;
	}
	fill_error(&e, manner);
	message->msg_controllen = CMSG_SPACE(sizeof(e));
	*control = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(e)),
				     .cmsg_level = SOL_IP,
				     .cmsg_type = IP_RECVERR };
	memcpy(CMSG_DATA(control), &e, sizeof(e));
	return 0;
}

/* Waits as long as it is told to, or for some milliseconds until something is ready. */
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	uint64_t wait = next();
	int ready = 0;

	CHECK(timeout >= 0);
	if (!wait || wait > (uint64_t)timeout) {
		kernel.now += (uint64_t)timeout * NS_PER_MSEC;
		return 0;
	}
	kernel.now += wait * NS_PER_MSEC;
	for (nfds_t i = 0; i < count; i++) {
		fds[i].revents = 0;
		if (fds[i].fd >= 0)
			fds[i].revents = (short)(next() & (fds[i].events | POLLERR | POLLHUP));
		ready += fds[i].revents != 0;
	}
	return ready;
}

uint64_t __wrap_clock_mono(void)
{
	return kernel.now += 1000;
}

static void begin(const uint8_t *data, size_t size)
{
	kernel.data = data;
	kernel.left = size;
	kernel.now = NS_PER_SEC;
	kernel.open = 0;
}

/* A control message is believed where all of it is there, and only then. */
static void check_error(const uint8_t *data, size_t size)
{
	struct socket_error e;
	size_t length;

	if (size < 2 || !(data[0] & 1))
		return;
	length = data[1] < size - 2 ? data[1] : size - 2;
	begin(data, size);
	if (socket_error_read(FIRST_FD, &e))
		CHECK(length >= CMSG_LEN(sizeof(struct recverr)));
}

static void check_path(const struct path_result *p)
{
	CHECK(p->link_mtu <= IPV4_MOST && p->passes <= p->link_mtu);
	CHECK(!p->told || (p->told >= SEARCH_LEAST && p->told < p->link_mtu));
	CHECK((p->state == PATH_HOLE) <= (p->stuck > p->passes && p->stuck <= p->link_mtu));
}

static void check_seen(const struct seen *seen)
{
	CHECK(seen->count <= SEEN_MAX && (!seen->more || seen->count == SEEN_MAX));
	for (unsigned int i = 0; i < seen->count; i++)
		CHECK(seen->rows[i].times && (seen->rows[i].code == 4 || !seen->rows[i].mtu));
}

/* Lines of print, or one object on a line. */
static void check_shown(const struct diagnosis *d)
{
	const struct verdict verdict = verdict_of(d);
	struct buf text = {}, json = {};

	CHECK(verdict.kind < VERDICTS && verdict.decisive < PROBES);
	show_diagnosis_text(&text, d, &verdict, "/socket");
	show_diagnosis_json(&json, d, &verdict, kernel.now, 1);
	CHECK(!text.failed && text.len && text.data[text.len - 1] == '\n');
	for (size_t i = 0; i < text.len; i++)
		CHECK(text.data[i] == '\n' || (text.data[i] >= ' ' && text.data[i] < 0x7f));
	CHECK(!json.failed && memchr(json.data, '\n', json.len) == json.data + json.len - 1);
	buf_free(&text);
	buf_free(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diagnosis d = {
		.host = "host.example",
		.address = { htonl(0xc0000201) },
		.tcp_port = 443,
		.udp_port = TRACEROUTE_PORT,
	};

	check_error(data, size);
	begin(data, size);
	contact(&d);
	path_measure(&d);
	CHECK(!kernel.open);
	CHECK(kernel.now < NS_PER_SEC * (2 + PATH_SECONDS) + CONTACT_MS * NS_PER_MSEC);
	check_path(&d.path);
	check_seen(&d.seen);
	check_shown(&d);
	return 0;
}
