// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A TCP flow in which large segments vanish: what makes it more than a suspect,
 * and what only looks as if it did.
 */
#include "segments.h"

static void test_small_tail_arrives(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 600, 1);
	beyond = 560;
	answers(1, 20 * MS);
	resends(1500);
	assert_int_equal(flow.probable, START + 1700 * MS);
}

/* Small ones that arrived side by side are no large one. */
static void test_many_small_arrive(void **state)
{
	uint32_t i;

	(void)state;
	sends(1, 1500, 0);
	for (i = 0; i < 20; i++)
		sends(1461 + 200 * i, 240, 1 + i);
	beyond = 4000;
	answers(1, 100 * MS);
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
	assert_false(unreach_flow_small_arrived(&flow));
	answers(1, 21 * MS);
	assert_true(unreach_flow_small_arrived(&flow));
	resends(1500);
	assert_int_equal(flow.probable, START + 1700 * MS);
}

/* What opens the window, carries data or ends the stream is no duplicate (RFC 5681, 2). */
static void test_no_duplicate(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 600, 1);
	answers(1, 20 * MS);
	answers_with(1, 200, 0, UNREACH_TCP_ACK, 21 * MS);
	answers_with(1, 200, 10, UNREACH_TCP_ACK, 22 * MS);
	answers_with(1, 200, 0, UNREACH_TCP_ACK | UNREACH_TCP_FIN, 23 * MS);
	resends(1500);
	assert_int_equal(flow.probable, 0);
	/* The peer is dead, and goes on to be. */
	sends(1, 1500, 3500 * MS);
	sends(1, 1500, 7000 * MS);
	assert_int_equal(flow.probable, 0);
}

/* Each small segment that arrives makes one, but for the first maybe; fewer are loss. */
static void test_too_few_duplicates(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 240, 1);
	sends(1661, 240, 2);
	sends(1861, 240, 3);
	answers(1, 20 * MS);
	answers(1, 21 * MS);
	resends(1500);
	assert_int_equal(flow.suspect, START + 1700 * MS);
	assert_int_equal(flow.probable, 0);
}

/* Among small ones some are missing: that is loss, and not their size. */
static void test_holes_between_small_ones(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 240, 1);
	sends(1661, 240, 2);
	sack = UNREACH_SACK_THERE | UNREACH_SACK_BEYOND | UNREACH_SACK_HOLES;
	answers(1, 20 * MS);
	resends(1500);
	assert_int_equal(flow.suspect, START + 1700 * MS);
	assert_int_equal(flow.probable, 0);
	/* It was only late. */
	sack = UNREACH_SACK_THERE | UNREACH_SACK_BEYOND;
	answers(1, 1800 * MS);
	assert_int_equal(flow.probable, START + 1800 * MS);
}

/* What is read of the option with these blocks, in a frame; above 100, the border being 1000. */
static uint64_t sack_of(const uint32_t *edges, unsigned int blocks)
{
	uint8_t frame[64] = { UNREACH_TCP_OPTION_NOP, UNREACH_TCP_OPTION_NOP,
			      UNREACH_TCP_OPTION_SACK, (uint8_t)(2 + 8 * blocks) };
	struct unreach_cursor c = unreach_cursor(frame, frame + sizeof(frame));
	const struct unreach_segment s = { .options_length = 4 + 8 * blocks };
	unsigned int i, k;

	for (i = 0; i < 2 * blocks; i++)
		for (k = 0; k < 4; k++)
			frame[4 + 4 * i + k] = (uint8_t)(edges[i] >> (24 - 8 * k));
	c.limit = sizeof(frame);
	return unreach_sack_read(&c, &s, 100, 1000);
}

static void test_sack(void **state)
{
	const uint64_t there = UNREACH_SACK_THERE, beyond_it = there | UNREACH_SACK_BEYOND,
		       holes = beyond_it | UNREACH_SACK_HOLES;

	(void)state;
	assert_int_equal(sack_of(NULL, 0), there);
	assert_int_equal(sack_of((uint32_t[]){ 40, 100 }, 1), there); /* a duplicate below */
	assert_int_equal(sack_of((uint32_t[]){ 500, 700 }, 1), there | 200);
	assert_int_equal(sack_of((uint32_t[]){ 1000, 1200 }, 1), beyond_it);
	assert_int_equal(sack_of((uint32_t[]){ 1100, 1200 }, 1), holes);
	assert_int_equal(sack_of((uint32_t[]){ 1000, 1200, 1300, 1400 }, 2), holes);
	assert_int_equal(sack_of((uint32_t[]){ 1300, 1400, 1000, 1200 }, 2), holes);
	/* A duplicate within what is there. */
	assert_int_equal(sack_of((uint32_t[]){ 1100, 1200, 1000, 1300 }, 2), beyond_it);
	assert_int_equal(sack_of((uint32_t[]){ 1000, 1100, 1000, 1300 }, 2), beyond_it);
	assert_int_equal(sack_of((uint32_t[]){ 200, 700, 1000, 1300 }, 2), beyond_it | 500);
}

/* A page that says: time-out. That it is not said again means that our side was heard. */
static void test_peer_speaks(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 1500, 1);
	speaks(500, 0, 20 * MS);
	resends(1500);
	speaks(500, 30, 3000 * MS);
	sends(1, 1500, 3500 * MS);
	assert_int_equal(flow.probable, 0);
	sends(1, 1500, 7000 * MS);
	assert_int_equal(flow.probable, START + 5000 * MS);
}

/* The same for who looks in between. */
static void test_wait(void **state)
{
	struct unreach_flow seen;

	(void)state;
	sends(1, 1500, 0);
	resends(1500);
	speaks(500, 0, 1900 * MS);
	speaks(500, 30, 3000 * MS);
	seen = flow;
	unreach_flow_wait(&seen, START + 5000 * MS - 1);
	assert_int_equal(seen.probable, 0);
	unreach_flow_wait(&seen, START + 6000 * MS);
	assert_int_equal(seen.probable, START + 5000 * MS);
	speaks(500, 30, 3300 * MS);
	unreach_flow_wait(&flow, START + 6000 * MS);
	assert_int_equal(flow.probable, 0);
	/* Nobody looked, and then it is confirmed. */
	speaks(530, 30, 7000 * MS);
	sends(1, 1076, 9100 * MS);
	answers(1037, 9200 * MS);
	assert_int_equal(flow.probable, START + 9000 * MS);
	assert_int_equal(flow.confirmed, START + 9200 * MS);
}

/* It is said again and again: nothing of ours arrives, whatever its size. */
static void test_peer_is_deaf(void **state)
{
	uint64_t at;

	(void)state;
	sends(1, 1500, 0);
	sends(1461, 1500, 1);
	speaks(500, 0, 20 * MS);
	resends(1500);
	speaks(500, 30, 3000 * MS);
	for (at = 3300; at < 30000; at *= 2) {
		speaks(500, 30, at * MS);
		sends(1, 1500, (at + 2500) * MS);
	}
	assert_int_equal(flow.probable, 0);
}

/* A stream that was there before, and goes on till it finds that nobody acknowledges. */
static void test_peer_goes_on(void **state)
{
	uint32_t i;

	(void)state;
	sends(1, 1500, 0);
	for (i = 0; i < 30; i++)
		speaks(1000 * i, 1000, (20 + 20 * i) * MS);
	resends(1500);
	for (i = 0; i < 5; i++) {
		speaks(0, 1000, (700 * MS) << i);
		sends(1, 1500, (1800 * MS) << i);
	}
	assert_int_equal(flow.probable, 0);
	/* The same, and it never has to repeat itself: it is heard. */
	fresh(NULL);
	sends(1, 1500, 0);
	for (i = 0; i < 85; i++)
		speaks(1000 * i, 1000, (20 + 20 * i) * MS);
	resends(1500);
	for (; i < 185; i++)
		speaks(1000 * i, 1000, (20 + 20 * i) * MS);
	assert_int_equal(flow.probable, 0);
	for (; i < 200; i++)
		speaks(1000 * i, 1000, (20 + 20 * i) * MS);
	assert_int_equal(flow.probable, START + 3720 * MS);
}

/* It answers a reset or a keepalive of ours (RFC 5961); its own keepalives it sends anyway. */
static void test_peer_reacts(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 1500, 1);
	speaks(500, 0, 20 * MS);
	resends(1500);
	speaks(499, 0, 5000 * MS);
	assert_int_equal(flow.probable, 0);
	speaks(500, 0, 6000 * MS);
	assert_int_equal(flow.probable, START + 6000 * MS);
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

/* A large one arrives, and then the next one does not. */
static void next_is_lost(void)
{
	sends(1, 1500, 0);
	assert_int_equal(answers(1461, 20 * MS), 1500);
	sends(1461, 1500, 30 * MS);
}

/* That one again at RTO's times. */
static void resends_next(void)
{
	sends(1461, 1500, 330 * MS);
	sends(1461, 1500, 930 * MS);
	sends(1461, 1500, 2000 * MS);
}

/*
 * As long as the path is down for all, a sender that probes by itself shrinks,
 * too. Large ones arrived before, and nobody was heard: it is no hole.
 */
static void test_outage_of_a_prober(void **state)
{
	(void)state;
	next_is_lost();
	resends_next();
	sends(1461, 564, 4000 * MS);
	assert_int_equal(answers(1985, 4020 * MS), 564);
	assert_int_equal(flow.confirmed, 0);
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

/* A window that was closed: what is sent into it asks for more, and may well be shorter. */
static void test_window_probes(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	answers_with(1, 0, 0, UNREACH_TCP_ACK, 10 * MS);
	resends(1500);
	sends(1, 540, 3500 * MS);
	answers(1, 3520 * MS);
	sends(1, 540, 3530 * MS);
	answers(501, 3550 * MS);
	assert_int_equal(flow.confirmed, 0);
	/* Also where the window closes along with the last thing that is acknowledged. */
	fresh(NULL);
	sends(1, 1500, 0);
	sends(1461, 1500, 1);
	answers_with(1461, 0, 0, UNREACH_TCP_ACK, 20 * MS);
	sends(1461, 1500, 300 * MS);
	sends(1461, 1500, 800 * MS);
	sends(1461, 1500, 1700 * MS);
	sends(1461, 540, 3500 * MS);
	answers(1961, 3520 * MS);
	assert_int_equal(flow.confirmed, 0);
}

/* What may be fragmented gets through any path: no size is proved, but the hole is. */
static void test_without_df(void **state)
{
	(void)state;
	sends(1, 1500, 0);
	sends(1461, 1500, 1);
	resends(1500);
	sends_as(1, 1500, 0, UNREACH_TCP_ACK, 3500 * MS);
	assert_int_equal(answers(1461, 3520 * MS), 0);
	assert_int_equal(flow.confirmed, START + 3520 * MS);
	assert_int_equal(flow.proved, 0);
	assert_int_equal(flow.arrived, 0);
	/* One that was lost by chance, and that was it. */
	fresh(NULL);
	sends(1, 1500, 0);
	sends_as(1, 1500, 0, UNREACH_TCP_ACK, 300 * MS);
	assert_int_equal(answers(1461, 320 * MS), 0);
	assert_int_equal(flow.confirmed, 0);
	assert_int_equal(flow.arrived, 0);
	assert_int_equal(all.passed, 0);
}

/* To a size that passed before a peer that dies looks the same. */
static void test_passed_before(void **state)
{
	(void)state;
	next_is_lost();
	resends_next();
	sends(1461, 1500, 4000 * MS);
	assert_int_equal(flow.suspect, 0);
	/* The path became narrow: what is small arrives. That is suspect, and no more. */
	fresh(NULL);
	next_is_lost();
	sends(2921, 600, 31 * MS);
	sack = UNREACH_SACK_THERE | UNREACH_SACK_BEYOND;
	answers(1461, 50 * MS);
	resends_next();
	assert_int_equal(flow.suspect, START + 2000 * MS);
	assert_int_equal(flow.probable, 0);
	/* And a shorter one gets through. */
	sends(1461, 1076, 3500 * MS);
	assert_int_equal(answers(2497, 3520 * MS), 1076);
	assert_int_equal(flow.confirmed, START + 3520 * MS);
}

/* What was certain ends with the connection's ports, or when it gets through after all. */
static void test_confirmed_ends(void **state)
{
	(void)state;
	test_shorter_gets_through(NULL);
	answers_with(2073, 0, 0, UNREACH_TCP_RST, 4000 * MS);
	assert_true(flow.confirmed);
	assert_int_equal(flow.proved, 1076);
	answers_with(0, 100, 0, UNREACH_TCP_SYN | UNREACH_TCP_ACK, 5000 * MS);
	assert_int_equal(flow.confirmed, 0);
	assert_int_equal(flow.stuck, 0);
	fresh(NULL);
	test_shorter_gets_through(NULL);
	sends(2073, 1500, 9000 * MS);
	assert_int_equal(answers(3533, 9020 * MS), 1500);
	assert_int_equal(flow.confirmed, 0);
	assert_int_equal(flow.stuck, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fresh)
	static const struct CMUnitTest tests[] = {
		TEST(test_small_tail_arrives),
		TEST(test_many_small_arrive),
		TEST(test_duplicate),
		TEST(test_no_duplicate),
		TEST(test_too_few_duplicates),
		TEST(test_holes_between_small_ones),
		TEST(test_sack),
		TEST(test_peer_speaks),
		TEST(test_wait),
		TEST(test_peer_is_deaf),
		TEST(test_peer_goes_on),
		TEST(test_peer_reacts),
		TEST(test_shorter_gets_through),
		TEST(test_outage_of_a_prober),
		TEST(test_tries_early),
		TEST(test_window_probes),
		TEST(test_without_df),
		TEST(test_passed_before),
		TEST(test_confirmed_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
