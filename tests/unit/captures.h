/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Captures made in memory for the tests of the readers, in either byte order,
 * and what a reading of them gave. The includer has cmocka included before.
 */
#ifndef UNREACH_TESTS_UNIT_CAPTURES_H
#define UNREACH_TESTS_UNIT_CAPTURES_H

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "source/pcap.h"

enum { EPB = 6, SPB = 3, PB = 2, IDB = 1 };

/* A file in the making; `swap` for the other byte order than ours. */
struct maker {
	struct buf b;
	bool swap;
};

/* What a reading gave, frame by frame. */
struct seen {
	unsigned int count;
	unsigned int stop_at; /* 0: never */
	struct {
		uint64_t time, number;
		uint32_t captured, length;
		enum unreach_link link;
		char interface[80];
		uint8_t bytes[8];
	} frames[16];
};

static inline void put16(struct maker *m, uint16_t v)
{
	v = m->swap ? __builtin_bswap16(v) : v;
	buf_mem(&m->b, &v, sizeof(v));
}

static inline void put32(struct maker *m, uint32_t v)
{
	v = m->swap ? __builtin_bswap32(v) : v;
	buf_mem(&m->b, &v, sizeof(v));
}

static inline void set32(struct maker *m, size_t at, uint32_t v)
{
	v = m->swap ? __builtin_bswap32(v) : v;
	memcpy(m->b.data + at, &v, sizeof(v));
}

static inline void pad(struct maker *m)
{
	while (m->b.len % 4)
		buf_char(&m->b, 0);
}

static inline void put_classic(struct maker *m, uint32_t magic, uint32_t linktype)
{
	put32(m, magic);
	put16(m, 2);
	put16(m, 4);
	put32(m, 0);
	put32(m, 0);
	put32(m, 65535);
	put32(m, linktype);
}

static inline void put_classic_frame(struct maker *m, uint32_t seconds, uint32_t part,
				     const char *bytes)
{
	put32(m, seconds);
	put32(m, part);
	put32(m, (uint32_t)strlen(bytes));
	put32(m, 100);
	buf_str(&m->b, bytes);
}

static inline size_t begin_block(struct maker *m, uint32_t type)
{
	size_t start = m->b.len;

	put32(m, type);
	put32(m, 0);
	return start;
}

static inline void end_block(struct maker *m, size_t start)
{
	uint32_t total;

	pad(m);
	total = (uint32_t)(m->b.len - start + 4);
	set32(m, start + 4, total);
	put32(m, total);
}

static inline void put_section(struct maker *m)
{
	size_t start = begin_block(m, 0x0a0d0d0a);

	put32(m, 0x1a2b3c4d);
	put16(m, 1);
	put16(m, 0);
	put32(m, UINT32_MAX);
	put32(m, UINT32_MAX);
	end_block(m, start);
}

static inline void put_option(struct maker *m, uint16_t code, const void *value, uint16_t length)
{
	put16(m, code);
	put16(m, length);
	buf_mem(&m->b, value, length);
	pad(m);
}

/* An interface; `resolution` -1: none told. Returns where its block starts. */
static inline size_t put_interface(struct maker *m, uint16_t linktype, uint32_t snaplen,
				   const char *name, int resolution, int64_t offset)
{
	size_t start = begin_block(m, IDB);
	uint8_t power = (uint8_t)resolution;

	put16(m, linktype);
	put16(m, 0);
	put32(m, snaplen);
	put_option(m, 3, "a description", 13);
	if (name)
		put_option(m, 2, name, (uint16_t)strlen(name));
	if (resolution >= 0)
		put_option(m, 9, &power, 1);
	if (offset) {
		offset = m->swap ? (int64_t)__builtin_bswap64((uint64_t)offset) : offset;
		put_option(m, 14, &offset, 8);
	}
	put_option(m, 0, "", 0);
	end_block(m, start);
	return start;
}

static inline size_t put_packet(struct maker *m, uint32_t interface, uint64_t ticks,
				const char *bytes)
{
	size_t start = begin_block(m, EPB);

	put32(m, interface);
	put32(m, (uint32_t)(ticks >> 32));
	put32(m, (uint32_t)ticks);
	put32(m, (uint32_t)strlen(bytes));
	put32(m, 100);
	buf_str(&m->b, bytes);
	pad(m);
	put_option(m, 1, "comment", 7);
	end_block(m, start);
	return start;
}

static inline int take(void *context, const struct frame *frame)
{
	struct seen *s = context;
	unsigned int i = s->count++;

	assert_true(i < sizeof(s->frames) / sizeof(*s->frames));
	s->frames[i].time = frame->time;
	s->frames[i].number = frame->number;
	s->frames[i].captured = frame->captured;
	s->frames[i].length = frame->length;
	s->frames[i].link = frame->link;
	snprintf(s->frames[i].interface, sizeof(s->frames[i].interface), "%s",
		 frame->interface ? frame->interface : "(none)");
	memcpy(s->frames[i].bytes, frame->bytes, frame->captured < 8 ? frame->captured : 8);
	return s->count == s->stop_at ? 77 : 0;
}

static inline int read_bytes(const void *bytes, size_t size, struct seen *s, struct capture *c)
{
	FILE *file = fmemopen((void *)bytes, size, "r");
	int result;

	assert_non_null(file);
	memset(s, 0, offsetof(struct seen, stop_at));
	result = capture_open_stream(c, file, "test");
	return result ? result : capture_each(c, take, s);
}

static inline int read_made(struct maker *m, struct seen *s, struct capture *c)
{
	return read_bytes(m->b.data, m->b.len, s, c);
}

static inline void restart(struct maker *m)
{
	m->b.len = 0;
}

#endif
