// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A volley is one size, sent as echo and as a datagram to a port where nobody
 * listens, as far as the host has answered these, and again when nothing comes
 * back. Each volley has sockets of its own, so that what comes is about its
 * size. A port unreachable answers forward packets alone and echo may be
 * deafened by firewalls: either will do.
 */
#include "cli/diagnose_path.h"

#include <errno.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/diagnose_contact.h"
#include "cli/diagnose_progress.h"
#include "cli/diagnose_search.h"
#include "cli/diagnose_socket.h"

enum { SMALL = 84, KINDS = 2 };
/* To make sure of a hole, as far as there is time. */
enum { ROUNDS_LEAST = 2, ROUNDS_MOST = 8 };
/* The wait for an answer: four round trips and 100 ms, within these; in ms. */
enum { WAIT_LEAST = 250, WAIT_MOST = 1000 };
/* Hosts send a port unreachable a second when the first few are used up: RFC 1812, 4.3.2.8. */
enum { WAIT_PORT = 1100 };

struct measure {
	struct diagnosis *d;
	struct search search;
	uint64_t deadline, wait; /* wait: of one try, ns */
	unsigned int tries; /* of one size */
	bool answers[KINDS]; /* echo, a datagram: the host answers it, not only routers */
};

enum fate { FATE_SILENT, FATE_PASSED, FATE_TOLD, FATE_CUT };

struct volley {
	struct measure *m;
	int fds[KINDS];
	uint32_t size;
	enum fate fate;
	uint32_t mtu; /* told */
	struct in_addr by;
};

static const enum probe_kind kinds[KINDS] = { PROBE_ECHO, PROBE_UDP };

/* Does the host itself say that nobody listens on the UDP port? */
static bool answers_port(const struct diagnosis *d)
{
	const struct probe_result *udp = &d->probes[PROBE_UDP];

	return udp->outcome == OUTCOME_UNREACHABLE && udp->code == ICMP_PORT_UNREACH &&
	       udp->reporter.s_addr == d->address.s_addr;
}

/* A socket that sends to the host with DF set; long datagrams are for no service: or -errno. */
static int open_connected(const struct diagnosis *d, enum probe_kind kind)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(answers_port(d) ? d->udp_port
									  : TRACEROUTE_PORT),
					.sin_addr = d->address };
	int fd = socket_new(kind, true);

	if (fd >= 0 && socket_connect(fd, &to)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void take_error(struct volley *v, unsigned int i, const struct socket_error *e)
{
	struct probe_result result;

	if (e->local || !contact_judge(kinds[i], e, &result, &v->m->d->seen) ||
	    result.outcome != OUTCOME_UNREACHABLE)
		return;
	if (e->code == ICMP_FRAG_NEEDED) {
		v->fate = FATE_TOLD;
		v->mtu = e->mtu;
		v->by = e->reporter;
	} else if (v->m->answers[i] && e->code == ICMP_PORT_UNREACH &&
		   e->reporter.s_addr == v->m->d->address.s_addr) {
		v->fate = FATE_PASSED;
	}
}

static void take(struct volley *v, unsigned int i)
{
	struct socket_error e;

	while (v->fate == FATE_SILENT && socket_error_read(v->fds[i], &e))
		take_error(v, i, &e);
	if (v->fate == FATE_SILENT && socket_answered(kinds[i], v->fds[i]))
		v->fate = FATE_PASSED;
}

/* Listens until something tells, or until then. */
static void listen_until(struct volley *v, uint64_t until)
{
	struct pollfd fds[KINDS];
	uint64_t now;

	while (v->fate == FATE_SILENT && (now = clock_mono()) < until) {
		for (unsigned int i = 0; i < KINDS; i++)
			fds[i] = (struct pollfd){ .fd = v->fds[i], .events = POLLIN };
		if (poll(fds, KINDS, (int)((until - now) / NS_PER_MSEC) + 1) < 0 && errno != EINTR)
			return;
		for (unsigned int i = 0; i < KINDS; i++)
			if (fds[i].revents)
				take(v, i);
	}
}

static void try_once(struct volley *v, uint16_t sequence)
{
	uint64_t until = clock_mono() + v->m->wait;
	bool sent = false;

	for (unsigned int i = 0; i < KINDS; i++)
		if (v->fds[i] >= 0)
			sent |= !socket_send(kinds[i], v->fds[i], sequence, v->size);
	listen_until(v, until < v->m->deadline ? until : v->m->deadline);
	if (!sent && v->fate == FATE_SILENT)
		v->fate = FATE_CUT; /* what was not sent can't vanish */
}

static struct volley fire(struct measure *m, uint32_t size, unsigned int tries)
{
	struct volley v = { .m = m, .size = size };

	for (unsigned int i = 0; i < KINDS; i++)
		v.fds[i] = open_connected(m->d, kinds[i]);
	for (unsigned int n = 0; n < tries && v.fate == FATE_SILENT; n++)
		try_once(&v, (uint16_t)(n + 1));
	if (v.fate == FATE_SILENT && clock_mono() >= m->deadline)
		v.fate = FATE_CUT;
	for (unsigned int i = 0; i < KINDS; i++)
		if (v.fds[i] >= 0)
			close(v.fds[i]);
	return v;
}

/* True where the time was enough. */
static bool search(struct measure *m)
{
	uint32_t size;

	while ((size = search_next(&m->search))) {
		struct volley v;

		progress("searching the path MTU: %u", size);
		v = fire(m, size, m->tries);
		if (v.fate == FATE_CUT)
			return false;
		if (v.fate == FATE_PASSED)
			search_passed(&m->search);
		else if (v.fate == FATE_TOLD)
			search_told(&m->search, v.mtu, v.by);
		else
			search_silent(&m->search);
	}
	return true;
}

/*
 * Is it the size? In turn, short packets must be answered, more than half of
 * them, and none of those that vanished: a line that loses packets is no hole.
 */
static bool confirm(struct measure *m)
{
	unsigned int answered = 0, rounds = 0;

	progress("making sure that %u bytes vanish", m->search.stuck);
	while (rounds < ROUNDS_MOST) {
		bool small = fire(m, SMALL, 1).fate == FATE_PASSED;
		enum fate fate = fire(m, m->search.stuck, 1).fate;

		if (fate == FATE_CUT)
			break;
		if (fate != FATE_SILENT)
			return false;
		answered += small;
		rounds++;
	}
	return rounds >= ROUNDS_LEAST && 2 * answered > rounds;
}

/* The longest packet that our own link takes, as the kernel says when it is given a longer one. */
static uint32_t link_mtu(const struct diagnosis *d)
{
	struct socket_error e = {};
	int fd = open_connected(d, PROBE_UDP);
	uint32_t mtu = 0;

	if (fd < 0)
		return 0;
	if (socket_send(PROBE_UDP, fd, 0, IPV4_MOST) != -EMSGSIZE)
		mtu = IPV4_MOST; /* a loopback */
	else if (socket_error_read(fd, &e) && e.local && e.mtu >= SEARCH_LEAST &&
		 e.mtu <= IPV4_MOST)
		mtu = e.mtu;
	close(fd);
	return mtu;
}

/* What the kernel believes of the path, learned or its link's. */
static uint32_t known_mtu(const struct diagnosis *d)
{
	int fd = open_connected(d, PROBE_UDP), mtu = 0;
	socklen_t length = sizeof(mtu);

	if (fd < 0)
		return 0;
	if (getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &length))
		mtu = 0;
	close(fd);
	return (uint32_t)mtu;
}

/* Which of the two are answered, and so how long is to be waited. */
static void choose(struct measure *m)
{
	const struct probe_result *echo = &m->d->probes[PROBE_ECHO];
	uint64_t wait = WAIT_PORT;

	m->answers[0] = echo->outcome == OUTCOME_ANSWERED;
	m->answers[1] = answers_port(m->d);
	if (m->answers[0]) {
		wait = 100 + 4 * echo->rtt / NS_PER_MSEC;
		wait = wait < WAIT_LEAST ? WAIT_LEAST : wait > WAIT_MOST ? WAIT_MOST : wait;
	}
	m->wait = wait * NS_PER_MSEC;
	m->tries = m->answers[0] ? 3 : 2;
}

static bool reached(const struct diagnosis *d)
{
	for (unsigned int i = 0; i < PROBES; i++)
		if (d->probes[i].outcome == OUTCOME_ANSWERED ||
		    d->probes[i].outcome == OUTCOME_REFUSED)
			return true;
	return answers_port(d);
}

void path_measure(struct diagnosis *d)
{
	struct measure m = { .d = d };
	uint32_t passes;
	bool whole;

	if (!reached(d))
		return;
	choose(&m);
	d->path.known = known_mtu(d);
	d->path.link_mtu = link_mtu(d);
	if (!d->path.link_mtu)
		return;
	passes = d->path.link_mtu < SMALL ? d->path.link_mtu : SMALL; /* RFC 791 allows 68 */
	search_begin(&m.search, d->path.link_mtu, m.answers[0] || m.answers[1] ? passes : 0);
	m.deadline = clock_mono() + (PATH_SECONDS - PATH_CONFIRM_SECONDS) * NS_PER_SEC;
	whole = search(&m);
	search_result(&m.search, !whole, &d->path);
	m.deadline = clock_mono() + PATH_CONFIRM_SECONDS * NS_PER_SEC;
	if (d->path.state == PATH_HOLE && !confirm(&m))
		d->path.state = PATH_UNCLEAR;
}
