// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes at all as the inside of a valid JSON string (RFC 8259, 7). All
 * control characters are escaped, more than JSON asks for: lines are looked at
 * on terminals too, and interface names come from whoever wrote the capture.
 */
#include "base/buf.h"

size_t buf_utf8_length(const char *text, size_t left)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : *p >= 0xc2 ? 2 : *p < 0x80;

	if (*p > 0xf4 || n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
	    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

void buf_json_mem(struct buf *b, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		size_t n = 1;

		if (c == '"' || c == '\\')
			buf_char(b, '\\');
		if (c < 0x20 || c == 0x7f) {
			buf_printf(b, "\\u%04x", c);
			continue;
		}
		if (c >= 0x80)
			n = buf_utf8_length(text + i, length - i);
		if (!n) {
			buf_str(b, "\\ufffd");
			continue;
		}
		if (c == 0xc2 && (unsigned char)text[i + 1] < 0xa0) { /* U+0080 to U+009F */
			buf_printf(b, "\\u%04x", (unsigned char)text[++i]);
			continue;
		}
		buf_mem(b, text + i, n);
		i += n - 1;
	}
}
