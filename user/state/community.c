// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The Community ID specification: SHA-1 over seed, addresses, protocol, a zero
 * byte and ports, the smaller of (address, port) first. The protocols whose
 * ports count are those of its reference implementation; ICMP's are its type
 * and that of the answer, or the code where there is no answer to it.
 */
#include "state/community.h"

#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include <sha1.h>

/* The parts of the quoted datagram that are hashed. */
struct flow {
	struct in6_addr src, dst;
	uint16_t src_port, dst_port;
	bool has_ports;
	bool one_way; /* there is no other direction: the ends stay as they are */
};

/* The type that answers, or is answered by, a type of ICMP (RFC 792, 950, 1256); -1: none. */
static int counterpart(uint8_t type)
{
	static const uint8_t pairs[][2] = {
		{ ICMP_ECHO, ICMP_ECHOREPLY },
		{ 10, 9 }, /* router solicitation, advertisement */
		{ ICMP_TIMESTAMP, ICMP_TIMESTAMPREPLY },
		{ ICMP_INFO_REQUEST, ICMP_INFO_REPLY },
		{ ICMP_ADDRESS, ICMP_ADDRESSREPLY },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		for (int side = 0; side < 2; side++)
			if (pairs[i][side] == type)
				return pairs[i][!side];
	return -1;
}

static bool has(const struct unreach_event *e, uint32_t what)
{
	return (e->present & what) == what;
}

/* Type and code as ports; false where they are not quoted. */
static bool read_icmp(const struct unreach_event *e, struct flow *f)
{
	int answer = counterpart(e->orig_icmp_type);

	f->has_ports = true;
	f->one_way = answer < 0;
	f->src_port = e->orig_icmp_type;
	f->dst_port = answer < 0 ? e->orig_icmp_code : (uint16_t)answer;
	return has(e, UNREACH_HAS_ICMP_TYPE) && (answer >= 0 || has(e, UNREACH_HAS_ICMP_CODE));
}

/* Ports, where the protocol has them; false where they are not quoted. */
static bool read_ports(const struct unreach_event *e, struct flow *f)
{
	switch (e->orig_proto) {
	case IPPROTO_ICMP:
		return read_icmp(e, f);
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		f->has_ports = true;
		f->src_port = e->src_port;
		f->dst_port = e->dst_port;
		return has(e, UNREACH_HAS_SRC_PORT | UNREACH_HAS_DST_PORT);
	default:
		return e->orig_proto != IPPROTO_ICMPV6; /* its type is not read */
	}
}

/* The ends in their order. */
static void order(struct flow *f)
{
	struct in6_addr src = f->src;
	uint16_t src_port = f->src_port;
	int difference = memcmp(&f->src, &f->dst, sizeof(src));

	if (f->one_way || difference < 0 || (!difference && src_port < f->dst_port))
		return;
	f->src = f->dst;
	f->src_port = f->dst_port;
	f->dst = src;
	f->dst_port = src_port;
}

static void add16(SHA1_CTX *sha, uint16_t v)
{
	const uint8_t bytes[] = { (uint8_t)(v >> 8), (uint8_t)v };

	SHA1Update(sha, bytes, sizeof(bytes));
}

/* IPv4's in 4 bytes. */
static void add_address(SHA1_CTX *sha, const struct in6_addr *a)
{
	size_t skip = IN6_IS_ADDR_V4MAPPED(a) ? 12 : 0;

	SHA1Update(sha, a->s6_addr + skip, sizeof(a->s6_addr) - skip);
}

static void hash(const struct flow *f, uint8_t proto, uint8_t digest[SHA1_DIGEST_LENGTH])
{
	SHA1_CTX sha;

	SHA1Init(&sha);
	add16(&sha, 0); /* the seed */
	add_address(&sha, &f->src);
	add_address(&sha, &f->dst);
	add16(&sha, (uint16_t)(proto << 8)); /* and its padding */
	if (f->has_ports) {
		add16(&sha, f->src_port);
		add16(&sha, f->dst_port);
	}
	SHA1Final(digest, &sha);
}

/* Base64 with padding (RFC 4648, 4) and a zero byte behind it. */
static void write_base64(char *to, const uint8_t *from, size_t size)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < size; i += 3) {
		uint32_t group = (uint32_t)from[i] << 16;

		if (i + 1 < size)
			group |= (uint32_t)from[i + 1] << 8;
		if (i + 2 < size)
			group |= from[i + 2];
		*to++ = letters[group >> 18];
		*to++ = letters[group >> 12 & 63];
		*to++ = i + 1 < size ? letters[group >> 6 & 63] : '=';
		*to++ = i + 2 < size ? letters[group & 63] : '=';
	}
	*to = '\0';
}

bool community_id(const struct unreach_event *e, char text[COMMUNITY_ID_SIZE])
{
	uint8_t digest[SHA1_DIGEST_LENGTH];
	struct flow f = {};

	if (!has(e, UNREACH_HAS_ORIG_SRC | UNREACH_HAS_ORIG_DST | UNREACH_HAS_ORIG_PROTO) ||
	    !read_ports(e, &f))
		return false;
	memcpy(&f.src, &e->orig_src, sizeof(f.src));
	memcpy(&f.dst, &e->orig_dst, sizeof(f.dst));
	order(&f);
	hash(&f, e->orig_proto, digest);
	memcpy(text, "1:", 2);
	write_base64(text + 2, digest, sizeof(digest));
	return true;
}
