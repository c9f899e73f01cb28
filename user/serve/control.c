// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Sockets around exchange.c: accept, read, write, time out. Each turn does a
 * bounded piece of work for a connection (one read, one write of what the
 * socket takes) and goes back to the loop, which has rings to drain. Connections
 * stand in an array of fixed size; closing one frees all that it had.
 */
#include "serve/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "serve/endpoint.h"
#include "serve/exchange.h"

#define SWEEP_PERIOD_NS NS_PER_SEC
#define ACCEPTS_PER_TURN 8
/* Reads of what a peer still had to say when its connection is closed. */
#define LAST_READS 16
#define NOBODY ((uid_t)-1)
#define STRING_OF(text) #text
#define STRING(macro) STRING_OF(macro)

struct conn {
	struct control *control;
	struct conn **place; /* that points here */
	int fd;
	uid_t uid; /* of who asks; NOBODY: it is not known */
	struct watch *watch;
	struct exchange exchange;
	uint64_t since; /* last progress: accepted, answered, bytes taken */
	bool stuck; /* a follower who has long taken nothing: gives way where room is short */
};

struct control {
	struct loop *loop;
	struct endpoint endpoint;
	int fd;
	struct watch *listener;
	struct watch *timer;
	bool paused; /* no descriptor to accept with: the sweep tries again */
	bool failing; /* said once, until a connection is accepted */
	const struct model *model;
	void (*prepare)(void *context);
	void *context;
	struct conn *conns[CONTROL_CONNECTIONS];
};

static size_t unsent(const struct conn *c)
{
	size_t len;

	exchange_pending(&c->exchange, &len);
	return len;
}

/* A Unix socket that is closed with bytes unread resets its peer, which may yet want to read. */
static void hang_up(int fd)
{
	char scratch[4096];
	int i;

	for (i = 0; i < LAST_READS && recv(fd, scratch, sizeof(scratch), MSG_DONTWAIT) > 0; i++)
		;
	close(fd);
}

static void conn_close(struct conn *c)
{
	*c->place = NULL;
	watch_remove(c->watch);
	hang_up(c->fd);
	exchange_free(&c->exchange);
	free(c);
}

/* Nobody may keep these two from asking. */
static bool is_master(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* Does too much stand unsent already to render a document for this user? */
static bool is_busy(const struct control *control, uid_t uid)
{
	size_t waiting = 0;

	for (unsigned int i = 0; i < CONTROL_CONNECTIONS; i++)
		waiting += control->conns[i] ? unsent(control->conns[i]) : 0;
	return waiting > (is_master(uid) ? CONTROL_UNSENT : CONTROL_UNSENT / 2);
}

static void conn_read(struct conn *c)
{
	struct control *control = c->control;
	struct answerer answerer = { control->model, control->prepare, control->context, false };
	char bytes[REQUEST_MAX];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	answerer.busy = is_busy(control, c->uid);
	if (n > 0)
		exchange_feed(&c->exchange, bytes, (size_t)n, &answerer);
	else
		exchange_end(&c->exchange);
	if (c->exchange.state != EXCHANGE_REQUEST)
		c->since = clock_mono();
}

/* One write; false where the peer is gone. */
static bool conn_write(struct conn *c)
{
	size_t len;
	const char *bytes = exchange_pending(&c->exchange, &len);
	ssize_t n;

	if (!len)
		return true;
	n = send(c->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
	exchange_sent(&c->exchange, (size_t)n);
	c->since = clock_mono();
	c->stuck = false;
	return true;
}

/* Does what can be done for a connection now, and waits for the rest; it may be closed then. */
static void conn_turn(struct conn *c)
{
	const struct model *model = c->control->model;
	bool waited = unsent(c);
	uint32_t events = 0;

	exchange_pump(&c->exchange, model);
	if (!waited && c->exchange.state == EXCHANGE_FOLLOW)
		c->since = clock_mono();
	if (!conn_write(c) || exchange_over(&c->exchange)) {
		conn_close(c);
		return;
	}
	if (c->exchange.state == EXCHANGE_REQUEST)
		events |= EPOLLIN;
	if (unsent(c) || exchange_behind(&c->exchange, model))
		events |= EPOLLOUT;
	if (watch_events(c->watch, events))
		conn_close(c);
}

static void on_conn(void *context, uint32_t events)
{
	struct conn *c = context;

	/* Both directions are closed: nobody is there to read an answer. */
	if (events & (EPOLLERR | EPOLLHUP)) {
		conn_close(c);
		return;
	}
	if (c->exchange.state == EXCHANGE_REQUEST)
		conn_read(c);
	conn_turn(c);
}

/* Whose connections count against a new one: all (for a master), all others', or one user's. */
enum share { SHARE_ALL, SHARE_OTHERS, SHARE_USER };

static bool counts(const struct conn *c, enum share share, uid_t uid)
{
	return share == SHARE_ALL || (share == SHARE_OTHERS && !is_master(c->uid)) || c->uid == uid;
}

/*
 * Is there room for one more connection in a share of `most`? Where there is
 * not, a stuck follower that has a part in it gives way.
 */
static bool make_room(struct control *control, enum share share, uid_t uid, unsigned int most)
{
	struct conn *stuck = NULL;
	unsigned int count = 0;

	for (unsigned int i = 0; i < CONTROL_CONNECTIONS; i++) {
		struct conn *c = control->conns[i];

		if (!c || !counts(c, share, uid))
			continue;
		count++;
		stuck = !stuck && c->stuck ? c : stuck;
	}
	if (count < most)
		return true;
	if (!stuck)
		return false;
	conn_close(stuck);
	return true;
}

/* A place for one more connection of this user, or why there is none. */
static struct conn **find_place(struct control *control, uid_t uid, const char **why)
{
	static const char all[] = "all " STRING(CONTROL_CONNECTIONS) " connections are in use";
	bool master = is_master(uid);

	*why = "you have as many connections as one user may";
	if (!master && !make_room(control, SHARE_USER, uid, CONTROL_OF_ONE_USER))
		return NULL;
	*why = "all connections but root's are in use";
	if (!master && !make_room(control, SHARE_OTHERS, uid, CONTROL_CONNECTIONS - CONTROL_KEPT))
		return NULL;
	*why = all;
	if (!make_room(control, SHARE_ALL, uid, CONTROL_CONNECTIONS))
		return NULL;
	for (unsigned int i = 0; i < CONTROL_CONNECTIONS; i++)
		if (!control->conns[i])
			return &control->conns[i];
	return NULL;
}

static void refuse(int fd, const char *why)
{
	char text[128];
	int len = snprintf(text, sizeof(text),
			   "error busy: %s; try again, or end an `unreach events -f`\n", why);

	/* A new socket takes this much; if not, the peer sees the end alone. */
	send(fd, text, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);
	hang_up(fd);
}

/* Who is at the other end. */
static uid_t peer_of(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) ? NOBODY : peer.uid;
}

static void conn_open(struct control *control, int fd)
{
	uid_t uid = peer_of(fd);
	const char *why;
	struct conn **place = find_place(control, uid, &why);
	struct conn *c = place ? calloc(1, sizeof(*c)) : NULL;

	if (!c) {
		refuse(fd, why);
		return;
	}
	*c = (struct conn){ .control = control, .place = place, .fd = fd, .uid = uid };
	c->since = clock_mono();
	c->watch = loop_watch(control->loop, fd, EPOLLIN, on_conn, c);
	*place = c;
	if (!c->watch)
		conn_close(c);
}

static void pause_accepting(struct control *control, bool paused)
{
	control->paused = paused;
	watch_events(control->listener, paused ? 0 : EPOLLIN);
}

/* The connection stays in the queue: come back later, don't spin over it. */
static void accept_failed(struct control *control, int error)
{
	if (!control->failing)
		log_warning("cannot accept a control connection: %s; trying once a second",
			    strerror(error));
	control->failing = true;
	pause_accepting(control, true);
}

static void on_listener(void *context, uint32_t events)
{
	struct control *control = context;
	int i, fd = -1;

	(void)events;
	errno = EAGAIN;
	for (i = 0; i < ACCEPTS_PER_TURN; i++) {
		fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
			continue;
		if (fd < 0)
			break;
		control->failing = false;
		conn_open(control, fd);
	}
	if (fd < 0 && errno != EAGAIN)
		accept_failed(control, errno);
}

void control_pump(struct control *control)
{
	unsigned int i;

	for (i = 0; i < CONTROL_CONNECTIONS; i++) {
		struct conn *c = control->conns[i];

		/* What stands unsent waits for the socket; its turn comes with it. */
		if (c && exchange_behind(&c->exchange, control->model) && !unsent(c))
			conn_turn(c);
	}
}

static void conn_sweep(struct conn *c, uint64_t now)
{
	uint64_t waited = now > c->since ? now - c->since : 0;

	if (c->exchange.state == EXCHANGE_REQUEST && waited > CONTROL_REQUEST_NS) {
		exchange_refuse(&c->exchange, "no complete request line came within 5 s");
		conn_turn(c);
	} else if (c->exchange.state == EXCHANGE_ANSWER && waited > CONTROL_ANSWER_NS) {
		conn_close(c);
	} else {
		c->stuck = unsent(c) && waited > CONTROL_ANSWER_NS;
	}
}

void control_sweep(struct control *control, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < CONTROL_CONNECTIONS; i++)
		if (control->conns[i])
			conn_sweep(control->conns[i], now);
	if (control->paused)
		pause_accepting(control, false);
}

static void on_timer(void *context, uint32_t events)
{
	(void)events;
	control_sweep(context, clock_mono());
}

unsigned int control_connections(const struct control *control)
{
	unsigned int i, count = 0;

	for (i = 0; i < CONTROL_CONNECTIONS; i++)
		count += control->conns[i] != NULL;
	return count;
}

static struct control *watch_all(struct control *control, char *error, size_t error_size)
{
	control->listener = loop_watch(control->loop, control->fd, EPOLLIN, on_listener, control);
	if (control->listener)
		control->timer = loop_every(control->loop, SWEEP_PERIOD_NS, on_timer, control);
	if (control->timer)
		return control;
	snprintf(error, error_size, "cannot watch the control socket: %s", strerror(errno));
	control_close(control);
	return NULL;
}

struct control *control_open(struct loop *loop, const char *path, const struct model *model,
			     void (*prepare)(void *context), void *context, char *error,
			     size_t error_size)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control) {
		snprintf(error, error_size, "no memory for the control socket");
		return NULL;
	}
	control->loop = loop;
	control->model = model;
	control->prepare = prepare;
	control->context = context;
	control->fd = endpoint_open(&control->endpoint, path, error, error_size);
	if (control->fd < 0) {
		free(control);
		return NULL;
	}
	return watch_all(control, error, error_size);
}

void control_close(struct control *control)
{
	unsigned int i;

	if (!control)
		return;
	for (i = 0; i < CONTROL_CONNECTIONS; i++)
		if (control->conns[i])
			conn_close(control->conns[i]);
	watch_remove(control->timer);
	watch_remove(control->listener);
	close(control->fd);
	endpoint_remove(&control->endpoint);
	free(control);
}
