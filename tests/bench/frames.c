// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Makes the frames: port-unreachable messages about a UDP datagram, and packets
 * that are nothing to the program. RFC 792, RFC 791 (options), 802.1Q.
 */
#include "bench/frames.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/ip6.h>
#include <string.h>

#include "unreach/classify.h"

#define QUOTED_OFFSET 8 /* of the quote in an ICMP message */
#define VLAN_LENGTH 4

uint32_t frame_ip_offset(const struct cell *cell)
{
	return ETH_HLEN + VLAN_LENGTH * cell->vlans;
}

uint32_t frame_icmp_offset(const struct cell *cell)
{
	return frame_ip_offset(cell) + (uint32_t)sizeof(struct iphdr) + cell->options;
}

struct addresses frame_addresses(const struct cell *cell, uint32_t cpu)
{
	uint32_t host = cell->shared ? 1 : cpu + 1;

	return (struct addresses){ .source = htonl(0x0a000000 + host),
				   .target = htonl(0xcb007100 + host),
				   .sender = htonl(0xc0000200 + host) };
}

static void put16(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static void build_link(const struct cell *cell, uint16_t protocol, uint8_t *bytes)
{
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	uint8_t *type = bytes + sizeof(macs);

	memcpy(bytes, macs, sizeof(macs));
	for (uint32_t tag = 0; tag < cell->vlans; tag++, type += VLAN_LENGTH) {
		put16(type, ETH_P_8021Q);
		put16(type + 2, 100 + tag);
	}
	put16(type, protocol);
}

static void build_ip(const struct cell *cell, uint8_t protocol, struct addresses a, uint8_t *to)
{
	const struct iphdr ip = {
		.version = 4,
		.ihl = 5 + (cell->options / 4 & 15),
		.tot_len = htons((uint16_t)(cell->length + cell->options)),
		.ttl = 60,
		.protocol = protocol,
		.saddr = a.source,
		.daddr = a.sender,
	};

	memcpy(to, &ip, sizeof(ip));
	memset(to + sizeof(ip), IPOPT_NOP, cell->options);
}

static void build_message(const struct cell *cell, struct addresses a, uint8_t *icmp)
{
	uint32_t length = cell->length - (uint32_t)sizeof(struct iphdr), sum = 0;
	const struct iphdr quoted = {
		.version = 4,
		.ihl = 5,
		.tot_len = htons((uint16_t)(length - QUOTED_OFFSET)),
		.ttl = 61,
		.protocol = IPPROTO_UDP,
		.saddr = a.sender,
		.daddr = a.target,
	};
	uint8_t *udp = icmp + QUOTED_OFFSET + sizeof(quoted);

	icmp[0] = ICMP_DEST_UNREACH;
	icmp[1] = ICMP_PORT_UNREACH;
	memcpy(icmp + QUOTED_OFFSET, &quoted, sizeof(quoted));
	put16(udp, 50000);
	put16(udp + 2, 53);
	put16(udp + 4, length - QUOTED_OFFSET - (uint32_t)sizeof(quoted));
	for (uint32_t i = 0; i < length; i += 2)
		sum += (uint32_t)(icmp[i] << 8 | icmp[i + 1]);
	put16(icmp + 2, (uint16_t)~unreach_fold(sum));
}

static void build_tcp(uint8_t *tcp)
{
	put16(tcp, 443);
	put16(tcp + 2, 50000);
	tcp[12] = 5 << 4;
	tcp[13] = 0x10; /* ACK */
}

static void build_ipv6(const struct cell *cell, uint8_t *to)
{
	const struct ip6_hdr ip = {
		.ip6_flow = htonl(6U << 28),
		.ip6_plen = htons((uint16_t)(cell->length - sizeof(ip))),
		.ip6_nxt = IPPROTO_TCP,
		.ip6_hlim = 60,
		.ip6_src.s6_addr = { 0x20, 1, 0xd, 0xb8, [15] = 1 },
		.ip6_dst.s6_addr = { 0x20, 1, 0xd, 0xb8, [15] = 2 },
	};

	memcpy(to, &ip, sizeof(ip));
}

uint32_t frame_build(const struct cell *cell, uint32_t cpu, uint8_t *bytes)
{
	static const uint16_t protocols[] = { [PACKET_MESSAGE] = ETH_P_IP,
					      [PACKET_TCP] = ETH_P_IP,
					      [PACKET_UDP] = ETH_P_IP,
					      [PACKET_ARP] = ETH_P_ARP,
					      [PACKET_IPV6] = ETH_P_IPV6 };
	static const uint8_t transports[] = { [PACKET_MESSAGE] = IPPROTO_ICMP,
					      [PACKET_TCP] = IPPROTO_TCP,
					      [PACKET_UDP] = IPPROTO_UDP,
					      [PACKET_IPV6] = 0 };
	struct addresses a = frame_addresses(cell, cpu);
	uint8_t *ip = bytes + frame_ip_offset(cell), *payload = bytes + frame_icmp_offset(cell);

	memset(bytes, 0, FRAME_MAX);
	build_link(cell, protocols[cell->packet], bytes);
	if (protocols[cell->packet] == ETH_P_IP)
		build_ip(cell, transports[cell->packet], a, ip);
	if (cell->packet == PACKET_IPV6)
		build_ipv6(cell, ip);
	if (cell->packet == PACKET_TCP)
		build_tcp(payload);
	if (cell->packet == PACKET_MESSAGE)
		build_message(cell, a, payload);
	return frame_ip_offset(cell) + cell->options + cell->length;
}
