// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The messages themselves, as a pcapng file (draft-ietf-opsawg-pcapng) in the
 * machine's byte order: a section header, a description of each interface
 * before its first packet, the packets; those that something is wrong with bear
 * our verdict as comment. The first two go out with a batch like packets, so
 * they are put again if it fails.
 */
#include <stdlib.h>
#include <string.h>

#include "sink/out.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_IF_NAME = 2,
	OPTION_USER_APPLICATION = 4,
	OPTION_IF_TSRESOL = 9,
};

struct interface {
	char *name; /* NULL: not known */
	enum unreach_link link;
};

/* What an enhanced packet block begins with; packed, as what is written in part can leave it
 * anywhere. */
struct packet_block {
	uint32_t type, length, interface, time_high, time_low, kept, frame_length;
} __attribute__((packed));

struct pcapng {
	struct out out;
	uint32_t snaplen;
	struct interface *interfaces; /* by their number in each section */
	uint32_t count, room;
	/* Of section header and interfaces, in this order, how many are put. */
	uint32_t in_file;
	uint32_t in_batch; /* those in the file included */
	/* The interface of the packet before in this batch; NULL: look. */
	const char *last_name;
	uint32_t last_number;
};

static void put16(struct buf *b, uint16_t v)
{
	buf_mem(b, &v, sizeof(v));
}

static void put32(struct buf *b, uint32_t v)
{
	buf_mem(b, &v, sizeof(v));
}

/* Fills up to a multiple of 4 from `start`, a place that is one. */
static void pad(struct buf *b, size_t start)
{
	static const char zeros[4];

	buf_mem(b, zeros, (start - b->len) % 4);
}

static void put_option(struct buf *b, uint16_t code, const void *value, size_t length)
{
	put16(b, code);
	put16(b, (uint16_t)length);
	buf_mem(b, value, length);
	pad(b, b->len - length);
}

/* Returns where the block starts. */
static size_t begin_block(struct buf *b, uint32_t type)
{
	size_t start = b->len;

	put32(b, type);
	put32(b, 0);
	return start;
}

/* Ends the options and the block, whose length stands at both ends. */
static void end_block(struct buf *b, size_t start)
{
	uint32_t total = (uint32_t)(b->len - start) + 8;

	put32(b, OPTION_END);
	put32(b, total);
	if (!b->failed)
		memcpy(b->data + start + 4, &total, sizeof(total));
}

static void put_section(struct buf *b)
{
	static const char application[] = "unreach " UNREACH_VERSION;
	size_t start = begin_block(b, BLOCK_SECTION);

	put32(b, 0x1a2b3c4d); /* byte order */
	put16(b, 1); /* version 1.0 */
	put16(b, 0);
	put32(b, UINT32_MAX); /* length of the section: not told */
	put32(b, UINT32_MAX);
	put_option(b, OPTION_USER_APPLICATION, application, sizeof(application) - 1);
	end_block(b, start);
}

/* The LINKTYPE_ of tcpdump.org. */
static uint16_t linktype(enum unreach_link link)
{
	switch (link) {
	case UNREACH_LINK_ETHERNET:
		return 1;
	case UNREACH_LINK_SLL:
		return 113;
	case UNREACH_LINK_SLL2:
		return 276;
	default:
		return 101;
	}
}

static void put_interface(struct buf *b, const struct interface *i, uint32_t snaplen)
{
	static const uint8_t nanoseconds = 9;
	size_t start = begin_block(b, BLOCK_INTERFACE);

	put16(b, linktype(i->link));
	put16(b, 0);
	put32(b, snaplen);
	if (i->name)
		put_option(b, OPTION_IF_NAME, i->name, strlen(i->name));
	put_option(b, OPTION_IF_TSRESOL, &nanoseconds, sizeof(nanoseconds));
	end_block(b, start);
}

/* Puts what of section header and interfaces is missing. */
static void put_heads(struct pcapng *p)
{
	for (; p->in_batch <= p->count; p->in_batch++) {
		if (p->in_batch == 0)
			put_section(&p->out.buf);
		else
			put_interface(&p->out.buf, &p->interfaces[p->in_batch - 1], p->snaplen);
	}
}

static void start_file(struct out *out)
{
	struct pcapng *p = (struct pcapng *)out;

	p->in_file = 0;
	p->in_batch = 0;
	put_heads(p);
}

static bool same_interface(const struct interface *i, const struct event *ev)
{
	if (i->link != ev->link || !i->name != !ev->interface)
		return false;
	return !i->name || !strcmp(i->name, ev->interface);
}

/* Adds an interface; false where memory is out. */
static bool add_interface(struct pcapng *p, const struct event *ev)
{
	struct interface *new;

	if (p->count == p->room) {
		uint32_t room = p->room ? 2 * p->room : 8;

		new = reallocarray(p->interfaces, room, sizeof(*new));
		if (!new)
			return false;
		p->interfaces = new;
		p->room = room;
	}
	new = &p->interfaces[p->count];
	new->link = ev->link;
	new->name = ev->interface ? strdup(ev->interface) : NULL;
	if (ev->interface && !new->name)
		return false;
	p->count++;
	return true;
}

/* Is the packet's interface that of the one before? */
static bool is_last(const struct pcapng *p, const struct event *ev)
{
	return ev->interface && ev->interface == p->last_name &&
	       ev->link == p->interfaces[p->last_number].link;
}

/* Finds the packet's interface, or adds it; false where memory is out. */
static bool look_up(struct pcapng *p, const struct event *ev)
{
	uint32_t i;

	for (i = 0; i < p->count && !same_interface(&p->interfaces[i], ev);)
		i++;
	if (i == p->count && !add_interface(p, ev))
		return false;
	p->last_name = ev->interface;
	p->last_number = i;
	return true;
}

/* Is there more to say of it than its code, which every reader of the file shows? */
static bool is_odd(const struct unreach_event *e)
{
	return e->flags || e->checksum != UNREACH_CHECKSUM_OK || e->code >= UNREACH_CODES;
}

/* A packet's block, without options. */
static void put_packet(struct buf *b, const struct event *ev, uint32_t interface)
{
	const struct unreach_envelope *envelope = &ev->record->envelope;
	uint64_t time = event_unix_ns(ev);
	uint32_t room = (envelope->kept + 3U) & ~3U;
	uint32_t length = sizeof(struct packet_block) + room + sizeof(length);
	char *at;

	if (!buf_reserve(b, length))
		return;
	at = b->data + b->len;
	b->len += length;
	/* What fills up the data; with the head behind it, in case there is no data. */
	memset(at + length - 2 * sizeof(length), 0, sizeof(length));
	/* In its place: it would be read back from a copy before that was written. */
	*(struct packet_block *)(void *)at = (struct packet_block){
		.type = BLOCK_PACKET,
		.length = length,
		.interface = interface,
		.time_high = (uint32_t)(time >> 32),
		.time_low = (uint32_t)time,
		.kept = envelope->kept,
		.frame_length = envelope->frame_length,
	};
	at += sizeof(struct packet_block);
	memcpy(at + room, &length, sizeof(length));
	memcpy(at, ev->record + 1, envelope->kept);
}

/* What we make of the message, as option of the block just put, which ends without any. */
static void add_comment(struct buf *b, size_t block, const struct unreach_event *e)
{
	size_t start = b->len - sizeof(uint32_t);
	uint16_t length;

	if (b->failed)
		return;
	b->len = start;
	put16(b, OPTION_COMMENT);
	put16(b, 0); /* the length is known when the text stands */
	event_verdict(b, e);
	buf_str(b, ", checksum ");
	buf_str(b, event_checksum_name(e));
	length = (uint16_t)(b->len - start - 4);
	if (!b->failed)
		memcpy(b->data + start + 2, &length, sizeof(length));
	pad(b, start);
	end_block(b, block);
}

static void pcapng_write(struct sink *sink, const struct event *ev)
{
	struct pcapng *p = (struct pcapng *)sink;
	struct buf *b = &p->out.buf;
	size_t start;

	if (!is_last(p, ev) && !look_up(p, ev)) {
		b->failed = true;
		return;
	}
	put_heads(p);
	start = b->len;
	put_packet(b, ev, p->last_number);
	if (is_odd(&ev->record->event))
		add_comment(b, start, &ev->record->event);
}

static int pcapng_flush(struct sink *sink)
{
	struct pcapng *p = (struct pcapng *)sink;
	int result = out_flush(sink);

	p->last_name = NULL; /* a device may be called otherwise by the next batch */
	if (p->out.taken)
		p->in_file = p->in_batch;
	else
		p->in_batch = p->in_file;
	return result;
}

static void pcapng_close(struct sink *sink)
{
	struct pcapng *p = (struct pcapng *)sink;
	uint32_t i;

	for (i = 0; i < p->count; i++)
		free(p->interfaces[i].name);
	free(p->interfaces);
	out_close(sink);
}

static const struct sink_ops pcapng_ops = {
	.write = pcapng_write,
	.flush = pcapng_flush,
	.reopen = out_reopen,
	.close = pcapng_close,
};

struct sink *sink_pcapng_open(const char *path, uint32_t snaplen)
{
	struct pcapng *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->snaplen = snaplen;
	return out_open(&p->out, &pcapng_ops, OUT_FRESH, start_file, path);
}
