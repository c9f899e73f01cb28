// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Host and kernel say the same of any bytes: frames of the vectors, bent in
 * every way that frames are bent, give the same outcome, the same decoded part
 * byte for byte, and in the end the same counters. UNREACH_FRAMES says how
 * many (default 50,000), UNREACH_SEED from where.
 */
#include "vectors.h"

#include "prog/kernel.h"

#define FRAMES_MAX 2048
#define SIZE_MAX_FRAME 2048

struct bent {
	enum unreach_link link;
	uint32_t size;
	uint8_t bytes[SIZE_MAX_FRAME + 64];
};

static struct bent originals[FRAMES_MAX];
static unsigned int count;
static uint64_t seed;

/* xorshift64* (Vigna 2016): the same frames from the same seed everywhere. */
static uint32_t any(uint32_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t)((seed * 0x2545f4914f6cdd1dULL) >> 32) % below;
}

static int collect(void *context, const struct frame *frame)
{
	static unsigned int strangers; /* a few of them will do */
	struct bent *to = &originals[count];
	struct unreach_record record;

	(void)context;
	if (frame_decode(frame, &record) == UNREACH_NOT_OURS && strangers++ >= 100)
		return 0;
	if (count == FRAMES_MAX || frame->link > UNREACH_LINK_IP ||
	    frame->captured < KERNEL_LEAST || frame->captured > SIZE_MAX_FRAME)
		return 0;
	to->link = frame->link;
	to->size = frame->captured;
	memcpy(to->bytes, frame->bytes, frame->captured);
	count++;
	return 0;
}

static void collect_vector(const char *path)
{
	struct capture capture = { .fn = collect };

	assert_int_equal(capture_read(&capture, path), 0);
}

/* A byte that headers care for. */
static uint8_t telling(void)
{
	static const uint8_t bytes[] = {
		0x00, 0x01, 0x03, 0x04, 0x06, 0x08, 0x11, 0x1f, 0x20, 0x3f,
		0x40, 0x45, 0x46, 0x4f, 0x55, 0x60, 0x81, 0x88, 0xa8, 0xff
	};

	return any(2) ? bytes[any(sizeof(bytes))] : (uint8_t)any(256);
}

static void insert_tag(struct bent *f)
{
	static const uint8_t types[][2] = { { 0x81, 0 }, { 0x88, 0xa8 }, { 0x91, 0 } };
	const uint8_t *type = types[any(3)];

	if (f->link != UNREACH_LINK_ETHERNET || f->size + 4 > sizeof(f->bytes))
		return;
	memmove(f->bytes + 16, f->bytes + 12, f->size - 12);
	memcpy(f->bytes + 12, type, 2);
	f->bytes[14] = (uint8_t)any(256);
	f->bytes[15] = (uint8_t)any(256);
	f->size += 4;
}

static void bend(struct bent *f)
{
	const struct bent *other = &originals[any(count)];
	uint32_t at = any(f->size < 120 || any(4) == 0 ? f->size : 120), n;

	switch (any(7)) {
	case 0:
		f->bytes[at] ^= (uint8_t)(1U << any(8));
		break;
	case 1:
		f->bytes[at] = telling();
		break;
	case 2: /* a length or offset */
		f->bytes[at] = (uint8_t)any(2);
		f->bytes[(at + 1) % f->size] = (uint8_t)any(256);
		break;
	case 3:
		f->size = KERNEL_LEAST + any(f->size - KERNEL_LEAST + 1);
		break;
	case 4:
		insert_tag(f);
		break;
	case 5: /* the rest of another frame */
		if (at < other->size && other->size <= SIZE_MAX_FRAME) {
			memcpy(f->bytes + at, other->bytes + at, other->size - at);
			f->size = other->size < KERNEL_LEAST ? KERNEL_LEAST : other->size;
		}
		break;
	case 6: /* options: the header grows, what follows moves */
		n = 4 * (1 + any(10));
		if (f->link == UNREACH_LINK_ETHERNET && f->size + n <= SIZE_MAX_FRAME &&
		    f->size > 34) {
			memmove(f->bytes + 34 + n, f->bytes + 34, f->size - 34);
			f->bytes[14] = (uint8_t)(0x45 + n / 4);
			f->size += n;
		}
		break;
	}
}

static struct kernel kernels[UNREACH_LINK_IP + 1];
static struct tally expected[UNREACH_LINK_IP + 1];

static unsigned int run_one(const struct bent *f)
{
	struct frame frame = {
		.bytes = f->bytes, .captured = f->size, .length = f->size, .link = f->link
	};
	struct kernel *k = &kernels[f->link];
	struct unreach_counters before = kernel_counters(k);
	struct unreach_record record;
	enum unreach_outcome host = frame_decode(&frame, &record);
	struct kernel_record r;

	assert_int_equal(kernel_run(k, f->bytes, f->size, 0), 0);
	assert_int_equal(kernel_outcome(k, &before, &r), host);
	if (host == UNREACH_OK)
		assert_memory_equal(&r.record.event, &record.event, sizeof(record.event));
	tally_frame(&expected[f->link], host, &record.event, 1);
	return host;
}

static void compare_row(const struct unreach_tally *kernel, const struct unreach_tally *host)
{
	assert_int_equal(kernel->messages, host->messages);
	assert_int_equal(kernel->bytes, host->bytes);
}

static void compare_ledger(const struct unreach_counters *kernel,
			   const struct unreach_counters *host)
{
	assert_int_equal(kernel->seen, host->seen);
	for (unsigned int code = 0; code < UNREACH_CODES; code++)
		compare_row(&kernel->codes[UNREACH_IPV4][code], &host->codes[UNREACH_IPV4][code]);
	compare_row(&kernel->unassigned[UNREACH_IPV4], &host->unassigned[UNREACH_IPV4]);
	compare_row(&kernel->bad_checksum[UNREACH_IPV4], &host->bad_checksum[UNREACH_IPV4]);
	assert_memory_equal(kernel->unclassified, host->unclassified, sizeof(host->unclassified));
	assert_int_equal(kernel->records, kernel->seen);
	for (unsigned int t = 0; t < UNREACH_TABLES; t++)
		assert_int_equal(
			kernel->tables[t].attributable,
			kernel->tables[t].attributed +
				kernel->tables[t].unattributed[UNREACH_UNATTRIBUTED_ADMISSION] +
				kernel->tables[t].unattributed[UNREACH_UNATTRIBUTED_TABLE]);
}

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 0) : otherwise;
}

static void test_bent_frames(void **state)
{
	unsigned long frames = number("UNREACH_FRAMES", 50000), outcomes[UNREACH_OUTCOMES] = {};

	(void)state;
	seed = number("UNREACH_SEED", 1);
	print_message("%lu frames from %u, seed %llu\n", frames, count, (unsigned long long)seed);
	for (unsigned long i = 0; i < frames; i++) {
		struct bent f = originals[any(count)];

		for (uint32_t bends = any(5); bends; bends--)
			bend(&f);
		outcomes[run_one(&f)]++;
	}
	for (unsigned int link = 0; link <= UNREACH_LINK_IP; link++) {
		struct unreach_counters kernel = kernel_counters(&kernels[link]);

		compare_ledger(&kernel, &expected[link].counters);
	}
	print_message("ok %lu, not ours %lu, truncated %lu, bad header %lu, fragment %lu\n",
		      outcomes[UNREACH_OK], outcomes[UNREACH_NOT_OURS], outcomes[UNREACH_TRUNCATED],
		      outcomes[UNREACH_BAD_HEADER], outcomes[UNREACH_FRAGMENT]);
	for (unsigned int i = 0; i < UNREACH_OUTCOMES; i++)
		assert_true(outcomes[i] > frames / 1000);
}

static int set_up(void **state)
{
	(void)state;
	each_vector(collect_vector);
	for (unsigned int link = 0; link <= UNREACH_LINK_IP; link++) {
		kernel_open(&kernels[link], link);
		kernel_load(&kernels[link]);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (unsigned int link = 0; link <= UNREACH_LINK_IP; link++)
		kernel_close(&kernels[link]);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_bent_frames) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
