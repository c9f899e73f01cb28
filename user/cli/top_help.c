// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What `top` says of itself; as long as fits 80x24. */
#include "cli/top_help.h"

static const struct {
	const char *what, *means;
} lines[] = {
	{ "q", "quit" },
	{ "h ?", "this; any key leaves it" },
	{ "p space", "pause: nothing is asked, nothing changes; again: go on" },
	{ "s", "sort rows by messages, by rate, by when last seen" },
	{ "c", "only one code, by number or name; Enter alone: all of them" },
	{ "i", "the next interface; after the last one all of them" },
	{ "t Tab", "the next table, where the screen has room for one" },
	{ "", "" },
	{ "seen", "type 3 messages, each counted in the kernel, whatever the load" },
	{ "=", "what became of their events: delivered, still in a ring, left" },
	{ "", "out by the budget or as nobody took them, lost" },
	{ "unreadable", "ICMP whose type can't be read: cut off, or a later fragment" },
	{ "RATE/S", "of codes over 10 s, of rows since the last answer" },
	{ "HISTORY", "a bar a second, newest on the right, against the highest shown" },
	{ "sources", "who reports; targets: what could not be reached; senders: whose" },
	{ "", "packets it was. The 100 rows with the most messages are sorted;" },
	{ "", "unattributed: messages of addresses that found no room" },
	{ "paths", "who told which host what MTU, and whether it was heeded" },
	{ "alerts", "black holes, forged adverts, floods, scans: `unreach alerts`" },
};

void top_help_draw(const struct area *a)
{
	for (int i = 0; i < (int)(sizeof(lines) / sizeof(*lines)); i++) {
		area_text(a, i + 1, 2, STYLE_STRONG, lines[i].what);
		area_text(a, i + 1, 14, STYLE_PLAIN, lines[i].means);
	}
}
