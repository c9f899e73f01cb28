// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A frame whose bytes are not in one piece (header split, jumbo frames in
 * fragments) gives the record that it gives in one piece, wherever it is cut.
 * Needs a kernel whose test runs take a linear size (6.18).
 */
#include "vectors.h"

#include "prog/kernel.h"

#define KEPT 200
/* A linear part stands in one page, with room before and behind it. */
#define LINEAR_MOST 3000
/* More than is ever looked at of a frame. */
#define PADDED (UNREACH_FRAME_SPAN + 2048)

/* One program a link type that devices have. */
static struct kernel kernels[UNREACH_LINK_IP + 1];

static uint32_t link_header(const struct frame *frame)
{
	return frame->link == UNREACH_LINK_ETHERNET ? 14 : 0;
}

static void compare_kept(const struct frame *frame, uint32_t linear, const struct kernel_record *r)
{
	uint16_t kept = r->record.envelope.kept;

	/* Padding behind a message that stands in the linear part is not fetched. */
	if (kept != linear || linear < link_header(frame) + r->record.event.length)
		assert_int_equal(kept, frame->captured < KEPT ? frame->captured : KEPT);
	assert_memory_equal(r->kept, frame->bytes, kept);
}

/* Runs the frame cut behind `linear` bytes (0: as the kernel likes). */
static void compare_cut(const struct frame *frame, uint32_t linear)
{
	struct kernel *k = &kernels[frame->link];
	struct unreach_counters before = kernel_counters(k);
	static const uint8_t nobody[6];
	struct unreach_record record;
	enum unreach_outcome host = frame_decode(frame, &record);
	struct kernel_record r;

	assert_int_equal(kernel_run(k, frame->bytes, frame->captured, linear), 0);
	assert_int_equal(kernel_outcome(k, &before, &r), host);
	if (host != UNREACH_OK)
		return;
	assert_memory_equal(&r.record.event, &record.event, sizeof(record.event));
	assert_int_equal(r.record.envelope.frame_length, frame->captured);
	assert_memory_equal(r.record.envelope.neighbour,
			    link_header(frame) ? frame->bytes + 6 : nobody, 6);
	compare_kept(frame, linear, &r);
}

/* Every cut in the headers, some behind them. */
static int cut_frame(void *context, const struct frame *frame)
{
	unsigned int *cuts = context;

	if (frame->link > UNREACH_LINK_IP || frame->captured < 42)
		return 0;
	for (uint32_t linear = 1; linear < frame->captured && linear < LINEAR_MOST;
	     linear += linear < 128 ? 1 : 400, ++*cuts)
		compare_cut(frame, linear);
	compare_cut(frame, 0);
	return 0;
}

/* The frame with padding behind its datagram, past all that is looked at. */
static int pad_frame(void *context, const struct frame *frame)
{
	static uint8_t bytes[PADDED];
	struct frame padded = *frame;

	if (frame->captured >= PADDED)
		return 0;
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, frame->bytes, frame->captured);
	padded.bytes = bytes;
	padded.captured = padded.length = PADDED;
	return cut_frame(context, &padded);
}

static unsigned int read_vector(const char *name, frame_fn fn)
{
	unsigned int cuts = 0;
	struct capture capture;
	char path[128];

	snprintf(path, sizeof(path), VECTORS "%s.pcap", name);
	if (capture_read(&capture, path, fn, &cuts))
		fail_msg("%s", capture.error);
	return cuts;
}

static void need_cuts(void)
{
	if (kernel_can_cut(&kernels[UNREACH_LINK_ETHERNET]))
		return;
	print_message("SKIP: this kernel's test runs take no linear size\n");
	skip();
}

static void test_any_cut(void **state)
{
	static const char *const captures[] = { "code-assigned",   "checksum-odd", "checksum-bad",
						"ip-options-both", "ip-fragment",  "ip-padding",
						"vlan-depth",	   "cut-message",  "link-ipv4" };
	unsigned int cuts = 0;

	(void)state;
	need_cuts();
	for (size_t i = 0; i < sizeof(captures) / sizeof(*captures); i++)
		cuts += read_vector(captures[i], cut_frame);
	print_message("%u cuts\n", cuts);
	assert_true(cuts > 1000 && kernels[UNREACH_LINK_IP].runs > 50);
}

static void test_big_messages(void **state)
{
	static const char *const captures[] = { "message-1500", "message-9000", "message-span" };
	unsigned int cuts = 0, padded = 0;

	(void)state;
	need_cuts();
	for (size_t i = 0; i < sizeof(captures) / sizeof(*captures); i++) {
		cuts += read_vector(captures[i], cut_frame);
		padded += read_vector(captures[i], pad_frame);
	}
	print_message("%u cuts, %u of frames of %d bytes\n", cuts, padded, PADDED);
	assert_true(cuts > 100 && padded > 100);
}

/* Frames in several pieces on a kernel that can't read on: what the first piece tells, no more. */
static void test_without_load_bytes(void **state)
{
	static const uint8_t frame[14 + 20 + 8 + 28] = {
		[12] = 0x08, [14] = 0x45, [17] = 56, [23] = 1, [34] = 3, [42] = 0x45
	};
	struct frame whole = { .bytes = frame, .captured = 50, .length = 50 };
	struct unreach_counters before;
	struct unreach_record record;
	struct kernel_record r;
	struct kernel k;

	(void)state;
	need_cuts();
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.frags = true;
	k.skel->rodata->have_load_bytes = false;
	kernel_load(&k);
	before = kernel_counters(&k);
	assert_int_equal(frame_decode(&whole, &record), UNREACH_OK);
	assert_int_equal(kernel_run(&k, frame, sizeof(frame), 50), 0);
	assert_int_equal(kernel_outcome(&k, &before, &r), UNREACH_OK);
	assert_memory_equal(&r.record.event, &record.event, sizeof(record.event));
	kernel_check_ledger(&k);
	kernel_close(&k);
}

static int set_up(void **state)
{
	(void)state;
	for (unsigned int link = 0; link <= UNREACH_LINK_IP; link++) {
		kernel_open(&kernels[link], link);
		kernels[link].skel->rodata->snaplen = KEPT;
		kernel_load(&kernels[link]);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (unsigned int link = 0; link <= UNREACH_LINK_IP; link++) {
		kernel_check_ledger(&kernels[link]);
		kernel_close(&kernels[link]);
	}
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_cut),
		cmocka_unit_test(test_big_messages),
		cmocka_unit_test(test_without_load_bytes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
