// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The flow watcher's two programs against the host's build: the recorded
 * transfers, frame by frame through both, leave the same rows. What hangs on
 * time alone is left out: a replay is over in no time.
 */
#include "prog/watcher.h"

#include <glob.h>
#include <stdio.h>

#include "source/pcap.h"
#include "state/flows.h"

#define INSIDE "tests/vectors/inside/lab-"
#define OUTSIDE "tests/vectors/lab-"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
