// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rows of flows by hand into the detector of silent black holes: what a single
 * flow is, which flows confirm each other, and which do not.
 */
#include "detect/detect.h"
#include "findings.h"

#define ROWS 8

static struct flow_row rows[ROWS];
static unsigned int count;
static struct notes notes;
static struct alerts *alerts;

static int walk(void *context, unsigned int which, evidence_fn fn, void *fn_context)
{
	unsigned int i;

	(void)context;
	for (i = 0; which == UNREACH_FLOWS && i < count; i++)
		fn(fn_context, &rows[i].key, &rows[i].value);
	return 0;
}

static const struct evidence_source source = { walk, NULL };

static int set_up(void **state)
{
	(void)state;
	memset(rows, 0, sizeof(rows));
	count = 0;
	alerts = new_alerts(&notes);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	alerts_free(alerts);
	return 0;
}

/* A flow from a port of host 1 to peer `n`, which has not got its head since START. */
static struct unreach_flow *add_flow(uint32_t n, uint16_t port)
{
	struct flow_row *row = &rows[count++];

	row->key.host = host_in(10, 1);
	row->key.peer = path_of(n);
	row->key.host_port = port;
	row->key.peer_port = 443;
	row->value = (struct unreach_flow){
		.first = START,
		.sent = { START + 2 * SECOND },
		.suspect = START + 2 * SECOND,
		.head = 1500,
		.stuck = 1500,
		.resends = 3,
		.slot = 5,
	};
	return &row->value;
}

/* The same, and probable at `after` START. */
static struct unreach_flow *add_probable(uint32_t n, uint16_t port, uint64_t after)
{
	struct unreach_flow *flow = add_flow(n, port);

	flow->probable = flow->sent[0] = START + after;
	return flow;
}

/* A look at `after` START; says how many alerts fire. */
static size_t look_at(uint64_t after)
{
	assert_int_equal(detect_look(&source, alerts, NULL, START + after), 0);
	return alerts_firing(alerts);
}

static const struct finding *lead(void)
{
	assert_int_equal(alerts_firing(alerts), 1);
	return &alerts_get(alerts, 0)->lead;
}

static void test_suspect(void **state)
{
	(void)state;
	add_flow(1, 1);
	assert_int_equal(look_at(3 * SECOND), 0);
}

static void test_probable(void **state)
{
	(void)state;
	add_probable(1, 1, 2 * SECOND);
	assert_int_equal(look_at(3 * SECOND), 1);
	assert_int_equal(lead()->level, LEVEL_PROBABLE);
	assert_int_equal(lead()->severity, SEVERITY_WARNING);
	assert_int_equal(lead()->at, START + 2 * SECOND);
	assert_int_equal(lead()->slot, 5);
	assert_int_equal(alerts_get(alerts, 0)->messages, 4);
}

static void test_confirmed(void **state)
{
	struct unreach_flow *flow = add_probable(1, 1, 2 * SECOND);

	(void)state;
	flow->confirmed = START + 4 * SECOND;
	flow->proved = 1076;
	assert_int_equal(look_at(5 * SECOND), 1);
	assert_int_equal(lead()->level, LEVEL_CONFIRMED);
	assert_int_equal(lead()->basis, BASIS_SHORTER);
	assert_int_equal(lead()->passes, 1076);
	assert_int_equal(lead()->slot, 5);
	assert_int_equal(alerts_get(alerts, 0)->messages, 4);
	assert_int_equal(alerts_get(alerts, 0)->flows, 1);
}

/* The peer said something, and never again: that is enough from then on. */
static void test_wait(void **state)
{
	(void)state;
	add_flow(1, 1)->spoke = START + 3 * SECOND;
	assert_int_equal(look_at(5 * SECOND - 1), 0);
	assert_int_equal(look_at(9 * SECOND), 1);
	assert_int_equal(lead()->at, START + 5 * SECOND);
}

static void test_two(void **state)
{
	(void)state;
	add_probable(1, 1, 302 * SECOND);
	add_probable(1, 2, 2 * SECOND);
	assert_int_equal(look_at(303 * SECOND), 1);
	assert_int_equal(lead()->level, LEVEL_CONFIRMED);
	assert_int_equal(lead()->severity, SEVERITY_CRITICAL);
	assert_int_equal(lead()->at, START + 302 * SECOND);
	assert_int_equal(lead()->slot, 5);
	assert_int_equal(alerts_get(alerts, 0)->flows, 2);
	assert_int_equal(alerts_get(alerts, 0)->messages, 8);
}

static void test_too_far_apart(void **state)
{
	(void)state;
	add_probable(1, 1, 2 * SECOND);
	add_probable(1, 2, 302 * SECOND + 1);
	assert_int_equal(look_at(303 * SECOND), 1);
	assert_int_equal(lead()->level, LEVEL_PROBABLE);
	/* Of another peer. */
	add_probable(2, 2, 303 * SECOND);
	assert_int_equal(look_at(303 * SECOND), 2);
	assert_int_equal(alerts_get(alerts, 1)->lead.level, LEVEL_PROBABLE);
}

/* Any two neighbours do, not only the first two. */
static void test_later_pair(void **state)
{
	(void)state;
	add_probable(1, 1, 2 * SECOND);
	add_probable(1, 3, 550 * SECOND);
	add_probable(1, 2, 400 * SECOND);
	assert_int_equal(look_at(551 * SECOND), 1);
	assert_int_equal(lead()->level, LEVEL_CONFIRMED);
	assert_int_equal(lead()->at, START + 550 * SECOND);
}

/* What is over for long is no neighbour, and hides none. */
static void test_stale(void **state)
{
	struct unreach_flow *old = add_probable(1, 1, 2 * SECOND);

	(void)state;
	add_probable(1, 2, 250 * SECOND);
	assert_int_equal(look_at(610 * SECOND), 1);
	assert_int_equal(lead()->level, LEVEL_PROBABLE);
	old->confirmed = START + 3 * SECOND;
	add_probable(1, 3, 500 * SECOND);
	assert_int_equal(look_at(611 * SECOND), 1);
	assert_int_equal(lead()->level, LEVEL_CONFIRMED);
	assert_int_equal(lead()->basis, BASIS_STUCK);
}

/* One flow that was probable, then confirmed, is one flow: it confirms no other. */
static void test_one_is_not_two(void **state)
{
	struct unreach_flow *flow = add_probable(1, 1, 2 * SECOND);

	(void)state;
	flow->confirmed = START + 4 * SECOND;
	flow->proved = 1076;
	add_probable(1, 2, 5 * SECOND);
	assert_int_equal(look_at(6 * SECOND), 1);
	assert_int_equal(lead()->at, START + 4 * SECOND);
	assert_int_equal(lead()->basis, BASIS_SHORTER);
	assert_int_equal(lead()->passes, 1076);
}

/* Rows come in any order, and the alert is the same. */
static void test_any_order(void **state)
{
	struct flow_row row;
	uint64_t id;

	(void)state;
	add_probable(1, 1, 2 * SECOND);
	add_probable(1, 2, 2 * SECOND);
	add_probable(1, 3, 3 * SECOND);
	look_at(4 * SECOND);
	id = alerts_get(alerts, 0)->id;
	row = rows[0];
	rows[0] = rows[2];
	rows[2] = row;
	alerts_free(alerts);
	alerts = new_alerts(&notes);
	look_at(4 * SECOND);
	assert_int_equal(alerts_get(alerts, 0)->id, id);
	assert_int_equal(lead()->at, START + 2 * SECOND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_suspect),    TEST(test_probable), TEST(test_confirmed),
		TEST(test_wait),       TEST(test_two),	    TEST(test_too_far_apart),
		TEST(test_later_pair), TEST(test_stale),    TEST(test_one_is_not_two),
		TEST(test_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
