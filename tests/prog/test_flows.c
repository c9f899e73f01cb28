// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The flow watcher's two programs against the host's build: the recorded
 * transfers, frame by frame through both, leave the same rows. What hangs on
 * time alone is left out: a replay is over in no time. And what it costs.
 */
#include "prog/kernel.h"

#include <glob.h>
#include <stdio.h>

#include "flows.skel.h"
#include "source/pcap.h"
#include "state/flows.h"
#include "unreach/known.h"

#define INSIDE "tests/vectors/inside/lab-"
#define OUTSIDE "tests/vectors/lab-"
#define REPEAT 1000000
#define ROWS 65536 /* of the default table */
#define SEED 0x13198a2e03707344
/* Percent of the cells: two generations of rows in eight cells each, 1 - exp(-2 / 8). */
#define MARKED 22
#define NOISE 150 /* percent */

static struct kernel k;
static struct flows_bpf *inside;

/* `interval`: ns for one new flow. */
static void open_programs(uint32_t rows, uint64_t interval)
{
	const struct unreach_flow_common common = { .longest = 1500 };
	__u32 zero = 0;

	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.skel->rodata->watch_flows = true;
	k.skel->rodata->events_mode = 2; /* none: a ring would run full */
	bpf_map__set_max_entries(k.skel->maps.flows, rows);
	bpf_map__set_max_entries(k.skel->maps.peers, rows);
	bpf_map__set_max_entries(k.skel->maps.flow_cells, rows);
	k.skel->rodata->flow_shift = (__u32)__builtin_ctz(rows);
	k.skel->rodata->flow_seed = SEED;
	kernel_load(&k);
	inside = flows_bpf__open();
	assert_non_null(inside);
	bpf_map__reuse_fd(inside->maps.flows, bpf_map__fd(k.skel->maps.flows));
	bpf_map__reuse_fd(inside->maps.peers, bpf_map__fd(k.skel->maps.peers));
	bpf_map__reuse_fd(inside->maps.flow_stats, bpf_map__fd(k.skel->maps.flow_stats));
	bpf_map__reuse_fd(inside->maps.flow_common, bpf_map__fd(k.skel->maps.flow_common));
	bpf_map__reuse_fd(inside->maps.flow_admission, bpf_map__fd(k.skel->maps.flow_admission));
	inside->rodata->have_coarse_clock = kernel_has(BPF_FUNC_ktime_get_coarse_ns);
	bpf_map__reuse_fd(inside->maps.flow_cells, bpf_map__fd(k.skel->maps.flow_cells));
	inside->rodata->flow_sample = 1;
	inside->rodata->flow_shift = (__u32)__builtin_ctz(rows);
	inside->rodata->flow_seed = SEED;
	inside->rodata->flow_interval = interval;
	inside->rodata->flow_burst = 1000000000;
	inside->rodata->have_frags = k.frags;
	if (k.frags)
		bpf_program__set_flags(inside->progs.unreach_flows, BPF_F_XDP_HAS_FRAGS);
	assert_int_equal(flows_bpf__load(inside), 0);
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(k.skel->maps.flow_common), &zero, &common, 0), 0);
}

static void close_programs(void)
{
	flows_bpf__destroy(inside);
	kernel_close(&k);
}

/* ns that one run of a program takes, the least of some rounds. */
static unsigned int cost(int program, const uint8_t *frame, uint32_t size)
{
	unsigned int least = UINT32_MAX, round;

	for (round = 0; round < 5; round++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = size,
			    .repeat = REPEAT);

		assert_int_equal(bpf_prog_test_run_opts(program, &opts), 0);
		assert_int_equal(opts.retval, XDP_PASS);
		if (opts.duration < least)
			least = opts.duration;
	}
	return least;
}

static void run_inside(const struct frame *frame)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame->bytes,
		    .data_size_in = frame->captured, .repeat = 1);

	assert_int_equal(
		bpf_prog_test_run_opts(bpf_program__fd(inside->progs.unreach_flows), &opts), 0);
	assert_int_equal(opts.retval, XDP_PASS);
}

/* One frame through host and kernel. Hosts of ours are 192.0.2.0/24 in these captures. */
static void take(struct flows *flows, const struct frame *frame, bool is_inside)
{
	uint64_t now = kernel_now(CLOCK_MONOTONIC_COARSE);
	bool from_host = !memcmp(frame->bytes + 26, "\xc0\x00\x02", 3);
	struct unreach_segment segment;
	struct unreach_record record;
	struct unreach_cursor cursor;

	if (!frame_segment(frame, &cursor, &segment))
		segment.length = 0;
	if (segment.length && is_inside)
		assert_int_equal(flows_sent(flows, &segment, now), 0);
	else if (segment.length)
		assert_int_equal(flows_answered(flows, &cursor, &segment, 0, now), 0);
	else if (!is_inside && frame_decode(frame, &record) == UNREACH_OK)
		flows_advert(flows, &record.event, now);
	if (is_inside && from_host)
		run_inside(frame);
	else if (!is_inside && !from_host)
		kernel_run(&k, frame->bytes, frame->captured, 0);
}

/* Both captures as one run of time. */
static void replay(struct flows *flows, const char *in_path, const char *out_path)
{
	struct capture in, out;
	struct frame a, b;
	int more_in, more_out;

	assert_int_equal(capture_open(&in, in_path), 0);
	assert_int_equal(capture_open(&out, out_path), 0);
	more_in = capture_next(&in, &a);
	more_out = capture_next(&out, &b);
	while (more_in > 0 || more_out > 0) {
		bool first = more_in > 0 && (more_out <= 0 || a.time <= b.time);

		take(flows, first ? &a : &b, first);
		if (first)
			more_in = capture_next(&in, &a);
		else
			more_out = capture_next(&out, &b);
	}
	capture_close(&in);
	capture_close(&out);
}

/* What does not hang on time. */
static void compare(const struct unreach_flow *host, const struct unreach_flow *kernel)
{
	assert_int_equal(host->una, kernel->una);
	assert_int_equal(host->next, kernel->next);
	assert_int_equal(host->head, kernel->head);
	assert_int_equal(host->shorter, kernel->shorter);
	assert_int_equal(host->resends, kernel->resends);
	assert_int_equal(host->peer_next, kernel->peer_next);
	assert_int_equal(host->window, kernel->window);
	assert_int_equal(host->smalls, kernel->smalls);
	assert_int_equal(host->duplicates, kernel->duplicates);
	assert_int_equal(host->arrived, kernel->arrived);
	assert_int_equal(host->seen, kernel->seen);
	assert_int_equal(!host->first, !kernel->first);
	assert_int_equal(!host->advert, !kernel->advert);
}

static void compare_row(void *context, const void *key, const void *value)
{
	struct unreach_flow kernel;
	unsigned int *count = context;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(k.skel->maps.flows), key, &kernel), 0);
	compare(value, &kernel);
	(*count)++;
}

static void test_same(void **state)
{
	unsigned int flows_seen = 0;
	glob_t found;
	size_t i;

	(void)state;
	assert_int_equal(glob(INSIDE "*.pcap", 0, NULL, &found), 0);
	for (i = 0; i < found.gl_pathc; i++) {
		struct flows flows = flows_none();
		char out[256];

		open_programs(4096, 1);
		snprintf(out, sizeof(out), OUTSIDE "%s", found.gl_pathv[i] + strlen(INSIDE));
		replay(&flows, found.gl_pathv[i], out);
		flows_walk(&flows, compare_row, &flows_seen);
		flows_free(&flows);
		close_programs();
	}
	print_message("%zu pairs of captures, %u flows: the same in kernel and host\n",
		      found.gl_pathc, flows_seen);
	assert_true(flows_seen > 100);
	globfree(&found);
}

/* A TCP segment of 1500 bytes from our host, or an answer to it. */
static void make_frame(uint8_t frame[1514], bool answer, uint16_t length)
{
	static const uint8_t host[4] = { 192, 0, 2, 2 }, peer[4] = { 203, 0, 113, 2 };

	memset(frame, 0, 1514);
	frame[12] = 8;
	frame[14] = 0x45;
	frame[16] = (uint8_t)(length >> 8);
	frame[17] = (uint8_t)length;
	frame[20] = 0x40; /* DF */
	frame[22] = 64;
	frame[23] = 6;
	memcpy(frame + 26, answer ? peer : host, 4);
	memcpy(frame + 30, answer ? host : peer, 4);
	frame[34] = answer ? 1 : 0xc3;
	frame[35] = answer ? 0xbb : 0x50;
	frame[36] = answer ? 0xc3 : 1;
	frame[37] = answer ? 0x50 : 0xbb;
	frame[46] = 0x50;
	frame[47] = 0x10; /* ACK */
	frame[48] = 0x10; /* window */
}

static int load_insns(const char *name, const struct bpf_insn *insns, size_t n)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_XDP,
		    .prog_flags = k.frags ? BPF_F_XDP_HAS_FRAGS : 0);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, name, "GPL", insns, n, &opts);

	assert_true(fd >= 0);
	return fd;
}

#define INSN(op, dst, src, offset, value)                                                         \
	{                                                                                         \
		.code = (op), .dst_reg = (dst), .src_reg = (src), .off = (offset), .imm = (value) \
	}
#define MOVE(dst, src) INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define CALL(helper) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
#define RETURN_PASS                                                   \
	INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, XDP_PASS), \
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int empty_program(void)
{
	const struct bpf_insn pass[] = { RETURN_PASS };

	return load_insns("empty", pass, sizeof(pass) / sizeof(pass[0]));
}

/* Gives each frame another source, address and port, and hands it to the program in the array. */
static int load_flood(int array)
{
	const struct bpf_insn flood[] = {
		MOVE(BPF_REG_6, BPF_REG_1),
		INSN(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_7, BPF_REG_1, 0, 0), /* data */
		INSN(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_8, BPF_REG_1, 4, 0), /* data_end */
		MOVE(BPF_REG_2, BPF_REG_7),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, 36),
		INSN(BPF_JMP | BPF_JGT | BPF_X, BPF_REG_2, BPF_REG_8, 9, 0), /* to the end */
		CALL(BPF_FUNC_get_prandom_u32),
		INSN(BPF_STX | BPF_MEM | BPF_W, BPF_REG_7, BPF_REG_0, 26, 0), /* address */
		CALL(BPF_FUNC_get_prandom_u32),
		INSN(BPF_STX | BPF_MEM | BPF_H, BPF_REG_7, BPF_REG_0, 34, 0), /* port */
		MOVE(BPF_REG_1, BPF_REG_6),
		INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, BPF_PSEUDO_MAP_FD, 0, array),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, 0),
		CALL(BPF_FUNC_tail_call),
		RETURN_PASS,
	};

	return load_insns("flood", flood, sizeof(flood) / sizeof(flood[0]));
}

static unsigned int cost_behind_flood(int program, const uint8_t *frame, uint32_t size)
{
	int array = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "next", 4, 4, 1, NULL);
	int flood = load_flood(array);
	__u32 zero = 0;
	unsigned int ns;

	assert_int_equal(bpf_map_update_elem(array, &zero, &program, 0), 0);
	ns = cost(flood, frame, size);
	close(flood);
	close(array);
	return ns;
}

/* ns more than an empty program's that it takes for a frame of a source that is new each time. */
static unsigned int cost_of_flood(int program, int empty, const uint8_t *frame, uint32_t size)
{
	unsigned int with = cost_behind_flood(program, frame, size),
		     without = cost_behind_flood(empty, frame, size);

	return with > without ? with - without : 0;
}

/* Rows of flows that nobody will ask for, as many as there is room for. */
static void fill_flows(uint32_t rows_there)
{
	static const struct unreach_flow flow = { .first = 1 };
	struct unreach_flow_key key = {};

	for (uint32_t i = 0; i < rows_there; i++) {
		key.host.words[3] = i * 2654435761U;
		bpf_map_update_elem(bpf_map__fd(k.skel->maps.flows), &key, &flow, 0);
	}
}

/* Bytes of kernel memory that a map is charged. */
static unsigned long memlock(int fd)
{
	char path[64], line[128];
	unsigned long bytes = 0;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = fopen(path, "r");
	assert_non_null(info);
	while (fgets(line, sizeof(line), info))
		sscanf(line, "memlock: %lu", &bytes);
	fclose(info);
	return bytes;
}

/* Prints, and judges nothing: the machine may be busy with something else. */
static void test_cost(void **state)
{
	uint8_t data[1514], ack[1514], answer[1514];
	int empty = empty_program(), flows, outside;
	unsigned int off[2];

	(void)state;
	make_frame(data, false, 1500);
	make_frame(ack, false, 40);
	make_frame(answer, true, 40);
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	kernel_load(&k);
	off[0] = cost(bpf_program__fd(k.skel->progs.unreach), data, sizeof(data));
	off[1] = cost(bpf_program__fd(k.skel->progs.unreach), answer, 60);
	kernel_close(&k);
	open_programs(ROWS, 1);
	flows = bpf_program__fd(inside->progs.unreach_flows);
	outside = bpf_program__fd(k.skel->progs.unreach);
	print_message("ns a frame, empty program %u\n", cost(empty, data, sizeof(data)));
	print_message("watcher off, outside: data %u, ack %u\n", off[0], off[1]);
	print_message("watcher on, outside, no such flow: ack %u\n", cost(outside, answer, 60));
	print_message("watcher on, inside: data of a flow %u, ack %u\n",
		      cost(flows, data, sizeof(data)), cost(flows, ack, 60));
	print_message("watcher on, outside: ack of a flow %u\n", cost(outside, answer, 60));
	print_message("bytes a flow %lu, a peer %lu\n",
		      memlock(bpf_map__fd(k.skel->maps.flows)) / ROWS,
		      memlock(bpf_map__fd(k.skel->maps.peers)) / ROWS);
	close_programs();
	open_programs(ROWS, 2000000000); /* none is let in */
	flows = bpf_program__fd(inside->progs.unreach_flows);
	print_message("watcher on, inside: data of a new flow that is refused %u\n",
		      cost(flows, data, sizeof(data)));
	close_programs();
	close(empty);
}

/* The cells as a long flood leaves them: each row that was made has marked one. */
static void fill_cells(void)
{
	uint64_t random = SEED;
	struct unreach_known word;

	for (uint32_t i = 0; i < ROWS; i++) {
		for (unsigned int j = 0; j < UNREACH_KNOWN_CELLS; j++) {
			random = random * 6364136223846793005 + 1442695040888963407;
			word.cells[j] = unreach_known_tag((random >> 33) % 100 < MARKED ? 0 : 100);
		}
		assert_int_equal(
			bpf_map_update_elem(bpf_map__fd(k.skel->maps.flow_cells), &i, &word, 0), 0);
	}
}

/*
 * Floods of flows that are new with each packet: SYN, SYN with data (RFC 7413),
 * one large segment; and answers that belong to nothing. None may cost more
 * than twice what a packet of a flow that is watched does. The margin is for
 * machines that are busy.
 */
static void test_flood_cost(void **state)
{
	const uint64_t usual_interval = 10000000000 / ROWS;
	uint8_t data[1514], syn[1514], syn_data[1514], answer[1514];
	unsigned int usual[2], floods[4], i;
	int empty, flows, outside;

	(void)state;
	make_frame(data, false, 1500);
	make_frame(answer, true, 40);
	make_frame(syn, false, 40);
	make_frame(syn_data, false, 1400);
	syn[47] = syn_data[47] = 0x02;
	open_programs(ROWS, usual_interval);
	empty = empty_program();
	flows = bpf_program__fd(inside->progs.unreach_flows);
	outside = bpf_program__fd(k.skel->progs.unreach);
	usual[0] = cost(flows, data, sizeof(data)) - cost(empty, data, sizeof(data));
	usual[1] = cost(outside, answer, 60) - cost(empty, answer, 60);
	fill_flows(ROWS);
	fill_cells();
	floods[0] = cost_of_flood(flows, empty, syn, 60);
	floods[1] = cost_of_flood(flows, empty, syn_data, 1414);
	floods[2] = cost_of_flood(flows, empty, data, sizeof(data));
	floods[3] = cost_of_flood(outside, empty, answer, 60);
	print_message("ns a frame more than an empty program, of a watched flow: data %u, ack %u\n",
		      usual[0], usual[1]);
	print_message("of flows that are new each time: SYN %u, SYN with data %u, large segment "
		      "%u, answer to nothing %u\n",
		      floods[0], floods[1], floods[2], floods[3]);
	for (i = 0; i < 4; i++)
		assert_true(floods[i] * 100 <= 2 * usual[i == 3] * NOISE);
	close(empty);
	close_programs();
}

static struct unreach_flow_stats stats_now(void)
{
	struct unreach_flow_stats *cpus = calloc(k.cpus, sizeof(*cpus)), stats;
	__u32 zero = 0;

	assert_non_null(cpus);
	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(k.skel->maps.flow_stats), &zero, cpus), 0);
	stats = cpus[KERNEL_CPU];
	free(cpus);
	return stats;
}

/* A header can say anything; only a frame that is that long was put together before XDP. */
static void test_too_long(void **state)
{
	uint8_t bytes[1614] = {};
	struct frame frame = { .bytes = bytes, .captured = 1514 };

	(void)state;
	open_programs(64, 1);
	make_frame(bytes, false, 1600);
	run_inside(&frame);
	assert_int_equal(stats_now().sent, 1);
	assert_int_equal(stats_now().too_long, 0);
	frame.captured = 1614;
	run_inside(&frame);
	assert_int_equal(stats_now().sent, 2);
	assert_int_equal(stats_now().too_long, 1);
	close_programs();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_flood_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
