/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Adverts (code 4) made for tests of the evidence, their way through the
 * kernel, and what its tables and counters say of them.
 */
#ifndef UNREACH_TESTS_PROG_ADVERTS_H
#define UNREACH_TESTS_PROG_ADVERTS_H

#include "unreach/path.h"

#include "prog/kernel.h"
#include "prog/message.h"

#define MS UNREACH_MS
#define SECOND (1000 * MS)

/* One advert: numbers for who and what, the rest as it stands in a frame. */
struct advert {
	uint32_t reporter, sender, target; /* hosts of 10/8, 192/8, 203/8 */
	uint16_t mtu, length, port;
	uint32_t seq; /* TCP: sequence number; ICMP: type and code on top */
	uint8_t protocol, code;
	bool split, off_path, bad; /* without DF, quotes another host, has a wrong checksum */
};

static inline void put16(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

/* Makes the checksum right, but for one bit where it shall be wrong. */
static inline void put_checksum(uint8_t *frame, bool bad)
{
	uint32_t sum = 0;

	put16(frame + 36, 0);
	for (int i = 34; i < MESSAGE_SIZE; i += 2)
		sum += (uint32_t)(frame[i] << 8 | frame[i + 1]);
	put16(frame + 36, (uint16_t)(~unreach_fold(sum) ^ bad));
}

static inline void advert_frame(const struct advert *a, uint8_t *frame)
{
	const struct message m = {
		.source = a->reporter, .sender = a->sender, .target = a->target, .code = a->code
	};

	message_frame(&m, frame);
	message_host(frame + 30, 192, a->off_path ? 0xffffff : a->sender);
	put16(frame + 40, a->mtu);
	put16(frame + 44, a->length);
	frame[48] = a->split ? 0 : 0x40;
	frame[51] = a->protocol;
	if (a->protocol == 1) {
		frame[62] = (uint8_t)(a->seq >> 8);
		frame[63] = (uint8_t)a->seq;
	} else {
		put16(frame + 62, a->port);
		put16(frame + 64, 443);
		put16(frame + 66, a->seq >> 16);
		put16(frame + 68, a->seq);
	}
	put_checksum(frame, a->bad);
}

/* The time that the kernel took for the last message. */
static inline uint64_t kernel_time(struct kernel *k)
{
	static char *values;
	__u32 zero = 0;
	uint64_t now;
	size_t size = bpf_map__value_size(k->skel->maps.workspace);

	size = (size + 7) / 8 * 8;
	if (!values)
		values = calloc(k->cpus, size);
	assert_non_null(values);
	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(k->skel->maps.workspace), &zero, values),
			 0);
	memcpy(&now, values + KERNEL_CPU * size, sizeof(now)); /* it stands first */
	return now;
}

/* The longest tick of a kernel (CONFIG_HZ=100), ns: by so much a message's time may be early. */
#define TICK_MOST 10000000ULL

/* Through the kernel; says when. */
static inline uint64_t send_advert(struct kernel *k, const struct advert *a)
{
	uint64_t before = kernel_now(CLOCK_MONOTONIC_COARSE), now;
	uint8_t frame[MESSAGE_SIZE];

	advert_frame(a, frame);
	assert_int_equal(kernel_run(k, frame, sizeof(frame), 0), 0);
	now = kernel_time(k);
	assert_true(now + TICK_MOST >= before && now <= k->ended);
	return now;
}

static inline struct bpf_map *map_of(struct kernel *k, enum unreach_evidence which)
{
	switch (which) {
	case UNREACH_PATHS:
		return k->skel->maps.paths;
	case UNREACH_HEADS:
		return k->skel->maps.heads;
	default:
		return k->skel->maps.adverts;
	}
}

static inline size_t kernel_rows(struct kernel *k, enum unreach_evidence which)
{
	union {
		struct unreach_path_key path;
		struct unreach_head_key head;
		struct unreach_advert_key advert;
	} key;
	int fd = bpf_map__fd(map_of(k, which));
	void *from = NULL;
	size_t count = 0;

	for (; !bpf_map_get_next_key(fd, from, &key); from = &key)
		count++;
	return count;
}

/* What the counters say of a table: all that should be there, what is, what is not and why. */
static inline void check_attribution(struct kernel *k, enum unreach_evidence which,
				     uint64_t attributable, uint64_t attributed)
{
	struct unreach_counters c = kernel_counters(k);
	const struct unreach_attribution *a = &c.evidence[which];

	assert_int_equal(a->attributable, attributable);
	assert_int_equal(a->attributed, attributed);
	assert_int_equal(a->unattributed[UNREACH_UNATTRIBUTED_ADMISSION],
			 attributable - attributed);
	assert_int_equal(a->unattributed[UNREACH_UNATTRIBUTED_TABLE], 0);
}

#endif
