// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The ledger over a long random life: messages of a few sources and any code,
 * right and wrong ones, frames that are none, a ring that overflows, a consumer
 * that comes and goes. After every step one more message stands in exactly one
 * row, and in the end each source's row says what a plain model says.
 * UNREACH_STEPS says how long (default 20,000), UNREACH_SEED which life.
 */
#include "prog/kernel.h"
#include "prog/message.h"
#include "prog/random.h"

#define SECOND 1000000000ULL
#define SOURCES 12
#define CODES 20 /* a few of them unassigned */
#define RING 4096 /* 20 records */

/* What a source must be known for. */
struct model {
	uint64_t messages[UNREACH_CODES + 1];
	uint64_t suppressed; /* for want of budget */
	uint64_t told; /* by events that were read */
};

static struct kernel k;
static struct model model[SOURCES];
static uint64_t read_events, refused_bad;

static void take_event(void *context, const void *data, size_t size)
{
	const struct unreach_record *record = data;

	(void)context;
	assert_true(size >= sizeof(*record));
	assert_int_equal(record->envelope.number, ++read_events);
	assert_true(record->event.src.bytes[15] < SOURCES);
	model[record->event.src.bytes[15]].told += record->envelope.suppressed;
}

static void drain(void)
{
	ring_release(&k.ring, ring_read(&k.ring, k.ring_size, take_event, NULL));
}

static void set_consumer(bool there)
{
	struct unreach_instance instance = { .consumer = there };
	__u32 zero = 0;

	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(k.skel->maps.instance), &zero, &instance, 0), 0);
}

/* The message's fate by the model; the counters say whether the budget refused it. */
static void note(const struct message *m, const struct unreach_counters *before,
		 const struct unreach_counters *after)
{
	uint64_t refused = after->suppressed[UNREACH_SUPPRESSED_BUDGET] -
			   before->suppressed[UNREACH_SUPPRESSED_BUDGET];

	assert_int_equal(after->seen, before->seen + 1);
	if (m->bad) {
		refused_bad += refused; /* has no row to owe it */
		assert_int_equal(after->bad_checksum[UNREACH_IPV4].messages,
				 before->bad_checksum[UNREACH_IPV4].messages + 1);
		return;
	}
	model[m->source].suppressed += refused;
	model[m->source].messages[m->code < UNREACH_CODES ? m->code : UNREACH_CODES]++;
}

static void send_any(void)
{
	const struct message m = {
		.source = any(SOURCES),
		.sender = any(100),
		.target = any(100),
		.code = (uint8_t)any(CODES),
		.bad = any(8) == 0,
	};
	struct unreach_counters before = kernel_counters(&k), after;
	uint8_t frame[MESSAGE_SIZE];

	message_frame(&m, frame);
	assert_int_equal(kernel_run(&k, frame, sizeof(frame), 0), 0);
	after = kernel_counters(&k);
	note(&m, &before, &after);
}

/* A later fragment, or an echo request: neither is a message. */
static void send_other(void)
{
	static const struct message m = { .code = 3 };
	struct unreach_counters before = kernel_counters(&k), after;
	uint8_t frame[MESSAGE_SIZE];
	uint32_t fragment = any(2);

	message_frame(&m, frame);
	if (fragment)
		frame[21] = 1;
	else
		frame[34] = 8;
	assert_int_equal(kernel_run(&k, frame, sizeof(frame), 0), 0);
	after = kernel_counters(&k);
	before.unclassified[UNREACH_IPV4][UNREACH_FRAGMENT - UNREACH_TRUNCATED] += fragment;
	assert_memory_equal(&before, &after, sizeof(after));
}

static void step(void)
{
	switch (any(64)) {
	case 0 ... 1:
		drain();
		break;
	case 2:
		set_consumer(any(4));
		break;
	case 3 ... 6:
		send_other();
		break;
	default:
		send_any();
	}
	kernel_check_ledger(&k);
}

static void check_row(uint32_t source)
{
	struct unreach_host_key key = message_key(10, source, 0);
	const struct model *want = &model[source];
	struct unreach_host row;

	assert_int_equal(kernel_host(k.skel->maps.sources, &key, &row), 1);
	assert_memory_equal(row.messages, want->messages, sizeof(row.messages));
	assert_int_equal(row.suppressed, want->suppressed);
	assert_int_equal(row.told, want->told);
}

static void check_end(void)
{
	struct unreach_counters c = kernel_counters(&k);
	uint64_t told = 0, suppressed = refused_bad;

	for (uint32_t source = 0; source < SOURCES; source++) {
		check_row(source);
		told += model[source].told;
		suppressed += model[source].suppressed;
	}
	assert_int_equal(c.records, read_events);
	assert_int_equal(c.told, told);
	assert_int_equal(c.suppressed[UNREACH_SUPPRESSED_BUDGET], suppressed);
	print_message("%llu seen: %llu events, suppressed %llu by budget (%llu told) and %llu "
		      "without consumer, %llu lost\n",
		      (unsigned long long)c.seen, (unsigned long long)c.records,
		      (unsigned long long)suppressed, (unsigned long long)told,
		      (unsigned long long)c.suppressed[UNREACH_SUPPRESSED_NO_CONSUMER],
		      (unsigned long long)c.lost_ring);
	assert_true(told && c.suppressed[UNREACH_SUPPRESSED_NO_CONSUMER] && c.lost_ring);
}

static void test_random_life(void **state)
{
	uint64_t steps = number("UNREACH_STEPS", 20000), rate = number("UNREACH_RATE", 1000);

	(void)state;
	seed = number("UNREACH_SEED", 1);
	print_message("%llu steps, seed %llu\n", (unsigned long long)steps,
		      (unsigned long long)seed);
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.ring_size = RING;
	k.skel->rodata->events_mode = 0; /* limited */
	/* From the fastest machine to a slow one: bursts overflow the ring, rates suppress. */
	k.skel->rodata->budget_interval = SECOND / rate;
	k.skel->rodata->budget_burst = 50 * k.skel->rodata->budget_interval;
	k.skel->rodata->source_interval = 5 * k.skel->rodata->budget_interval;
	k.skel->rodata->source_burst = 10 * k.skel->rodata->source_interval;
	kernel_load(&k);
	while (steps--)
		step();
	drain();
	check_end();
	kernel_close(&k);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_life) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
