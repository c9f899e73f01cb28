// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * TCP connections to ourselves, in a namespace of the test's own, and what the
 * kernel says of them: of those that are there, of those that are not, though a
 * socket listens on their port, and of those that are over.
 */
#include "namespace.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/clock.h"
#include "source/sockdiag.h"

#define DEADLINE_NS (10 * NS_PER_SEC)
#define US "127.0.0.1"
#define ELSE "127.0.0.2"

static struct sockdiag *sockdiag;

/* A connection from us to ourselves. */
static struct pair {
	int listener, client, server;
	uint16_t client_port, server_port;
} pair;

static struct unreach_addr addr(const char *text)
{
	struct unreach_addr a;

	assert_int_equal(addr_parse(&a, text), 0);
	return a;
}

static int has(const char *host, uint16_t host_port, const char *peer, uint16_t peer_port)
{
	const struct unreach_flow_key flow = { addr(host), addr(peer), host_port, peer_port };

	return sockdiag_has_flow(sockdiag, &flow);
}

/* Binds the socket to a free port of the address, and listens; the port. */
static uint16_t listen_at(int fd, struct sockaddr_in6 *at, socklen_t length)
{
	assert_int_equal(bind(fd, (struct sockaddr *)at, length), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)at, &length), 0);
	return ntohs(at->sin6_port); /* stands in the same place for both families */
}

/* The listener's family can be the larger one. */
static void connect_pair(int family, int listening)
{
	struct sockaddr_in6 any = { .sin6_family = (sa_family_t)listening }, self;
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct sockaddr_in6 to_6 = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	bool ipv4 = family == AF_INET;
	socklen_t length = sizeof(self);

	pair.listener = socket(listening, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pair.client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pair.server_port =
		listen_at(pair.listener, &any, listening == AF_INET ? sizeof(to) : sizeof(to_6));
	to.sin_port = to_6.sin6_port = htons(pair.server_port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(pair.client,
				 ipv4 ? (struct sockaddr *)&to : (struct sockaddr *)&to_6,
				 ipv4 ? sizeof(to) : sizeof(to_6)),
			 0);
	pair.server = accept4(pair.listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(pair.server >= 0);
	assert_int_equal(getsockname(pair.client, (struct sockaddr *)&self, &length), 0);
	pair.client_port = ntohs(self.sin6_port);
}

static int make_network(void **state)
{
	(void)state;
	return enter_namespace("ip link set lo up");
}

static int open_sockdiag(void **state)
{
	(void)state;
	pair = (struct pair){ -1, -1, -1, 0, 0 };
	sockdiag = sockdiag_open();
	return sockdiag ? 0 : -1;
}

static int close_sockdiag(void **state)
{
	(void)state;
	close(pair.client);
	close(pair.server);
	close(pair.listener);
	sockdiag_close(sockdiag);
	return 0;
}

static void assert_both_ends(const char *us)
{
	assert_int_equal(has(us, pair.client_port, us, pair.server_port), 1);
	assert_int_equal(has(us, pair.server_port, us, pair.client_port), 1);
}

static void finds_both_ends(void **state)
{
	(void)state;
	need_namespace();
	connect_pair(AF_INET, AF_INET);
	assert_both_ends(US);
}

static void finds_both_ends_6(void **state)
{
	(void)state;
	need_namespace();
	connect_pair(AF_INET6, AF_INET6);
	assert_both_ends("::1");
	assert_int_equal(has("::1", pair.client_port, "::2", pair.server_port), 0);
}

/* A server for both families holds IPv4 connections as mapped ones. */
static void finds_mapped(void **state)
{
	(void)state;
	need_namespace();
	connect_pair(AF_INET, AF_INET6);
	assert_both_ends(US);
	assert_int_equal(has(US, pair.server_port, ELSE, pair.client_port), 0);
	assert_int_equal(has(ELSE, pair.server_port, US, pair.client_port), 0);
}

/* Who makes up a flow names a port that is listened on, as like as not. */
static void finds_no_other(void **state)
{
	uint16_t client, server;

	(void)state;
	need_namespace();
	connect_pair(AF_INET, AF_INET);
	client = pair.client_port;
	server = pair.server_port;
	assert_int_equal(has(US, server, US, (uint16_t)(client ^ 1)), 0);
	assert_int_equal(has(US, server, "203.0.113.9", client), 0);
	assert_int_equal(has(ELSE, server, US, client), 0);
	assert_int_equal(has(US, server, US, 0), 0);
	assert_int_equal(has(US, (uint16_t)(client ^ 1), US, server), 0);
	assert_int_equal(has("203.0.113.9", client, US, server), 0);
	assert_int_equal(has("0.0.0.0", client, US, server), 0);
	assert_int_equal(has(US, client, "::1", server), 0); /* two families */
	assert_int_equal(has("::1", client, "::1", server), 0);
}

/* What waits for old segments to die out sends none (RFC 9293, 3.3.2: TIME-WAIT). */
static void finds_none_that_is_over(void **state)
{
	uint64_t deadline = clock_mono() + DEADLINE_NS;
	char byte;

	(void)state;
	need_namespace();
	connect_pair(AF_INET, AF_INET);
	assert_int_equal(shutdown(pair.client, SHUT_WR), 0);
	assert_int_equal(read(pair.server, &byte, 1), 0);
	assert_int_equal(has(US, pair.server_port, US, pair.client_port), 1); /* CLOSE-WAIT */
	assert_int_equal(shutdown(pair.server, SHUT_WR), 0);
	assert_int_equal(read(pair.client, &byte, 1), 0);
	while (has(US, pair.client_port, US, pair.server_port))
		assert_true(clock_mono() < deadline);
	while (has(US, pair.server_port, US, pair.client_port))
		assert_true(clock_mono() < deadline);
}

int main(void)
{
#define SOCKDIAG_TEST(name) cmocka_unit_test_setup_teardown(name, open_sockdiag, close_sockdiag)
	static const struct CMUnitTest tests[] = {
		SOCKDIAG_TEST(finds_both_ends),
		SOCKDIAG_TEST(finds_both_ends_6),
		SOCKDIAG_TEST(finds_mapped),
		SOCKDIAG_TEST(finds_no_other),
		SOCKDIAG_TEST(finds_none_that_is_over),
	};

	return cmocka_run_group_tests(tests, make_network, NULL);
}
