// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The vectors through the host build: each capture of tests/vectors is read,
 * decoded and written as event lines, which must be those of its .ndjson byte
 * for byte; what gives no event must be what .counts.json counts. Also what
 * the vectors can't hold: that the sum is right for any length and offset.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "source/pcap.h"
#include "state/event.h"

#define VECTORS "tests/vectors/"

/* What one capture gives. */
struct run {
	struct buf lines;
	unsigned int outcomes[UNREACH_OUTCOMES];
};

static int take(void *context, const struct frame *frame)
{
	struct run *run = context;
	struct unreach_record record;
	struct event ev = {
		.record = &record,
		.interface = frame->interface,
		.pcap_cnt = frame->number,
		.link = frame->link,
	};
	enum unreach_outcome outcome = frame_decode(frame, &record);

	run->outcomes[outcome]++;
	if (outcome == UNREACH_OK)
		event_json(&run->lines, &ev);
	return 0;
}

/* The whole file, as a string. */
static char *slurp(const char *path, size_t *size)
{
	FILE *file = fopen(path, "r");
	char *data;

	if (!file)
		fail_msg("cannot open %s", path);
	fseek(file, 0, SEEK_END);
	*size = (size_t)ftell(file);
	rewind(file);
	data = calloc(1, *size + 1);
	assert_int_equal(fread(data, 1, *size, file), *size);
	fclose(file);
	return data;
}

/* "NAME.pcap" or "NAME.pcapng" with another ending. */
static char *sibling(const char *capture, const char *ending)
{
	char *path;

	if (asprintf(&path, "%.*s%s", (int)(strrchr(capture, '.') - capture), capture, ending) < 0)
		fail();
	return path;
}

/* Says the first line that differs. */
static void compare_lines(const char *capture, const char *got, const char *want)
{
	unsigned int line = 1;
	size_t n;

	for (; *got || *want; line++, got += n, want += n) {
		n = strcspn(want, "\n") + 1;
		if (strncmp(got, want, n))
			fail_msg("%s, line %u:\n got %.*s\nwant %.*s", capture, line,
				 (int)strcspn(got, "\n"), got, (int)strcspn(want, "\n"), want);
	}
}

static void compare_events(const char *capture, struct run *run)
{
	char *path = sibling(capture, ".ndjson"), *want;
	size_t size;

	want = slurp(path, &size);
	buf_char(&run->lines, 0);
	compare_lines(capture, run->lines.data, want);
	free(want);
	free(path);
}

/* The number behind "key": in a file that has each key once. */
static unsigned long number_at(const char *json, const char *key)
{
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
	at = strstr(json, quoted);
	if (!at)
		fail_msg("no %s in %s", key, json);
	return strtoul(at + strlen(quoted), NULL, 10);
}

static void compare_counts(const char *capture, const struct run *run)
{
	char *path = sibling(capture, ".counts.json"), *want;
	size_t size;

	want = slurp(path, &size);
	if (run->outcomes[UNREACH_OK] != number_at(want, "seen") ||
	    run->outcomes[UNREACH_TRUNCATED] != number_at(want, "truncated") ||
	    run->outcomes[UNREACH_BAD_HEADER] != number_at(want, "bad-header") ||
	    run->outcomes[UNREACH_FRAGMENT] != number_at(want, "fragment"))
		fail_msg("%s: ok %u truncated %u bad-header %u fragment %u, want %s", capture,
			 run->outcomes[UNREACH_OK], run->outcomes[UNREACH_TRUNCATED],
			 run->outcomes[UNREACH_BAD_HEADER], run->outcomes[UNREACH_FRAGMENT], want);
	free(want);
	free(path);
}

static void check_vector(const char *path)
{
	struct run run = {};
	struct capture capture = { .fn = take, .context = &run };

	if (capture_read(&capture, path))
		fail_msg("%s", capture.error);
	compare_events(path, &run);
	compare_counts(path, &run);
	buf_free(&run.lines);
}

static void test_vectors(void **state)
{
	glob_t found;
	size_t i;

	(void)state;
	if (glob(VECTORS "*.pcap*", 0, NULL, &found))
		fail_msg("no captures in " VECTORS "; run this from the project's root");
	for (i = 0; i < found.gl_pathc; i++)
		check_vector(found.gl_pathv[i]);
	print_message("%zu vectors\n", found.gl_pathc);
	globfree(&found);
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
