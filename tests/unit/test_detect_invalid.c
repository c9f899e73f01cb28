// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Adverts by hand into the detector of what is invalid: each class, and which
 * pings are attacks. Rows stand in any order, and looks come at any time.
 */
#include "evidence_rows.h"

static struct unreach_advert *add_advert(uint32_t reporter, uint32_t n, enum unreach_class class,
					 uint32_t mtu)
{
	struct advert_row *row = &stub.adverts[stub.count[UNREACH_ADVERTS]++];

	row->key.reporter = host_in(192, reporter);
	row->key.orig_dst = path_of(n);
	row->key.class = class;
	row->value.orig_src = host_in(10, 1);
	row->value.messages = 3;
	row->value.first = START;
	row->value.last = START + SECOND;
	row->value.mtu = mtu;
	row->value.quoted_length = 1500;
	if (class == UNREACH_CLASS_ECHO) {
		row->value.alarmed = row->value.first;
		row->value.before = row->value.last;
	}
	return &row->value;
}

static void test_invalid(void **state)
{
	unsigned int kind;

	(void)state;
	for (kind = 0; kind < UNREACH_CLASSES; kind++)
		add_advert(kind, kind, kind, 300);
	assert_int_equal(look_at(2 * SECOND, NULL), 0);
	for (kind = 0; kind < UNREACH_CLASSES; kind++)
		stub.adverts[kind].value.alarmed = START + kind;
	assert_int_equal(look_at(2 * SECOND, NULL), UNREACH_CLASSES - 1);
	for (kind = 0; kind < UNREACH_CLASSES - 1; kind++) {
		const struct finding *f = lead(kind);

		assert_int_equal(f->kind, ALERT_INVALID);
		assert_int_equal(f->basis, BASIS_CLASS);
		assert_true(f->class != UNREACH_CLASS_ECHO); /* never by number */
		assert_int_equal(f->severity == SEVERITY_CRITICAL, f->class <= UNREACH_CLASS_TINY);
		assert_int_equal(f->at, START + f->class);
	}
	assert_int_equal(look_at(601 * SECOND, NULL), 0);
}

/* A ping's advert that tells less than TCP was told there. */
static void test_echo(void **state)
{
	struct unreach_path *path = add_path(1, 1, 0);

	(void)state;
	add_advert(9, 1, UNREACH_CLASS_ECHO, 1000);
	add_path(1, 2, 1400); /* another destination */
	assert_int_equal(look_at(2 * SECOND, NULL), 0);
	path->tcp_mtu = 900;
	assert_int_equal(look_at(2 * SECOND, NULL), 0);
	path->tcp_mtu = 1000;
	assert_int_equal(look_at(2 * SECOND, NULL), 0);
	path->tcp_mtu = 1001;
	assert_int_equal(look_at(2 * SECOND, NULL), 1);
	assert_int_equal(lead(0)->class, UNREACH_CLASS_ECHO);
	assert_int_equal(lead(0)->severity, SEVERITY_CRITICAL);
	assert_int_equal(lead(0)->mtu, 1000);
	assert_memory_equal(lead(0)->reporter.bytes, host_in(192, 9).bytes, 16);
	assert_int_equal(alerts_get(alerts, 0)->messages, 3);
	assert_int_equal(look_at(601 * SECOND, NULL), 0);
}

/* What one TCP path says of an echo is as good as what another says. */
static void test_echo_any_order(void **state)
{
	struct path_row row;
	uint64_t id, at;

	(void)state;
	add_advert(9, 1, UNREACH_CLASS_ECHO, 1000);
	add_path(1, 1, 1400)->first = START + 2 * SECOND;
	add_path(2, 1, 1400)->first = START + 3 * SECOND;
	assert_int_equal(look_at(4 * SECOND, NULL), 1);
	id = alerts_get(alerts, 0)->id;
	at = lead(0)->at;
	row = stub.paths[0];
	stub.paths[0] = stub.paths[1];
	stub.paths[1] = row;
	restart();
	assert_int_equal(look_at(4 * SECOND, NULL), 1);
	assert_int_equal(lead(0)->at, at);
	assert_int_equal(alerts_get(alerts, 0)->id, id);
}

/* Two that say the same: whichever row comes first, the same is told. */
static void test_echo_reporters(void **state)
{
	struct advert_row row;
	uint64_t id;

	(void)state;
	add_path(1, 1, 1400);
	add_advert(8, 1, UNREACH_CLASS_ECHO, 1000);
	add_advert(9, 1, UNREACH_CLASS_ECHO, 1000)->first -= SECOND;
	look_at(4 * SECOND, NULL);
	id = alerts_get(alerts, 0)->id;
	row = stub.adverts[0];
	stub.adverts[0] = stub.adverts[1];
	stub.adverts[1] = row;
	restart();
	look_at(4 * SECOND, NULL);
	assert_int_equal(alerts_get(alerts, 0)->id, id);
}

/* More pings come: it is the alert that it was, also for who was not there. */
static void test_echo_restart(void **state)
{
	struct unreach_advert *advert = add_advert(9, 1, UNREACH_CLASS_ECHO, 1000);
	uint64_t id, at;

	(void)state;
	add_path(1, 1, 1400);
	assert_int_equal(look_at(2 * SECOND, NULL), 1);
	id = alerts_get(alerts, 0)->id;
	at = lead(0)->at;
	advert->last = START + 30 * SECOND;
	advert->messages = 20;
	assert_int_equal(look_at(31 * SECOND, NULL), 1);
	assert_int_equal(lead(0)->at, at);
	assert_int_equal(notes.count, 1);
	restart();
	assert_int_equal(look_at(31 * SECOND, NULL), 1);
	assert_int_equal(lead(0)->at, at);
	assert_int_equal(alerts_get(alerts, 0)->id, id);
}

/* What TCP was told two days ago nobody remembers (RFC 1191, 6.3): the path may be another. */
static void test_echo_after_days(void **state)
{
	const uint64_t days = 2 * 86400 * SECOND;
	struct unreach_advert *advert = add_advert(9, 1, UNREACH_CLASS_ECHO, 1000);

	(void)state;
	add_path(1, 1, 1400);
	advert->first = advert->last = START + days;
	assert_int_equal(look_at(days + SECOND, NULL), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_invalid),	   TEST(test_echo),	    TEST(test_echo_any_order),
		TEST(test_echo_reporters), TEST(test_echo_restart), TEST(test_echo_after_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
