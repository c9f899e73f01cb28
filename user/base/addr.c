// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Addresses as text: IPv4-mapped ones by hand, since events are full of them,
 * the rest by RFC 5952. Reading is left to libc.
 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <errno.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

/* Appends 0 to 255 at p; returns the end. */
static char *octet(char *p, uint8_t v)
{
	if (v >= 100) {
		*p++ = (char)('0' + v / 100);
		v %= 100;
		*p++ = (char)('0' + v / 10);
	} else if (v >= 10) {
		*p++ = (char)('0' + v / 10);
	}
	*p++ = (char)('0' + v % 10);
	return p;
}

/* RFC 5952; libc's own form differs in that it writes low embedded IPv4 addresses dotted. */
static void format_ipv6(struct buf *b, const uint8_t *bytes)
{
	int best = -1, best_length = 1, i, j;
	uint16_t words[8];

	for (i = 0; i < 8; i++)
		words[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
	for (i = 0; i < 8; i = j + 1) {
		for (j = i; j < 8 && !words[j]; j++)
			;
		if (j - i > best_length) {
			best = i;
			best_length = j - i;
		}
	}
	for (i = 0; i < 8; i++) {
		if (i == best) {
			buf_mem(b, "::", 2);
			i += best_length - 1;
			continue;
		}
		if (i && i != best + best_length)
			buf_char(b, ':');
		buf_printf(b, "%x", words[i]);
	}
}

void addr_format(struct buf *b, const struct unreach_addr *a)
{
	char text[16], *p = text;

	if (memcmp(a->bytes, mapped, sizeof(mapped)) != 0) {
		format_ipv6(b, a->bytes);
		return;
	}
	for (int i = 12; i < 16; i++) {
		if (i > 12)
			*p++ = '.';
		p = octet(p, a->bytes[i]);
	}
	buf_mem(b, text, (size_t)(p - text));
}

int addr_parse(struct unreach_addr *a, const char *text)
{
	if (inet_pton(AF_INET6, text, a->bytes) == 1)
		return 0;
	memcpy(a->bytes, mapped, sizeof(mapped));
	return inet_pton(AF_INET, text, a->bytes + 12) == 1 ? 0 : -EINVAL;
}
