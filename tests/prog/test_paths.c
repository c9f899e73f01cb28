// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The evidence of adverts in the kernel. Over a random life its three tables,
 * and the cells in front of one, become what the host's shelf becomes of the
 * same events at the same times, byte for byte, though hardly any of them gives
 * an event. The life has to be lived: UNREACH_SECONDS says how long (default 8,
 * and the rules need 7), UNREACH_SEED which.
 */
#include "prog/adverts.h"
#include "prog/random.h"

#include "state/evidence.h"

#define SLOT 3
#define CELLS_BATCH (1U << 16)
#define CELLS (1U << 21)

static struct kernel k;
static struct evidence evidence;

/* Through both. */
static void send_both(const struct advert *a)
{
	uint8_t bytes[MESSAGE_SIZE];
	struct frame frame = { .bytes = bytes,
			       .captured = sizeof(bytes),
			       .length = sizeof(bytes),
			       .link = UNREACH_LINK_ETHERNET };
	struct unreach_record record;

	advert_frame(a, bytes);
	assert_int_equal(frame_decode(&frame, &record), UNREACH_OK);
	assert_int_equal(evidence_take(&evidence, &record.event, SLOT, send_advert(&k, a)), 0);
}

static uint16_t any_mtu(uint32_t target)
{
	static const uint16_t mtus[] = { 0, 30, 68, 300, 551, 552, 1280, 1399, 1400, 1500, 9000 };

	/* Some paths keep theirs: only there flows can be late. */
	if (target == 0)
		return 1400;
	if (target == 1 && any(40))
		return 1280;
	return mtus[any(sizeof(mtus) / sizeof(mtus[0]))];
}

static struct advert any_advert(void)
{
	static const uint8_t protocols[] = { 6, 6, 6, 6, 6, 6, 17, 17, 1, 50 };
	static const uint16_t lengths[] = { 1500, 1500, 1500, 1500, 1401, 1400, 28, 65535 };
	struct advert a = {
		.reporter = any(2),
		.sender = any(3),
		.target = any(4),
		.length = lengths[any(8)],
		.port = (uint16_t)(50000 + any(6)),
		.seq = any(4),
		.protocol = protocols[any(10)],
		.code = any(20) ? 4 : (uint8_t)any(16),
		.split = !any(20),
		.off_path = !any(20),
		.bad = !any(10),
	};

	a.mtu = any_mtu(a.target);
	if (a.protocol == 1)
		a.seq = any(3) ? 0x0800 : 0x0d00;
	return a;
}

/* One row of the host's: the kernel's. */
static void compare_row(void *context, const void *key, const void *value)
{
	struct bpf_map *map = context;
	union {
		struct unreach_path path;
		struct unreach_head head;
		struct unreach_advert advert;
	} row;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(map), key, &row), 0);
	assert_memory_equal(&row, value, bpf_map__value_size(map));
}

static void compare_table(enum unreach_evidence which)
{
	const struct evidence_source source = evidence_source(&evidence);

	assert_int_equal(kernel_rows(&k, which), evidence.tables[which].count);
	assert_int_equal(source.walk(source.context, which, compare_row, map_of(&k, which)), 0);
}

static void compare_cells(void)
{
	static uint32_t indexes[CELLS_BATCH];
	static uint64_t cells[CELLS_BATCH];
	int fd = bpf_map__fd(k.skel->maps.cells);
	__u32 at, place = 0, count;

	for (at = 0; at < CELLS; at += count) {
		count = CELLS_BATCH;
		assert_true(!bpf_map_lookup_batch(fd, at ? &place : NULL, &place, indexes, cells,
						  &count, NULL) ||
			    errno == ENOENT);
		assert_true(count);
		for (__u32 i = 0; i < count; i++)
			assert_int_equal(cells[i], evidence.cells[indexes[i]]);
	}
}

/* Did the life bring what it was meant to bring? */
struct reached {
	unsigned int paths, ignored, longer, heads, adverts;
};

static void reach_path(void *context, const void *key, const void *value)
{
	const struct unreach_path *path = value;
	struct reached *r = context;

	(void)key;
	r->paths += path->alarmed != 0;
	r->ignored += path->ignored != 0;
	r->longer += path->longer != 0;
}

static void reach_head(void *context, const void *key, const void *value)
{
	(void)key;
	((struct reached *)context)->heads += ((const struct unreach_head *)value)->alarmed != 0;
}

static void reach_advert(void *context, const void *key, const void *value)
{
	(void)key;
	((struct reached *)context)->adverts +=
		((const struct unreach_advert *)value)->alarmed != 0;
}

static void check_reached(bool long_enough)
{
	const struct evidence_source source = evidence_source(&evidence);
	struct reached r = {};

	source.walk(source.context, UNREACH_PATHS, reach_path, &r);
	source.walk(source.context, UNREACH_HEADS, reach_head, &r);
	source.walk(source.context, UNREACH_ADVERTS, reach_advert, &r);
	print_message("%zu paths (%u with late flows, %u ignored), %zu heads (%u ignored), %zu "
		      "kinds of adverts (%u certain)\n",
		      evidence.tables[UNREACH_PATHS].count, r.paths, r.ignored,
		      evidence.tables[UNREACH_HEADS].count, r.heads,
		      evidence.tables[UNREACH_ADVERTS].count, r.adverts);
	if (long_enough)
		assert_true(r.paths && r.ignored && r.longer && r.heads && r.adverts);
}

static uint64_t path_messages;

static void sum_messages(void *context, const void *key, const void *value)
{
	(void)context;
	(void)key;
	path_messages += ((const struct unreach_path *)value)->messages;
}

/* All that tells an MTU is on its path, whether there was an event of it or not. */
static void check_all_noted(void)
{
	const struct evidence_source source = evidence_source(&evidence);
	struct unreach_counters c = kernel_counters(&k);

	path_messages = 0;
	source.walk(source.context, UNREACH_PATHS, sum_messages, NULL);
	assert_int_equal(path_messages, c.codes[UNREACH_IPV4][4].messages);
	check_attribution(&k, UNREACH_PATHS, path_messages, path_messages);
	assert_true(c.suppressed[UNREACH_SUPPRESSED_BUDGET] > c.records);
}

static void test_random_life(void **state)
{
	unsigned long seconds = number("UNREACH_SECONDS", 8);
	uint64_t end, messages = 0;

	(void)state;
	seed = number("UNREACH_SEED", 1);
	k.skel->rodata->events_mode = 0; /* limited: hardly any event */
	k.skel->rodata->source_interval = SECOND;
	k.skel->rodata->source_burst = SECOND;
	k.skel->rodata->budget_interval = SECOND;
	k.skel->rodata->budget_burst = SECOND;
	kernel_load(&k);
	for (end = kernel_now(CLOCK_MONOTONIC) + seconds * SECOND;
	     kernel_now(CLOCK_MONOTONIC) < end; messages++) {
		struct advert a = any_advert();

		send_both(&a);
		if (!any(4))
			usleep(any(3000)); /* it is a life, not a race */
	}
	print_message("%llu messages in %lu s, seed %lu\n", (unsigned long long)messages, seconds,
		      number("UNREACH_SEED", 1));
	compare_table(UNREACH_PATHS);
	compare_table(UNREACH_HEADS);
	compare_table(UNREACH_ADVERTS);
	compare_cells();
	check_all_noted();
	kernel_check_ledger(&k);
	check_reached(seconds >= 8);
}

static int set_up(void **state)
{
	(void)state;
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.skel->rodata->slot = SLOT;
	assert_int_equal(evidence_open(&evidence), 0);
	evidence.seed = k.skel->rodata->cell_seed;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	evidence_close(&evidence);
	kernel_close(&k);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_random_life),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
