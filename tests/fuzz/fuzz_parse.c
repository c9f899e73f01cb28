// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The core on any bytes as any kind of frame: it must stay inside them, say
 * nothing that they don't hold, and write it down as one line.
 *
 * An input has the form of a classic capture of one frame: the link type is
 * taken from its file header and the frame begins behind its first record
 * header, so the captures of tests/vectors are the corpus as they are.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "source/frame.h"
#include "state/event.h"

#define LINK_AT 20
#define FRAME_AT 40

/* Every bit of `some` has those below it. */
static int is_prefix(uint32_t some)
{
	return (some & (some + 1)) == 0;
}

static int is_zero(const void *p, size_t size)
{
	static const uint8_t zeros[64];

	return !memcmp(p, zeros, size);
}

static int is_ipv4(const struct unreach_addr *a)
{
	return is_zero(a->bytes, 10) && a->bytes[10] == 0xff && a->bytes[11] == 0xff;
}

static void check_outer(const struct unreach_event *e)
{
	unsigned int i;

	CHECK(e->type == UNREACH_ICMP_UNREACHABLE && e->family == UNREACH_IPV4);
	CHECK(is_ipv4(&e->src) && is_ipv4(&e->dst));
	CHECK(e->vlans <= UNREACH_VLANS);
	for (i = e->vlans; i < UNREACH_VLANS; i++)
		CHECK(!e->vlan[i]);
	CHECK(is_zero(e->reserved, sizeof(e->reserved)) && !e->label_count && !e->esp_spi);
	CHECK(!(e->present & UNREACH_HAS_MTU) || e->code == UNREACH_ICMP_FRAG_NEEDED);
	CHECK(e->present & UNREACH_HAS_MTU || !e->mtu);
}

/* A quoted IP header is there up to some byte, and what is not there is zero. */
static void check_quoted_ip(const struct unreach_event *e)
{
	uint32_t present = e->present / UNREACH_HAS_ORIG_TOS & 0xff;

	CHECK(is_prefix(present));
	CHECK(e->quote != UNREACH_QUOTE_NONE || !(e->present & ~(uint32_t)UNREACH_HAS_MTU));
	CHECK(e->quote != UNREACH_QUOTE_FULL || e->present & UNREACH_HAS_ORIG_DST);
	CHECK(!(e->flags & UNREACH_FLAG_BAD_QUOTE) || e->quote == UNREACH_QUOTE_NONE);
	CHECK(e->present & UNREACH_HAS_ORIG_TOS || !e->orig_tos);
	CHECK(e->present & UNREACH_HAS_ORIG_LENGTH || !e->orig_length);
	CHECK(e->present & UNREACH_HAS_ORIG_ID || !e->orig_id);
	CHECK(e->present & UNREACH_HAS_ORIG_FRAG || (!e->orig_df && !e->orig_frag_offset));
	CHECK(e->present & UNREACH_HAS_ORIG_TTL || !e->orig_ttl);
	CHECK(e->present & UNREACH_HAS_ORIG_PROTO || !e->orig_proto);
	CHECK(e->present & UNREACH_HAS_ORIG_SRC ? is_ipv4(&e->orig_src)
						: is_zero(&e->orig_src, sizeof(e->orig_src)));
	CHECK(e->present & UNREACH_HAS_ORIG_DST ? is_ipv4(&e->orig_dst)
						: is_zero(&e->orig_dst, sizeof(e->orig_dst)));
}

static void check_transport(const struct unreach_event *e)
{
	const uint32_t ports = UNREACH_HAS_SRC_PORT | UNREACH_HAS_DST_PORT,
		       icmp = UNREACH_HAS_ICMP_TYPE | UNREACH_HAS_ICMP_CODE,
		       all = ports | icmp | UNREACH_HAS_TCP_SEQ | UNREACH_HAS_UDP_LENGTH;

	CHECK(e->present < UNREACH_HAS_TCP_FLAGS);
	if (e->present & all)
		CHECK(e->present & UNREACH_HAS_ORIG_DST && !e->orig_frag_offset);
	CHECK(!(e->present & ports) || unreach_has_ports(e->orig_proto));
	CHECK(!(e->present & icmp) || e->orig_proto == UNREACH_PROTO_ICMP);
	CHECK(!(e->present & UNREACH_HAS_TCP_SEQ) || e->orig_proto == UNREACH_PROTO_TCP);
	CHECK(!(e->present & UNREACH_HAS_UDP_LENGTH) || e->orig_proto == UNREACH_PROTO_UDP);
	CHECK(!(e->present & UNREACH_HAS_DST_PORT) || e->present & UNREACH_HAS_SRC_PORT);
	CHECK(!(e->present & UNREACH_HAS_TCP_SEQ) || e->present & UNREACH_HAS_DST_PORT);
	CHECK(!(e->present & UNREACH_HAS_UDP_LENGTH) || e->present & UNREACH_HAS_DST_PORT);
	CHECK(!(e->present & UNREACH_HAS_ICMP_CODE) || e->present & UNREACH_HAS_ICMP_TYPE);
}

static void check_flags(const struct unreach_event *e)
{
	const uint16_t of_mtu = UNREACH_FLAG_LEGACY | UNREACH_FLAG_IMPOSSIBLE | UNREACH_FLAG_TINY |
				UNREACH_FLAG_POINTLESS | UNREACH_FLAG_NO_DF | UNREACH_FLAG_ECHO;
	const uint16_t small = UNREACH_FLAG_LEGACY | UNREACH_FLAG_IMPOSSIBLE | UNREACH_FLAG_TINY;

	CHECK(!(e->flags & of_mtu) || e->present & UNREACH_HAS_MTU);
	CHECK(!(e->flags & small & ((e->flags & small) - 1))); /* one of them at the most */
	CHECK(!(e->flags & UNREACH_FLAG_OFF_PATH) || e->present & UNREACH_HAS_ORIG_SRC);
}

/* RFC 1071 byte by byte. */
static uint16_t plain_sum(const uint8_t *p, uint32_t length)
{
	uint32_t sum = 0, i;

	for (i = 0; i < length; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void check_checksum(const struct frame *frame, const struct unreach_event *e)
{
	struct unreach_cursor c = unreach_cursor(frame->bytes, frame->bytes + frame->captured);
	int right;

	CHECK(unreach_find(&c, frame->link) == UNREACH_OK);
	CHECK(c.at + 2 <= c.limit && c.at + 2 <= frame->captured);
	if (e->checksum == UNREACH_CHECKSUM_UNVERIFIED)
		return;
	CHECK(c.limit <= frame->captured && c.limit - c.at >= UNREACH_ICMP_HEADER);
	right = plain_sum(frame->bytes + c.at, c.limit - c.at) == 0xffff;
	CHECK(e->checksum == (right ? UNREACH_CHECKSUM_OK : UNREACH_CHECKSUM_BAD));
}

/* One line of printable ASCII, with braces that match. */
static void check_line(const struct buf *b, int json)
{
	int depth = 0;
	size_t i;

	CHECK(!b->failed && b->len && b->data[b->len - 1] == '\n');
	for (i = 0; i + 1 < b->len; i++) {
		CHECK(b->data[i] >= ' ' && b->data[i] < 0x7f);
		depth += (b->data[i] == '{') - (b->data[i] == '}');
		CHECK(!json || depth > 0 || i + 2 == b->len);
	}
	CHECK(depth == 0);
}

static void check_written(const struct frame *frame, const struct unreach_record *record)
{
	static struct buf b;
	struct event ev = {
		.record = record,
		.interface = frame->captured % 2 ? "eth0" : NULL,
		.pcap_cnt = frame->captured % 3,
		.link = frame->link,
	};

	b.len = 0;
	event_json(&b, &ev);
	check_line(&b, 1);
	b.len = 0;
	event_text(&b, &ev);
	check_line(&b, 0);
}

/* One byte less can't make more known. */
static void check_shorter(const struct frame *frame, const struct unreach_event *e)
{
	struct frame shorter = *frame;
	struct unreach_record record;
	enum unreach_outcome outcome;

	shorter.captured--;
	outcome = frame_decode(&shorter, &record);
	CHECK(outcome == UNREACH_OK || outcome == UNREACH_TRUNCATED);
	if (outcome != UNREACH_OK)
		return;
	CHECK(!(record.event.present & ~e->present));
	CHECK(record.event.quote <= e->quote);
	CHECK(record.event.checksum == e->checksum ||
	      record.event.checksum == UNREACH_CHECKSUM_UNVERIFIED);
}

/* Little-endian, or the low byte of a big-endian one: enough for every type that is read. */
static uint32_t linktype_of(const uint8_t *data)
{
	return data[LINK_AT] | (uint32_t)data[LINK_AT + 1] << 8 | data[LINK_AT + 3];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame frame = { .time = 1795228000000000000, .number = 1 };
	struct unreach_record record, untouched;
	enum unreach_outcome outcome;

	if (size <= FRAME_AT)
		return -1;
	if (!frame_link(linktype_of(data), &frame.link))
		frame.link = UNREACH_LINK_ETHERNET;
	frame.bytes = data + FRAME_AT;
	frame.captured = (uint32_t)(size - FRAME_AT);
	frame.length = frame.captured;
	memset(&untouched, 0xa5, sizeof(untouched));
	record = untouched;
	outcome = frame_decode(&frame, &record);
	CHECK(outcome < UNREACH_OUTCOMES);
	if (outcome != UNREACH_OK) {
		CHECK(!memcmp(&record, &untouched, sizeof(record)));
		return 0;
	}
	check_outer(&record.event);
	check_quoted_ip(&record.event);
	check_transport(&record.event);
	check_flags(&record.event);
	check_checksum(&frame, &record.event);
	check_shorter(&frame, &record.event);
	check_written(&frame, &record);
	return 0;
}
