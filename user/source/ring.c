// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The consumer's side of a BPF ring buffer (Documentation/bpf/ringbuf.rst):
 * one page with the consumer's position, one with the producer's, then the
 * data, twice in a row so that a record never breaks at the end. Of the second
 * time only so much is mapped as one record can need: pages that are mapped
 * twice count twice as the process's own.
 */
#include "source/ring.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/bpf.h>

static size_t page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Bytes of the producer's mapping, for so much data: whole pages. */
static size_t mapped(size_t size)
{
	size_t again = (BPF_RINGBUF_HDR_SZ + RING_RECORD_MOST + page() - 1) & ~(page() - 1);

	return page() + size + (again < size ? again : size);
}

int ring_open(struct ring *ring, int fd, size_t size)
{
	void *consumer, *producer;

	consumer = mmap(NULL, page(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	producer = mmap(NULL, mapped(size), PROT_READ, MAP_SHARED, fd, (off_t)page());
	if (producer == MAP_FAILED) {
		int error = -errno;

		munmap(consumer, page());
		return error;
	}
	*ring = (struct ring){
		.fd = fd,
		.size = size,
		.consumer = consumer,
		.producer = producer,
		.data = (const uint8_t *)producer + page(),
	};
	return 0;
}

void ring_close(struct ring *ring)
{
	if (!ring->consumer)
		return;
	munmap(ring->consumer, page());
	munmap((void *)(uintptr_t)ring->producer, mapped(ring->size));
	memset(ring, 0, sizeof(*ring));
}

static uint64_t load(const uint64_t *position)
{
	return atomic_load_explicit((const _Atomic uint64_t *)position, memory_order_acquire);
}

size_t ring_used(const struct ring *ring)
{
	return load(ring->producer) - load(ring->consumer);
}

size_t ring_read(const struct ring *ring, size_t max_bytes, ring_fn fn, void *context)
{
	uint64_t start = load(ring->consumer), end = load(ring->producer), at = start;

	while (at < end && at - start < max_bytes) {
		const uint8_t *header = ring->data + (at & (ring->size - 1));
		uint32_t length = atomic_load_explicit(
			(const _Atomic uint32_t *)(const void *)header, memory_order_acquire);

		if (length & BPF_RINGBUF_BUSY_BIT)
			break;
		if (!(length & BPF_RINGBUF_DISCARD_BIT))
			fn(context, header + BPF_RINGBUF_HDR_SZ, length);
		length &= ~BPF_RINGBUF_DISCARD_BIT;
		at += (length + BPF_RINGBUF_HDR_SZ + 7) & ~7U;
	}
	return at - start;
}

void ring_release(struct ring *ring, size_t bytes)
{
	uint64_t position = load(ring->consumer) + bytes;

	atomic_store_explicit((_Atomic uint64_t *)ring->consumer, position, memory_order_release);
}
