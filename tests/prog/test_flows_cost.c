// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the flow watcher costs a frame, of a flow that is watched and in floods
 * of flows that are not: by the kernel's own clock, beside an empty program.
 */
#include "prog/watcher.h"
#include "unreach/known.h"

#define REPEAT 1000000
#define ROWS 65536 /* of the default table */
/* Percent of the cells: two generations of rows in eight cells each, 1 - exp(-2 / 8). */
#define MARKED 22
#define NOISE 150 /* percent */

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
		      kernel_memlock(bpf_map__fd(k.skel->maps.flows)) / ROWS,
		      kernel_memlock(bpf_map__fd(k.skel->maps.peers)) / ROWS);
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_flood_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
