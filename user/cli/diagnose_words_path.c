// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The words about a path: what gets through, what does not, who says so and
 * who does not hear it, and what to do about MTUs.
 */
#include "cli/diagnose_words.h"
#include "unreach/codes.h"

/* What a TCP segment carries at most in a packet of some size: two headers of 20 bytes less. */
enum { TCP_HEADERS = 40 };

/* What a port does while the path is what counts. */
static void say_port(const struct words *w)
{
	const struct probe_result *tcp = &w->d->probes[PROBE_TCP];

	if (tcp->outcome == OUTCOME_ANSWERED)
		buf_printf(w->b, "TCP port %u is open", w->d->tcp_port);
	else if (tcp->outcome == OUTCOME_REFUSED)
		buf_printf(w->b, "The host is there (TCP port %u is closed)", w->d->tcp_port);
	else
		buf_str(w->b, "The host is there");
}

void words_open_means(const struct words *w)
{
	say_port(w);
	switch (w->d->path.state) {
	case PATH_WHOLE:
		buf_printf(w->b,
			   ", and packets of %u bytes, the most that this host's own link takes, "
			   "get through.",
			   w->d->path.passes);
		break;
	case PATH_UNCLEAR:
		buf_str(w->b,
			". The path's MTU could not be measured for certain: packets are lost, "
			"or answers come too slowly.");
		break;
	default:
		buf_str(w->b,
			". The path's MTU could not be measured: the host answers neither echo "
			"requests nor datagrams to a port where nobody listens.");
	}
}

void words_open_advice(const struct words *w)
{
	buf_str(w->b,
		"Nothing in the network stands in the way of new connections. If an "
		"application fails all the same, look at it: TLS, names, permissions, its log.");
	if (w->d->path.state != PATH_WHOLE)
		buf_str(w->b, "\nIf connections open and then hang, suspect the path's MTU: see "
			      "'unreach explain fragmentation-needed'.");
}

void words_narrow_means(const struct words *w)
{
	const struct path_result *p = &w->d->path;

	say_port(w);
	buf_printf(w->b, ". The path takes packets of %u bytes, less than this host's link (%u).",
		   p->passes ? p->passes : p->told, p->link_mtu);
	if (p->told)
		buf_printf(w->b, " %s says so, and is heard", words_address(p->told_by).text);
	else
		buf_str(w->b, " A router refuses longer ones, but names no length");
	buf_str(w->b, ": path MTU discovery works from here. That is healthy.");
}

void words_narrow_advice(const struct words *w)
{
	uint32_t mtu = w->d->path.passes ? w->d->path.passes : w->d->path.told;

	buf_printf(w->b,
		   "Nothing needs to be done here. 'unreach explain %u' tells what such a link "
		   "may be. If the other side's connections hang, it may not hear the same: "
		   "diagnose from there, or have the router next to the narrow link clamp the "
		   "MSS:\n    nft add rule inet filter forward tcp flags syn \\\n"
		   "        tcp option maxseg size set rt mtu",
		   mtu);
}

void words_hole_means(const struct words *w)
{
	say_port(w);
	buf_printf(w->b,
		   ", short packets are answered, and those of %u bytes and more vanish without "
		   "a word; %u bytes get through. That is a path MTU black hole: a link takes no "
		   "more, and the message that should say so (code 4) is not sent or does not "
		   "arrive. Connections open, then hang as soon as much is sent.",
		   w->d->path.stuck, w->d->path.passes);
	buf_str(w->b,
		"\nWhat it can't tell: whether the router is silent, a firewall in between, or "
		"one on this host; nor can it be told from a box that drops long probes on "
		"purpose and lets long TCP segments pass.");
}

void words_hole_advice(const struct words *w)
{
	const uint32_t mtu = w->d->path.passes;

	buf_printf(w->b,
		   "First let code 4 in here, and ask the owners of firewalls on the way to do "
		   "so (by the names of your own tables and chains):\n    nft insert rule inet "
		   "filter input icmp type \\\n"
		   "        destination-unreachable accept\n");
	buf_printf(w->b,
		   "Until then keep segments short: on this host for this destination, or for "
		   "all hosts on the router in front of the narrow link:\n"
		   "    ip route replace %s/32 via GATEWAY mtu %u\n"
		   "    nft add rule inet filter forward tcp flags syn \\\n"
		   "        tcp option maxseg size set %u\n",
		   words_address(w->d->address).text, mtu,
		   mtu > TCP_HEADERS ? mtu - TCP_HEADERS : mtu);
	buf_str(w->b, "Or let TCP find out by itself (RFC 4821):\n"
		      "    sysctl -w net.ipv4.tcp_mtu_probing=1");
}

void words_unheard_means(const struct words *w)
{
	bool hole = w->d->path.state == PATH_HOLE;

	for (unsigned int i = 0; i < w->d->seen.count; i++) {
		const struct seen_row *row = &w->d->seen.rows[i];

		if (!row->by_monitor || (row->code == 4) != hole)
			continue;
		buf_printf(w->b, "The monitor saw %s say %s (code %u",
			   words_address(row->reporter).text, unreach_code_name(row->code),
			   row->code);
		if (row->mtu)
			buf_printf(w->b, ", MTU %u", row->mtu);
		buf_str(w->b,
			") about this destination, and this host heard nothing: ICMP is dropped "
			"between the monitor and here, or by this host's own firewall.");
		break;
	}
	if (hole)
		buf_printf(w->b,
			   " So packets of %u bytes and more vanish for this host, while %u "
			   "bytes get through: connections open, then hang.",
			   w->d->path.stuck, w->d->path.passes);
}

void words_unheard_advice(const struct words *w)
{
	buf_str(w->b,
		"Let ICMP destination-unreachable through, all of type 3, on this host and on "
		"what stands between it and the monitor:\n"
		"    nft list ruleset\n"
		"    nft insert rule inet filter input icmp type \\\n"
		"        destination-unreachable accept\n"
		"Then diagnose again.");
}
