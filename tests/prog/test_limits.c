// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * docs/limits.md against the real thing: sizes exactly; what the kernel says of
 * program and maps may not be a tenth above the page, on the kernel that it
 * names. A bigger step wants an explanation and a new number there.
 */
#include <stdio.h>
#include <sys/utsname.h>

#include "prog/kernel.h"

static char page[16384];

/* The number in the row that begins with "| `name` |". */
static unsigned long told(const char *name)
{
	char row[64];
	const char *at;

	snprintf(row, sizeof(row), "| `%s` | ", name);
	at = strstr(page, row);
	if (!at)
		fail_msg("docs/limits.md has no row for %s", name);
	return strtoul(at + strlen(row), NULL, 10);
}

static void exactly(const char *name, unsigned long real)
{
	print_message("%s %lu\n", name, real);
	if (told(name) != real)
		fail_msg("docs/limits.md says %s %lu, it is %lu", name, told(name), real);
}

static void at_most(const char *name, unsigned long real)
{
	unsigned long want = told(name);

	print_message("%s %lu\n", name, real);
	if (real * 10 > want * 11)
		fail_msg("docs/limits.md says %s %lu, it is %lu: more than a tenth off", name, want,
			 real);
}

static void test_sizes(void **state)
{
	(void)state;
	exactly("record", sizeof(struct unreach_record));
	exactly("decoded part", sizeof(struct unreach_event));
	exactly("counters", sizeof(struct unreach_counters));
	exactly("table row", sizeof(struct unreach_host_row));
	exactly("set of 16 rows", sizeof(struct unreach_host_set));
	exactly("path", sizeof(struct unreach_path_key) + sizeof(struct unreach_path));
	exactly("head", sizeof(struct unreach_head_key) + sizeof(struct unreach_head));
	exactly("advert", sizeof(struct unreach_advert_key) + sizeof(struct unreach_advert));
	exactly("flow", sizeof(struct unreach_flow_key) + sizeof(struct unreach_flow));
	exactly("peer", sizeof(struct unreach_addr) + sizeof(struct unreach_peer));
	exactly("acknowledgement", sizeof(struct unreach_ack));
	exactly("instance", sizeof(struct unreach_instance));
}

/* All maps but the rings. */
static unsigned long all_maps(const struct kernel *k)
{
	unsigned long bytes = 0;
	struct bpf_map *map;

	bpf_object__for_each_map(map, k->skel->obj) bytes += kernel_memlock(bpf_map__fd(map));
	return bytes;
}

/* As the daemon loads it by default: limited events, all tables, no bytes kept, its own rates. */
static void open_default(struct kernel *k)
{
	kernel_open(k, UNREACH_LINK_ETHERNET);
	k->ring_size = (16U << 20) / 2;
	k->skel->rodata->events_mode = 0; /* limited */
	k->skel->rodata->ring_wake = 1U << 20;
	k->skel->rodata->source_interval = 100000000;
	k->skel->rodata->source_burst = 1000000000;
	k->skel->rodata->budget_interval = 100000;
	k->skel->rodata->budget_burst = 100000000;
	k->skel->rodata->admission_interval = 305175;
	k->skel->rodata->admission_burst = 1000000000;
	k->skel->rodata->evidence_interval = 1220703;
	k->skel->rodata->evidence_burst = 1000000000;
	kernel_load(k);
}

static void test_kernel(void **state)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);
	struct utsname kernel;
	struct kernel k;

	(void)state;
	uname(&kernel);
	if (strncmp(kernel.release, "6.18", 4) != 0 || libbpf_num_possible_cpus() != 2) {
		print_message("SKIP: the page tells of kernel 6.18 and 2 CPUs, this is %s and %d\n",
			      kernel.release, libbpf_num_possible_cpus());
		skip();
	}
	open_default(&k);
	assert_int_equal(
		bpf_obj_get_info_by_fd(bpf_program__fd(k.skel->progs.unreach), &info, &length), 0);
	at_most("verified instructions", info.verified_insns);
	at_most("translated bytes", info.xlated_prog_len);
	at_most("table of 65536", kernel_memlock(bpf_map__fd(k.skel->maps.sources)));
	at_most("paths", kernel_memlock(bpf_map__fd(k.skel->maps.paths)));
	at_most("heads", kernel_memlock(bpf_map__fd(k.skel->maps.heads)));
	at_most("adverts", kernel_memlock(bpf_map__fd(k.skel->maps.adverts)));
	at_most("cells", kernel_memlock(bpf_map__fd(k.skel->maps.cells)));
	at_most("counters map", kernel_memlock(bpf_map__fd(k.skel->maps.counters)));
	at_most("all maps but the rings", all_maps(&k));
	at_most("ring of 8 MiB", kernel_memlock(k.ring_fd));
	at_most("program", kernel_memlock(bpf_program__fd(k.skel->progs.unreach)));
	kernel_close(&k);
}

/* What a frame of `length` bytes takes of a ring, and that as much of it is kept as is asked for.
 */
static void one_room(uint32_t snaplen, uint32_t length, uint32_t room)
{
	static const uint8_t frame[300] = {
		[12] = 0x08, [14] = 0x45, [17] = 56, [23] = 1, [34] = 3, [42] = 0x45, [299] = 9
	};
	struct unreach_counters before;
	struct kernel_record r;
	struct kernel k;

	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.skel->rodata->snaplen = snaplen;
	kernel_load(&k);
	before = kernel_counters(&k);
	assert_int_equal(kernel_run(&k, frame, length, 0), 0);
	assert_int_equal(ring_used(&k.ring), (8 + sizeof(r.record) + room + 7) / 8 * 8);
	assert_int_equal(kernel_outcome(&k, &before, &r), UNREACH_OK);
	assert_int_equal(r.record.envelope.kept, length < snaplen ? length : snaplen);
	assert_memory_equal(r.kept, frame, r.record.envelope.kept);
	kernel_close(&k);
}

static void test_room(void **state)
{
	const uint32_t most = 128;

	(void)state;
	one_room(256, 70, most);
	one_room(256, most, most);
	one_room(256, most + 1, 256);
	one_room(256, 300, 256);
	one_room(most, 300, most);
	one_room(100, 70, 100);
	one_room(100, 300, 100);
	one_room(0, 70, 0);
}

static int read_page(void **state)
{
	FILE *file = fopen("docs/limits.md", "r");

	(void)state;
	if (!file || !fread(page, 1, sizeof(page) - 1, file))
		return -1;
	fclose(file);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, read_page, NULL);
}
