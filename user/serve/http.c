// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libmicrohttpd around view/metrics.c. Its epoll descriptor is watched by our
 * loop, so there is no thread; a second's timer looks for what takes too long.
 * Every answer closes its connection, and time runs from when a connection is
 * accepted: bytes that drip in do not keep it.
 */
#include "serve/http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>

#include <microhttpd.h>

#include "base/addr.h"
#include "serve/negotiate.h"
#include "view/metrics.h"

#define BACKLOG 64
#define SWEEP_PERIOD_NS NS_PER_SEC

/* A connection, as far as it is ours to know. */
struct conn {
	int fd; /* -1: free */
	uint64_t since;
};

/* What was last made in a format. */
struct document {
	struct MHD_Response *response;
	uint64_t stale; /* when it has to be made anew */
};

struct http {
	struct MHD_Daemon *daemon;
	struct watch *watch, *timer, *again_watch;
	unsigned int turns; /* in this second */
	int again; /* eventfd: the library has more to do, though nothing comes in */
	const struct model *model;
	void (*prepare)(void *context);
	void *context;
	struct conn conns[HTTP_CONNECTIONS];
	struct document documents[2]; /* by `openmetrics` */
};

static const char *const content_types[2] = {
	"text/plain; version=0.0.4; charset=utf-8",
	"application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/* NULL: out of memory; `text` is freed by whoever. Every response ends its connection. */
static struct MHD_Response *respond(const void *text, size_t len, enum MHD_ResponseMemoryMode mode,
				    const char *type)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(len, (void *)(uintptr_t)text, mode);

	if (response) {
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	}
	return response;
}

/* An answer other than the document: a line for people. */
static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned int status,
			      const char *why)
{
	struct MHD_Response *response =
		respond(why, strlen(why), MHD_RESPMEM_MUST_COPY, "text/plain; charset=utf-8");
	enum MHD_Result rc;

	if (!response)
		return MHD_NO;
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	rc = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return rc;
}

/* Makes the document anew; 0 or -errno. Who still gets the old one keeps it. */
static int make(struct http *http, bool openmetrics)
{
	struct document *d = &http->documents[openmetrics];
	struct MHD_Response *response;
	uint64_t begin = clock_mono();
	struct buf text = {};
	int rc;

	http->prepare(http->context);
	rc = view_metrics(&text, http->model, openmetrics);
	if (rc) {
		buf_free(&text);
		return rc;
	}
	response = respond(text.data, text.len, MHD_RESPMEM_MUST_FREE, content_types[openmetrics]);
	if (!response) {
		buf_free(&text);
		return -ENOMEM;
	}
	if (d->response)
		MHD_destroy_response(d->response);
	d->response = response;
	d->stale = clock_mono() + (clock_mono() - begin) * HTTP_SHARE;
	return 0;
}

static enum MHD_Result give_metrics(struct http *http, struct MHD_Connection *connection)
{
	bool openmetrics = negotiate_openmetrics(
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT));
	struct document *d = &http->documents[openmetrics];
	char why[128];
	int rc = 0;

	if (!d->response || clock_mono() >= d->stale)
		rc = make(http, openmetrics);
	if (!rc)
		return MHD_queue_response(connection, MHD_HTTP_OK, d->response);
	snprintf(why, sizeof(why), "cannot read the tables: %s; try again\n", strerror(-rc));
	return refuse(connection, MHD_HTTP_SERVICE_UNAVAILABLE, why);
}

/* The library's: a request's head is there. Its body, if any, is not waited for. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **request)
{
	(void)version, (void)upload, (void)upload_size, (void)request;
	if (strcmp(url, "/metrics"))
		return refuse(connection, MHD_HTTP_NOT_FOUND, "there is /metrics, nothing else\n");
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
	return give_metrics(context, connection);
}

/* The library's: a connection begins or ends. `place` is where we keep what is ours of it. */
static void on_connection(void *context, struct MHD_Connection *connection, void **place,
			  enum MHD_ConnectionNotificationCode what)
{
	struct http *http = context;
	struct conn *c;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		c = *place;
		if (c)
			c->fd = -1;
		return;
	}
	for (c = http->conns; c < http->conns + HTTP_CONNECTIONS; c++) {
		if (c->fd >= 0)
			continue;
		c->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
				->connect_fd;
		c->since = clock_mono();
		*place = c;
		return;
	}
}

/*
 * Lets the library do a piece of its work; the rest after what else the loop has
 * to do. Not too often: a connection that it has no descriptor for stays ready.
 */
static void turn(struct http *http)
{
	unsigned long long wait;

	MHD_run(http->daemon);
	if (++http->turns >= HTTP_TURNS)
		watch_events(http->watch, 0);
	else if (MHD_get_timeout(http->daemon, &wait) == MHD_YES && !wait)
		eventfd_write(http->again, 1);
}

static void on_ready(void *context, uint32_t events)
{
	(void)events;
	turn(context);
}

static void on_again(void *context, uint32_t events)
{
	struct http *http = context;
	eventfd_t value;

	(void)events;
	eventfd_read(http->again, &value);
	turn(http);
}

/* The library closes what is shut down here: the descriptors are its own. */
static void sweep(struct http *http, uint64_t now)
{
	unsigned int i, count = 0;
	uint64_t most;

	for (i = 0; i < HTTP_CONNECTIONS; i++)
		count += http->conns[i].fd >= 0;
	most = count > HTTP_CONNECTIONS / 2 ? HTTP_CROWDED_NS : HTTP_CONNECTION_NS;
	for (i = 0; i < HTTP_CONNECTIONS; i++) {
		const struct conn *c = &http->conns[i];

		if (c->fd >= 0 && now >= c->since + most)
			shutdown(c->fd, SHUT_RDWR);
	}
}

static void on_timer(void *context, uint32_t events)
{
	struct http *http = context;

	(void)events;
	if (http->turns >= HTTP_TURNS)
		watch_events(http->watch, EPOLLIN);
	http->turns = 0;
	sweep(http, clock_mono());
	turn(http);
}

/* The address as the kernel wants it; its length. */
static socklen_t fill_address(struct sockaddr_storage *to, const struct unreach_addr *addr,
			      uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	if (addr_is_ipv4(addr)) {
		memcpy(&in.sin_addr, addr->bytes + 12, sizeof(in.sin_addr));
		memcpy(to, &in, sizeof(in));
		return sizeof(in);
	}
	memcpy(&in6.sin6_addr, addr->bytes, sizeof(in6.sin6_addr));
	memcpy(to, &in6, sizeof(in6));
	return sizeof(in6);
}

/* A listening socket; -errno. Connections of an earlier daemon, long over, do not hold the port. */
static int listen_at(const struct unreach_addr *addr, uint16_t port)
{
	struct sockaddr_storage address = {};
	socklen_t length = fill_address(&address, addr, port);
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int yes = 1, rc;

	if (fd < 0)
		return -errno;
	if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) &&
	    (address.ss_family == AF_INET ||
	     !setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes))) &&
	    !bind(fd, (struct sockaddr *)&address, length) && !listen(fd, BACKLOG))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* On loopback all are one peer: it would lock out the scraper. */
static bool is_loopback(const struct unreach_addr *addr)
{
	static const struct unreach_addr localhost = { .bytes = { [15] = 1 } };

	if (addr_is_ipv4(addr))
		return addr->bytes[12] == 127;
	return !memcmp(addr, &localhost, sizeof(localhost));
}

/* 0 or -errno; the socket is the library's then. */
static int start(struct http *http, int fd, unsigned int of_one_peer)
{
	int rc;

	http->daemon = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, on_request, http, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)HTTP_CONNECTIONS,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, of_one_peer, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)HTTP_REQUEST, MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
		MHD_OPTION_END);
	if (http->daemon)
		return 0;
	rc = errno ? -errno : -ENOMEM;
	close(fd);
	return rc;
}

static int watch_all(struct http *http, struct loop *loop)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	http->watch = loop_watch(loop, info->epoll_fd, EPOLLIN, on_ready, http);
	if (http->watch)
		http->timer = loop_every(loop, SWEEP_PERIOD_NS, on_timer, http);
	if (http->timer)
		http->again = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (http->again >= 0)
		http->again_watch = loop_watch(loop, http->again, EPOLLIN, on_again, http);
	return http->again_watch ? 0 : -errno;
}

static int open_all(struct http *http, struct loop *loop, const struct unreach_addr *addr,
		    uint16_t port)
{
	int fd = listen_at(addr, port), rc;

	if (fd < 0)
		return fd;
	rc = start(http, fd, is_loopback(addr) ? 0 : HTTP_OF_ONE_PEER);
	return rc ? rc : watch_all(http, loop);
}

static const char *advice(int rc)
{
	switch (rc) {
	case -EADDRINUSE:
		return "another daemon may have it; choose another port with --listen, or none";
	case -EADDRNOTAVAIL:
		return "is the address this host's, and its interface up?";
	case -EACCES:
		return "ports below 1024 take root; choose another one with --listen";
	default:
		return "choose another one with --listen, or none";
	}
}

static void explain(const struct unreach_addr *addr, uint16_t port, int rc, char *error,
		    size_t error_size)
{
	bool ipv4 = addr_is_ipv4(addr);
	struct buf text = {};

	addr_format(&text, addr);
	buf_char(&text, '\0');
	snprintf(error, error_size, "cannot serve metrics at %s%s%s:%u: %s; %s", ipv4 ? "" : "[",
		 text.failed ? "" : text.data, ipv4 ? "" : "]", port, strerror(-rc), advice(rc));
	buf_free(&text);
}

struct http *http_open(struct loop *loop, const struct unreach_addr *addr, uint16_t port,
		       const struct model *model, void (*prepare)(void *context), void *context,
		       char *error, size_t error_size)
{
	struct http *http = calloc(1, sizeof(*http));
	int rc = http ? 0 : -ENOMEM;

	if (!rc) {
		http->model = model;
		http->prepare = prepare;
		http->context = context;
		http->again = -1;
		for (unsigned int i = 0; i < HTTP_CONNECTIONS; i++)
			http->conns[i].fd = -1;
		rc = open_all(http, loop, addr, port);
	}
	if (!rc)
		return http;
	explain(addr, port, rc, error, error_size);
	http_close(http);
	return NULL;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	watch_remove(http->again_watch);
	watch_remove(http->timer);
	watch_remove(http->watch);
	if (http->again >= 0)
		close(http->again);
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	for (unsigned int i = 0; i < 2; i++)
		if (http->documents[i].response)
			MHD_destroy_response(http->documents[i].response);
	free(http);
}
