/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One cell of a measurement: which program runs on which frame. First in the
 * flow: text becomes a cell, a cell becomes a frame (frames.c) and a loaded
 * program (target.c). Knows neither.
 */
#ifndef UNREACH_TESTS_BENCH_CELL_H
#define UNREACH_TESTS_BENCH_CELL_H

#include <stdbool.h>
#include <stdint.h>

enum program { PROGRAM_EMPTY, PROGRAM_PRIMITIVES, PROGRAM_OURS };
enum packet { PACKET_MESSAGE, PACKET_TCP, PACKET_UDP, PACKET_ARP, PACKET_IPV6 };
/* Addresses that the generator makes up for each run. */
enum made_up { MADE_UP_NONE, MADE_UP_SOURCES, MADE_UP_QUOTES };

#define CPUS_MAX 2

struct cell {
	const char *text;
	uint32_t program; /* enum program */
	uint32_t packet; /* enum packet */
	uint32_t random; /* enum made_up */
	uint32_t tables; /* 0 to 3: sources, targets, senders */
	uint32_t events; /* 1: each message leaves a record */
	uint32_t watch; /* 1: the flow watcher is on */
	uint32_t insert; /* 1: every new address is let in, whatever the rate */
	uint32_t length; /* bytes of the IP packet without its options; a multiple of 4 */
	uint32_t vlans;
	uint32_t options; /* bytes of IP options, a multiple of 4 */
	uint32_t cpus; /* that run it at once */
	uint32_t shared; /* 1: all CPUs send the same frame */
	uint32_t sum; /* 0: primitives without the checksum */
	uint32_t bursts; /* 1: measured in short bursts, as several CPUs always are */
};

/*
 * Fills the cell from words such as "program=ours,tables=3,length=576"; what is
 * not named keeps its default (the least message, one CPU). `text` must outlive
 * the cell. Returns 0, or -EINVAL for a word or value that is none of these.
 */
int cell_parse(struct cell *cell, const char *text);

/* Can both run on the same loaded program? Their frames may differ, but all are messages or none.
 */
bool cell_same_program(const struct cell *a, const struct cell *b);

#endif
