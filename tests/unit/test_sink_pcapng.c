// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the pcapng sink writes, read back by our own reader and by tshark:
 * interfaces, times, bytes and comments, also after a rotation and after a
 * batch that the disk did not take.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "source/pcap.h"
#include "unit/sinks.h"

static int take(void *context, const struct frame *frame)
{
	unsigned int *count = context, number = ++*count, i;

	assert_int_equal(frame->number, number);
	assert_int_equal(frame->time, WHEN + number);
	assert_int_equal(frame->captured, number % 7 * 9);
	assert_int_equal(frame->length, 1000);
	assert_string_equal(frame->interface ? frame->interface : "-", number % 3 == 0 ? "-"
								       : number % 3 == 1
									       ? "eth0"
									       : "a-longer-name");
	for (i = 0; i < frame->captured; i++)
		assert_int_equal(frame->bytes[i], (uint8_t)(number + i));
	return 0;
}

static void write_frames(struct sink *sink, unsigned int first, unsigned int count)
{
	static const char *const names[] = { NULL, "eth0", "a-longer-name" };
	unsigned int i;

	for (i = first; i < first + count; i++)
		write_one(sink, i, names[i % 3], (uint16_t)(i % 7 * 9));
}

/* Reads the file back; returns how many packets stand in it. */
static unsigned int read_back(const char *path)
{
	unsigned int count = 0;
	struct capture c;

	if (capture_read(&c, path, take, &count))
		fail_msg("%s", c.error);
	assert_false(c.cut);
	return count;
}

static void test_pcapng(void **state)
{
	const char *path = in_dir("packets"), *old = in_dir("packets.1");
	struct sink *sink;

	(void)state;
	put_file(path, "what stood there before");
	sink = sink_pcapng_open(path, 256);
	assert_non_null(sink);
	assert_int_equal(read_back(path), 0); /* a whole capture from the start */
	write_frames(sink, 1, 50);
	assert_int_equal(flush(sink), 0);
	assert_int_equal(read_back(path), 50);
	assert_int_equal(sink->ops->reopen(sink), 0); /* the same file goes on */
	write_frames(sink, 51, 10);
	assert_int_equal(flush(sink), 0);
	assert_int_equal(read_back(path), 60);
	rename(path, old);
	assert_int_equal(sink->ops->reopen(sink), 0);
	assert_int_equal(read_back(path), 0);
	write_frames(sink, 1, 5);
	assert_int_equal(flush(sink), 0);
	assert_int_equal(read_back(path), 5);
	assert_int_equal(read_back(old), 60);
	sink->ops->close(sink);
	unlink(path);
	unlink(old);
}

/* An interface that came with a batch that failed is described again. */
static void test_pcapng_full(void **state)
{
	const char *path = in_dir("packets");
	struct sink *sink = sink_pcapng_open(path, 256);

	(void)state;
	write_frames(sink, 1, 1); /* eth0 */
	assert_int_equal(flush(sink), 0);
	limit_file_size((rlim_t)size_of(path) + 100);
	write_frames(sink, 2, 20); /* two more */
	assert_int_equal(flush(sink), -EFBIG);
	assert_int_equal(read_back(path), 1);
	limit_file_size(RLIM_INFINITY);
	write_frames(sink, 2, 20);
	assert_int_equal(flush(sink), 0);
	assert_int_equal(read_back(path), 21);
	sink->ops->close(sink);
	unlink(path);
}

static void test_pcapng_comment(void **state)
{
	static const char comment[] = "fragmentation-needed mtu 1400 pointless, checksum ok";
	const char *path = in_dir("packets");
	struct sink *sink = sink_pcapng_open(path, 256);
	char data[1024];
	FILE *file;
	size_t size;

	(void)state;
	write_frames(sink, 1, 1);
	assert_int_equal(flush(sink), 0);
	sink->ops->close(sink);
	file = fopen(path, "r");
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	assert_non_null(memmem(data, size, comment, strlen(comment)));
	assert_non_null(memmem(data, size, "unreach " UNREACH_VERSION, 8));
	unlink(path);
}

/* A message that nothing is wrong with needs no comment, nor the end of options. */
static void test_pcapng_plain(void **state)
{
	const char *path = in_dir("packets");
	struct sink *sink = sink_pcapng_open(path, 256);
	struct message m = message(2, 18);
	struct event ev = { .record = &m.record, .interface = "a-longer-name" };
	off_t before;

	(void)state;
	write_frames(sink, 1, 1);
	write_frames(sink, 2, 1); /* with the heads */
	assert_int_equal(flush(sink), 0);
	before = size_of(path);
	m.record.event.flags = 0;
	m.record.envelope.time++;
	m.record.envelope.kept = 27;
	for (unsigned int i = 0; i < sizeof(m.bytes); i++)
		m.bytes[i]++;
	ev.interface = NULL;
	sink->ops->write(sink, &ev);
	assert_int_equal(flush(sink), 0);
	/* The interface without a name is new. */
	assert_int_equal(size_of(path) - before, 32 + 32 + 28);
	assert_int_equal(read_back(path), 3);
	sink->ops->close(sink);
	unlink(path);
}

/* What fills up to a multiple of 4 is zero, whatever stood there in memory before. */
static void test_pcapng_padding(void **state)
{
	const char *path = in_dir("packets");
	struct sink *sink = sink_pcapng_open(path, 256);
	struct message m = message(1, 40);
	struct event ev = { .record = &m.record, .interface = "eth0" };
	char data[1024];
	FILE *file;
	size_t size;

	(void)state;
	write_one(sink, 1, "eth0", 0);
	assert_int_equal(flush(sink), 0);
	m.record.event.flags = 0;
	memset(m.bytes, 0xff, sizeof(m.bytes));
	for (uint16_t kept = 40; kept > 36; kept--) {
		m.record.envelope.kept = kept;
		sink->ops->write(sink, &ev);
		assert_int_equal(flush(sink), 0);
		file = fopen(path, "r");
		size = fread(data, 1, sizeof(data), file);
		fclose(file);
		for (uint16_t i = 36; i < 40; i++)
			assert_int_equal((uint8_t)data[size - 44 + i], i < kept ? 0xff : 0);
	}
	sink->ops->close(sink);
	unlink(path);
}

/* What others make of the file: names, times to the nanosecond, lengths, comments. */
static void test_tshark(void **state)
{
	static const char want[] = "eth0|1795228000.000000001|1000|9|fragmentation-needed mtu 1400 "
				   "pointless, checksum ok\n"
				   "a-longer-name|1795228000.000000002|1000|18|fragmentation-"
				   "needed mtu 1400 pointless, checksum ok\n";
	const char *path = in_dir("packets");
	struct sink *sink = sink_pcapng_open(path, 256);
	char command[256], got[1024] = "";
	FILE *output;

	(void)state;
	write_frames(sink, 1, 2);
	assert_int_equal(flush(sink), 0);
	sink->ops->close(sink);
	if (system("tshark --version >/dev/null 2>&1")) {
		print_message("skipped: tshark is not installed\n");
		skip();
	}
	snprintf(command, sizeof(command),
		 "tshark -r %s -T fields -E separator='|' -e frame.interface_name "
		 "-e frame.time_epoch -e frame.len -e frame.cap_len -e frame.comment 2>/dev/null",
		 path);
	output = popen(command, "r");
	assert_non_null(output);
	assert_true(fread(got, 1, sizeof(got) - 1, output) > 0);
	assert_int_equal(pclose(output), 0);
	assert_string_equal(got, want);
	unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pcapng),	       cmocka_unit_test(test_pcapng_full),
		cmocka_unit_test(test_pcapng_comment), cmocka_unit_test(test_pcapng_plain),
		cmocka_unit_test(test_pcapng_padding), cmocka_unit_test(test_tshark),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
