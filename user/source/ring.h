/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Our own reader of a BPF ring buffer: two positions and the data, mapped.
 * Unlike libbpf's it releases a batch only when told to, so that what was read
 * but not yet written survives a kill. Knows no record's content and no libbpf.
 */
#ifndef UNREACH_SOURCE_RING_H
#define UNREACH_SOURCE_RING_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest record that is read. */
#define RING_RECORD_MOST 4096

struct ring {
	int fd; /* of the map; the caller's */
	size_t size; /* bytes of data, a power of two */
	uint64_t *consumer; /* ours to move, mapped alone */
	const uint64_t *producer; /* mapped with the data behind it */
	const uint8_t *data;
};

typedef void (*ring_fn)(void *context, const void *record, size_t size);

/* Maps the ring buffer of `fd`; 0 or -errno. */
int ring_open(struct ring *ring, int fd, size_t size);
/* Fine with a ring that was never opened (all zero). */
void ring_close(struct ring *ring);
/*
 * Calls fn for each complete record from the consumer's position on, at least
 * one and up to about max_bytes. Returns the bytes to release.
 */
size_t ring_read(const struct ring *ring, size_t max_bytes, ring_fn fn, void *context);
/* Gives the first `bytes` back to the kernel. */
void ring_release(struct ring *ring, size_t bytes);
/* Bytes that stand in the ring. */
size_t ring_used(const struct ring *ring);

#endif
