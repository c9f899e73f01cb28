// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Addresses as text: IPv4-mapped ones by hand, since events are full of them,
 * the rest by RFC 5952. Reading is left to libc.
 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/put.h"

#define TEXT_MAX 39 /* eight fields of four digits, seven colons */

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

/* An octet as text, and its length: random ones would be guessed wrong digit by digit. */
struct octet {
	char text[3];
	uint8_t length; /* 0: not made yet */
};

static void make_octets(struct octet octets[256])
{
	for (unsigned int v = 0; v < 256; v++) {
		char *end = put_u64(octets[v].text, v);

		octets[v].length = (uint8_t)(end - octets[v].text);
	}
}

/* 0 to 255 without leading zeros; up to three bytes behind are written, too. */
static PUT_INLINE char *put_octet(char *p, const struct octet *o)
{
	memcpy(p, o, sizeof(*o));
	return p + o->length;
}

static char *put_ipv4(char *p, const uint8_t *bytes)
{
	static struct octet octets[256];

	if (!octets[0].length)
		make_octets(octets);
	p = put_char(put_octet(p, &octets[bytes[0]]), '.');
	p = put_char(put_octet(p, &octets[bytes[1]]), '.');
	p = put_char(put_octet(p, &octets[bytes[2]]), '.');
	return put_octet(p, &octets[bytes[3]]);
}

/* Hexadecimal, lower case, without leading zeros (RFC 5952, 4.1 and 4.3). */
static char *put_field(char *p, uint16_t v)
{
	int shift = 12;

	while (shift && !(v >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		p = put_char(p, "0123456789abcdef"[v >> shift & 0xf]);
	return p;
}

/* The first of the longest runs of zero fields (RFC 5952, 4.2); returns its length, 0: none. */
static int find_zeros(const uint16_t fields[8], int *at)
{
	int best = 1, i, j; /* one field alone is not shortened */

	*at = -1;
	for (i = 0; i < 8; i = j + 1) {
		for (j = i; j < 8 && !fields[j]; j++)
			;
		if (j - i > best) {
			*at = i;
			best = j - i;
		}
	}
	return *at < 0 ? 0 : best;
}

/* RFC 5952; libc's own form differs in that it writes low embedded IPv4 addresses dotted. */
static char *put_ipv6(char *p, const uint8_t *bytes)
{
	uint16_t fields[8];
	int zeros, length;

	for (int i = 0; i < 8; i++)
		fields[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
	length = find_zeros(fields, &zeros);
	for (int i = 0; i < 8; i++) {
		if (i == zeros) {
			p = put_str(p, "::");
			i += length - 1;
			continue;
		}
		if (i && i != zeros + length)
			p = put_char(p, ':');
		p = put_field(p, fields[i]);
	}
	return p;
}

bool addr_is_ipv4(const struct unreach_addr *a)
{
	return !memcmp(a->bytes, mapped, sizeof(mapped));
}

void addr_format(struct buf *b, const struct unreach_addr *a)
{
	char *p;

	if (!buf_reserve(b, TEXT_MAX))
		return;
	p = b->data + b->len;
	if (addr_is_ipv4(a))
		p = put_ipv4(p, a->bytes + 12);
	else
		p = put_ipv6(p, a->bytes);
	b->len = (size_t)(p - b->data);
}

int addr_parse(struct unreach_addr *a, const char *text)
{
	if (inet_pton(AF_INET6, text, a->bytes) == 1)
		return 0;
	memcpy(a->bytes, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, a->bytes + 12) == 1 ? 0 : -EINVAL;
}

static int parse_port(uint16_t *port, const char *text)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end || !v || v > UINT16_MAX)
		return -EINVAL;
	*port = (uint16_t)v;
	return 0;
}

int addr_port_parse(struct unreach_addr *a, uint16_t *port, const char *text)
{
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	bool brackets = length > 1 && text[0] == '[' && text[length - 1] == ']';
	char address[INET6_ADDRSTRLEN];

	if (!length || length - 2 * brackets >= sizeof(address))
		return -EINVAL;
	length -= 2 * brackets;
	memcpy(address, text + brackets, length);
	address[length] = '\0';
	/* What has colons stands in brackets, and nothing else does. */
	if (brackets != (strchr(address, ':') != NULL) || addr_parse(a, address))
		return -EINVAL;
	return parse_port(port, colon + 1);
}
