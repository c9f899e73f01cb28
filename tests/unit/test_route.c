// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kernel's routes, asked in a namespace of the test's own: what was learned
 * (from adverts that the test forges to itself) and what routes say, each
 * compared with `ip route get`. Needs no root where users may make namespaces.
 */
#include "namespace.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <linux/filter.h>
#include <linux/rtnetlink.h>

#include "base/addr.h"
#include "base/clock.h"
#include "source/netlink.h"
#include "source/route.h"

#define DEADLINE_NS (10 * NS_PER_SEC)
#define US "198.51.100.1"
#define US_6 "2001:db8::1"
#define FAR "203.0.113.9"
#define FAR_6 "2001:db8:9::9"
#define NARROW 1300

static struct route *route;
static int route_fd; /* of its socket */

static struct unreach_addr addr(const char *text)
{
	struct unreach_addr a;

	assert_int_equal(addr_parse(&a, text), 0);
	return a;
}

static int mtu_of(const char *src, const char *dst, uint32_t *mtu)
{
	struct unreach_addr from = addr(src), to = addr(dst);

	return route_mtu(route, &from, &to, mtu);
}

/* A network of one host: what it sends goes nowhere, what it sends itself arrives. */
static int make_network(void **state)
{
	(void)state;
	return enter_namespace("set -e; ip link set lo up; ip link add d0 type veth peer name d1\n"
			       "ip link set d1 up; ip link set d0 up\n"
			       "ip addr add " US "/24 dev d0; ip addr add " US_6
			       "/64 dev d0 nodad\n"
			       "ip route add 203.0.113.0/24 via 198.51.100.254\n"
			       "ip route add 203.0.114.0/24 via 198.51.100.254 mtu lock 1400\n"
			       "ip route add 203.0.115.0/24 via 198.51.100.254 mtu 1380\n"
			       "ip route add unreachable 203.0.116.0/24\n"
			       "ip route add prohibit 203.0.117.0/24\n"
			       "ip route add blackhole 203.0.118.0/24\n"
			       "ip route add 2001:db8:9::/48 via 2001:db8::fe\n"
			       "ip route add unreachable 2001:db8:6::/48\n");
}

static int open_route(void **state)
{
	(void)state;
	route_fd = dup(STDERR_FILENO); /* the number that comes next */
	close(route_fd);
	route = route_open();
	return route ? 0 : -1;
}

static int close_route(void **state)
{
	(void)state;
	route_close(route);
	return 0;
}

/* The MTU that `ip route get` shows; 0: none. */
static uint32_t shown(const char *src, const char *dst)
{
	char command[256], line[1024], *at;
	uint32_t mtu = 0;
	FILE *pipe;

	snprintf(command, sizeof(command), "ip route get %s from %s", dst, src);
	pipe = popen(command, "re");
	assert_non_null(pipe);
	while (fgets(line, sizeof(line), pipe)) {
		at = strstr(line, " mtu ");
		if (at)
			mtu = (uint32_t)atoi(at + strcspn(at, "0123456789\n"));
	}
	assert_int_equal(pclose(pipe), 0);
	return mtu;
}

static void assert_mtu(const char *src, const char *dst, uint32_t wanted)
{
	uint32_t mtu = ~0U;

	assert_int_equal(mtu_of(src, dst, &mtu), 0);
	assert_int_equal(mtu, wanted);
	assert_int_equal(shown(src, dst), wanted);
}

static void await_mtu(const char *src, const char *dst, uint32_t wanted)
{
	uint64_t deadline = clock_mono() + DEADLINE_NS;
	uint32_t mtu = 0;

	while (!mtu_of(src, dst, &mtu) && mtu != wanted)
		assert_true(clock_mono() < deadline);
	assert_mtu(src, dst, wanted);
}

static uint16_t checksum(const unsigned char *data, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)data[i] << 8 | data[i + 1];
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t) ~(sum + (sum >> 16));
}

static void put16(unsigned char *at, unsigned int value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

/* Sends our own stack an ICMP message. */
static void send_icmp(int family, const char *us, const unsigned char *message, size_t length)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct sockaddr_in6 to_6 = { .sin6_family = AF_INET6 };
	bool ipv4 = family == AF_INET;
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);

	inet_pton(family, us, ipv4 ? (void *)&to.sin_addr : (void *)&to_6.sin6_addr);
	assert_int_equal(sendto(fd, message, length, 0,
				ipv4 ? (struct sockaddr *)&to : (struct sockaddr *)&to_6,
				ipv4 ? sizeof(to) : sizeof(to_6)),
			 length);
	close(fd);
}

/* A UDP socket from us to there, which an advert can be about; *port is our side's. */
static int udp(int family, const char *dst, uint16_t *port)
{
	struct sockaddr_in6 to_6 = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	bool ipv4 = family == AF_INET;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 self; /* ports stand in the same place */
	socklen_t length = sizeof(self);

	inet_pton(family, dst, ipv4 ? (void *)&to.sin_addr : (void *)&to_6.sin6_addr);
	assert_int_equal(connect(fd, ipv4 ? (struct sockaddr *)&to : (struct sockaddr *)&to_6,
				 ipv4 ? sizeof(to) : sizeof(to_6)),
			 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&self, &length), 0);
	*port = ntohs(self.sin6_port);
	return fd;
}

/* RFC 1191: code 4, quoting an IPv4 header with DF and 8 bytes of UDP. */
static void tell(const char *dst, unsigned int mtu)
{
	unsigned char message[8 + 20 + 8] = { 3, 4, [8] = 0x45, [14] = 0x40, [16] = 64, [17] = 17 };
	uint16_t port;
	int fd = udp(AF_INET, dst, &port);

	put16(message + 6, mtu);
	put16(message + 10, 1500);
	inet_pton(AF_INET, US, message + 20);
	inet_pton(AF_INET, dst, message + 24);
	put16(message + 28, port);
	put16(message + 30, 9);
	put16(message + 32, 1480);
	put16(message + 2, checksum(message, sizeof(message)));
	send_icmp(AF_INET, US, message, sizeof(message));
	close(fd);
}

/* RFC 4443, 3.2: Packet Too Big, quoting an IPv6 header and 8 bytes of UDP. The kernel sums up. */
static void tell_6(const char *dst, unsigned int mtu)
{
	unsigned char message[8 + 40 + 8] = { 2, [8] = 0x60, [14] = 17, [15] = 64 };
	uint16_t port;
	int fd = udp(AF_INET6, dst, &port);

	put16(message + 6, mtu);
	put16(message + 12, 1460);
	inet_pton(AF_INET6, US_6, message + 16);
	inet_pton(AF_INET6, dst, message + 32);
	put16(message + 48, port);
	put16(message + 50, 9);
	put16(message + 52, 1460);
	send_icmp(AF_INET6, US_6, message, sizeof(message));
	close(fd);
}

static void tells_what_was_learned(void **state)
{
	(void)state;
	need_namespace();
	assert_mtu(US, FAR, 0);
	tell(FAR, NARROW);
	await_mtu(US, FAR, NARROW);
	assert_mtu(US, "203.0.113.10", 0);
	assert_int_equal(system("ip route flush cache"), 0);
	assert_mtu(US, FAR, 0);
}

static void tells_what_was_learned_6(void **state)
{
	(void)state;
	need_namespace();
	assert_mtu(US_6, FAR_6, 0);
	tell_6(FAR_6, NARROW);
	await_mtu(US_6, FAR_6, NARROW);
	assert_mtu(US_6, "2001:db8:9::a", 0);
}

/* What is told below the least that the kernel believes is learned as that, and locked. */
static void tells_the_least(void **state)
{
	FILE *file;
	int least;

	(void)state;
	need_namespace();
	file = fopen("/proc/sys/net/ipv4/route/min_pmtu", "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &least), 1);
	fclose(file);
	tell("203.0.113.11", 300);
	await_mtu(US, "203.0.113.11", (uint32_t)least);
}

static void tells_what_routes_say(void **state)
{
	(void)state;
	need_namespace();
	assert_mtu(US, "203.0.114.1", 1400);
	assert_mtu(US, "203.0.115.1", 1380);
	/* Less than that is learned, but where it is locked. */
	tell("203.0.115.1", 1200);
	await_mtu(US, "203.0.115.1", 1200);
	tell("203.0.114.1", 1200);
	tell("203.0.115.2", 1250); /* when this is there, the one before it was refused */
	await_mtu(US, "203.0.115.2", 1250);
	assert_mtu(US, "203.0.114.1", 1400);
}

static void nothing_is_sent(void **state)
{
	static const char *const nowhere[] = { "203.0.116.1", "203.0.117.1", "203.0.118.1",
					       "203.0.119.1" };
	uint32_t mtu;

	(void)state;
	need_namespace();
	for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++)
		assert_int_equal(mtu_of(US, nowhere[i], &mtu), -ENETUNREACH);
	assert_int_equal(mtu_of(US_6, "2001:db8:6::1", &mtu), -ENETUNREACH);
	assert_int_equal(mtu_of("198.51.100.77", FAR, &mtu), -ENETUNREACH); /* not ours */
	assert_int_equal(mtu_of(US, FAR_6, &mtu), -ENETUNREACH); /* two families */
}

/* Asks by the socket itself, under another number: an answer that nobody waits for any more. */
static void leave_answer(const char *dst)
{
	struct {
		struct nlmsghdr header;
		struct rtmsg route;
		struct rtattr attribute;
		struct in_addr dst;
	} question = {
		.header = { .nlmsg_len = sizeof(question),
			    .nlmsg_type = RTM_GETROUTE,
			    .nlmsg_flags = NLM_F_REQUEST,
			    .nlmsg_seq = 4711 },
		.route = { .rtm_family = AF_INET, .rtm_dst_len = 32 },
		.attribute = { .rta_len = RTA_LENGTH(4), .rta_type = RTA_DST },
	};

	inet_pton(AF_INET, dst, &question.dst);
	assert_int_equal(send(route_fd, &question, sizeof(question), 0), sizeof(question));
}

static void late_answers_are_passed_over(void **state)
{
	(void)state;
	need_namespace();
	leave_answer("203.0.114.1");
	assert_mtu(US, "203.0.115.9", 1380);
	leave_answer("203.0.116.1"); /* an error */
	leave_answer("203.0.115.9");
	assert_mtu(US, "203.0.114.1", 1400);
}

/* A kernel that does not answer costs no more than the time that is set. */
static void waits_not_for_ever(void **state)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = { .len = 1, .filter = &drop };
	uint64_t begin;
	uint32_t mtu;

	(void)state;
	need_namespace();
	assert_int_equal(
		setsockopt(route_fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)), 0);
	alarm(DEADLINE_NS / NS_PER_SEC);
	begin = clock_mono();
	assert_int_equal(mtu_of(US, "203.0.114.1", &mtu), -EAGAIN);
	assert_true(clock_mono() - begin >= NETLINK_WAIT_MS * NS_PER_MSEC / 2);
	alarm(0);
	assert_int_equal(
		setsockopt(route_fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){ 0 }, sizeof(int)), 0);
	assert_mtu(US, "203.0.114.1", 1400);
}

int main(void)
{
#define ROUTE_TEST(name) cmocka_unit_test_setup_teardown(name, open_route, close_route)
	static const struct CMUnitTest tests[] = {
		ROUTE_TEST(tells_what_was_learned), ROUTE_TEST(tells_what_was_learned_6),
		ROUTE_TEST(tells_the_least),	    ROUTE_TEST(tells_what_routes_say),
		ROUTE_TEST(nothing_is_sent),	    ROUTE_TEST(late_answers_are_passed_over),
		ROUTE_TEST(waits_not_for_ever),
	};

	return cmocka_run_group_tests(tests, make_network, NULL);
}
