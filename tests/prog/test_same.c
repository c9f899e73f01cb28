// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Host and kernel say the same of any bytes: frames of the vectors, bent in
 * every way that frames are bent, give the same outcome, the same decoded part
 * byte for byte, and in the end the same counters. So does the program that an
 * old kernel gets, and frames in several pieces where the kernel runs them.
 * UNREACH_FRAMES says how many (default 50,000), UNREACH_SEED from where.
 */
#include "vectors.h"

#include "prog/kernel.h"
#include "prog/random.h"

#define FRAMES_MAX 2048
#define SIZE_MAX_FRAME 2048

struct bent {
	enum unreach_link link;
	uint32_t size;
	uint8_t bytes[SIZE_MAX_FRAME + 64];
};

static struct bent originals[FRAMES_MAX];
static unsigned int count;

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
	struct capture capture;

	assert_int_equal(capture_read(&capture, path, collect, NULL), 0);
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

/* What is loaded: a program a link type, and one as kernels without the newer helpers get it. */
enum build { ETHERNET, RAW, OLD, BUILDS };

static struct kernel kernels[BUILDS];
static struct tally expected[BUILDS];
static uint64_t attributable[BUILDS][UNREACH_TABLES];
static bool can_cut;
static unsigned long cuts;

static enum build any_build(const struct bent *f)
{
	return f->link == UNREACH_LINK_IP ? RAW : any(4) ? ETHERNET : OLD;
}

/* How much of it stands in the linear part; 0: all. */
static uint32_t any_cut(const struct bent *f, enum build build)
{
	if (!can_cut || build == OLD || f->size == KERNEL_LEAST || any(3))
		return 0;
	cuts++;
	return KERNEL_LEAST + any(f->size - KERNEL_LEAST);
}

/* Which tables the message belongs in. */
static void expect_attribution(uint64_t *tables, const struct unreach_event *ev)
{
	if (ev->checksum == UNREACH_CHECKSUM_BAD)
		return;
	tables[UNREACH_SOURCES]++;
	tables[UNREACH_TARGETS] += !!(ev->present & UNREACH_HAS_ORIG_DST);
	tables[UNREACH_SENDERS] += !!(ev->present & UNREACH_HAS_ORIG_SRC);
}

/* The frame's first bytes stand behind the record; all that fit, but for padding behind a cut. */
static void compare_kept(const struct bent *f, uint32_t cut, const struct kernel_record *r)
{
	uint32_t kept = r->record.envelope.kept;

	assert_true(kept <= f->size);
	if (!cut || kept != cut)
		assert_int_equal(kept,
				 f->size < UNREACH_SNAPLEN_MAX ? f->size : UNREACH_SNAPLEN_MAX);
	assert_memory_equal(r->kept, f->bytes, kept);
}

static enum unreach_outcome run_one(const struct bent *f)
{
	struct frame frame = {
		.bytes = f->bytes, .captured = f->size, .length = f->size, .link = f->link
	};
	enum build build = any_build(f);
	struct kernel *k = &kernels[build];
	struct unreach_counters before = kernel_counters(k);
	struct unreach_record record;
	enum unreach_outcome host = frame_decode(&frame, &record);
	uint32_t cut = any_cut(f, build);
	struct kernel_record r;

	assert_int_equal(kernel_run(k, f->bytes, f->size, cut), 0);
	assert_int_equal(kernel_outcome(k, &before, &r), host);
	if (host == UNREACH_OK) {
		assert_memory_equal(&r.record.event, &record.event, sizeof(record.event));
		compare_kept(f, cut, &r);
		expect_attribution(attributable[build], &record.event);
	}
	tally_frame(&expected[build], host, &record.event, 1);
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
}

static void compare_build(enum build build)
{
	struct unreach_counters counters = kernel_counters(&kernels[build]);

	compare_ledger(&counters, &expected[build].counters);
	for (unsigned int t = 0; t < UNREACH_TABLES; t++)
		assert_int_equal(counters.tables[t].attributable, attributable[build][t]);
	kernel_check_ledger(&kernels[build]);
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
	for (enum build build = 0; build < BUILDS; build++)
		compare_build(build);
	if (can_cut)
		print_message("%lu of them cut\n", cuts);
	else
		print_message("SKIP cut frames: this kernel's test runs take no linear size\n");
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
	for (enum build build = 0; build < BUILDS; build++) {
		kernel_open(&kernels[build],
			    build == RAW ? UNREACH_LINK_IP : UNREACH_LINK_ETHERNET);
		kernels[build].skel->rodata->snaplen = UNREACH_SNAPLEN_MAX;
		if (build == OLD) {
			kernels[build].skel->rodata->have_coarse_clock = false;
			kernels[build].skel->rodata->have_load_bytes = false;
			kernels[build].frags = false;
		}
		kernel_load(&kernels[build]);
	}
	can_cut = kernel_can_cut(&kernels[ETHERNET]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (enum build build = 0; build < BUILDS; build++)
		kernel_close(&kernels[build]);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_bent_frames) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
