// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The loss identity: exact at rest, and over readings that a model of the
 * kernel's program tears apart at every place: CPUs count in its order, one
 * step at a time, while a reader copies word after word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "state/ledger.h"

#define CPUS 3
#define WORDS (sizeof(struct unreach_counters) / sizeof(uint64_t))

/* 100 messages: 60 delivered, 10 pending, 15 suppressed, 15 lost. */
static struct tally hundred(void)
{
	struct tally t = { .acked = { .number = 65, .lost_sink = 5 } };

	t.counters.seen = 100;
	t.counters.codes[UNREACH_IPV4][3].messages = 70;
	t.counters.codes[UNREACH_IPV4][4].messages = 20;
	t.counters.codes[UNREACH_IPV6][0].messages = 1;
	t.counters.unassigned[UNREACH_IPV4].messages = 4;
	t.counters.bad_checksum[UNREACH_IPV4].messages = 5;
	t.counters.records = 75;
	t.counters.suppressed[UNREACH_SUPPRESSED_BUDGET] = 8;
	t.counters.suppressed[UNREACH_SUPPRESSED_OFF] = 4;
	t.counters.suppressed[UNREACH_SUPPRESSED_NO_CONSUMER] = 3;
	t.counters.told = 6;
	t.counters.lost_ring = 10;
	return t;
}

static struct ledger ledger_of(const struct tally *t)
{
	struct ledger l = {};

	ledger_add(&l, t);
	return l;
}

static void sums(void **state)
{
	struct tally t = hundred();
	struct ledger l = ledger_of(&t);

	(void)state;
	assert_int_equal(l.seen, 100);
	assert_int_equal(l.rows, 100);
	assert_int_equal(l.delivered, 60);
	assert_int_equal(l.pending, 10);
	assert_int_equal(ledger_suppressed(&l), 15);
	assert_int_equal(l.told, 6);
	assert_int_equal(ledger_lost(&l), 15);
	ledger_add(&l, &t);
	assert_int_equal(l.seen, 200);
	assert_int_equal(l.pending, 20);
	assert_int_equal(ledger_lost(&l), 30);
	assert_false(ledger_at_rest(&l, &l, l.last + LEDGER_REST_NS - 1));
	assert_true(ledger_at_rest(&l, &l, LEDGER_REST_NS));
	assert_true(ledger_holds(&l, &l, LEDGER_REST_NS, 1));
}

/* One more or less of anything breaks it, however many CPUs there are. */
static void exact_at_rest(void **state)
{
	struct tally t = hundred();
	uint64_t *const counted[] = {
		(uint64_t *)&t.counters.seen,
		(uint64_t *)&t.counters.codes[UNREACH_IPV4][3].messages,
		(uint64_t *)&t.counters.unassigned[UNREACH_IPV4].messages,
		(uint64_t *)&t.counters.bad_checksum[UNREACH_IPV4].messages,
		(uint64_t *)&t.counters.records,
		(uint64_t *)&t.counters.suppressed[UNREACH_SUPPRESSED_BUDGET],
		(uint64_t *)&t.counters.lost_ring,
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(counted) / sizeof(*counted); i++) {
		struct ledger l;

		(*counted[i])++;
		l = ledger_of(&t);
		assert_false(ledger_holds(&l, &l, LEDGER_REST_NS, 64));
		*counted[i] -= 2;
		l = ledger_of(&t);
		assert_false(ledger_holds(&l, &l, LEDGER_REST_NS, 64));
		(*counted[i])++;
	}
}

/* More acknowledged than recorded, more failed than acknowledged: told, and no huge numbers. */
static void contradictions(void **state)
{
	struct tally t = hundred();
	struct ledger l;

	(void)state;
	t.acked.number = 80;
	l = ledger_of(&t);
	assert_int_equal(l.pending, 0);
	assert_false(ledger_holds(&l, &l, LEDGER_REST_NS, 1));
	t = hundred();
	t.acked.lost_sink = 70;
	l = ledger_of(&t);
	assert_int_equal(l.delivered, 0);
	assert_false(ledger_holds(&l, &l, LEDGER_REST_NS, 1));
}

/* Nothing can be pending where the rings are empty; while they are being filled it may seem so. */
static void pending_in_no_ring(void **state)
{
	struct tally t = hundred();
	struct ledger before = ledger_of(&t), after = before;

	(void)state;
	before.drained = after.drained = 1;
	assert_false(ledger_holds(&before, &after, LEDGER_REST_NS, 1));
	assert_true(ledger_holds(&before, &after, LEDGER_REST_NS - 1, 1));
	t.acked.number = t.counters.records;
	before = after = ledger_of(&t);
	before.drained = after.drained = 1;
	assert_true(ledger_holds(&before, &after, LEDGER_REST_NS, 1));
}

static void motion_bounds(void **state)
{
	struct tally t = hundred(), later = hundred();
	struct ledger before, after;

	(void)state;
	later.counters.seen = 110;
	after = ledger_of(&later);
	/* 2 CPUs: 100 - 2 <= sum <= 110 + 2 */
	for (int sum = 90; sum <= 120; sum++) {
		t.counters.records = 75 + (uint64_t)(sum - 100);
		t.counters.codes[UNREACH_IPV4][3].messages = 70;
		before = ledger_of(&t);
		assert_false(ledger_at_rest(&before, &after, LEDGER_REST_NS));
		assert_int_equal(ledger_holds(&before, &after, LEDGER_REST_NS, 2),
				 sum >= 98 && sum <= 112);
		t.counters.records = 75;
		t.counters.codes[UNREACH_IPV4][3].messages = 70 + (uint64_t)(sum - 100);
		before = ledger_of(&t);
		assert_int_equal(ledger_holds(&before, &after, LEDGER_REST_NS, 2),
				 sum >= 98 && sum <= 112);
	}
	/* Counters don't go back. */
	t = hundred();
	before = ledger_of(&t);
	later.counters.seen = 50;
	after = ledger_of(&later);
	assert_false(ledger_holds(&before, &after, LEDGER_REST_NS, 2));
}

/* The model: each CPU's message is at one of the steps of the program. */
struct machine {
	struct unreach_counters cpus[CPUS];
	unsigned int step[CPUS];
	struct unreach_ack_state acked;
	unsigned int skip; /* every so many messages one is not given a fate; 0: none */
	unsigned int messages;
};

static void step_cpu(struct machine *m, unsigned int cpu)
{
	struct unreach_counters *c = &m->cpus[cpu];

	switch (m->step[cpu]++) {
	case 0:
		c->seen++;
		break;
	case 1:
		c->codes[UNREACH_IPV4][random() % UNREACH_CODES].messages++;
		break;
	default:
		m->step[cpu] = 0;
		if (m->skip && !(++m->messages % m->skip))
			break;
		if (random() % 4)
			c->records++;
		else if (random() % 2)
			c->suppressed[UNREACH_SUPPRESSED_BUDGET]++;
		else
			c->lost_ring++;
	}
}

/* CPUs move on a little, or (one time in 64) a lot: the reader was put aside. */
static void others_move(struct machine *m)
{
	int steps = random() % 64 ? (int)(random() % 3) : (int)(random() % 1000);

	while (steps--)
		step_cpu(m, (unsigned int)random() % CPUS);
}

/* As source/counters.c and the kernel read: acknowledged first, then each CPU's words in order. */
static struct ledger read_torn(struct machine *m)
{
	struct tally t = { .acked = m->acked };
	unsigned int cpu, word;

	for (cpu = 0; cpu < CPUS; cpu++) {
		uint64_t copy[WORDS];
		struct unreach_counters counters;

		for (word = 0; word < WORDS; word++) {
			memcpy(&copy[word], (char *)&m->cpus[cpu] + word * sizeof(*copy),
			       sizeof(*copy));
			others_move(m);
		}
		memcpy(&counters, copy, sizeof(counters));
		tally_add(&t.counters, &counters);
	}
	return ledger_of(&t);
}

static uint64_t recorded(const struct machine *m)
{
	uint64_t sum = 0;
	unsigned int cpu;

	for (cpu = 0; cpu < CPUS; cpu++)
		sum += m->cpus[cpu].records;
	return sum;
}

static void torn_readings(void **state)
{
	struct machine m = {};
	int round;

	(void)state;
	srandom(1);
	for (round = 0; round < 300; round++) {
		struct ledger before = read_torn(&m), after = read_torn(&m);

		assert_true(ledger_holds(&before, &after, LEDGER_REST_NS, CPUS));
		m.acked.number = recorded(&m) - recorded(&m) % 3;
		m.acked.lost_sink = m.acked.number / 7;
	}
}

/* Tearing must not hide a message without a fate: two readings of a busy machine show it. */
static void torn_readings_of_a_leak(void **state)
{
	struct machine m = { .skip = 2 };
	struct ledger before, after;

	(void)state;
	srandom(2);
	for (int i = 0; i < 20000; i++)
		step_cpu(&m, (unsigned int)random() % CPUS);
	before = read_torn(&m);
	after = read_torn(&m);
	assert_false(ledger_at_rest(&before, &after, LEDGER_REST_NS));
	assert_false(ledger_holds(&before, &after, LEDGER_REST_NS, CPUS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums),
		cmocka_unit_test(exact_at_rest),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(pending_in_no_ring),
		cmocka_unit_test(motion_bounds),
		cmocka_unit_test(torn_readings),
		cmocka_unit_test(torn_readings_of_a_leak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
