// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A TCP flow in which large segments vanish, segment by segment: what makes it
 * suspect, and what not, and what is forgotten.
 */
#include "segments.h"

static void test_suspect(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1, 1500, 300 * MS);
	sends(1, 1500, 800 * MS);
	assert_int_equal(flow.suspect, 0);
	sends(1, 1500, 1700 * MS);
	assert_int_equal(flow.suspect, START + 1700 * MS);
	assert_int_equal(flow.probable, 0);
	assert_int_equal(flow.stuck, 1500);
}

/* Three times, but not over a second. */
static void test_hasty(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1, 1500, 300 * MS);
	sends(1, 1500, 600 * MS);
	sends(1, 1500, 1000 * MS - 1);
	assert_int_equal(flow.suspect, 0);
	sends(1, 1500, 1000 * MS);
	assert_int_equal(flow.suspect, START + 1000 * MS);
}

static void test_only_large_begin(void **state)
{
	(void)state;
	sends(1, UNREACH_LARGE, 0);
	assert_int_equal(flow.first, 0);
	sends(1, UNREACH_LARGE + 1, 0);
	assert_int_equal(flow.first, START);
}

/* Shrinks as another flow to that peer was told: it has heard, and lost a packet or three. */
static void test_told_by_another(void **state)
{
	const struct unreach_event ev = { .mtu = 1400, .tcp_seq = 1 };
	struct unreach_flow other = { .first = START, .una = 1, .next = 1461 };

	(void)state;
	sends(1, 1500, 0);
	sends(1461, 600, 1);
	unreach_flow_advert(&other, &peer, &ev, START + 10 * MS);
	sends(1, 1400, 300 * MS);
	assert_int_equal(flow.head, 1400);
	sends(1, 1400, 800 * MS);
	sends(1, 1400, 1200 * MS);
	answers(1361, 1220 * MS);
	assert_int_equal(flow.suspect, 0);
	assert_int_equal(flow.confirmed, 0);
	assert_int_equal(flow.arrived, 1400);
}

/* It shrinks as it was told, and the peer dies: what passes is known by then. */
static void test_told_and_dead(void **state)
{
	const struct unreach_event ev = { .mtu = 1400, .tcp_seq = 1461 };

	(void)state;
	sends(1, 1500, 0);
	sends(1461, 1500, 0);
	unreach_flow_advert(&flow, &peer, &ev, START + 10 * MS);
	sends(1, 1400, 11 * MS);
	sends(1361, 1400, 11 * MS);
	answers(1361, 31 * MS);
	assert_int_equal(flow.arrived, 1400);
	sends(1361, 1400, 331 * MS);
	sends(1361, 1400, 931 * MS);
	sends(1361, 1400, 2000 * MS);
	assert_int_equal(flow.suspect, 0);
}

/* Small segments that are sent again as one were never large. */
static void test_merged(void **state)
{
	uint32_t i;

	(void)state;
	sends(1, 1500, 0);
	answers(1461, 20 * MS);
	for (i = 0; i < 6; i++)
		sends(1461 + 200 * i, 240, 30 * MS + i);
	sends(1461, 1240, 300 * MS);
	sends(1461, 1240, 800 * MS);
	sends(1461, 1240, 1700 * MS);
	sends(1461, 1240, 3500 * MS);
	assert_int_equal(flow.suspect, 0);
	/* The same while something large is outstanding before them. */
	fresh(NULL);
	sends(1, 1500, 0);
	for (i = 0; i < 6; i++)
		sends(1461 + 200 * i, 240, 1 + i);
	answers(1461, 20 * MS);
	for (i = 0; i < 4; i++)
		sends(1461, 1240, (300 + 700 * i) * MS);
	assert_int_equal(flow.suspect, 0);
}

static void test_vetoes(void **state)
{
	const struct unreach_event told = { .mtu = 1400, .tcp_seq = 1 };

	(void)state;
	/* The peer takes nothing. */
	sends(1, 1500, 0);
	answers_with(1, 0, 0, UNREACH_TCP_ACK, 10 * MS);
	resends(1500);
	assert_int_equal(flow.suspect, 0);
	/* Now it takes something: from here on it counts. */
	answers(1, 1800 * MS);
	sends(1, 1500, 1900 * MS);
	sends(1, 1500, 2200 * MS);
	sends(1, 1500, 2700 * MS);
	assert_int_equal(flow.suspect, 0);
	sends(1, 1500, 3600 * MS);
	assert_int_equal(flow.suspect, START + 3600 * MS);
	/* Somebody told. */
	fresh(NULL);
	sends(1, 1500, 0);
	unreach_flow_advert(&flow, NULL, &told, START + 300 * MS);
	resends(1500);
	assert_int_equal(flow.suspect, 0);
	/* An advert before the third-last transmission hides nothing. */
	sends(1, 1500, 3500 * MS);
	assert_int_equal(flow.suspect, START + 3500 * MS);
}

static void test_large_ones_pass(void **state)
{
	(void)state;
	/* To the same peer, since the third-last transmission. */
	sends(1, 1500, 0);
	unreach_peer_passed(&peer, &(struct unreach_arrival){ 1500, 0 }, START + 300 * MS);
	resends(1500);
	assert_int_equal(flow.suspect, 0);
	sends(1, 1500, 3500 * MS);
	assert_int_equal(flow.suspect, START + 3500 * MS);
	/* In this flow: a SACK block as wide as the head. */
	fresh(NULL);
	sends(1, 1500, 0);
	sends(1461, 1500, 1);
	beyond = 1460;
	answers(1, 20 * MS);
	resends(1500);
	assert_int_equal(flow.suspect, 0);
}

/* The same ports again: what the connection before did is no matter. */
static void test_another_connection(void **state)
{
	static const uint8_t ends[] = { UNREACH_TCP_SYN, UNREACH_TCP_SYN | UNREACH_TCP_ACK,
					UNREACH_TCP_RST, UNREACH_TCP_RST | UNREACH_TCP_ACK };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(ends); i++) {
		fresh(NULL);
		sends(1, 1500, 0);
		assert_int_equal(answers(1461, 20 * MS), 1500);
		answers_with(1461, 0, 0, ends[i], 30 * MS);
		assert_int_equal(flow.arrived, 0);
		sends(1, 1500, 40 * MS);
		resends(1500);
		assert_int_equal(flow.suspect, START + 1700 * MS);
	}
}

/* Data that comes with our own SYN is none that is followed. */
static void test_data_with_syn(void **state)
{
	const struct unreach_segment s = {
		.length = 1300, .payload = 1260, .flags = UNREACH_TCP_SYN, .df = 1
	};

	(void)state;
	assert_false(unreach_is_data(&s));
	assert_false(unreach_is_large(&s));
}

/* Made-up adverts, resets and handshakes hide no hole (RFC 5927, 5961). */
static void test_forged(void **state)
{
	const struct unreach_event ev = { .mtu = 1499, .tcp_seq = 0 };
	const struct unreach_segment reset = { .seq = 0x40000000, .flags = UNREACH_TCP_RST },
				     handshake = { .seq = 77, .flags = UNREACH_TCP_SYN };
	static const uint16_t times[] = { 300, 800, 1700 };
	unsigned int i;

	(void)state;
	sends(1, 1500, 0);
	sends(1461, 600, 1);
	beyond = 560;
	answers(1, 20 * MS);
	for (i = 0; i < 3; i++) {
		unreach_flow_advert(&flow, &peer, &ev, START + (times[i] - 10) * MS);
		hears(&reset, (times[i] - 5) * MS);
		if (i)
			hears(&handshake, (times[i] - 5) * MS);
		sends(1, 1500, times[i] * MS);
	}
	assert_int_equal(flow.probable, START + 1700 * MS);
	assert_int_equal(peer.told_at, 0);
}

/* Small ones behind it die as well: it is not their size. */
static void test_small_ones_die_too(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 100, 1);
	resends(1500);
	answers_with(1, 100, 30, UNREACH_TCP_ACK, 1800 * MS);
	assert_int_equal(flow.suspect, 0);
	assert_int_equal(flow.probable, 0);
}

/* A head that gets through in the end was lost by chance, three times. */
static void test_recovers(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 1500, 1);
	resends(1500);
	assert_true(flow.suspect);
	assert_int_equal(answers(1461, 1720 * MS), 1500);
	assert_int_equal(flow.suspect, 0);
	assert_int_equal(flow.arrived, 1500);
	assert_int_equal(flow.confirmed, 0);
}

/* Sequence numbers go round. */
static void test_wraps(void **state)
{
	(void)state;
	sends(0xfffffff0, 1500, 0);
	sends(0xfffffff0 + 1460, 1500, 1);
	answers(0xfffffff0 + 1460, 20 * MS);
	assert_int_equal(flow.una, 0xfffffff0 + 1460U);
	assert_int_equal(flow.arrived, 1500);
	answers(0xfffffff0 + 2920, 21 * MS);
	assert_int_equal(flow.first, 0);
	/* An acknowledgement of what was never sent is none. */
	sends(3000, 1500, 30 * MS);
	answers(9000, 40 * MS);
	assert_int_equal(flow.una, 3000);
}

static void test_reset(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	answers_with(1, 0, 0, UNREACH_TCP_ACK | UNREACH_TCP_RST, 20 * MS);
	assert_int_equal(flow.first, 0);
	resends(1500);
	assert_int_equal(flow.resends, 2); /* another flow on the same ports */
}

/* Both directions agree on which flows are watched, and about one in n is. */
static void test_sampling(void **state)
{
	unsigned int i, watched = 0;

	(void)state;
	for (i = 0; i < 10000; i++) {
		struct unreach_segment out = { .src_port = (__u16)i, .dst_port = 443 }, back;
		struct unreach_flow_key one, other;

		out.src.words[3] = 0x020200c0;
		out.dst.words[3] = i * 7;
		back = out;
		back.src = out.dst;
		back.dst = out.src;
		back.src_port = out.dst_port;
		back.dst_port = out.src_port;
		one = unreach_flow_of_host(&out);
		other = unreach_flow_of_peer(&back);
		assert_memory_equal(&one, &other, sizeof(one));
		watched += (unsigned int)unreach_flow_sampled(unreach_flow_hash(&one, 42), 10);
		assert_true(unreach_flow_sampled(unreach_flow_hash(&one, 42), 1));
	}
	assert_in_range(watched, 850, 1150);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fresh)
	static const struct CMUnitTest tests[] = {
		TEST(test_suspect),
		TEST(test_hasty),
		TEST(test_only_large_begin),
		TEST(test_told_by_another),
		TEST(test_told_and_dead),
		TEST(test_merged),
		TEST(test_vetoes),
		TEST(test_large_ones_pass),
		TEST(test_another_connection),
		TEST(test_data_with_syn),
		TEST(test_forged),
		TEST(test_small_ones_die_too),
		TEST(test_recovers),
		TEST(test_wraps),
		TEST(test_reset),
		TEST(test_sampling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
