// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Floods the peer of a veth device with port-unreachable messages, by live
 * frames of BPF_PROG_TEST_RUN: millions a second from random sources, together
 * with groups of steady sources of which each sends the same known number. Kernels
 * before 5.18 have no live frames: there each is sent by a packet socket, slower.
 *
 *   flood DEVICE [--count N] [--rate PPS] [--spread N] [--targets N] [--tail SECONDS]
 *         [--advert fixed|random] [--group BASE:SOURCES:RATE:START]...
 *
 * --count   messages of the flood (0: none), --rate of them a second (0: as fast as it goes)
 * --spread  sources of the flood, in turn (0: random), --targets likewise (default 1)
 * --advert  all messages are of code 4 (MTU 1400) from 198.51.100.2, about one TCP segment or
 *           about random ones
 * --group   SOURCES addresses from BASE on, each RATE messages a second, from START
 *           seconds on until `tail` seconds after the flood
 *
 * Prints one JSON object: what was sent, and in what time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "tools/flood.h"
#include "tests/tools/flood.skel.h"

#define CHUNK 2000000 /* most messages of one test_run, which takes some 40 ms to set up */
#define PACED_CHUNKS 8 /* of them a second where a rate is asked for */
#define LEAST_CHUNK 256 /* so that groups that lag behind leave some to the flood */

struct frame {
	struct ethhdr eth;
	struct iphdr ip;
	struct flood_message message;
} __attribute__((packed));

struct run {
	struct flood_bpf *skel;
	struct flood_job *job; /* the program's memory */
	struct frame frame;
	uint64_t count, rate;
	int packets; /* a packet socket, -1 where the kernel has live frames */
	double tail;
	double starts[FLOOD_GROUPS];
	unsigned int groups;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void build_frame(struct frame *f)
{
	*f = (struct frame){
		.eth = { .h_dest = { 2, 0, 0, 0, 0, 1 }, .h_source = { 2, 0, 0, 0, 0, 2 },
			 .h_proto = htons(ETH_P_IP) },
		.ip = { .version = 4, .ihl = 5, .ttl = 60, .protocol = IPPROTO_ICMP,
			.tot_len = htons(sizeof(*f) - sizeof(f->eth)), .daddr = htonl(0xc6336407) },
		.message = {
			.type = 3, .code = 3,
			.quoted = { .version = 4, .ihl = 5, .ttl = 61, .protocol = IPPROTO_UDP,
				    .tot_len = htons(60), .saddr = htonl(0xc6336407) },
			.transport = { 0xc3, 0x50, 0, 53, 0, 40 },
		},
	};
}

/* Makes it tell an MTU, for one segment or for random ones. */
static int make_advert(struct run *run, const char *quotes)
{
	struct flood_message *m = &run->frame.message;

	if (strcmp(quotes, "fixed") != 0 && strcmp(quotes, "random") != 0)
		return -EINVAL;
	m->code = 4;
	m->unused = htonl(1400);
	m->quoted.protocol = IPPROTO_TCP;
	m->quoted.tot_len = htons(1500);
	m->quoted.frag_off = htons(0x4000); /* DF */
	run->job->sources = (struct flood_range){ .base = 0xc6336402, .span = 1 };
	run->job->random_quotes = strcmp(quotes, "random") == 0;
	if (run->job->random_quotes)
		run->job->targets.span = 0;
	return 0;
}

/* Sends what the program makes of one frame; 0 or -errno. */
static int send_one(struct run *run)
{
	struct frame out;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = &run->frame,
		    .data_size_in = sizeof(run->frame), .data_out = &out,
		    .data_size_out = sizeof(out), .repeat = 1);

	if (bpf_prog_test_run_opts(bpf_program__fd(run->skel->progs.flood), &opts))
		return -errno;
	if (opts.retval == XDP_REDIRECT && send(run->packets, &out, sizeof(out), 0) < 0)
		return -errno;
	return 0;
}

/* Lets the program run over n frames; 0 or -errno. */
static int send_frames(struct run *run, uint64_t n)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = &run->frame,
		    .data_size_in = sizeof(run->frame), .repeat = (int)n,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	int rc = 0;

	while (run->packets >= 0 && n-- && !rc)
		rc = send_one(run);
	if (run->packets >= 0)
		return rc;
	if (bpf_prog_test_run_opts(bpf_program__fd(run->skel->progs.flood), &opts))
		return -errno;
	return opts.retval ? -EOPNOTSUPP : 0; /* a live run tells no verdict */
}

/* Opens the packet socket where there are no live frames; 0 or -errno. */
static int choose_way(struct run *run)
{
	struct sockaddr_ll device = { .sll_family = AF_PACKET,
				      .sll_ifindex = (int)run->job->ifindex };
	int rc;

	run->packets = -1;
	rc = send_frames(run, 1); /* nothing is due yet */
	if (rc != -EINVAL && rc != -EOPNOTSUPP) /* the flag is refused, or not looked at */
		return rc;
	run->packets = socket(AF_PACKET, SOCK_RAW, 0);
	if (run->packets < 0 || bind(run->packets, (struct sockaddr *)&device, sizeof(device)))
		return -errno;
	return 0;
}

static void breathe(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static int flood(struct run *run)
{
	const uint64_t most = run->rate ? run->rate / PACED_CHUNKS + 1 : CHUNK;
	double start = now();
	int rc = 0;

	while (!rc && run->job->sent < run->count) {
		uint64_t left = run->count - run->job->sent, n = left < most ? left : most;

		if (run->rate && (now() - start) * (double)run->rate < (double)run->job->sent) {
			breathe();
			continue;
		}
		run->job->left = n;
		rc = send_frames(run, n > LEAST_CHUNK ? n : LEAST_CHUNK);
	}
	run->job->left = 0;
	return rc;
}

/* Lets the groups go on alone. */
static int tail(struct run *run)
{
	double end = now() + run->tail;
	int rc = 0;

	while (!rc && now() < end) {
		rc = send_frames(run, LEAST_CHUNK);
		breathe();
	}
	return rc;
}

/* Fills the program's memory: what is known only when it starts. */
static void start_groups(struct run *run)
{
	for (unsigned int i = 0; i < run->groups; i++)
		run->job->groups[i].due = (uint64_t)((now() + run->starts[i]) * 1e9) + 1;
}

static int parse_group(struct run *run, const char *text)
{
	struct flood_group *g = &run->job->groups[run->groups];
	double rate;
	char base[32];
	struct in_addr a;

	if (run->groups == FLOOD_GROUPS ||
	    sscanf(text, "%31[0-9.]:%u:%lf:%lf", base, &g->sources.span, &rate,
		   &run->starts[run->groups]) != 4 ||
	    !inet_aton(base, &a) || !g->sources.span || rate <= 0)
		return -EINVAL;
	g->sources.base = ntohl(a.s_addr);
	g->interval = (uint64_t)(1e9 / rate / g->sources.span);
	run->groups++;
	return 0;
}

static int parse(struct run *run, int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", 1, 0, 'c' },	 { "rate", 1, 0, 'r' },
		{ "spread", 1, 0, 's' }, { "targets", 1, 0, 't' },
		{ "tail", 1, 0, 'l' },	 { "advert", 1, 0, 'a' },
		{ "group", 1, 0, 'g' },	 {},
	};
	int c, rc = 0;

	while (!rc && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			run->count = strtoull(optarg, NULL, 10);
			break;
		case 'r':
			run->rate = strtoull(optarg, NULL, 10);
			break;
		case 's':
			run->job->sources.span = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 't':
			run->job->targets.span = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'l':
			run->tail = strtod(optarg, NULL);
			break;
		case 'a':
			rc = make_advert(run, optarg);
			break;
		case 'g':
			rc = parse_group(run, optarg);
			break;
		default:
			rc = -EINVAL;
		}
	}
	return optind == argc - 1 ? rc : -EINVAL;
}

static void report(const struct run *run, double seconds)
{
	printf("{\"flood\":%llu,\"seconds\":%.3f,\"groups\":[", run->job->sent, seconds);
	for (unsigned int i = 0; i < run->groups; i++) {
		const struct flood_group *g = &run->job->groups[i];

		printf("%s{\"base\":%u,\"sources\":%u,\"sent\":%llu}", i ? "," : "",
		       g->sources.base, g->sources.span, g->sent);
	}
	printf("]}\n");
}

static int usage(void)
{
	fprintf(stderr,
		"usage: flood DEVICE [--count N] [--rate PPS] [--spread N] [--targets N] "
		"[--tail S] [--advert fixed|random] [--group BASE:SOURCES:RATE:START]...\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct run run = { .skel = flood_bpf__open_and_load() };
	double start;
	int rc;

	if (!run.skel) {
		fprintf(stderr, "flood: cannot load its program: %s\n", strerror(errno));
		return 1;
	}
	run.job = &run.skel->bss->job;
	run.job->sources.base = 0x0b000000;
	run.job->targets = (struct flood_range){ .base = 0xcb007109, .span = 1 };
	build_frame(&run.frame);
	if (parse(&run, argc, argv)) {
		flood_bpf__destroy(run.skel);
		return usage();
	}
	run.job->ifindex = if_nametoindex(argv[optind]);
	rc = choose_way(&run);
	start = now();
	start_groups(&run);
	if (!rc)
		rc = flood(&run);
	if (!rc)
		rc = tail(&run);
	if (rc)
		fprintf(stderr, "flood: %s: %s\n", argv[optind], strerror(-rc));
	else
		report(&run, now() - start);
	flood_bpf__destroy(run.skel);
	return rc ? 1 : 0;
}
