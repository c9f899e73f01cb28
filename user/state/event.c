// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * An event in writing. Both forms are the hot path of whoever reads millions:
 * room is made once, then everything is copied with lengths that the compiler
 * knows. They show what the record holds and judge nothing anew.
 */
#include "state/event.h"

#include "base/addr.h"
#include "base/clock.h"
#include "base/put.h"
#include "state/community.h"
#include "unreach/codes.h"

/* More than a line takes, the interface's name left out. */
#define LINE_ROOM 1600
/* Most that one byte of a name can take: "\u0000". */
#define NAME_FACTOR 6

static const char *const checksum_names[] = {
	[UNREACH_CHECKSUM_UNVERIFIED] = "unverified",
	[UNREACH_CHECKSUM_OK] = "ok",
	[UNREACH_CHECKSUM_BAD] = "bad",
};

/* By bit, see enum unreach_flag. */
static const char *const flag_names[] = {
	"legacy", "impossible", "tiny", "pointless", "no-df", "off-path", "echo", "bad-quote",
};
#define FLAGS (sizeof(flag_names) / sizeof(*flag_names))

static const char *const proto_names[256] = {
	[1] = "ICMP",	[2] = "IGMP",	    [4] = "IPIP",      [6] = "TCP",   [17] = "UDP",
	[33] = "DCCP",	[41] = "IPV6",	    [46] = "RSVP",     [47] = "GRE",  [50] = "ESP",
	[51] = "AH",	[58] = "IPV6-ICMP", [88] = "EIGRP",    [89] = "OSPF", [103] = "PIM",
	[112] = "VRRP", [132] = "SCTP",	    [136] = "UDPLITE",
};

const char *event_proto_name(uint8_t proto)
{
	return proto_names[proto];
}

const char *event_flag_name(unsigned int bit)
{
	return bit < FLAGS ? flag_names[bit] : NULL;
}

const char *event_checksum_name(const struct unreach_event *e)
{
	return checksum_names[e->checksum];
}

/* For the functions that write to a buf: where it stands, and where it stands after them. */
static UNREACH_INLINE void leave(struct buf *b, const char *p)
{
	b->len = (size_t)(p - b->data);
}

static UNREACH_INLINE char *enter(const struct buf *b)
{
	return b->data + b->len;
}

static UNREACH_INLINE char *json_number(char *p, const char *key, uint64_t value)
{
	return put_u64(put_str(p, key), value);
}

static UNREACH_INLINE char *json_addr(struct buf *b, char *p, const char *key,
				      const struct unreach_addr *a)
{
	p = put_str(p, key);
	leave(b, p);
	addr_format(b, a);
	return put_char(enter(b), '"');
}

static UNREACH_INLINE char *json_time(struct buf *b, char *p, uint64_t unix_ns)
{
	p = put_str(p, "{\"timestamp\":\"");
	leave(b, p);
	clock_format_eve(b, unix_ns);
	return enter(b);
}

static char *json_interface(struct buf *b, char *p, const char *name)
{
	p = put_str(p, "\",\"in_iface\":\"");
	leave(b, p);
	buf_json(b, name);
	return enter(b);
}

static char *json_id(char *p, const struct event *ev)
{
	const struct unreach_envelope *envelope = &ev->record->envelope;
	int shift;

	p = put_str(p, "\",\"event_id\":\"");
	for (shift = 28; shift >= 0; shift -= 4)
		p = put_char(p, "0123456789abcdef"[ev->nonce >> shift & 0xf]);
	p = put_u64(put_char(p, '-'), ev->stream);
	return put_u64(put_char(p, '-'), envelope->number);
}

static char *json_vlan(char *p, const struct unreach_event *e)
{
	unsigned int i;

	p = put_str(p, ",\"vlan\":");
	for (i = 0; i < e->vlans; i++) {
		p = put_char(p, i ? ',' : '[');
		p = put_u64(p, e->vlan[i] & 0xfff); /* the VID of the tag control, 802.1Q */
	}
	return put_char(p, ']');
}

/* What EVE has names for: when, where, from whom to whom, type and code. */
static UNREACH_INLINE char *json_head(struct buf *b, char *p, const struct event *ev)
{
	const struct unreach_event *e = &ev->record->event;

	p = json_time(b, p, event_unix_ns(ev));
	if (!ev->pcap_cnt)
		p = json_id(p, ev);
	if (ev->interface)
		p = json_interface(b, p, ev->interface);
	p = put_str(p, "\",\"event_type\":\"icmp_unreach\"");
	if (ev->pcap_cnt)
		p = json_number(p, ",\"pcap_cnt\":", ev->pcap_cnt);
	if (e->vlans)
		p = json_vlan(p, e);
	p = json_addr(b, p, ",\"src_ip\":\"", &e->src);
	p = json_addr(b, p, ",\"dest_ip\":\"", &e->dst);
	p = json_number(p, ",\"proto\":\"ICMP\",\"icmp_type\":", e->type);
	return json_number(p, ",\"icmp_code\":", e->code);
}

static char *json_community_id(char *p, const struct unreach_event *e)
{
	char id[COMMUNITY_ID_SIZE];

	return community_id(e, id) ? put_char(put_str(put_str(p, ",\"community_id\":\""), id), '"')
				   : p;
}

static char *json_flags(char *p, unsigned int flags)
{
	unsigned int i;

	p = put_str(p, ",\"flags\":[\"");
	for (i = 0; i < FLAGS; i++) {
		if (!(flags & 1U << i))
			continue;
		p = put_str(p, flag_names[i]);
		flags &= ~(1U << i);
		if (flags)
			p = put_str(p, "\",\"");
	}
	return put_str(p, "\"]");
}

static UNREACH_INLINE char *json_message(char *p, const struct event *ev)
{
	const struct unreach_event *e = &ev->record->event;

	p = put_str(p, ",\"unreach\":{\"name\":\"");
	p = put_str(p, unreach_code_name(e->code));
	p = json_number(p, "\",\"ttl\":", e->ttl);
	if (e->tos)
		p = json_number(p, ",\"tos\":", e->tos);
	p = json_number(p, ",\"length\":", e->length);
	p = put_str(p, ",\"checksum\":\"");
	p = put_str(p, checksum_names[e->checksum]);
	if (e->quote == UNREACH_QUOTE_CUT)
		p = put_str(p, "\",\"quote\":\"cut");
	else if (e->quote == UNREACH_QUOTE_NONE)
		p = put_str(p, "\",\"quote\":\"none");
	p = put_char(p, '"');
	if (e->present & UNREACH_HAS_MTU)
		p = json_number(p, ",\"mtu\":", e->mtu);
	if (e->flags)
		p = json_flags(p, e->flags);
	return json_number(p, ",\"suppressed\":", ev->record->envelope.suppressed);
}

static UNREACH_INLINE char *json_proto(char *p, uint8_t proto)
{
	const char *name = event_proto_name(proto);

	p = put_str(p, ",\"proto\":\"");
	p = name ? put_str(p, name) : put_u64(p, proto);
	return put_char(p, '"');
}

/* The quoted transport header, as far as it was quoted. */
static UNREACH_INLINE char *json_transport(char *p, const struct unreach_event *e)
{
	if (e->present & UNREACH_HAS_SRC_PORT)
		p = json_number(p, ",\"src_port\":", e->src_port);
	if (e->present & UNREACH_HAS_DST_PORT)
		p = json_number(p, ",\"dest_port\":", e->dst_port);
	if (e->present & UNREACH_HAS_TCP_SEQ)
		p = json_number(p, ",\"tcp_seq\":", e->tcp_seq);
	if (e->present & UNREACH_HAS_UDP_LENGTH)
		p = json_number(p, ",\"udp_length\":", e->udp_length);
	if (e->present & UNREACH_HAS_ICMP_TYPE)
		p = json_number(p, ",\"icmp_type\":", e->orig_icmp_type);
	if (e->present & UNREACH_HAS_ICMP_CODE)
		p = json_number(p, ",\"icmp_code\":", e->orig_icmp_code);
	return p;
}

/* The quoted IP header beside addresses and protocol. */
static UNREACH_INLINE char *json_quoted_ip(char *p, const struct unreach_event *e)
{
	if (e->present & UNREACH_HAS_ORIG_LENGTH)
		p = json_number(p, ",\"length\":", e->orig_length);
	if (e->present & UNREACH_HAS_ORIG_TTL)
		p = json_number(p, ",\"ttl\":", e->orig_ttl);
	if (e->present & UNREACH_HAS_ORIG_TOS && e->orig_tos)
		p = json_number(p, ",\"tos\":", e->orig_tos);
	if (e->present & UNREACH_HAS_ORIG_ID)
		p = json_number(p, ",\"id\":", e->orig_id);
	if (!(e->present & UNREACH_HAS_ORIG_FRAG))
		return p;
	p = e->orig_df ? put_str(p, ",\"df\":true") : put_str(p, ",\"df\":false");
	if (e->orig_frag_offset)
		p = json_number(p, ",\"frag_offset\":", e->orig_frag_offset);
	return p;
}

/* Each key brings its comma; the first one's becomes the brace. */
static UNREACH_INLINE char *json_orig(struct buf *b, char *p, const struct unreach_event *e)
{
	char *brace;

	p = put_str(p, ",\"orig\":");
	brace = p;
	if (e->present & UNREACH_HAS_ORIG_SRC)
		p = json_addr(b, p, ",\"src_ip\":\"", &e->orig_src);
	if (e->present & UNREACH_HAS_ORIG_DST)
		p = json_addr(b, p, ",\"dest_ip\":\"", &e->orig_dst);
	if (e->present & UNREACH_HAS_ORIG_PROTO)
		p = json_proto(p, e->orig_proto);
	p = json_transport(p, e);
	p = json_quoted_ip(p, e);
	if (p == brace)
		p++;
	*brace = '{';
	return put_char(p, '}');
}

void event_json(struct buf *b, const struct event *ev)
{
	const struct unreach_event *e = &ev->record->event;
	size_t name = ev->interface ? NAME_FACTOR * strlen(ev->interface) : 0;
	char *p;

	if (!buf_reserve(b, LINE_ROOM + name))
		return;
	p = json_head(b, enter(b), ev);
	if (ev->community_id)
		p = json_community_id(p, e);
	p = json_message(p, ev);
	if (e->quote != UNREACH_QUOTE_NONE)
		p = json_orig(b, p, e);
	leave(b, put_str(p, "}}\n"));
}

/* An interface's name comes from a file or from whoever made the device: nothing but print. */
static char *text_name(char *p, const char *name)
{
	for (; *name; name++)
		p = put_char(p, *name > ' ' && *name < 0x7f ? *name : '?');
	return p;
}

static char *text_flags(char *p, unsigned int flags)
{
	unsigned int i;

	for (i = 0; i < FLAGS; i++)
		if (flags & 1U << i)
			p = put_str(put_char(p, ' '), flag_names[i]);
	return p;
}

static UNREACH_INLINE char *text_verdict(char *p, const struct unreach_event *e)
{
	p = put_str(p, unreach_code_name(e->code));
	if (e->code >= UNREACH_CODES)
		p = put_u64(put_str(p, " code "), e->code);
	if (e->present & UNREACH_HAS_MTU)
		p = put_u64(put_str(p, " mtu "), e->mtu);
	return e->flags ? text_flags(p, e->flags) : p;
}

void event_verdict(struct buf *b, const struct unreach_event *e)
{
	if (buf_reserve(b, LINE_ROOM))
		leave(b, text_verdict(enter(b), e));
}

static UNREACH_INLINE char *text_addr(struct buf *b, char *p, const struct unreach_addr *a)
{
	leave(b, p);
	addr_format(b, a);
	return enter(b);
}

/* An end of the quoted datagram, as far as it is known. */
static UNREACH_INLINE char *text_end(struct buf *b, char *p, bool has_addr,
				     const struct unreach_addr *a, bool has_port, uint16_t port)
{
	if (!has_addr)
		return put_char(p, '?');
	p = text_addr(b, p, a);
	return has_port ? put_u64(put_char(p, ':'), port) : p;
}

static UNREACH_INLINE char *text_orig(struct buf *b, char *p, const struct unreach_event *e)
{
	const char *name = event_proto_name(e->orig_proto);

	if (e->quote == UNREACH_QUOTE_NONE)
		return put_str(p, ", orig not quoted");
	p = put_str(p, ", orig ");
	p = text_end(b, p, e->present & UNREACH_HAS_ORIG_SRC, &e->orig_src,
		     e->present & UNREACH_HAS_SRC_PORT, e->src_port);
	p = put_str(p, " > ");
	p = text_end(b, p, e->present & UNREACH_HAS_ORIG_DST, &e->orig_dst,
		     e->present & UNREACH_HAS_DST_PORT, e->dst_port);
	if (!(e->present & UNREACH_HAS_ORIG_PROTO))
		return p;
	p = put_char(p, ' ');
	return name ? put_str(p, name) : put_u64(put_str(p, "protocol "), e->orig_proto);
}

void event_text(struct buf *b, const struct event *ev)
{
	const struct unreach_event *e = &ev->record->event;
	char *p;

	if (!buf_reserve(b, LINE_ROOM + (ev->interface ? strlen(ev->interface) : 0)))
		return;
	clock_format_rfc3339(b, event_unix_ns(ev));
	p = put_char(enter(b), ' ');
	p = text_name(p, ev->interface && *ev->interface ? ev->interface : "-");
	p = text_addr(b, put_char(p, ' '), &e->src);
	p = text_verdict(put_char(p, ' '), e);
	if (e->checksum == UNREACH_CHECKSUM_BAD)
		p = put_str(p, " bad-checksum");
	p = text_orig(b, p, e);
	if (ev->record->envelope.suppressed)
		p = put_u64(put_str(p, ", suppressed "), ev->record->envelope.suppressed);
	leave(b, put_char(p, '\n'));
}
