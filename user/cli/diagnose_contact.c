// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Three sockets and one poll(2). Echo and UDP are sent again each second, TCP
 * does that by itself; the first thing that comes back ends a probe.
 */
#include "cli/diagnose_contact.h"

#include <errno.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/diagnose_progress.h"
#include "cli/diagnose_socket.h"

enum { TRIES = 4, ECHO_SIZE = 84, UDP_SIZE = PROBE_HEADERS };

struct probe {
	enum probe_kind kind;
	int fd; /* -1: it is over */
	unsigned int sent;
	uint64_t first, last, next; /* times of sending */
};

struct contact {
	struct diagnosis *d;
	struct probe probes[PROBES];
	uint64_t deadline;
	bool heard; /* anything at all */
};

/* The probe is over; where the network has said something, the others soon are too. */
static void end(struct contact *c, struct probe *p, const struct probe_result *result)
{
	uint64_t now = clock_mono(), more = now + CONTACT_MORE_MS * NS_PER_MSEC;
	bool is_error =
		result->outcome == OUTCOME_UNREACHABLE || result->outcome == OUTCOME_EXPIRED;
	bool heard = is_error || result->outcome == OUTCOME_ANSWERED ||
		     result->outcome == OUTCOME_REFUSED;

	c->d->probes[p->kind] = *result;
	if (heard) /* an error may be about any of them */
		c->d->probes[p->kind].rtt = now - (is_error ? p->first : p->last);
	if (heard && !c->heard) {
		c->heard = true;
		c->deadline = more < c->deadline ? more : c->deadline;
	}
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static void end_with(struct contact *c, struct probe *p, enum outcome outcome, int error)
{
	end(c, p, &(struct probe_result){ .outcome = outcome, .error = error });
}

bool contact_judge(enum probe_kind kind, const struct socket_error *e, struct probe_result *result,
		   struct seen *seen)
{
	*result = (struct probe_result){ .error = e->error, .reporter = e->reporter };
	if (e->local) {
		bool reset = kind == PROBE_TCP && e->error == ECONNREFUSED;

		result->outcome = reset ? OUTCOME_REFUSED : OUTCOME_LOCAL;
		return true;
	}
	result->outcome = e->type == ICMP_TIME_EXCEEDED ? OUTCOME_EXPIRED : OUTCOME_UNREACHABLE;
	if (e->type == ICMP_TIME_EXCEEDED)
		return true;
	if (e->type != ICMP_DEST_UNREACH)
		return false;
	result->code = e->code;
	seen_add(seen, &(struct seen_row){ .code = e->code,
					   .reporter = e->reporter,
					   .mtu = e->code == ICMP_FRAG_NEEDED ? e->mtu : 0 });
	return true;
}

/* Ends the probe if its socket has an error that tells something; did it? */
static bool take_error(struct contact *c, struct probe *p)
{
	struct probe_result result;
	struct socket_error e;

	while (socket_error_read(p->fd, &e)) {
		if (!contact_judge(p->kind, &e, &result, &c->d->seen))
			continue;
		end(c, p, &result);
		return true;
	}
	return false;
}

/* What the kernel returned: the error queue may know more of it. */
static void refused(struct contact *c, struct probe *p, int rc)
{
	const struct socket_error e = { .local = true, .error = -rc };
	struct probe_result result;

	if (take_error(c, p))
		return;
	contact_judge(p->kind, &e, &result, &c->d->seen);
	end(c, p, &result);
}

static void start(struct contact *c, enum probe_kind kind)
{
	const struct diagnosis *d = c->d;
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(kind == PROBE_TCP   ? d->tcp_port
							  : kind == PROBE_UDP ? d->udp_port
									      : 0),
					.sin_addr = d->address };
	struct probe *p = &c->probes[kind];
	int rc;

	*p = (struct probe){ .kind = kind, .fd = socket_new(kind, false), .first = clock_mono() };
	p->last = p->first;
	p->next = kind == PROBE_TCP ? UINT64_MAX : p->first;
	if (p->fd < 0) {
		end_with(c, p, OUTCOME_FORBIDDEN, -p->fd);
		return;
	}
	rc = socket_connect(p->fd, &to);
	if (rc)
		refused(c, p, rc);
}

static void send_again(struct contact *c, struct probe *p)
{
	int rc;

	p->last = clock_mono();
	p->next = ++p->sent < TRIES ? p->last + NS_PER_SEC : UINT64_MAX;
	rc = socket_send(p->kind, p->fd, (uint16_t)p->sent,
			 p->kind == PROBE_ECHO ? ECHO_SIZE : UDP_SIZE);
	/* Errors of before are returned by the next sending, which then does nothing. */
	if (rc && rc != -EAGAIN && rc != -ENOBUFS)
		refused(c, p, rc);
}

static void turn_probe(struct contact *c, struct probe *p, short events)
{
	if (events && take_error(c, p))
		return;
	if (events && socket_answered(p->kind, p->fd))
		end_with(c, p, OUTCOME_ANSWERED, 0);
	else if (clock_mono() >= p->next)
		send_again(c, p);
}

/* Milliseconds until something is to be done, rounded up; negative: nothing is open. */
static int wait_ms(const struct contact *c)
{
	uint64_t now = clock_mono(), until = c->deadline;
	bool open = false;

	for (unsigned int i = 0; i < PROBES; i++) {
		if (c->probes[i].fd < 0)
			continue;
		open = true;
		if (c->probes[i].next < until)
			until = c->probes[i].next;
	}
	if (!open)
		return -1;
	return until > now ? (int)((until - now) / NS_PER_MSEC) + 1 : 0;
}

static bool turn(struct contact *c)
{
	struct pollfd fds[PROBES];
	int timeout = wait_ms(c);

	if (timeout < 0 || clock_mono() >= c->deadline)
		return false;
	for (unsigned int i = 0; i < PROBES; i++)
		fds[i] = (struct pollfd){ .fd = c->probes[i].fd,
					  .events = i == PROBE_TCP ? POLLOUT : POLLIN };
	if (poll(fds, PROBES, timeout) < 0 && errno != EINTR)
		return false;
	for (unsigned int i = 0; i < PROBES; i++)
		if (c->probes[i].fd >= 0)
			turn_probe(c, &c->probes[i], fds[i].revents);
	return true;
}

void contact(struct diagnosis *d)
{
	struct contact c = { .d = d, .deadline = clock_mono() + CONTACT_MS * NS_PER_MSEC };

	progress("echo, TCP %u, UDP %u", d->tcp_port, d->udp_port);
	for (unsigned int i = 0; i < PROBES; i++)
		start(&c, i);
	while (turn(&c))
		;
	for (unsigned int i = 0; i < PROBES; i++)
		if (c.probes[i].fd >= 0)
			end_with(&c, &c.probes[i], OUTCOME_SILENT, 0);
}
