// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What is lost by chance: who counts, and how often a head must be sent again
 * in vain until it is no chance any more. test_flow_chance.c plays it.
 */
#include "segments.h"

/* The more is lost by chance, the more often a head must be lost. */
static void test_lossy(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 20; i++)
		unreach_loss_count(&all, 0, START);
	assert_true(unreach_loss_rules_out(&all, NULL, 3, START));
	for (i = 0; i < 20; i++)
		unreach_loss_count(&all, 2, START);
	sends(1, 1500, 0);
	sends(1461, 600, 1);
	beyond = 560;
	answers(1, 20 * MS);
	for (i = 0; i < 9; i++)
		sends(1, 1500, (300ULL << i) * MS);
	assert_int_equal(flow.suspect, 0);
	/* The peer's own path is better than others. */
	for (i = 0; i < 100; i++)
		unreach_loss_count(&peer.loss, 0, START);
	sends(1, 1500, 100000 * MS);
	assert_int_equal(flow.probable, START + 100000 * MS);
	assert_false(unreach_loss_rules_out(&all, NULL, 15, START));
	/* That was long ago. */
	assert_true(unreach_loss_rules_out(&all, NULL, 3, START + UNREACH_LOSS_NS));
}

/* Chance explains in one of a million cases at most what is taken for a hole. */
static void test_one_in_a_million(void **state)
{
	struct unreach_loss loss;
	unsigned int i, resends;

	(void)state;
	for (i = 0; i < 30000; i++) {
		double chance = 1;

		loss = (struct unreach_loss){ START, i / 150, i % 150 };
		for (resends = 1; resends <= 15; resends++) {
			chance *= unreach_loss_rate(&loss, UNREACH_LOSS_USUAL, START) / 1000.;
			if (resends < UNREACH_STUCK_RESENDS)
				continue;
			assert_int_equal(unreach_loss_rules_out(&loss, NULL, resends, START),
					 chance < 1.000001e-6);
			assert_int_equal(unreach_loss_rules_out(NULL, &loss, resends, START),
					 chance < 1.000001e-6);
		}
	}
}

/* How often a head must be sent again where so many of 200 segments were lost; 0: no use. */
static void test_resends_needed(void **state)
{
	static const struct {
		uint32_t lost, resends;
	} rows[] = { { 0, 3 },	{ 1, 4 },  { 2, 4 },   { 4, 5 },
		     { 10, 7 }, { 20, 9 }, { 40, 13 }, { 80, 0 } };
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct unreach_loss loss = { START, 200, rows[i].lost };
		uint32_t resends = 1;

		while (resends <= 15 && !unreach_loss_rules_out(&loss, NULL, resends, START))
			resends++;
		assert_int_equal(resends <= 15 ? resends : 0, rows[i].resends);
	}
	/* Nothing was measured. */
	assert_true(unreach_loss_rules_out(NULL, NULL, 3, START));
	assert_false(unreach_loss_rules_out(NULL, NULL, 2, START));
}

/* Each followed segment counts once, with all its transmissions, wherever it stands. */
static void test_loss_is_counted(void **state)
{
	const struct unreach_event ev = { .mtu = 1400, .tcp_seq = 6877 };

	(void)state;
	sends(1, 1500, 0);
	sends(1, 1500, 200 * MS);
	sends(1, 1500, 600 * MS);
	answers(1461, 620 * MS);
	assert_int_equal(counted.passed, 1);
	assert_int_equal(counted.lost, 2);
	sends(1461, 1500, 630 * MS);
	sends(2921, 1500, 631 * MS); /* not followed */
	sends(2921, 1500, 640 * MS);
	answers(4381, 660 * MS);
	assert_int_equal(counted.passed, 2);
	assert_int_equal(counted.lost, 2);
	/* Too soon for another one. */
	sends(4381, 1500, 670 * MS);
	answers(5841, 690 * MS);
	assert_int_equal(counted.passed, 2);
	/* What gets through only when it is shorter was not lost by chance. */
	sends(5841, 1500, 1000 * MS);
	sends(5841, 1500, 1200 * MS);
	sends(5841, 1076, 1400 * MS);
	answers(6877, 1420 * MS);
	assert_int_equal(counted.passed, 2);
	/* Neither is what is repeated because the sender was told to. */
	sends(6877, 1500, 1990 * MS);
	unreach_flow_advert(&flow, NULL, &ev, START + 2000 * MS);
	sends(6877, 1400, 2010 * MS);
	sends(6877, 1400, 2020 * MS);
	answers(8237, 2040 * MS);
	assert_int_equal(counted.passed, 2);
	assert_int_equal(flow.arrived, 1500);
}

static void votes(struct unreach_peer *voter, uint32_t tries, uint64_t after)
{
	const struct unreach_arrival arrival = { .length = 1500, .tries = tries };

	unreach_peer_vote(voter, &all, &arrival, START + after);
	unreach_peer_passed(voter, &arrival, START + after);
}

/* Who withholds acknowledgements makes nobody deaf to the holes of others. */
static void test_few_votes(void **state)
{
	struct unreach_peer hostile = {}, others[100] = {};
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		votes(&hostile, 2, i * 100 * MS);
	assert_int_equal(all.passed, UNREACH_LOSS_VOTES / 2);
	assert_int_equal(all.lost, UNREACH_LOSS_VOTES / 2);
	for (i = 0; i < 100; i++)
		votes(&others[i], 1, i * 100 * MS);
	assert_true(unreach_loss_rules_out(&all, NULL, 6, START));
	/* Its vote is cast again when that one is forgotten. */
	votes(&hostile, 20, UNREACH_LOSS_NS + 100 * 1000 * MS);
	assert_int_equal(all.at, START + UNREACH_LOSS_NS + 100 * 1000 * MS);
	/* One that withholds them for long has none left. */
	memset(&all, 0, sizeof(all));
	hostile = (struct unreach_peer){};
	for (i = 0; i < 1000; i++)
		votes(&hostile, 20 + i, i * 100 * MS);
	assert_int_equal(all.passed, 1);
	assert_int_equal(all.lost, 1);
	/* An honest one tells more than one segment's fate. */
	fresh(NULL);
	for (i = 0; i < 20; i++)
		votes(&peer, 1, i * MS);
	assert_int_equal(all.passed, UNREACH_LOSS_VOTES);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, fresh)
	static const struct CMUnitTest tests[] = {
		TEST(test_lossy),	    TEST(test_one_in_a_million), TEST(test_resends_needed),
		TEST(test_loss_is_counted), TEST(test_few_votes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
