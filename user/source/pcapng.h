/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A reader of pcapng (draft-ietf-opsawg-pcapng): any number of sections in
 * either byte order, interfaces with names, link types and clocks of their
 * own. Every length is checked against the block that holds it.
 */
#ifndef UNREACH_SOURCE_PCAPNG_H
#define UNREACH_SOURCE_PCAPNG_H

#include "source/pcap.h"

/* Of a section header block; no classic capture begins with it. */
#define PCAPNG_FIRST_BYTE 0x0a
/* A longer block is taken for damage, so that a bad length can't eat the memory. */
#define PCAPNG_BLOCK_MAX (16 * 1024 * 1024)

/* For a file that begins with PCAPNG_FIRST_BYTE, which stays the caller's; NULL: out of memory. */
struct pcapng *pcapng_open(struct capture *capture, FILE *file);
/* The next frame, as capture_next has it but for its number: 1, 0 at the end, or -errno. */
int pcapng_next(struct pcapng *r, uint32_t *linktype, struct frame *frame);
/* NULL-safe. */
void pcapng_close(struct pcapng *r);

#endif
