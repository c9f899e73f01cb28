// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pcapng, block by block: each is read whole into one buffer, its lengths are
 * checked, and a table says who reads it; types that carry no packet are passed
 * over. Options matter in interface descriptions alone.
 */
#include "source/pcapng.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define SECTION_HEADER 0x0a0d0d0aU /* the same in both byte orders */
#define BYTE_ORDER_MAGIC 0x1a2b3c4dU
/* Around the body: type and length in front, the length again behind. */
#define BLOCK_HEAD 8
#define BLOCK_TAIL 4
/* A longer interface name is cut; as long as a tally's. */
#define NAME_SIZE 64

struct interface {
	uint32_t linktype;
	uint32_t snaplen; /* 0: no limit */
	uint64_t per_second; /* ticks of its clock */
	uint64_t ns_per_tick; /* 0 where that is no whole number */
	int64_t offset; /* s, added to all its times */
	char name[NAME_SIZE];
};

struct pcapng {
	struct capture *capture;
	FILE *file;
	bool swapped; /* the section's byte order is not ours */
	struct interface *interfaces;
	uint32_t count, room;
	uint8_t *body; /* of the current block, its tail included */
	uint32_t body_room;
	uint32_t length; /* of the body without the tail */
	uint32_t sections;
	/* What the last block held, if it held a frame. */
	struct frame frame;
	uint32_t linktype;
};

static uint16_t get16(const struct pcapng *r, uint32_t at)
{
	uint16_t v;

	memcpy(&v, r->body + at, sizeof(v));
	return r->swapped ? __builtin_bswap16(v) : v;
}

static uint32_t order32(const struct pcapng *r, uint32_t v)
{
	return r->swapped ? __builtin_bswap32(v) : v;
}

static uint32_t get32(const struct pcapng *r, uint32_t at)
{
	uint32_t v;

	memcpy(&v, r->body + at, sizeof(v));
	return order32(r, v);
}

static uint64_t get64(const struct pcapng *r, uint32_t at)
{
	uint64_t v;

	memcpy(&v, r->body + at, sizeof(v));
	return r->swapped ? __builtin_bswap64(v) : v;
}

static int damaged(struct pcapng *r, const char *what)
{
	return capture_fail(r->capture, -EINVAL, "%s is damaged after frame %llu: %s",
			    r->capture->name, (unsigned long long)r->capture->frames, what);
}

static int no_capture(struct pcapng *r)
{
	r->capture->cut = false; /* where there is no capture there is no frame to be cut */
	return capture_fail(r->capture, -EINVAL, "%s is no capture (pcap or pcapng)",
			    r->capture->name);
}

/* A name option: text without a terminating zero. */
static void read_name(struct interface *to, const uint8_t *value, uint16_t length)
{
	size_t n = length < NAME_SIZE ? length : NAME_SIZE - 1;

	memset(to->name, 0, sizeof(to->name));
	memcpy(to->name, value, n);
}

/* if_tsresol: a negative power of 10, or of 2 where the upper bit is set. False: beyond 64 bits. */
static bool read_resolution(struct interface *to, uint8_t value)
{
	unsigned int power = value & 0x7f, base = value & 0x80 ? 2 : 10;

	for (to->per_second = 1; power; power--)
		if (__builtin_mul_overflow(to->per_second, base, &to->per_second))
			return false;
	to->ns_per_tick = NS_PER_SEC % to->per_second ? 0 : NS_PER_SEC / to->per_second;
	return true;
}

/* One option of an interface description at `at`; false where its value is none. */
static bool read_option(struct pcapng *r, struct interface *to, uint16_t code, uint32_t at,
			uint16_t length)
{
	switch (code) {
	case 2: /* if_name */
		read_name(to, r->body + at, length);
		return true;
	case 9: /* if_tsresol */
		return length == 1 && read_resolution(to, r->body[at]);
	case 14: /* if_tsoffset */
		if (length != 8)
			return false;
		to->offset = (int64_t)get64(r, at);
		return true;
	default:
		return true;
	}
}

static int read_options(struct pcapng *r, struct interface *to, uint32_t at)
{
	while (r->length - at >= 4) {
		uint16_t code = get16(r, at), length = get16(r, at + 2);

		if (code == 0)
			return 0;
		at += 4;
		if (length > r->length - at)
			return damaged(r, "an option is longer than its block");
		if (!read_option(r, to, code, at, length))
			return damaged(r, "an interface's clock or offset can't be read");
		at += (length + 3U) & ~3U; /* the body's length is a multiple of 4 too */
	}
	return 0;
}

static int read_section(struct pcapng *r)
{
	uint16_t major = get16(r, 4);

	if (major != 1)
		return damaged(r, "a section's version is not 1");
	r->count = 0;
	r->sections++;
	return 0;
}

static int read_interface(struct pcapng *r)
{
	struct interface *to;

	if (r->count == r->room) {
		uint32_t room = r->room ? 2 * r->room : 4;

		to = reallocarray(r->interfaces, room, sizeof(*to));
		if (!to)
			return capture_fail(r->capture, -ENOMEM, "%s: out of memory",
					    r->capture->name);
		r->interfaces = to;
		r->room = room;
	}
	to = &r->interfaces[r->count++];
	*to = (struct interface){
		.linktype = get16(r, 0),
		.snaplen = get32(r, 4),
		.per_second = 1000000,
		.ns_per_tick = 1000,
	};
	return read_options(r, to, 8);
}

/* Ticks of the interface's clock as Unix ns; times that these can't hold are cut to the limit. */
static uint64_t unix_ns(const struct interface *i, uint64_t ticks)
{
	__int128 ns = i->ns_per_tick ? (__int128)ticks * i->ns_per_tick
				     : (__int128)ticks * NS_PER_SEC / i->per_second;

	ns += (__int128)i->offset * NS_PER_SEC;
	if (ns < 0)
		return 0;
	return ns > INT64_MAX ? INT64_MAX : (uint64_t)ns;
}

/* Keeps the frame whose `captured` bytes are at `at`: 1. */
static int give(struct pcapng *r, uint32_t interface, uint32_t at, const struct frame *frame)
{
	const struct interface *i = &r->interfaces[interface];

	if (frame->captured > r->length - at)
		return damaged(r, "a packet is longer than its block");
	r->frame = *frame;
	r->frame.bytes = r->body + at;
	r->frame.interface = i->name[0] ? i->name : NULL;
	r->linktype = i->linktype;
	return 1;
}

/* Enhanced packet blocks and the obsolete packet blocks differ in where the interface stands. */
static int read_timed(struct pcapng *r, uint32_t interface)
{
	struct frame frame = { .captured = get32(r, 12), .length = get32(r, 16) };

	if (interface >= r->count)
		return damaged(r, "a packet names an interface that is not described");
	frame.time = unix_ns(&r->interfaces[interface], (uint64_t)get32(r, 4) << 32 | get32(r, 8));
	return give(r, interface, 20, &frame);
}

static int read_enhanced(struct pcapng *r)
{
	return read_timed(r, get32(r, 0));
}

static int read_obsolete(struct pcapng *r)
{
	return read_timed(r, get16(r, 0));
}

/* A simple packet block is the first interface's, and has no time: it is shown as 0. */
static int read_simple(struct pcapng *r)
{
	struct frame frame = { .captured = get32(r, 0), .length = get32(r, 0) };

	if (!r->count)
		return damaged(r, "a packet comes before any interface");
	if (r->interfaces[0].snaplen && frame.captured > r->interfaces[0].snaplen)
		frame.captured = r->interfaces[0].snaplen;
	return give(r, 0, 4, &frame);
}

static const struct {
	uint32_t type;
	uint32_t least; /* length of the body */
	int (*read)(struct pcapng *r); /* 1: it held a frame, 0 or -errno */
} blocks[] = {
	{ 6, 20, read_enhanced },
	{ 3, 4, read_simple },
	{ 2, 20, read_obsolete },
	{ 1, 8, read_interface },
	{ SECTION_HEADER, 16, read_section },
};

static int read_body(struct pcapng *r, uint32_t type)
{
	size_t i;

	for (i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		if (blocks[i].type != type)
			continue;
		if (r->length < blocks[i].least)
			return damaged(r, "a block is too short for what it should hold");
		return blocks[i].read(r);
	}
	return 0;
}

/* Reads `size` bytes: 1, or 0 where the file ends; that is a cut one if not between two blocks. */
static int fetch(struct pcapng *r, void *to, size_t size, bool inside)
{
	size_t n = fread_unlocked(to, 1, size, r->file);

	if (n == size)
		return 1;
	if (ferror_unlocked(r->file))
		return capture_fail(r->capture, -EIO, "cannot read %s: %s", r->capture->name,
				    strerror(errno));
	r->capture->cut = inside || n;
	return 0;
}

static int grow_body(struct pcapng *r, uint32_t size)
{
	uint8_t *body;

	if (size <= r->body_room)
		return 0;
	body = realloc(r->body, size);
	if (!body)
		return capture_fail(r->capture, -ENOMEM, "%s: out of memory", r->capture->name);
	r->body = body;
	r->body_room = size;
	return 0;
}

/* The first word of a section's body tells its byte order. */
static int fetch_order(struct pcapng *r, uint32_t *magic)
{
	int result = fetch(r, magic, sizeof(*magic), true);

	if (result <= 0)
		return result;
	if (*magic != BYTE_ORDER_MAGIC && *magic != __builtin_bswap32(BYTE_ORDER_MAGIC))
		return damaged(r, "a section's byte order can't be told");
	r->swapped = *magic != BYTE_ORDER_MAGIC;
	return 1;
}

/* Reads the rest of a block of `total` bytes, of whose body `there` bytes have been read. */
static int fetch_body(struct pcapng *r, uint32_t total, const void *read, uint32_t there)
{
	int result;

	if (total < BLOCK_HEAD + BLOCK_TAIL + there || total > PCAPNG_BLOCK_MAX || total % 4)
		return damaged(r, "a block's length can't be right");
	result = grow_body(r, total - BLOCK_HEAD);
	if (result)
		return result;
	memcpy(r->body, read, there);
	r->length = total - BLOCK_HEAD - BLOCK_TAIL;
	result = fetch(r, r->body + there, total - BLOCK_HEAD - there, true);
	if (result > 0 && get32(r, r->length) != total)
		return damaged(r, "a block's two lengths differ");
	return result;
}

/* Reads one block: 1, 0 at the end of the file, -errno. */
static int fetch_block(struct pcapng *r, uint32_t *type)
{
	uint32_t head[2], magic, there = 0;
	int result = fetch(r, head, sizeof(head), false);

	if (result <= 0)
		return result;
	*type = order32(r, head[0]);
	if (*type == SECTION_HEADER) {
		result = fetch_order(r, &magic);
		if (result <= 0)
			return result;
		there = sizeof(magic);
	} else if (!r->sections) {
		return no_capture(r);
	}
	return fetch_body(r, order32(r, head[1]), &magic, there);
}

struct pcapng *pcapng_open(struct capture *capture, FILE *file)
{
	struct pcapng *r = calloc(1, sizeof(*r));

	if (r) {
		r->capture = capture;
		r->file = file;
	}
	return r;
}

int pcapng_next(struct pcapng *r, uint32_t *linktype, struct frame *frame)
{
	uint32_t type;
	int result;

	do {
		result = fetch_block(r, &type);
		if (result <= 0)
			return result || r->sections ? result : no_capture(r);
		result = read_body(r, type);
	} while (result == 0);
	*linktype = r->linktype;
	*frame = r->frame;
	return result;
}

void pcapng_close(struct pcapng *r)
{
	if (!r)
		return;
	free(r->interfaces);
	free(r->body);
	free(r);
}
