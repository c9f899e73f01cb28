// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Differences that matter, and the way from "no reply" to a cause, as diagnose goes it too. */
#include "cli/explain_pages.h"

const struct explain_topic explain_topics[EXPLAIN_TOPICS] = {
	{ "network-or-host", "network unreachable and host unreachable",
	  "Code 0, network-unreachable, comes from a router that has no route: any router on the "
	  "way, and at once. All hosts of that network are concerned. Look at routes.\n"
	  "Code 1, host-unreachable, comes from the last router, which stands on the host's own "
	  "link and gets no answer to ARP; from Linux about three seconds late. Only this host is "
	  "concerned. Look at the host, its cable, VLAN and address.\n"
	  "So who says it tells where to look. RFC 1812 (5.2.7.1) has routers say host-unreachable "
	  "wherever other hosts of that network might be reached. Both are hints that may pass "
	  "(RFC 1122, 3.2.2.1): TCP must not end a connection for them (4.2.3.9), though a "
	  "connect() that is under way fails, with ENETUNREACH or EHOSTUNREACH.\n"
	  "A host's own kernel gives the same two errors without any message: no route "
	  "(ENETUNREACH), or nobody who answers ARP on its own link (EHOSTUNREACH)." },
	{ "reject-or-drop", "REJECT and silent DROP",
	  "REJECT says no: the sender knows at once, and the operator sees who refuses. DROP says "
	  "nothing: the sender waits, a TCP connect on Linux for about two minutes, and nobody can "
	  "tell a rule from a dead host or a cut cable.\n"
	  "    nft       drop                                     silence\n"
	  "              reject                                   code 3, for TCP too\n"
	  "              reject with icmp type admin-prohibited   code 13\n"
	  "              reject with tcp reset                    as if nobody listened\n"
	  "    nft inet  reject with icmpx type admin-prohibited  for IPv4 and IPv6\n"
	  "    iptables  -j DROP; -j REJECT; -j REJECT --reject-with icmp-admin-prohibited\n"
	  "              -p tcp -j REJECT --reject-with tcp-reset\n"
	  "Towards one's own users REJECT saves time. Towards the Internet many drop, so as not to "
	  "answer floods with forged senders; Linux limits what it sends (a few, then one a second "
	  "for each destination), so REJECT multiplies no flood.\n"
	  "Never drop ICMP type 3 that comes in: code 4 among it keeps long packets going." },
	{ "reset", "why TCP answers with a reset and UDP with port unreachable",
	  "A host that has no listener for a port must tell the sender. TCP can do so itself: a "
	  "segment with the RST bit (RFC 9293, 3.5.2). UDP has no such message, so ICMP speaks for "
	  "it: type 3, code 3. RFC 1122 (3.2.2.1) asks for it where the protocol has no mechanism "
	  "of its own.\n"
	  "So code 3 about a TCP segment is hardly ever the host's: a firewall rejects, by the "
	  "default of REJECT. TCP must take it like a reset all the same; the program sees "
	  "ECONNREFUSED either way.\n"
	  "A reset in turn may be a firewall's (reject with tcp reset). If its TTL differs from "
	  "that of the host's other packets, it most likely is.\n"
	  "UDP's silence tells nothing: an open port that does not answer, a firewall that drops, "
	  "or a host that may send no more errors for the moment (RFC 1812, 4.3.2.8)." },
	{ "no-reply", "from 'no reply' to a cause",
	  "unreach diagnose HOST PORT goes this way by itself.\n"
	  " does the name give the right address?        no: DNS\n"
	  " |  an error without any message, at once?    own routes, own firewall\n"
	  " |  an ICMP unreachable comes back?           its source says where to look\n"
	  " |  |  0, 6, 11   no route at that router     explain network-or-host\n"
	  " |  |  1, 7, 12   no answer to ARP            the host, its VLAN, its address\n"
	  " |  |  2, 3       nobody handles it           the service; for TCP a firewall\n"
	  " |  |  4          long packets only           explain MTU; does the sender hear?\n"
	  " |  |  9, 10, 13  forbidden                   the rules there\n"
	  " |  a TCP reset?                              the host is there, port closed\n"
	  " |  time exceeded?                            a routing loop\n"
	  " |  connects, then hangs?                     path MTU black hole: no code 4\n"
	  " |  nothing, but echo is answered?            a firewall drops the port\n"
	  " nothing at all?                              a firewall drops, or the host is\n"
	  "                                              off, or the way back is broken:\n"
	  "                                              capture at both ends\n"
	  "No message is ever sent about ICMP errors, multicast, broadcast and later fragments "
	  "(RFC 1122, 3.2.2), and routers limit how many they send: silence proves little." },
};
