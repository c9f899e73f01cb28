// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A frame whose bytes are not in one piece (header split, jumbo frames in
 * fragments) gives the record that it gives in one piece, wherever it is cut.
 * Needs a kernel whose test runs take a linear size (6.18).
 */
#include "vectors.h"

#include "prog/kernel.h"

static struct kernel kernel;

/* Kernels that can't do it take the size for nonsense. */
static bool can_cut(void)
{
	static const uint8_t frame[100] = { [12] = 0x08, [14] = 0x45 };

	return kernel_run(&kernel, frame, sizeof(frame), 50) == 0;
}

static void compare_cut(const struct frame *frame, uint32_t linear)
{
	struct unreach_counters before = kernel_counters(&kernel);
	struct unreach_record record;
	enum unreach_outcome host = frame_decode(frame, &record);
	struct kernel_record r;
	uint16_t kept;

	assert_int_equal(kernel_run(&kernel, frame->bytes, frame->captured, linear), 0);
	assert_int_equal(kernel_outcome(&kernel, &before, &r), host);
	if (host != UNREACH_OK)
		return;
	assert_memory_equal(&r.record.event, &record.event, sizeof(record.event));
	assert_int_equal(r.record.envelope.frame_length, frame->captured);
	/* Padding behind a message that stands in the linear part is not fetched. */
	kept = r.record.envelope.kept;
	if (kept != linear || linear < 14 + record.event.length)
		assert_int_equal(kept, frame->captured < 200 ? frame->captured : 200);
	assert_memory_equal(r.kept, frame->bytes, kept);
	assert_memory_equal(r.record.envelope.neighbour, frame->bytes + 6, 6);
}

static int cut_frame(void *context, const struct frame *frame)
{
	unsigned int *cuts = context;

	if (frame->link != UNREACH_LINK_ETHERNET || frame->captured < 42 || frame->captured > 3000)
		return 0;
	for (uint32_t linear = KERNEL_LEAST; linear < frame->captured;
	     linear += linear < 100 ? 7 : 400, ++*cuts)
		compare_cut(frame, linear);
	return 0;
}

static void test_any_cut(void **state)
{
	static const char *const captures[] = { "code-assigned", "checksum-odd", "ip-options-both",
						"vlan-depth", "message-span" };
	unsigned int cuts = 0;

	(void)state;
	if (!can_cut()) {
		print_message("SKIP: this kernel's test runs take no linear size\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(captures) / sizeof(*captures); i++) {
		struct capture capture = { .fn = cut_frame, .context = &cuts };
		char path[128];

		snprintf(path, sizeof(path), VECTORS "%s.pcap", captures[i]);
		if (capture_read(&capture, path))
			fail_msg("%s", capture.error);
	}
	print_message("%u cuts\n", cuts);
	assert_true(cuts > 100);
}

static int set_up(void **state)
{
	(void)state;
	kernel_open(&kernel, UNREACH_LINK_ETHERNET);
	kernel.skel->rodata->snaplen = 200;
	kernel_load(&kernel);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	kernel_close(&kernel);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_any_cut) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
