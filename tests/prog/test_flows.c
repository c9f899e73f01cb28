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

#define INSIDE "tests/vectors/inside/lab-"
#define OUTSIDE "tests/vectors/lab-"
#define REPEAT 1000000

static struct kernel k;
static struct flows_bpf *inside;

/* `interval`: ns for one new flow. */
static void open_programs(uint32_t rows, uint64_t interval)
{
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.skel->rodata->watch_flows = true;
	k.skel->rodata->events_mode = 2; /* none: a ring would run full */
	bpf_map__set_max_entries(k.skel->maps.flows, rows);
	bpf_map__set_max_entries(k.skel->maps.peers, rows);
	kernel_load(&k);
	inside = flows_bpf__open();
	assert_non_null(inside);
	bpf_map__reuse_fd(inside->maps.flows, bpf_map__fd(k.skel->maps.flows));
	bpf_map__reuse_fd(inside->maps.peers, bpf_map__fd(k.skel->maps.peers));
	bpf_map__reuse_fd(inside->maps.flow_stats, bpf_map__fd(k.skel->maps.flow_stats));
	bpf_map__reuse_fd(inside->maps.flow_admission, bpf_map__fd(k.skel->maps.flow_admission));
	inside->rodata->have_coarse_clock = kernel_has(BPF_FUNC_ktime_get_coarse_ns);
	inside->rodata->flow_sample = 1;
	inside->rodata->flow_interval = interval;
	inside->rodata->flow_burst = 1000000000;
	inside->rodata->longest = 1500;
	assert_int_equal(flows_bpf__load(inside), 0);
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
	bool from_host = !memcmp(frame->bytes + 26, "\xc0\x00\x02", 3);
	struct unreach_segment segment;
	struct unreach_record record;
	struct unreach_cursor cursor;

	if (frame_segment(frame, &cursor, &segment))
		assert_int_equal(flows_segment(flows, &cursor, &segment, is_inside, 1), 0);
	else if (!is_inside && frame_decode(frame, &record) == UNREACH_OK)
		flows_advert(flows, &record.event, 1);
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
	assert_int_equal(host->probe, kernel->probe);
	assert_int_equal(host->probe_length, kernel->probe_length);
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

static int empty_program(void)
{
	const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "empty", "GPL", pass, 2, NULL);
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
	open_programs(65536, 1);
	flows = bpf_program__fd(inside->progs.unreach_flows);
	outside = bpf_program__fd(k.skel->progs.unreach);
	print_message("ns a frame, empty program %u\n", cost(empty, data, sizeof(data)));
	print_message("watcher off, outside: data %u, ack %u\n", off[0], off[1]);
	print_message("watcher on, outside, no such flow: ack %u\n", cost(outside, answer, 60));
	print_message("watcher on, inside: data of a flow %u, ack %u\n",
		      cost(flows, data, sizeof(data)), cost(flows, ack, 60));
	print_message("watcher on, outside: ack of a flow %u\n", cost(outside, answer, 60));
	print_message("bytes a flow %lu, a peer %lu\n",
		      memlock(bpf_map__fd(k.skel->maps.flows)) / 65536,
		      memlock(bpf_map__fd(k.skel->maps.peers)) / 65536);
	close_programs();
	open_programs(65536, 2000000000); /* none is let in */
	flows = bpf_program__fd(inside->progs.unreach_flows);
	print_message("watcher on, inside: data of a new flow that is refused %u\n",
		      cost(flows, data, sizeof(data)));
	close_programs();
	close(empty);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
