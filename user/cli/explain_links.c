// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Links by their MTU; their names, and which MTUs are of one kind, stand in state/links.c. */
#include "cli/explain_pages.h"

#include <stddef.h>

#include "state/links.h"

const struct explain_link explain_links[EXPLAIN_LINKS] = {
	{ 1500, "the longest payload of an Ethernet frame (RFC 894)",
	  "The usual MTU, with nothing around the packets. If this is what a router names, the "
	  "sender's own link takes more: jumbo frames.",
	  "Nothing is wrong, unless the sender does not hear it." },
	{ 1496, "1500 - 4 (one VLAN tag): IEEE 802.1Q",
	  "A VLAN, or Q-in-Q's second tag, over Ethernet equipment that takes frames of no more "
	  "than 1518 bytes, tags counted in; or one MPLS label (RFC 3032), which is as long.",
	  "Usual equipment takes tagged frames of 1522 bytes: is the MTU of the device below, or "
	  "of the provider's line, set so low (ip -d link)?" },
	{ 1492, "1500 - 6 (PPPoE) - 2 (PPP): RFC 2516, 7",
	  "A DSL or fibre access line with PPPoE. RFC 4638 lets it carry 1500 where both ends and "
	  "the Ethernet in between take frames of 1508.",
	  "Does the access router clamp the MSS to 1452? It usually does." },
	{ 1480, "1500 - 20 (outer IPv4): RFC 2003, RFC 4213",
	  "A tunnel that adds one IPv4 header and nothing else: IPv4 in it (IPIP), or IPv6 (6in4, "
	  "sit).",
	  "ip -d link show type ipip, or type sit: is nopmtudisc set? Does the tunnel's router "
	  "send code 4, and does its firewall let it out?" },
	{ 1476, "1500 - 20 (outer IPv4) - 4 (GRE): RFC 2784",
	  "A GRE tunnel over IPv4; 1472 with a key (RFC 2890).",
	  "ip -d link show type gre: is nopmtudisc set? Does the tunnel's router send code 4, "
	  "and does its firewall let it out?" },
	{ 1472, "1500 - 20 (outer IPv4) - 4 (GRE) - 4 (its key): RFC 2890",
	  "A GRE tunnel over IPv4 that has a key, as multipoint ones do; with a checksum in its "
	  "place it is as long. IPIP in UDP (FOU) leaves as much.",
	  "ip -d link show type gre: ikey and okey, and is nopmtudisc set? Does the tunnel's "
	  "router send code 4, and does its firewall let it out?" },
	{ 1450, "1500 - 20 (IPv4) - 8 (UDP) - 8 (VXLAN) - 14 (inner Ethernet): RFC 7348",
	  "An overlay network of virtual machines or containers; Geneve without options (RFC "
	  "8926) adds as much. 1430 over IPv6.",
	  "Do the pods or machines have 1450 on their own interfaces? Or let the network below "
	  "carry 1550, and all of them have 1500." },
	{ 1438, "1500 - 20 (outer IPv4) - ESP's header, IV, padding and check value: RFC 4303",
	  "An IPsec tunnel. 1438 is AES-CBC with HMAC-SHA1-96; other ciphers, or 8 bytes of UDP "
	  "around ESP (RFC 3948), give some bytes more or less: about 1400 to 1446.",
	  "Does the gateway send code 4 to the inner sender, and does its policy let that through? "
	  "Clamp the MSS there if not." },
	{ 1420, "1500 - 40 (IPv6) - 8 (UDP) - 16 (WireGuard) - 16 (check value)",
	  "A WireGuard tunnel, so wide that it fits over IPv6 too; 1440 would do over IPv4.",
	  "Does the path below carry 1500? Over PPPoE the tunnel must be set to 1412, or its outer "
	  "packets are cut in pieces or lost." },
	{ 9000, "no header: a choice, which no standard makes",
	  "Jumbo frames, as within data centres and storage networks.",
	  "Every device on the same Ethernet must take them: a switch that does not drops them in "
	  "silence, since only routers can send code 4. Test: ping -M do -s 8972 NEIGHBOUR." },
	{ 576, "what every host must be able to take: RFC 791, 3.1; RFC 1122, 3.3.2",
	  "An old default for far destinations, and of some modem links. No link needs to be so "
	  "narrow today.",
	  "Who set it? Smaller ones still (below 552) are a known way to attack: see unreach "
	  "alerts "
	  "for implausible adverts." },
	{ 1280, "the least MTU of an IPv6 link: RFC 8200, 5",
	  "A tunnel that must carry IPv6 as well, set to the smallest value that always works: "
	  "some VPNs and mobile networks do that.",
	  "It costs some throughput and is otherwise healthy." },
};

const struct explain_link *explain_link(uint32_t mtu)
{
	const char *name = link_by_mtu(mtu);

	for (size_t i = 0; name && i < EXPLAIN_LINKS; i++)
		if (link_by_mtu(explain_links[i].mtu) == name)
			return &explain_links[i];
	return NULL;
}
