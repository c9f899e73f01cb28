// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The vectors through the kernel: the same captures, lines and counts as
 * tests/unit/test_parse.c, by BPF_PROG_TEST_RUN. Each frame must be passed on
 * unchanged. A frame whose decoded part differs from the host's by one byte
 * fails here too, before its line is compared.
 */
#include "vectors.h"

#include "prog/kernel.h"

/* One program a link type that devices have. */
static struct kernel kernels[UNREACH_LINK_IP + 1];
static unsigned int left_out_short, left_out_cooked;

static enum unreach_outcome decode(const struct frame *frame, struct unreach_record *record)
{
	enum unreach_outcome host = frame_decode(frame, record), outcome;
	struct unreach_counters before;
	struct kernel_record r;
	struct kernel *k;

	if (frame->link > UNREACH_LINK_IP) {
		left_out_cooked++; /* no device has such frames */
		return host;
	}
	if (frame->captured < KERNEL_LEAST) {
		left_out_short++;
		return host;
	}
	k = &kernels[frame->link];
	before = kernel_counters(k);
	assert_int_equal(kernel_run(k, frame->bytes, frame->captured, 0), 0);
	outcome = kernel_outcome(k, &before, &r);
	assert_int_equal(outcome, host);
	if (outcome == UNREACH_OK) {
		assert_memory_equal(&r.record.event, &record->event, sizeof(record->event));
		assert_memory_equal(r.record.envelope.neighbour, record->envelope.neighbour, 6);
		assert_int_equal(r.record.envelope.frame_length, frame->captured);
		record->event = r.record.event;
	}
	return outcome;
}

static void check(const char *path)
{
	check_vector(path, decode);
}

static void test_vectors(void **state)
{
	size_t count;

	(void)state;
	count = each_vector(check);
	print_message("%zu vectors, %llu frames run\n", count,
		      (unsigned long long)(kernels[0].runs + kernels[1].runs));
	print_message("SKIP %u frames: BPF_PROG_TEST_RUN takes none under %d bytes; the host's "
		      "word stands\n",
		      left_out_short, KERNEL_LEAST);
	print_message("SKIP %u frames: cooked link types come from captures alone\n",
		      left_out_cooked);
	assert_true(kernels[0].runs > 500 && kernels[1].runs > 10);
}

static int open_kernels(void **state)
{
	(void)state;
	for (unsigned int link = 0; link <= UNREACH_LINK_IP; link++) {
		kernel_open(&kernels[link], link);
		kernel_load(&kernels[link]);
	}
	return 0;
}

static int close_kernels(void **state)
{
	(void)state;
	for (unsigned int link = 0; link <= UNREACH_LINK_IP; link++)
		kernel_close(&kernels[link]);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_vectors) };

	return cmocka_run_group_tests(tests, open_kernels, close_kernels);
}
