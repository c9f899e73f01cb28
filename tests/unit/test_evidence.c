// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Whole messages into the tables of a capture: which rows there are in the
 * end, and what stands in them. Random lives are held against a model that
 * keeps every flow and knows no cells.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adverts.h"
#include "state/evidence.h"

static struct evidence evidence;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(evidence_open(&evidence), 0);
	evidence.seed = 0x243f6a8885a308d3; /* the same cells in each run */
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	evidence_close(&evidence);
	return 0;
}

static void take(const struct unreach_event *ev, uint64_t after)
{
	assert_int_equal(evidence_take(&evidence, ev, 0, START + after), 0);
}

static size_t rows(enum unreach_evidence which)
{
	return evidence.tables[which].count;
}

static const struct unreach_path *path(size_t i)
{
	return &((const struct path_row *)table_row(&evidence.tables[UNREACH_PATHS], i))->value;
}

static const struct head_row *head(size_t i)
{
	return table_row(&evidence.tables[UNREACH_HEADS], i);
}

static const struct advert_row *advert(size_t i)
{
	return table_row(&evidence.tables[UNREACH_ADVERTS], i);
}

/* The backoff that was measured, behind an opening burst of other segments. */
static void test_deaf_sender(void **state)
{
	static const uint32_t times[] = { 40, 340, 800, 1700, 3500, 7300, 14700, 29000 };
	struct unreach_event ev;
	uint32_t i;

	(void)state;
	for (i = 0; i < 10; i++) {
		ev = tcp_advert(50000, 1000 + i * 1448, 1400, 1500);
		take(&ev, 40 * MS + i * MS / 10);
	}
	ev = tcp_advert(50000, 1000, 1400, 1500);
	for (i = 1; i < 8; i++)
		take(&ev, times[i] * MS);
	assert_int_equal(rows(UNREACH_HEADS), 1);
	assert_int_equal(head(0)->value.alarmed, START + 800 * MS);
	assert_int_equal(head(0)->value.episodes, 8);
	assert_int_equal(head(0)->value.messages, 8);
	assert_int_equal(head(0)->value.first, START + 40 * MS);
	assert_int_equal(head(0)->value.last, START + 29000 * MS);
	assert_int_equal(head(0)->key.tcp_seq, 1000);
	assert_int_equal(rows(UNREACH_PATHS), 1);
	assert_int_equal(path(0)->messages, 17);
	assert_int_equal(path(0)->longer, 4);
	assert_int_equal(path(0)->late_flows, 1);
	assert_int_equal(path(0)->ignored, START + 29000 * MS);
	assert_int_equal(rows(UNREACH_ADVERTS), 0);
}

/* Distinct segments without end are no evidence, but each is counted on its path. */
static void test_distinct(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		struct unreach_event ev = tcp_advert((uint16_t)i, i * 1448, 1400, 1500);

		ev.orig_dst.bytes[15] = (uint8_t)(i % 50);
		take(&ev, i * MS);
	}
	assert_int_equal(rows(UNREACH_HEADS), 0);
	assert_int_equal(rows(UNREACH_ADVERTS), 0);
	assert_int_equal(rows(UNREACH_PATHS), 50);
	for (i = 0; i < 50; i++) {
		assert_int_equal(path(i)->messages, 2000);
		assert_int_equal(path(i)->first, START + i * MS);
		assert_int_equal(path(i)->last, START + (100000 - 50 + i) * MS);
		/* All later than 2 s after the first: one each 50 ms. */
		assert_int_equal(path(i)->longer, 2000 - 1 - 2000 / 50);
	}
}

/* Forged quotes in between take cells, but not all of them: a real one is found all the same. */
static void test_deaf_in_a_flood(void **state)
{
	static const uint32_t times[] = { 0, 300, 760, 1700, 3500 };
	uint32_t i, n = 0;

	(void)state;
	for (i = 0; i < 5; i++) {
		struct unreach_event ev = tcp_advert(50000, 1, 1400, 1500);
		uint32_t until = n + 20000;

		take(&ev, times[i] * MS);
		for (; n < until; n++) {
			ev = tcp_advert((uint16_t)n, 77 + n * 1448, 1400, 1500);
			take(&ev, times[i] * MS + 1);
		}
	}
	assert_int_equal(rows(UNREACH_HEADS), 1);
	assert_int_equal(head(0)->key.tcp_seq, 1);
	assert_true(head(0)->value.alarmed);
}

/* What makes a row another one. */
static void test_keys(void **state)
{
	const struct unreach_event same = tcp_advert(50000, 7, 300, 1500); /* tiny: all tables */
	uint64_t t;

	(void)state;
	for (t = 0; t < 2; t++) {
		struct unreach_event ev = same;

		take(&ev, t * SECOND);
		evidence_take(&evidence, &ev, 5, START + t * SECOND); /* slot */
		ev.src.bytes[15] ^= 1;
		take(&ev, t * SECOND);
		ev = same;
		ev.orig_dst.bytes[15] ^= 1;
		take(&ev, t * SECOND);
		ev = same;
		ev.orig_src.bytes[15] ^= 1;
		take(&ev, t * SECOND);
		ev = same;
		ev.src_port ^= 1;
		take(&ev, t * SECOND);
		ev = same;
		ev.dst_port ^= 1;
		take(&ev, t * SECOND);
		ev = same;
		ev.tcp_seq ^= 1;
		take(&ev, t * SECOND);
	}
	assert_int_equal(rows(UNREACH_PATHS), 5); /* slot, reporter, destination, source */
	assert_int_equal(rows(UNREACH_HEADS), 7); /* all but the reporter */
	assert_int_equal(rows(UNREACH_ADVERTS), 4); /* slot, reporter, destination */
}

static void test_no_evidence(void **state)
{
	struct unreach_event ev = tcp_advert(50000, 7, 20, 1500);

	(void)state;
	ev.checksum = UNREACH_CHECKSUM_BAD;
	take(&ev, 0);
	ev.checksum = UNREACH_CHECKSUM_OK;
	ev.present &= ~(uint32_t)UNREACH_HAS_MTU;
	take(&ev, SECOND);
	ev.present = UNREACH_HAS_MTU | UNREACH_HAS_ORIG_SRC; /* a quote that ends in its header */
	take(&ev, 2 * SECOND);
	assert_int_equal(rows(UNREACH_PATHS) + rows(UNREACH_HEADS) + rows(UNREACH_ADVERTS), 0);
}

/* The same ping and the same datagram again and again: nothing that TCP would do. */
static void test_other_protocols(void **state)
{
	uint64_t t;

	(void)state;
	for (t = 0; t < 60; t++) {
		const struct unreach_event ping = echo_advert(1400, 1500);
		const struct unreach_event udp = udp_advert(1000, 1400, 1500);

		take(&ping, t * SECOND);
		take(&udp, t * SECOND);
	}
	assert_int_equal(rows(UNREACH_HEADS), 0);
	assert_int_equal(rows(UNREACH_PATHS), 1);
	assert_int_equal(path(0)->udp_episodes, 60);
	assert_int_equal(path(0)->alarmed, 0);
	assert_int_equal(rows(UNREACH_ADVERTS), 1);
	assert_int_equal(advert(0)->key.class, UNREACH_CLASS_ECHO);
	assert_int_equal(advert(0)->value.messages, 60);
}

/* Eight bytes of a segment are enough, and a cut quote that lacks them is none. */
static void test_short_quotes(void **state)
{
	struct unreach_event ev = tcp_advert(50000, 7, 1400, 1500);
	uint64_t t;

	(void)state;
	ev.quote = UNREACH_QUOTE_CUT;
	ev.checksum = UNREACH_CHECKSUM_UNVERIFIED;
	for (t = 0; t < 3; t++)
		take(&ev, t * 300 * MS);
	assert_int_equal(rows(UNREACH_HEADS), 1);
	assert_true(head(0)->value.alarmed);
	ev.present &= ~(uint32_t)UNREACH_HAS_TCP_SEQ;
	for (t = 0; t < 3; t++)
		take(&ev, t * 300 * MS);
	assert_int_equal(rows(UNREACH_HEADS), 1);
	assert_int_equal(head(0)->value.messages, 3);
	assert_int_equal(path(0)->messages, 6);
}

/* Counts rows, and what they hold. */
struct sum {
	size_t rows;
	uint64_t messages;
};

static void sum_path(void *context, const void *key, const void *value)
{
	struct sum *s = context;

	assert_int_equal(((const struct unreach_path_key *)key)->slot, 0);
	s->rows++;
	s->messages += ((const struct unreach_path *)value)->messages;
}

static void test_source(void **state)
{
	const struct evidence_source source = evidence_source(&evidence);
	struct sum s = {};
	uint32_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		struct unreach_event ev = tcp_advert(50000, i, 1400, 1500);

		ev.orig_dst.bytes[15] = (uint8_t)i;
		take(&ev, i * MS);
	}
	assert_int_equal(source.walk(source.context, UNREACH_PATHS, sum_path, &s), 0);
	assert_int_equal(s.rows, 256);
	assert_int_equal(s.messages, 1000);
	assert_int_equal(source.walk(source.context, UNREACH_HEADS, sum_path, &s), 0);
	assert_int_equal(s.rows, 256);
}

/* What the rules say of one segment, told without cells. */
struct model {
	uint64_t first, last, alarmed, messages;
	uint32_t episodes;
};

static void model_quote(struct model *m, uint64_t now)
{
	m->messages++;
	if (!m->episodes || now > m->last + 130 * SECOND) {
		*m = (struct model){
			.first = now, .last = now, .messages = m->messages, .episodes = 1
		};
		return;
	}
	if (now < m->last + 150 * MS)
		return;
	m->last = now;
	m->episodes++;
	if (!m->alarmed && m->episodes >= 3 && now >= m->first + 500 * MS)
		m->alarmed = now;
}

#define SEGMENTS 500

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Pauses from none to longer than anybody waits, most of them near a border. */
static uint64_t any_pause(uint32_t *seed)
{
	static const uint32_t ms[] = { 0,   0,	  1,	 149,	 150,	 151,	 350,
				       500, 2000, 10000, 129999, 130000, 130001, 200000 };
	const uint32_t kinds = sizeof(ms) / sizeof(ms[0]);

	return ms[next_random(seed) % (next_random(seed) % 50 ? kinds - 4 : kinds)] * MS;
}

static void check_models(const struct model *models)
{
	unsigned int alarms = 0, i;
	size_t row;

	for (row = 0; row < rows(UNREACH_HEADS); row++) {
		const struct model *m = &models[head(row)->key.tcp_seq];
		const struct unreach_head *value = &head(row)->value;

		alarms += m->alarmed != 0;
		assert_int_equal(value->alarmed, m->alarmed);
		/* A segment that was forgotten before it had a row counts from then on. */
		assert_true(value->messages <= m->messages);
		assert_int_equal(value->episodes, m->episodes);
		assert_int_equal(value->first, m->first);
		assert_int_equal(value->last, m->last);
	}
	for (i = 0; i < SEGMENTS; i++)
		alarms -= models[i].alarmed != 0;
	assert_int_equal(alarms, 0); /* none without a row */
}

static void test_random_life(void **state)
{
	static struct model models[SEGMENTS];
	uint32_t seed = 1, i;
	uint64_t now = 0;

	(void)state;
	for (i = 0; i < 200000; i++) {
		uint32_t segment = next_random(&seed) % (next_random(&seed) % 4 ? 20 : SEGMENTS);
		struct unreach_event ev = tcp_advert(50000, segment, 1400, 1500);

		now += any_pause(&seed);
		take(&ev, now);
		model_quote(&models[segment], START + now);
		if (i % 10000 == 0)
			check_models(models);
	}
	check_models(models);
	assert_true(rows(UNREACH_HEADS) > SEGMENTS / 2);
	assert_int_equal(path(0)->messages, 200000);
}

static void test_close(void **state)
{
	struct evidence none = {};

	(void)state;
	evidence_close(&none);
	evidence_close(&evidence);
	evidence_close(&evidence);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_deaf_sender),	 TEST(test_distinct),	 TEST(test_deaf_in_a_flood),
		TEST(test_keys),	 TEST(test_no_evidence), TEST(test_other_protocols),
		TEST(test_short_quotes), TEST(test_source),	 TEST(test_random_life),
		TEST(test_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
