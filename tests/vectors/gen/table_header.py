"""Descriptions: the outer IPv4 header, frames that end early, and frames that are not ours."""

import struct

from . import frames
from .describe import FAR, OURS, ROUTER, Bytes, Packet, Quote, Unreach, Vector
from .describe import ICMP, TCP, UDP
from .frames import DF, MF, RESERVED, ipv4
from .table_quote import OPTIONS_4, OPTIONS_40

STRICT_ROUTE = bytes([137, 7, 4, 192, 0, 2, 77, 0])  # RFC 791: the last hop is still ahead

OUTER = [
    Vector("ip-header", "TTL, TOS, id and flags of the outer header.",
           [Unreach(3, ttl=255, tos=0xC0), Unreach(3, ttl=0), Unreach(3, ttl=1, tos=0x03),
            Unreach(3, ident=0, ip_flags=DF), Unreach(3, ident=65535, ip_flags=RESERVED),
            Unreach(3, tos=0xFF, ip_flags=RESERVED | DF)]),
    Vector("ip-addresses", "Addresses are taken as they are, however odd.",
           [Unreach(3, src="0.0.0.0"), Unreach(3, src="255.255.255.255"),
            Unreach(3, dst="203.0.113.255", flags="off-path"),
            Unreach(3, Quote(src="127.0.0.1", dst="224.0.0.1"), flags="off-path")]),
    Vector("ip-options", "Outer IP options are skipped, up to the longest header of 60 bytes.",
           [Unreach(3, options=OPTIONS_4), Unreach(1, options=bytes([1] * 8)),
            Unreach(13, options=bytes([7, 23, 4]) + bytes(21)),
            Unreach(3, options=OPTIONS_40),
            Unreach(4, Quote(TCP, length=1500), mtu=1400, options=OPTIONS_40),
            Unreach(3, b"", options=OPTIONS_40, is_quote="none")]),
    Vector("ip-options-both", "Options outside and in the quote, both of 40 bytes.",
           [Unreach(3, Quote(UDP, options=OPTIONS_40, length=100), options=OPTIONS_40),
            Unreach(5, Quote(TCP, options=OPTIONS_4), options=OPTIONS_40, keep=27,
                    is_quote="cut")]),
    Vector("ip-source-route", "Source routed: the destination is what the header's field says.",
           [Unreach(5, dst="198.51.100.1", options=STRICT_ROUTE, flags="off-path"),
            Unreach(5, Quote(options=STRICT_ROUTE))]),
    Vector("ip-padding", "Bytes behind the IP datagram are no part of the message.",
           [Unreach(3, b"", padding=bytes(18), is_quote="none"),
            Unreach(3, b"", padding=b"\xff" * 18, is_quote="none"),
            Unreach(3, keep=4, padding=bytes(14), is_quote="cut"),
            Unreach(3, padding=frames.fill(4)), Unreach(3, padding=frames.fill(200)),
            Unreach(3, keep=27, padding=b"\x45", is_quote="cut")]),
    Vector("ip-length-past-frame", "The IP length runs past the frame: it is shown as told.",
           [Unreach(3, total=57, is_checksum="unverified"),
            Unreach(3, total=1500, is_checksum="unverified"),
            Unreach(3, total=65535, is_checksum="unverified"),
            Unreach(3, b"", total=56, is_checksum="unverified", is_quote="none"),
            Unreach(3, keep=22, total=56, is_checksum="unverified", is_quote="cut")]),
    Vector("ip-fragment", "A first fragment is read, unverified; later ones cannot be.",
           [Unreach(3, ip_flags=MF, is_checksum="unverified"),
            Unreach(4, Quote(TCP, length=1500), mtu=1400, ip_flags=MF, is_checksum="unverified"),
            Unreach(3, ip_flags=MF | DF, wrong=1, is_checksum="unverified"),
            Unreach(3, ip_flags=MF, offset=8, outcome="fragment"),
            Unreach(3, offset=1480, outcome="fragment"),
            Unreach(3, offset=65528, outcome="fragment"),
            Unreach(3, kind=8, offset=8, outcome="fragment"),
            Unreach(3, kind=8, ip_flags=MF, outcome="nothing"),
            Unreach(3, proto=UDP, offset=8, outcome="nothing")]),
    Vector("ip-bad-header", "Header lengths that cannot be.",
           [Unreach(3, ihl=ihl, outcome="bad-header") for ihl in range(5)]
           + [Unreach(3, total=total, outcome="bad-header") for total in (0, 1, 19)]
           + [Unreach(3, options=OPTIONS_4, total=23, outcome="bad-header"),
              Unreach(3, options=OPTIONS_40, total=59, outcome="bad-header"),
              Unreach(3, kind=8, ihl=4, outcome="bad-header")]),
    Vector("ip-order", "Which check comes first where several fail.",
           [Unreach(3, version=5, outcome="nothing"), Unreach(3, version=6, outcome="nothing"),
            Unreach(3, version=0, ihl=0, outcome="nothing"),
            Unreach(3, proto=UDP, ihl=4, outcome="nothing"),
            Unreach(3, proto=UDP, total=19, outcome="nothing"),
            Unreach(3, ihl=4, there=19, outcome="truncated"),
            Unreach(3, offset=8, there=19, outcome="truncated"),
            Unreach(3, ihl=4, offset=8, outcome="bad-header"),
            Unreach(3, total=19, offset=8, outcome="bad-header"),
            Unreach(3, options=OPTIONS_40, total=27, there=24, outcome="bad-header"),
            Unreach(3, options=OPTIONS_40, offset=8, there=30, outcome="fragment"),
            Unreach(3, offset=8, there=20, outcome="fragment"),
            Unreach(3, total=20, offset=8, outcome="fragment"),
            Unreach(3, options=OPTIONS_4, total=24, outcome="truncated")]),
]

NONE_YET = {"is_quote": "none", "is_checksum": "unverified"}

CUT = [
    Vector("cut-ip-header", "A frame that ends in the IP header counts once it says ICMP.",
           [Unreach(3, there=there, outcome="truncated" if there >= 10 else "nothing")
            for there in range(20)]),
    Vector("cut-ip-header-snaplen", "The same where the capture tool cut it.",
           [Unreach(3, there=there, snapped=True,
                    outcome="truncated" if there >= 10 else "nothing")
            for there in (0, 1, 9, 10, 19)], pcap={"snaplen": 33}),
    Vector("cut-ip-header-other", "No ICMP, so nothing to be missed; nor with another version.",
           [Unreach(3, proto=UDP, there=there, outcome="nothing") for there in (9, 10, 19, 20)]
           + [Unreach(3, version=6, there=there, outcome="nothing") for there in (10, 19, 20)]),
    Vector("cut-options", "A frame that ends in the IP options, or right behind them.",
           [Unreach(3, options=OPTIONS_40, there=there, outcome="truncated")
            for there in (20, 21, 24, 59, 60, 61)]
           + [Unreach(3, options=OPTIONS_40, there=62, **NONE_YET),
              Unreach(3, options=OPTIONS_4, there=23, outcome="truncated"),
              Unreach(3, options=OPTIONS_4, there=26, **NONE_YET)]),
    Vector("cut-message", "A frame that ends in the ICMP head: type and code suffice.",
           [Unreach(3, there=20, outcome="truncated"), Unreach(3, there=21, outcome="truncated")]
           + [Unreach(3, there=there, **NONE_YET) for there in range(22, 29)]
           + [Unreach(4, there=22, **NONE_YET), Unreach(255, there=22, **NONE_YET)]),
    Vector("cut-length", "The same by the IP length, with bytes behind it that do not count.",
           [Unreach(3, total=20, outcome="truncated"), Unreach(3, total=21, outcome="truncated")]
           + [Unreach(3, total=total, **NONE_YET) for total in range(22, 28)]),
    Vector("cut-other-type", "Where the type is there and is another one, nothing is missed.",
           [Unreach(0, kind=8, there=21, outcome="nothing"),
            Unreach(0, kind=11, there=21, outcome="nothing"),
            Unreach(0, kind=8, there=20, outcome="truncated"),
            Unreach(0, kind=8, total=21, outcome="nothing"),
            Unreach(0, kind=8, total=20, outcome="truncated")]),
]


def packet(proto, payload, **header):
    """An IPv4 packet that is not ICMP."""
    return Packet(frames.IPV4, ipv4(FAR, OURS, proto, 20 + len(payload), **header) + payload)


WITHIN, _ = Unreach(3).datagram()
ARP = struct.pack(">HHBBH", 1, frames.IPV4, 6, 4, 1) + frames.ROUTER_MAC + frames.address(
    ROUTER) + bytes(6) + frames.address(OURS)
V6_HOSTS = bytes.fromhex("20010db8000000000000000000000001" "20010db8000000000000000000000002")
ICMPV6 = struct.pack(">IHBB", 0x60000000, 56, 58, 64) + V6_HOSTS + frames.icmp(
    1, 4, bytes(4), struct.pack(">IHBB", 0x60000000, 8, 17, 63) + V6_HOSTS + frames.udp(1, 2, 8))

OTHER = [
    Vector("other-icmp", "Every other ICMP type, error messages included.",
           [Unreach(0, kind=kind, outcome="nothing")
            for kind in (0, 2, 4, 5, 8, 11, 12, 13, 30, 255)]
           + [packet(ICMP, frames.echo(8, 0)), packet(ICMP, frames.echo(0, 3))]),
    Vector("other-ip", "Other protocols, and Unreachables inside a tunnel.",
           [packet(TCP, frames.tcp(443, 50000, 1)), packet(UDP, frames.udp(53, 50000, 40)),
            packet(47, struct.pack(">HH", 0, frames.IPV4) + WITHIN), packet(4, WITHIN),
            packet(51, struct.pack(">BBHII", 1, 4, 0, 1, 1) + bytes(12) + WITHIN[20:]),
            packet(58, WITHIN[20:]), packet(255, WITHIN[20:])]),
    Vector("other-ethernet", "Other ethertypes, even where an Unreachable stands behind them.",
           [Packet(frames.ARP, ARP + bytes(18)), Packet(frames.IPV6, ICMPV6),
            Packet(frames.IPV6, WITHIN), Packet(frames.IPV4, ICMPV6),
            Packet(0x8847, bytes.fromhex("03e84140") + WITHIN),
            Packet(0x8864, bytes.fromhex("11000001003a0021") + WITHIN),
            Packet(0x88CC, bytes.fromhex("02070400005e005301") + bytes(40)),
            Packet(0x88B5, WITHIN), Packet(0x0801, WITHIN), Packet(0x0008, WITHIN),
            Packet(len(WITHIN) + 8, bytes.fromhex("aaaa030000000800") + WITHIN)]),
    Vector("other-short", "Frames too short for their link header.",
           [Bytes(b""), Bytes(frames.OUR_MAC[:1]), Bytes(frames.OUR_MAC + frames.ROUTER_MAC),
            Bytes(frames.OUR_MAC + frames.ROUTER_MAC + b"\x08"), Packet(frames.IPV4, b""),
            Packet(frames.IPV4, b"\x45")]),
]

VECTORS = OUTER + CUT + OTHER
