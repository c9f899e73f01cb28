// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* MTUs that speak of a kind of link: 1500 bytes of Ethernet less what each of them adds. */
#include "state/links.h"

#include <stddef.h>

static const struct {
	uint32_t least, most;
	const char *name;
} links[] = {
	{ 9000, 9000, "jumbo frames" },
	{ 1500, 1500, "Ethernet" },
	{ 1496, 1496, "VLAN tag" }, /* 4: IEEE 802.1Q */
	{ 1492, 1492, "PPPoE" }, /* 8: RFC 2516 */
	{ 1480, 1480, "IP in IP" }, /* 20: RFC 2003; IPv6 in IPv4: RFC 4213 */
	{ 1476, 1476, "GRE" }, /* 24: RFC 2784 over IPv4 */
	{ 1472, 1472, "GRE with a key" }, /* 28: RFC 2890 over IPv4 */
	{ 1450, 1450, "VXLAN" }, /* 50: RFC 7348 over IPv4 */
	{ 1436, 1440, "IPsec" }, /* ESP in tunnel mode, by cipher and padding */
	{ 1420, 1420, "WireGuard" }, /* 80: over IPv6 */
	{ 1280, 1280, "IPv6 minimum" }, /* RFC 8200, 5 */
	{ 576, 576, "old Internet minimum" }, /* RFC 791, 3.1 */
};

const char *link_by_mtu(uint32_t mtu)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (mtu >= links[i].least && mtu <= links[i].most)
			return links[i].name;
	return NULL;
}
