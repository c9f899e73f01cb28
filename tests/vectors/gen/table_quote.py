"""Descriptions: the quoted datagram: how much of it there is, and what it carries."""

import struct

from . import event, frames
from .describe import DCCP, ICMP, SCTP, TCP, UDP, UDPLITE, Quote, Unreach, Vector

OPTIONS_4 = bytes([148, 4, 0, 0])  # router alert
OPTIONS_40 = bytes([7, 39, 4]) + bytes(37)  # record route, empty: the longest header there is


def lengths(quote, keeps, full, code=3):
    """The same quote in each of these lengths; whole from `full` bytes on."""
    return [Unreach(code, quote, keep=keep,
                    is_quote="none" if keep == 0 else "cut" if keep < full else "full")
            for keep in keeps]


LENGTHS = [
    Vector("quote-length-udp", "A UDP quote of every length up to what RFC 792 asks for.",
           lengths(Quote(UDP, tos=0x2E), range(31), 28)),
    Vector("quote-length-tcp", "A TCP quote cut in each transport field, and a long one.",
           lengths(Quote(TCP, length=400, seq=0xFEDCBA98), [*range(20, 30), 40, 60, 400], 28)),
    Vector("quote-length-icmp", "A quoted echo cut around its type and code.",
           lengths(Quote(ICMP, length=84, kind=8, code=5), range(20, 30), 28)),
    Vector("quote-length-options", "The longest quoted header, 60 bytes, cut in it and behind it.",
           lengths(Quote(UDP, length=100, options=OPTIONS_40),
                   [20, 24, 28, 59, 60, 61, 62, 64, 66, 67, 68, 69, 100], 68)),
    Vector("quote-length-snaplen", "The capture ends within the quote; the message went on.",
           [Unreach(3, Quote(TCP, length=400), keep=200, there=28 + keep, snapped=True,
                    is_checksum="unverified",
                    is_quote="none" if keep == 0 else "cut" if keep < 28 else "full")
            for keep in (0, 1, 8, 12, 20, 22, 24, 27, 28, 100)]),
    Vector("quote-576", "As much as a modern router quotes: up to 576 bytes in all.",
           lengths(Quote(TCP, length=1500, seq=1), [548], 28, code=1)
           + lengths(Quote(UDP, length=1500), [548], 28)),
    Vector("quote-small-datagram", "A quote is whole when the datagram ended there itself.",
           [Unreach(2, Quote(253, length=20), keep=20),
            Unreach(2, Quote(253, length=20), keep=19, is_quote="cut"),
            Unreach(2, Quote(253, length=24), keep=24),
            Unreach(2, Quote(253, length=24), keep=23, is_quote="cut"),
            Unreach(3, Quote(UDP, length=22, says_udp=8), keep=22),
            Unreach(3, Quote(UDP, length=27, says_udp=8), keep=26, is_quote="cut"),
            Unreach(2, Quote(253, length=24, options=OPTIONS_4), keep=24),
            Unreach(2, Quote(253, length=24, options=OPTIONS_4), keep=23, is_quote="cut")]),
    Vector("quote-length-lies", "Quoted lengths are shown as they are and cut nothing off.",
           [Unreach(3, Quote(UDP, says=0)), Unreach(3, Quote(UDP, says=40)),
            Unreach(3, Quote(UDP, says=65535)), Unreach(3, Quote(UDP, says=0x3C00)),
            Unreach(3, Quote(UDP, says=20)), Unreach(3, Quote(TCP, says=24)),
            Unreach(3, Quote(UDP, says_udp=0)), Unreach(3, Quote(UDP, says_udp=65535)),
            # shorter than its own header: no datagram ends there, so this one is cut
            Unreach(3, Quote(UDP, says=8), keep=20, is_quote="cut"),
            Unreach(3, Quote(UDP, says=0), keep=27, is_quote="cut")]),
]

CARRIED = [
    Vector("quote-tcp", "TCP: ports and sequence number, at their extremes.",
           [Unreach(3, Quote(TCP, sport=0, dport=65535, seq=0)),
            Unreach(3, Quote(TCP, sport=65535, dport=0, seq=0xFFFFFFFF)),
            Unreach(13, Quote(TCP, sport=49152, dport=443, seq=0x80000000))]),
    Vector("quote-udp", "UDP: ports and the length that its own header says.",
           [Unreach(3, Quote(UDP, sport=0, dport=0)), Unreach(3, Quote(UDP, length=28)),
            Unreach(3, Quote(UDP, sport=65535, dport=65535, length=1500))]),
    Vector("quote-icmp", "ICMP: type and code, here an echo, its reply and others.",
           [Unreach(1, Quote(ICMP, kind=kind, code=code))
            for kind, code in ((8, 0), (0, 0), (13, 0), (3, 3), (11, 0), (255, 255))]),
    Vector("quote-ports", "SCTP, DCCP and UDP-Lite begin with two ports as UDP does.",
           [Unreach(3, Quote(proto, sport=5000, dport=36412), keep=keep)
            for proto in (SCTP, DCCP, UDPLITE) for keep in (28, 60)]),
    Vector("quote-ports-cut", "The same, cut around the ports.",
           [Unreach(3, Quote(proto, sport=5000, dport=36412), keep=keep, is_quote="cut")
            for proto in (SCTP, DCCP, UDPLITE) for keep in (21, 22, 23, 24)]),
    Vector("quote-protocols", "Protocols known by name that have no ports.",
           [Unreach(2, Quote(number)) for number in event.PROTOCOLS
            if number not in (ICMP, *event.WITH_PORTS)]),
    Vector("quote-unknown", "Protocols without a name are shown as their number.",
           [Unreach(2, Quote(number)) for number in (0, 3, 99, 143, 253, 254, 255)]),
    Vector("quote-fragment", "A later fragment has no ports; the first one has.",
           [Unreach(3, Quote(UDP, length=1500, offset=1480)),
            Unreach(1, Quote(TCP, length=1500, offset=8, mf=True, df=False)),
            Unreach(1, Quote(ICMP, length=1500, offset=65528, df=False)),
            Unreach(13, Quote(SCTP, offset=2960, df=False)),
            Unreach(3, Quote(UDP, length=1500, mf=True, df=False, says_udp=4000)),
            Unreach(4, Quote(UDP, length=1500, offset=1480), mtu=1400),
            Unreach(1, Quote(UDP, offset=1480), keep=7, is_quote="cut"),
            Unreach(1, Quote(UDP, offset=1480), keep=8, is_quote="cut")]),
    Vector("quote-header", "TOS, TTL, id and flags of the quoted header, at their extremes.",
           [Unreach(3, Quote(tos=0xFF, ttl=0, ident=0)),
            Unreach(3, Quote(tos=0x01, ttl=255, ident=65535, df=False)),
            Unreach(3, Quote(reserved=True, df=False)),
            Unreach(3, Quote(reserved=True, mf=True)),
            Unreach(3, Quote(src="198.51.100.7", dst="203.0.113.255"))]),
    Vector("quote-options", "Quoted IP options are skipped: ports stand behind them (RSVP too).",
           [Unreach(3, Quote(UDP, options=OPTIONS_4)),
            Unreach(3, Quote(TCP, options=bytes([1] * 8), length=200)),
            Unreach(2, Quote(46, options=OPTIONS_4, length=200)),
            Unreach(3, Quote(UDP, options=OPTIONS_40, length=100)),
            Unreach(4, Quote(TCP, options=OPTIONS_40, length=1500), mtu=1400)]),
]

BAD = {"flags": "bad-quote", "is_quote": "none"}
IPV6 = struct.pack(">IHBB", 0x60000000, 20, 17, 64) + bytes.fromhex(
    "20010db8000000000000000000000001" "20010db8000000000000000000000002") + frames.udp(1, 2, 20)
QUOTED = Quote().datagram()[:28]

NO_HEADER = [
    Vector("quote-no-ipv4", "Quoted bytes that are no IPv4 header: not read, and flagged.",
           [Unreach(3, bytes(28), **BAD), Unreach(3, bytes(1), **BAD), Unreach(3, IPV6, **BAD),
            Unreach(3, IPV6[:1], **BAD), Unreach(3, b"\x55" + QUOTED[1:], **BAD),
            Unreach(3, b"\xf5" + QUOTED[1:], **BAD), Unreach(3, b"\x44" + QUOTED[1:], **BAD),
            Unreach(3, b"\x40" + QUOTED[1:], **BAD), Unreach(3, b"\xff" * 576, **BAD),
            Unreach(16, bytes(28), **BAD),
            Unreach(4, IPV6, mtu=1280, **BAD),
            Unreach(3, bytes(28), wrong=1, is_checksum="bad", **BAD)]),
]

VECTORS = LENGTHS + CARRIED + NO_HEADER
