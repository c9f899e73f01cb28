// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Counters and a table of sources by hand, second by second, into the floods
 * and their detector: what is too fast, for how long it must be, how often the
 * table is read for it, and what becomes of the alert.
 */
#include <errno.h>

#include "detect/detect.h"
#include "findings.h"
#include "state/floods.h"
#include "state/hosts.h"

#define HOST_UNREACHABLE 1
#define PORT_UNREACHABLE 3
#define SOURCE 100 /* messages a second that are too many of one source */
#define CODE 1000

/* One interface, its sources, and messages so far. */
static struct network {
	struct floods floods;
	struct tally tally;
	struct hosts sources;
	uint64_t now;
	unsigned int walks; /* of the table of sources */
	int result; /* of these */
} net;

static struct notes notes;
static struct alerts *alerts;

static int walk_sources(void *context, evidence_fn row, void *row_context)
{
	struct network *n = context;
	size_t i;

	n->walks++;
	for (i = 0; i < hosts_entries(&n->sources); i++)
		row(row_context, &hosts_row(&n->sources, i)->key,
		    &hosts_row(&n->sources, i)->value);
	return n->result;
}

static const struct flood_sources sources = { walk_sources, &net };

static int walk(void *context, unsigned int which, evidence_fn fn, void *fn_context)
{
	struct network *n = context;

	if (which == EVIDENCE_FLOODS)
		floods_walk(&n->floods, fn, fn_context);
	return 0;
}

static const struct evidence_source evidence = { walk, &net };

static void open_with(struct flood_rates rates)
{
	net = (struct network){ .floods = floods_none(rates),
				.sources = hosts_none(),
				.now = START };
	tally_tick(&net.tally, net.now);
	alerts = new_alerts(&notes);
}

static int set_up(void **state)
{
	(void)state;
	open_with((struct flood_rates){ SOURCE, CODE });
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	floods_free(&net.floods);
	hosts_free(&net.sources);
	alerts_free(alerts);
	return 0;
}

/* `count` messages of source `n`, now. */
static void come(uint32_t n, unsigned int code, unsigned int count)
{
	const struct unreach_host_key key = { .addr = host_in(192, n) };
	const struct unreach_event e = { .code = (uint8_t)code };
	unsigned int i;

	for (i = 0; i < count; i++) {
		tally_frame(&net.tally, UNREACH_OK, &e, net.now);
		assert_int_equal(hosts_count(&net.sources, &key, &e, net.now), 0);
	}
}

static int pass(void)
{
	int rc;

	net.now += SECOND;
	tally_tick(&net.tally, net.now);
	rc = floods_second(&net.floods, &net.tally, 1, &sources, net.now);
	assert_int_equal(detect_look(&evidence, alerts, NULL, net.now), 0);
	return rc;
}

/* So many seconds with `count` messages in each. */
static void flood(uint32_t n, unsigned int code, unsigned int count, unsigned int seconds)
{
	while (seconds--) {
		come(n, code, count);
		assert_int_equal(pass(), 0);
	}
}

static void quiet(unsigned int seconds)
{
	while (seconds--)
		assert_int_equal(pass(), 0);
}

static const struct finding *lead(void)
{
	assert_int_equal(alerts_firing(alerts), 1);
	return &alerts_get(alerts, 0)->lead;
}

static void test_source(void **state)
{
	const struct finding *f;
	const struct unreach_addr source = host_in(192, 7);

	(void)state;
	flood(7, HOST_UNREACHABLE, 500, 30);
	f = lead();
	assert_int_equal(f->kind, ALERT_FLOOD);
	assert_int_equal(f->basis, BASIS_SOURCE_RATE);
	assert_int_equal(f->severity, SEVERITY_WARNING);
	assert_memory_equal(&f->reporter, &source, sizeof(source));
	assert_int_equal(f->peak, 500);
	/* Busy after a second, and ten seconds more make it certain; two periods are over. */
	assert_int_equal(f->at, START + 11 * SECOND);
	assert_int_equal(f->first, START + SECOND);
	assert_int_equal(f->last, START + 21 * SECOND);
	assert_int_equal(alerts_get(alerts, 0)->messages, 500 * 20);
	assert_int_equal(alerts_get(alerts, 0)->hosts, 0);
	assert_int_equal(alerts_get(alerts, 0)->destinations, 0);
	assert_int_equal(net.walks, 3);
}

/* Exactly the rate is a flood, one less is none. */
static void test_threshold(void **state)
{
	(void)state;
	flood(1, HOST_UNREACHABLE, SOURCE - 1, 60);
	assert_int_equal(alerts_firing(alerts), 0);
	assert_int_equal(net.walks, 0);
	flood(1, HOST_UNREACHABLE, SOURCE, 40);
	assert_int_equal(lead()->peak, SOURCE);
}

/* What is slow costs nothing, and many slow sources together are none that floods. */
static void test_many_slow(void **state)
{
	unsigned int i;
	uint32_t n;

	(void)state;
	for (i = 0; i < 40; i++) {
		for (n = 0; n < 99; n++)
			come(n, n % 4, 10);
		assert_int_equal(pass(), 0);
	}
	assert_int_equal(alerts_firing(alerts), 0);
	assert_in_range(net.walks, 3, 5);
}

/* A burst that is over before ten seconds could have been that fast is none. */
static void test_burst(void **state)
{
	(void)state;
	flood(1, HOST_UNREACHABLE, 400, 3);
	quiet(60);
	assert_int_equal(alerts_firing(alerts), 0);
	assert_int_equal(net.walks, 2);
}

/* From made-up sources there is no source to name, but a code. */
static void test_code(void **state)
{
	unsigned int i;
	uint32_t n = 0;

	(void)state;
	for (i = 0; i < 25; i++) {
		unsigned int k;

		for (k = 0; k < CODE; k++)
			come(n++ % 20000, PORT_UNREACHABLE, 1);
		come(30000, HOST_UNREACHABLE, SOURCE - 1);
		assert_int_equal(pass(), 0);
	}
	assert_int_equal(lead()->basis, BASIS_CODE_RATE);
	assert_int_equal(lead()->code, PORT_UNREACHABLE);
	assert_int_equal(lead()->peak, CODE);
}

/* One source is one alert, however fast it is; what is left of the code is too little. */
static void test_explained(void **state)
{
	unsigned int i;
	uint32_t n;

	(void)state;
	for (i = 0; i < 30; i++) {
		come(9999, PORT_UNREACHABLE, 5000);
		for (n = 0; n < CODE - 1; n++)
			come(n, PORT_UNREACHABLE, 1);
		assert_int_equal(pass(), 0);
	}
	assert_int_equal(lead()->basis, BASIS_SOURCE_RATE);
	for (i = 0; i < 30; i++) {
		come(9999, PORT_UNREACHABLE, 5000);
		for (n = 0; n < CODE + 5; n++)
			come(n, PORT_UNREACHABLE, 1);
		assert_int_equal(pass(), 0);
	}
	assert_int_equal(alerts_firing(alerts), 2);
}

/* It fires once however it goes up and down, ends after the quiet, and can come again. */
static void test_life(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 10; i++) {
		flood(1, HOST_UNREACHABLE, 300, 30);
		quiet(100);
	}
	assert_int_equal(alerts_firing(alerts), 1);
	assert_int_equal(notes.count, 1);
	quiet(600);
	assert_int_equal(alerts_firing(alerts), 0);
	assert_int_equal(notes.count, 2);
	assert_true(notes.changes[1].resolved);
	assert_int_equal(notes.changes[1].ended, notes.changes[1].last + ALERT_QUIET_NS);
	flood(1, HOST_UNREACHABLE, 300, 30);
	assert_int_equal(notes.count, 3);
	assert_true(notes.changes[2].lead.first > notes.changes[1].ended);
}

/* A row that the table let go, and made anew, counts from there. */
static void test_row_anew(void **state)
{
	(void)state;
	come(1, HOST_UNREACHABLE, 100000);
	quiet(1); /* busy */
	hosts_free(&net.sources);
	net.sources = hosts_none();
	flood(1, HOST_UNREACHABLE, 150, 12);
	assert_in_range(lead()->peak, 140, 150);
}

/* What was counted before somebody looked is no flood of now. */
static void test_old_counts(void **state)
{
	const struct unreach_addr second = host_in(192, 2);

	(void)state;
	come(1, HOST_UNREACHABLE, 100000);
	net.tally.history = (struct tally_history){};
	tally_tick(&net.tally, net.now);
	quiet(30);
	assert_int_equal(net.walks, 0);
	flood(2, HOST_UNREACHABLE, 200, 30);
	assert_memory_equal(&lead()->reporter, &second, sizeof(second));
}

static void test_off(void **state)
{
	tear_down(state);
	open_with((struct flood_rates){ 0, 0 });
	flood(1, HOST_UNREACHABLE, 5000, 25);
	assert_int_equal(alerts_firing(alerts), 0);
	assert_int_equal(net.walks, 0);
	tear_down(state);
	open_with((struct flood_rates){ 0, CODE });
	flood(1, HOST_UNREACHABLE, 5000, 25);
	assert_int_equal(lead()->basis, BASIS_CODE_RATE);
	assert_int_equal(net.walks, 0);
	tear_down(state);
	open_with((struct flood_rates){ SOURCE, 0 });
	flood(1, HOST_UNREACHABLE, 5000, 25);
	assert_int_equal(lead()->basis, BASIS_SOURCE_RATE);
}

/* Sources that can't be read are said, and are there again in a period or two. */
static void test_unreadable(void **state)
{
	unsigned int i, failed = 0;

	(void)state;
	net.result = -EIO;
	for (i = 0; i < 15; i++) {
		come(1, HOST_UNREACHABLE, 500);
		failed += pass() == -EIO;
	}
	assert_in_range(failed, 1, 15);
	assert_int_equal(alerts_firing(alerts), 0);
	net.result = 0;
	flood(1, HOST_UNREACHABLE, 500, 25);
	assert_int_equal(alerts_firing(alerts), 1);
}

/* A capture can end within a period: judged by what a whole one would need. */
static void test_end(void **state)
{
	(void)state;
	flood(1, HOST_UNREACHABLE, 300, 4);
	assert_int_equal(floods_end(&net.floods, &net.tally, 1, &sources, net.now), 0);
	assert_int_equal(net.floods.noted, 0);
	quiet(60);
	flood(1, HOST_UNREACHABLE, 300, 8); /* busy after four, 1200 messages in the others */
	assert_int_equal(floods_end(&net.floods, &net.tally, 1, &sources, net.now), 0);
	assert_int_equal(net.floods.noted, 1);
}

/* Made-up sources, each above the rate, take no more than there is for them. */
static void test_bounded(void **state)
{
	unsigned int i;
	uint32_t n;

	(void)state;
	for (i = 0; i < 12; i++) {
		for (n = 0; n < 2 * FLOODS_MOST; n++)
			come(n, HOST_UNREACHABLE, SOURCE + 20);
		assert_int_equal(pass(), 0);
	}
	assert_int_equal(net.floods.noted, FLOODS_MOST);
	assert_int_equal(alerts_firing(alerts), ALERTS_OF_KIND);
	quiet(1000);
	flood(1000000, HOST_UNREACHABLE, 300, 25);
	assert_int_equal(net.floods.noted, FLOODS_MOST + 2);
	assert_int_equal(alerts_firing(alerts), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_source, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_threshold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_many_slow, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_burst, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_code, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_explained, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_life, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_row_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_old_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unreadable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bounded, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
