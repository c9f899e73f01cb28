// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A TCP flow in which large segments vanish, segment by segment: what makes it suspect, and what
 * not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unreach/flow.h"

#define MS UNREACH_MS
#define START (5000000 * MS)

static struct unreach_flow flow;
static struct unreach_peer peer;
static uint32_t sacked; /* what the next answer's SACK option says */

static __u64 read_sack(void *context, __u32 above, __u32 border)
{
	(void)context;
	(void)above;
	/* A block that begins where the first segment ends. */
	return unreach_before(1461, border) ? (__u64)sacked << 32 : sacked;
}

static int fresh(void **state)
{
	(void)state;
	memset(&flow, 0, sizeof(flow));
	memset(&peer, 0, sizeof(peer));
	sacked = 0;
	return 0;
}

/* Our host sends `length` bytes of IP from `seq` on, 40 of them headers. */
static void sends(uint32_t seq, uint32_t length, uint64_t after)
{
	const struct unreach_segment s = { .seq = seq,
					   .length = length,
					   .payload = length - 40,
					   .flags = UNREACH_TCP_ACK,
					   .df = 1 };

	if (unreach_flow_send(&flow, &peer, &s, START + after))
		unreach_flow_judge(&flow, &peer, START + after);
}

static uint32_t answers_with(uint32_t ack, uint16_t window, uint32_t payload, uint8_t flags,
			     uint64_t after)
{
	const struct unreach_segment s = { .ack = ack,
					   .length = 40 + payload,
					   .payload = payload,
					   .window = window,
					   .flags = flags };
	__u32 passed;

	if (unreach_flow_answer(&flow, &peer, &s, read_sack, NULL, &passed, START + after))
		unreach_flow_judge(&flow, &peer, START + after);
	return passed;
}

static uint32_t answers(uint32_t ack, uint64_t after)
{
	return answers_with(ack, 100, 0, UNREACH_TCP_ACK, after);
}

/* The head at 1 again at RTO's times: 0.3, 0.8, 1.7 s. */
static void resends(uint32_t length)
{
	sends(1, length, 300 * MS);
	sends(1, length, 800 * MS);
	sends(1, length, 1700 * MS);
}

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

static void test_small_tail_arrives(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 600, 1);
	sacked = 560;
	answers(1, 20 * MS);
	resends(1500);
	assert_int_equal(flow.probable, START + 1700 * MS);
}

/* Without SACK: the first acknowledgement of what is below is none, the second is a duplicate. */
static void test_duplicate(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 600, 1);
	answers(1, 20 * MS);
	assert_false(flow.seen & UNREACH_FLOW_SMALL_ARRIVED);
	answers(1, 21 * MS);
	assert_true(flow.seen & UNREACH_FLOW_SMALL_ARRIVED);
}

static void test_peer_speaks(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 1500, 1);
	resends(1500);
	assert_int_equal(flow.probable, 0);
	answers_with(1, 100, 30, UNREACH_TCP_ACK, 5000 * MS); /* a page that says: time-out */
	assert_int_equal(flow.probable, START + 5000 * MS);
}

static void test_shorter_gets_through(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 1500, 1);
	resends(1500);
	sends(1, 1076, 3500 * MS);
	assert_int_equal(answers(1037, 3520 * MS), 1076);
	assert_int_equal(flow.confirmed, START + 3520 * MS);
	assert_int_equal(flow.stuck, 1500);
	assert_int_equal(flow.arrived, 1076);
	/* It goes on short: nothing of that makes 1500 arrive. */
	sends(1037, 1076, 3530 * MS);
	answers(2073, 3550 * MS);
	assert_int_equal(flow.arrived, 1076);
	assert_int_equal(flow.confirmed, START + 3520 * MS);
}

/* Shrinks as another flow to that peer was told: it has heard, and lost a packet or three. */
static void test_told_by_another(void **state)
{
	const struct unreach_event ev = { .mtu = 1400 };

	(void)state;
	sends(1, 1500, 0);
	sends(1461, 600, 1);
	unreach_flow_advert(NULL, &peer, &ev, START + 10 * MS);
	sends(1, 1400, 300 * MS);
	assert_int_equal(flow.head, 1400);
	sends(1, 1400, 800 * MS);
	sends(1, 1400, 1200 * MS);
	answers(1361, 1220 * MS);
	assert_int_equal(flow.suspect, 0);
	assert_int_equal(flow.confirmed, 0);
	assert_int_equal(flow.arrived, 1400);
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

/* It tries by itself, after two long ones: at a long round trip that is soon. */
static void test_tries_early(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1, 1500, 600 * MS);
	sends(1, 1500, 1600 * MS);
	sends(1, 1076, 3400 * MS);
	answers(1037, 3600 * MS);
	assert_int_equal(flow.confirmed, START + 3600 * MS);
	assert_int_equal(flow.stuck, 1500);
}

static void test_vetoes(void **state)
{
	(void)state;
	/* The peer takes nothing. */
	sends(1, 1500, 0);
	answers_with(1, 0, 0, UNREACH_TCP_ACK, 10 * MS);
	resends(1500);
	assert_int_equal(flow.suspect, 0);
	/* Now it takes something. */
	answers(1, 1800 * MS);
	assert_int_equal(flow.suspect, START + 1800 * MS);
	/* Somebody told. */
	fresh(NULL);
	sends(1, 1500, 0);
	unreach_flow_advert(&flow, NULL, NULL, START + 300 * MS);
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
	unreach_peer_passed(&peer, 1500, START + 300 * MS);
	resends(1500);
	assert_int_equal(flow.suspect, 0);
	sends(1, 1500, 3500 * MS);
	assert_int_equal(flow.suspect, START + 3500 * MS);
	/* In this flow: a SACK block as wide as the head. */
	fresh(NULL);
	sends(1, 1500, 0);
	sends(1461, 1500, 1);
	sacked = 1460;
	answers(1, 20 * MS);
	resends(1500);
	assert_int_equal(flow.suspect, 0);
	/* In this flow, before. */
	fresh(NULL);
	sends(1, 1500, 0);
	assert_int_equal(answers(1461, 20 * MS), 1500);
	sends(1461, 1500, 30 * MS);
	sends(1461, 1500, 330 * MS);
	sends(1461, 1500, 930 * MS);
	sends(1461, 1500, 2000 * MS);
	assert_int_equal(flow.suspect, 0);
}

/* Small ones that arrived side by side are no large one. */
static void test_many_small_arrive(void **state)
{
	uint32_t i;

	(void)state;
	sends(1, 1500, 0);
	for (i = 0; i < 20; i++)
		sends(1461 + 200 * i, 240, 1 + i);
	sacked = 4000;
	answers(1, 100 * MS);
	resends(1500);
	assert_int_equal(flow.probable, START + 1700 * MS);
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
		watched += (unsigned int)unreach_flow_sampled(&one, 42, 10);
		assert_true(unreach_flow_sampled(&one, 42, 1));
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
		TEST(test_small_tail_arrives),
		TEST(test_duplicate),
		TEST(test_peer_speaks),
		TEST(test_shorter_gets_through),
		TEST(test_told_by_another),
		TEST(test_merged),
		TEST(test_tries_early),
		TEST(test_vetoes),
		TEST(test_large_ones_pass),
		TEST(test_many_small_arrive),
		TEST(test_small_ones_die_too),
		TEST(test_recovers),
		TEST(test_wraps),
		TEST(test_reset),
		TEST(test_sampling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
