// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The vectors through the host build, and what vectors can't hold: that the
 * sum is right for any length and offset.
 */
#include "vectors.h"

static void check(const char *path)
{
	check_vector(path, frame_decode);
}

static void test_vectors(void **state)
{
	(void)state;
	print_message("%zu vectors\n", each_vector(check));
}

/* RFC 1071 as it is told there: 16-bit words, the last odd byte with a zero behind it. */
static uint16_t plain_sum(const uint8_t *p, uint32_t length)
{
	uint32_t sum = 0, i;

	for (i = 0; i < length; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void test_sum(void **state)
{
	static uint8_t bytes[UNREACH_FRAME_SPAN];
	struct unreach_cursor c = unreach_cursor(bytes, bytes + sizeof(bytes));
	uint32_t i, offset, length;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * i * 31 + (i >> 5));
	for (length = 1; length <= UNREACH_CHECKSUM_SPAN; length += length < 600 ? 1 : 401)
		for (offset = 0; offset < 16; offset++) {
			uint32_t sum = 0;
			uint8_t swapped[2];

			assert_int_equal(frame_sum(&c, offset, length, &sum), 0);
			sum = unreach_fold(sum);
			memcpy(swapped, &sum, 2); /* the sum is of words in memory order */
			assert_int_equal(swapped[0] << 8 | swapped[1],
					 plain_sum(bytes + offset, length));
		}
}

static void test_sum_keeps_what_there_is(void **state)
{
	static const uint8_t bytes[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	struct unreach_cursor c = unreach_cursor(bytes, bytes + sizeof(bytes));
	uint32_t parts = 0, whole = 0;

	(void)state;
	assert_int_equal(frame_sum(&c, 0, 16, &whole), 0);
	assert_int_equal(frame_sum(&c, 0, 6, &parts), 0);
	assert_int_equal(frame_sum(&c, 6, 10, &parts), 0);
	assert_int_equal(unreach_fold(parts), unreach_fold(whole));
	assert_int_equal(frame_sum(&c, 6, 11, &parts), -1);
}

static void test_record(void **state)
{
	struct frame frame = { .link = UNREACH_LINK_ETHERNET, .length = 60, .time = 5 };
	struct unreach_record record;
	uint8_t *bytes;
	size_t size;

	(void)state;
	memset(&record, 0xa5, sizeof(record));
	bytes = (uint8_t *)slurp(VECTORS "code-assigned.pcap", &size);
	frame.bytes = bytes + 24 + 16; /* behind file header and record header */
	frame.captured = 70;
	assert_int_equal(frame_decode(&frame, &record), UNREACH_OK);
	assert_int_equal(record.envelope.time, 5);
	assert_int_equal(record.envelope.frame_length, 60);
	assert_int_equal(record.envelope.kept, 0);
	assert_memory_equal(record.envelope.neighbour, frame.bytes + 6, 6);
	free(bytes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_sum_keeps_what_there_is),
		cmocka_unit_test(test_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
