// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The vectors through the kernel: the same captures, lines and counts as
 * tests/unit/test_parse.c, by BPF_PROG_TEST_RUN. Each frame must be passed on
 * unchanged, and the kernel's own counters must be those of the capture's
 * .counts.json. A frame whose decoded part differs from the host's by one byte
 * fails here too, before its line is compared.
 */
#include "vectors.h"

#include "prog/kernel.h"

/* One program a link type that devices have. */
static struct kernel kernels[UNREACH_LINK_IP + 1];
static unsigned int left_out_short, left_out_long, left_out_cooked;
/* What the host made of those left out. */
static struct tally left_out;

static enum unreach_outcome leave_out(enum unreach_outcome host,
				      const struct unreach_record *record)
{
	tally_frame(&left_out, host, &record->event, 1);
	return host;
}

static enum unreach_outcome decode(const struct frame *frame, struct unreach_record *record)
{
	enum unreach_outcome host = frame_decode(frame, record), outcome;
	struct unreach_counters before;
	struct kernel_record r;
	struct kernel *k;
	int rc;

	if (frame->link > UNREACH_LINK_IP) {
		left_out_cooked++; /* no device has such frames */
		return leave_out(host, record);
	}
	if (frame->captured < KERNEL_LEAST) {
		left_out_short++;
		return leave_out(host, record);
	}
	k = &kernels[frame->link];
	before = kernel_counters(k);
	rc = kernel_run(k, frame->bytes, frame->captured, 0);
	if (rc == -EMSGSIZE && !k->frags) {
		left_out_long++;
		return leave_out(host, record);
	}
	assert_int_equal(rc, 0);
	outcome = kernel_outcome(k, &before, &r);
	assert_int_equal(outcome, host);
	if (outcome == UNREACH_OK) {
		assert_memory_equal(&r.record.event, &record->event, sizeof(record->event));
		assert_memory_equal(r.record.envelope.neighbour, record->envelope.neighbour, 6);
		assert_int_equal(r.record.envelope.frame_length,
				 0); /* no byte is kept: see test_linear */
		record->event = r.record.event;
	}
	return outcome;
}

/* All that was ever counted: by both programs, and by the host for what they can't be given. */
static struct unreach_counters counted(void)
{
	struct unreach_counters sum = left_out.counters;

	for (unsigned int link = 0; link <= UNREACH_LINK_IP; link++) {
		struct unreach_counters one = kernel_counters(&kernels[link]);

		tally_add(&sum, &one);
	}
	return sum;
}

/* The row of one code in a .counts.json; zero where it has none. */
static struct unreach_tally code_at(const char *json, unsigned int code)
{
	struct unreach_tally row = {};
	unsigned long long messages, bytes;
	char key[16];
	const char *at;

	snprintf(key, sizeof(key), "\"%u\": {", code);
	at = strstr(json, key);
	if (at && sscanf(at + strlen(key), "\"messages\": %llu, \"bytes\": %llu}", &messages,
			 &bytes) == 2)
		row = (struct unreach_tally){ .messages = messages, .bytes = bytes };
	return row;
}

/* The counters' growth over one capture against its .counts.json. */
static void compare_counters(const char *want, const struct unreach_counters *before,
			     const struct unreach_counters *after)
{
	static const char *const reasons[] = { "truncated", "bad-header", "fragment" };
	uint64_t messages = 0;

	for (unsigned int code = 0; code < UNREACH_CODES; code++) {
		const struct unreach_tally *old = &before->codes[UNREACH_IPV4][code];
		const struct unreach_tally *new = &after->codes[UNREACH_IPV4][code];
		struct unreach_tally row = code_at(want, code);

		assert_int_equal(new->messages - old->messages, row.messages);
		assert_int_equal(new->bytes - old->bytes, row.bytes);
		messages += row.messages;
	}
	assert_int_equal(messages, number_at(want, "messages"));
	assert_int_equal(after->seen - before->seen, number_at(want, "seen"));
	assert_int_equal(after->unassigned[UNREACH_IPV4].messages -
				 before->unassigned[UNREACH_IPV4].messages,
			 number_at(want, "unassigned"));
	assert_int_equal(after->bad_checksum[UNREACH_IPV4].messages -
				 before->bad_checksum[UNREACH_IPV4].messages,
			 number_at(want, "bad_checksum"));
	for (unsigned int i = 0; i < UNREACH_UNCLASSIFIED; i++)
		assert_int_equal(after->unclassified[UNREACH_IPV4][i] -
					 before->unclassified[UNREACH_IPV4][i],
				 number_at(want, reasons[i]));
}

static void check(const char *path)
{
	char *counts = sibling(path, ".counts.json"), *want;
	struct unreach_counters before = counted(), after;
	size_t size;

	check_vector(path, decode);
	after = counted();
	want = slurp(counts, &size);
	compare_counters(want, &before, &after);
	for (unsigned int link = 0; link <= UNREACH_LINK_IP; link++)
		kernel_check_ledger(&kernels[link]);
	free(want);
	free(counts);
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
	if (left_out_long)
		print_message("SKIP %u frames: this kernel's test runs take none above a page; the "
			      "host's word stands\n",
			      left_out_long);
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
