"""Descriptions: the ICMP message itself: codes, next-hop MTU, unused bytes, checksum."""

import struct

from . import frames
from .describe import FAR, ICMP, OURS, SCTP, TCP, UDP, Quote, Unreach, Vector

BIG = Quote(TCP, length=1500, dport=443)
NAT = "203.0.113.66"


def told(mtu, flags="", quote=BIG, **rest):
    """Code 4 with this MTU."""
    return Unreach(4, quote, mtu=mtu, flags=flags, **rest)


def sized(size, **rest):
    """A message of this many ICMP bytes."""
    return Unreach(3, Quote(UDP, length=size - 8), keep=size - 8, **rest)


CODES = [
    Vector("code-assigned", "Each of the sixteen codes once.",
           [told(1400) if code == 4 else Unreach(code) for code in range(16)]),
    Vector("code-unassigned", "Codes above 15 are seen, shown and counted as unassigned.",
           [Unreach(code) for code in (16, 17, 127, 128, 255)]),
    Vector("code-repeated", "The counts add up messages and IP bytes, for each code on its own.",
           [Unreach(3), Unreach(1), Unreach(3, Quote(length=200), keep=100), Unreach(13),
            Unreach(3), told(1400), Unreach(99)]),
    Vector("code-without-quote", "Messages of 8 bytes quote nothing; code 4 still tells its MTU.",
           [Unreach(3, b"", is_quote="none"),
            told(1400, quote=b"", is_quote="none"),
            told(0, "legacy", quote=b"", is_quote="none"),
            told(68, "tiny", quote=b"", is_quote="none"),
            Unreach(200, b"", is_quote="none")]),
]

MTU = [
    Vector("mtu-values", "Every class of next-hop MTU at its bounds, for a quote of 1500 bytes.",
           [told(0, "legacy"), told(1, "impossible"), told(67, "impossible"), told(68, "tiny"),
            told(551, "tiny"), told(552), told(1400), told(1499), told(1500, "pointless"),
            told(1501, "pointless"), told(65535, "pointless")]),
    Vector("mtu-small-quote", "An MTU can be tiny and pointless at once; 0 is never pointless.",
           [told(60, "impossible pointless", Quote(length=60)),
            told(61, "impossible pointless", Quote(length=60)),
            told(59, "impossible", Quote(length=60)),
            told(68, "tiny pointless", Quote(length=68)),
            told(0, "legacy", Quote(length=60)), told(0, "legacy", Quote(says=0)),
            told(1, "impossible pointless", Quote(says=0)),
            told(1400, "pointless", Quote(length=7292, says=1400), keep=28),
            told(1400, quote=Quote(length=7292), keep=28)]),
    Vector("mtu-length-unknown", "Pointless is judged only where the quoted length is there.",
           [told(1500, keep=3, is_quote="cut"), told(1500, "pointless", keep=4, is_quote="cut")]),
    Vector("mtu-other-codes", "The MTU field means nothing with any other code.",
           [Unreach(code, BIG, mtu=mtu)
            for code, mtu in ((0, 1400), (1, 68), (3, 1), (5, 65535), (13, 1500), (16, 1400))]),
    Vector("mtu-head-cut", "Fewer than 8 ICMP bytes by the IP length: no MTU and no flag of it.",
           [told(68, total=total, is_quote="none", is_checksum="unverified")
            for total in range(22, 28)]),
    Vector("mtu-head-cut-captured", "The same where the frame ends there.",
           [told(68, there=there, snapped=True, is_quote="none", is_checksum="unverified")
            for there in range(22, 28)]
           + [told(68, "tiny", there=28, snapped=True, is_quote="none",
                   is_checksum="unverified")]),
    Vector("mtu-no-df", "Code 4 for a packet that could have been fragmented.",
           [told(1400, "no-df", Quote(TCP, length=1500, df=False)),
            told(1500, "pointless no-df", Quote(TCP, length=1500, df=False)),
            told(0, "legacy no-df", Quote(TCP, length=1500, df=False, reserved=True)),
            told(1400, "no-df", Quote(length=1500, df=False, mf=True)),
            told(1400, quote=Quote(TCP, length=1500, ident=0))]),
    Vector("mtu-echo", "Code 4 that quotes an echo; other quoted ICMP is no echo.",
           [told(1400, "echo", Quote(ICMP, length=1500, kind=8)),
            told(1400, "echo", Quote(ICMP, length=1500, kind=0)),
            told(1400, quote=Quote(ICMP, length=1500, kind=13)),
            told(1400, quote=Quote(ICMP, length=1500, kind=3, code=3)),
            told(1400, "echo", Quote(ICMP, length=1500), keep=21, is_quote="cut"),
            told(1400, quote=Quote(ICMP, length=1500), keep=20, is_quote="cut"),
            told(1400, quote=Quote(ICMP, length=1500, offset=1480)),
            Unreach(3, Quote(ICMP, length=1500))]),
    Vector("mtu-all-flags", "Flags come in their fixed order.",
           [told(0, "legacy no-df off-path echo", Quote(ICMP, src=NAT, df=False)),
            told(67, "impossible pointless no-df off-path echo", Quote(ICMP, src=NAT, df=False)),
            told(500, "tiny pointless no-df off-path echo", Quote(ICMP, src=NAT, df=False)),
            told(0, "legacy bad-quote", bytes(28), is_quote="none"),
            told(300, "tiny bad-quote", bytes(28), is_quote="none")]),
    Vector("mtu-flags-known", "Each flag needs the quoted bytes that prove it, and no more.",
           [told(1500, flags, Quote(ICMP, length=1500, src=NAT, df=False), keep=keep,
                 is_quote="cut")
            for keep, flags in ((3, ""), (4, "pointless"), (6, "pointless"),
                                (7, "pointless"), (8, "pointless no-df"),
                                (15, "pointless no-df"), (16, "pointless no-df off-path"),
                                (20, "pointless no-df off-path"),
                                (21, "pointless no-df off-path echo"))]),
]

# RFC 4884 and RFC 4950: version 2, one object with one MPLS label
LABEL = struct.pack(">HBBI", 8, 1, 1, 16004 << 12 | 1 << 9 | 1 << 8 | 1)
EXTENSION = struct.pack(">BBH", 0x20, 0, frames.checksum(b"\x20\0\0\0" + LABEL)) + LABEL
UNSUMMED = struct.pack(">BBH", 0x20, 0, 0) + LABEL

UNUSED = [
    Vector("unused-junk", "Junk in the unused bytes never makes a message malformed.",
           [Unreach(3, unused=0xDEAD, mtu=0xBEEF), Unreach(1, unused=0x0011),
            Unreach(0, unused=0x00FF), Unreach(13, unused=0xFFFF, mtu=0xFFFF),
            told(1400, unused=0x0020), told(1400, unused=0xFFFF), told(0, "legacy", unused=1)]),
    Vector("unused-extension", "An RFC 4884 extension behind 128 quoted bytes changes nothing.",
           [Unreach(3, Quote(length=128), keep=128, after=EXTENSION, unused=32),
            Unreach(3, Quote(length=60), keep=60, after=bytes(68) + EXTENSION, unused=32),
            Unreach(3, Quote(length=128), keep=128, after=EXTENSION),
            Unreach(3, Quote(length=128), keep=128, after=UNSUMMED, unused=32),
            told(1400, keep=128, after=EXTENSION, unused=32),
            Unreach(3, Quote(length=60), keep=60, after=bytes(4) + EXTENSION, unused=16)]),
]


def _summing_to_zero():
    """A quote whose message has the checksum 0: its source port makes up the difference."""
    message = Unreach(3, Quote(sport=0)).message()
    return Quote(sport=struct.unpack(">H", message[2:4])[0])


ZERO = _summing_to_zero()
TRAILER = bytes(range(0xF1, 0xFB))

CHECKSUM = [
    Vector("checksum-bad", "A bad checksum is counted as such whatever the code, and shown.",
           [Unreach(3, wrong=1, is_checksum="bad"), Unreach(0, wrong=0x100, is_checksum="bad"),
            told(1400, wrong=0x8000, is_checksum="bad"),
            told(68, "tiny", wrong=2, is_checksum="bad"),
            Unreach(16, wrong=1, is_checksum="bad"), Unreach(255, wrong=1, is_checksum="bad"),
            Unreach(3, b"", wrong=1, is_checksum="bad", is_quote="none"),
            Unreach(3, Quote(src=NAT), wrong=1, is_checksum="bad", flags="off-path"),
            Unreach(3)]),
    Vector("checksum-zero", "In one's complement 0x0000 and 0xffff are the same sum.",
           [Unreach(3, ZERO), Unreach(3, ZERO, wrong=0xFFFF),
            Unreach(3, ZERO, wrong=1, is_checksum="bad")]),
    Vector("checksum-odd", "An odd message: its last byte counts, the trailer behind it doesn't.",
           [sized(37), sized(37, padding=TRAILER), sized(39, padding=TRAILER[:1]),
            sized(37, padding=TRAILER, wrong=1, is_checksum="bad"),
            Unreach(3, Quote(length=61), keep=1, padding=TRAILER, is_quote="cut"),
            sized(101, options=bytes([1] * 4))]),
    Vector("checksum-snaplen", "Bytes missing from the capture: nobody can tell.",
           [sized(128, there=there, snapped=True, is_checksum="unverified")
            for there in (56, 80, 147)]
           + [sized(128, there=148, snapped=True),
              sized(128, wrong=1, there=147, snapped=True, is_checksum="unverified"),
              Unreach(77, there=55, snapped=True, is_checksum="unverified", is_quote="cut"),
              Unreach(77, there=36, snapped=True, is_checksum="unverified", is_quote="cut")],
           pcap={"snaplen": 162}),
    Vector("checksum-sizes", "Small to mid sizes around the steps in which sums are taken.",
           [sized(size) for size in (36, 62, 63, 64, 65, 127, 128, 129, 255, 256, 257, 510, 511,
                                     512, 513, 514, 548, 576, 767, 1023, 1024, 1025, 2047, 4095)]),
    Vector("checksum-sizes-bad", "The same, each wrong.",
           [sized(size, wrong=0x100, is_checksum="bad")
            for size in (36, 63, 64, 511, 512, 513, 1024, 1025)]),
    Vector("message-1500", "A message that fills a frame of 1500 bytes.",
           [sized(1480), sized(1479), sized(1480, wrong=1, is_checksum="bad")]),
    Vector("message-9000", "A message that fills a jumbo frame.",
           [sized(8980), sized(8980, wrong=1, is_checksum="bad"),
            Unreach(4, Quote(TCP, length=9000), mtu=1500, keep=8970)]),
    Vector("message-span", "Sums are taken up to 9216 bytes; beyond that nobody looks.",
           [sized(9215), sized(9216), sized(9216, wrong=1, is_checksum="bad"),
            sized(9217, is_checksum="unverified"),
            sized(9217, wrong=1, is_checksum="unverified")]),
]

BACK = Quote(SCTP, src=FAR, dst=OURS)
DIRECTION = [
    Vector("off-path", "The quoted packet is not from the host that the message is sent to.",
           [Unreach(3, Quote(src=NAT), flags="off-path"),
            Unreach(1, BACK, flags="off-path"),
            Unreach(13, Quote(TCP, src=NAT), flags="off-path"),
            Unreach(16, Quote(src=NAT), flags="off-path"),
            told(1400, "off-path", Quote(TCP, length=1500, src=NAT)),
            told(1400, "off-path", dst=NAT),
            Unreach(3, Quote(src=NAT), keep=15, is_quote="cut"),
            Unreach(3, Quote(src=NAT), keep=16, is_quote="cut", flags="off-path"),
            Unreach(3, src=OURS, dst=OURS), Unreach(3, src=FAR)]),
]

VECTORS = CODES + MTU + UNUSED + CHECKSUM + DIRECTION
