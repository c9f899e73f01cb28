"""Descriptions: what stands before the IP header, and the forms of capture files."""

from . import frames
from .captures import ETHERNET, IPV4, RAW, RAW_BSD, SLL, SLL2, Interface
from .describe import EPOCH, MILLISECOND, TCP, Bytes, Packet, Quote, Unreach, Vector
from .table_header import ARP, ICMPV6, WITHIN, packet

Q, AD, OLD = 0x8100, 0x88A8, 0x9100  # 802.1Q, 802.1ad, and what was used before it
MACS = frames.OUR_MAC + frames.ROUTER_MAC
MTU = Unreach(4, Quote(TCP, length=1500), mtu=1400)


def tagged(*tags, **rest):
    return Unreach(3, tags=tags, **rest)


def tags(count):
    return [(Q, 100 + number) for number in range(count)]


VLAN = [
    Vector("vlan-depth", "Up to four tags are read; a frame with five is not ours.",
           [tagged(*tags(count)) for count in range(5)]
           + [tagged(*tags(5), outcome="nothing"), tagged(*tags(8), outcome="nothing")]),
    Vector("vlan-tpid", "Each of the three tag types, alone and stacked.",
           [tagged((Q, 7)), tagged((AD, 7)), tagged((OLD, 7)), tagged((AD, 300), (Q, 20)),
            tagged((OLD, 300), (Q, 20)), tagged((AD, 1), (OLD, 2), (Q, 3)),
            tagged((Q, 1), (AD, 2), (OLD, 3), (Q, 4))]),
    Vector("vlan-tci", "The id is the low 12 bits: priority and DEI stand above it.",
           [tagged((Q, 0)), tagged((Q, 0xE000)), tagged((Q, 0xFFFF)), tagged((Q, 0x1001)),
            tagged((AD, 0x7FFE), (Q, 0x8000))]),
    Vector("vlan-broken", "The other rows of the ledger, behind tags.",
           [tagged((Q, 5), there=12, outcome="truncated"),
            tagged((Q, 5), ihl=4, outcome="bad-header"),
            tagged((AD, 5), (Q, 6), offset=8, outcome="fragment"),
            tagged((Q, 5), wrong=1, is_checksum="bad"),
            tagged((Q, 5), padding=bytes(8), is_checksum="ok"),
            tagged((Q, 5), kind=8, outcome="nothing"),
            tagged(*tags(5), there=12, outcome="nothing")]),
    Vector("vlan-cut", "A frame that ends within its tags, or right behind them.",
           [Bytes((MACS + b"\x81\x00\x00\x05\x08\x00")[:size]) for size in range(13, 19)]
           + [Bytes((MACS + b"\x88\xa8\x00\x05\x81\x00\x00\x06\x08\x00")[:size])
              for size in (18, 19, 20, 21, 22)]),
    Vector("vlan-other", "What stands behind the tags is no IPv4, or the tag type is unknown.",
           [Packet(frames.ARP, ARP, tags=((Q, 5),)), Packet(frames.IPV6, ICMPV6, tags=((Q, 5),)),
            tagged((0x9200, 5), outcome="nothing"), tagged((0x8101, 5), outcome="nothing"),
            tagged((Q, 5), (0x9200, 5), outcome="nothing")]),
]

PLAIN = [Unreach(3), MTU, Unreach(3, there=12, outcome="truncated"),
         Unreach(3, ihl=4, outcome="bad-header"), Unreach(3, offset=8, outcome="fragment"),
         Unreach(3, kind=8, outcome="nothing"), Unreach(3, padding=bytes(6)), Packet(0, ICMPV6)]

LINK = [
    Vector("link-raw", "Link type 101: the frame starts at the IP header, of either version.",
           PLAIN, link=RAW),
    Vector("link-raw-12", "Link type 12, the same under its old number.", PLAIN, link=RAW_BSD),
    Vector("link-ipv4", "Link type 228: IPv4 alone.", PLAIN, link=IPV4),
    Vector("link-raw-short", "Nothing before the IP header: frames of 0 bytes and more.",
           [Unreach(3, there=there, outcome="truncated" if there >= 10 else "nothing")
            for there in (0, 1, 9, 10, 19, 20, 21)], link=RAW),
    Vector("link-cooked", "Link type 113, Linux cooked: 16 bytes before, tags put back included.",
           [Unreach(3), MTU, tagged((Q, 100)), tagged((AD, 100), (Q, 200)),
            Unreach(3, there=12, outcome="truncated"), Packet(frames.ARP, ARP),
            Packet(frames.IPV6, ICMPV6), Packet(0x0004, WITHIN), Bytes(bytes(15))], link=SLL),
    Vector("link-cooked-2", "Link type 276, Linux cooked version 2: 20 bytes before.",
           [Unreach(3), MTU, Unreach(3, there=12, outcome="truncated"),
            Packet(frames.ARP, ARP), Packet(frames.IPV6, ICMPV6), Bytes(bytes(19))], link=SLL2),
]

# one thousandth of a second, and then all nines: cut off, not rounded
TIMES = [Unreach(3, time=EPOCH + MILLISECOND), Unreach(1, time=EPOCH + 999_999_999),
         Unreach(3, time=EPOCH + 1_000_000_001), MTU]
MIXED = [packet(TCP, frames.tcp(443, 50000, 1)), Unreach(3), Packet(frames.ARP, ARP), MTU,
         Unreach(0, kind=8, outcome="nothing"), Unreach(3, ihl=4, outcome="bad-header"),
         Unreach(13)]

PCAP = [
    Vector("pcap-micro-le", "Microseconds, little-endian.", TIMES),
    Vector("pcap-micro-be", "Microseconds, big-endian.", TIMES, order=">"),
    Vector("pcap-nano-le", "Nanoseconds, little-endian.", TIMES, pcap={"nano": True}),
    Vector("pcap-nano-be", "Nanoseconds, big-endian.", TIMES, order=">", pcap={"nano": True}),
    Vector("pcap-empty", "A capture without a frame.", []),
    Vector("pcap-mixed", "Frames are counted from 1, the others among them.", MIXED),
    Vector("pcap-dates", "The epoch, a leap day, a second before midnight, times that go back.",
           [Unreach(3, time=seconds * 10**9 + part)
            for seconds, part in ((0, 0), (1835481599, 999_999_000), (1835481600, 0),
                                  (951827696, 1000), (2147483647, 123_456_000))]),
]

ETH0, ETH1, TUN0 = Interface("eth0"), Interface("eth1"), Interface("tun0", RAW, 9)
ON_TWO = [Unreach(3), Unreach(13, interface=1), MTU, Packet(frames.ARP, ARP, interface=1),
          Unreach(1, interface=1), Unreach(3)]

PCAPNG = [
    Vector("pcapng-one", "One interface with a name.", MIXED, interfaces=[ETH0]),
    Vector("pcapng-big-endian", "The same, big-endian.", MIXED, interfaces=[ETH0], order=">"),
    Vector("pcapng-unnamed", "An interface without a name: the event names none.", TIMES,
           interfaces=[Interface()]),
    Vector("pcapng-micro", "Time stamps in microseconds, said so (if_tsresol 6).", TIMES,
           interfaces=[Interface("eth0", tsresol=6)]),
    Vector("pcapng-nano", "Time stamps in nanoseconds (if_tsresol 9).", TIMES,
           interfaces=[Interface("eth0", tsresol=9)]),
    Vector("pcapng-two", "Two interfaces: each event names its own.", ON_TWO,
           interfaces=[ETH0, ETH1]),
    Vector("pcapng-resolutions", "Two interfaces that count time differently.", ON_TWO,
           interfaces=[Interface("eth0", tsresol=6), Interface("eth1", tsresol=9)]),
    Vector("pcapng-links", "An Ethernet interface and one that starts at the IP header.",
           [Unreach(3), Unreach(13, interface=1), Unreach(3, tags=((Q, 5),)),
            Unreach(3, interface=1, there=12, outcome="truncated"),
            Packet(0, ICMPV6, interface=1), Unreach(1, interface=1, padding=bytes(2))],
           interfaces=[ETH0, TUN0]),
    Vector("pcapng-blocks", "Blocks and options that hold no packet are passed over.", MIXED,
           interfaces=[ETH0], extras=True),
    Vector("pcapng-snaplen", "Frames cut by the interface's snap length.",
           [Unreach(3, there=there, snapped=True, is_checksum="unverified", is_quote="cut")
            for there in (40, 55)], interfaces=[Interface("eth0", ETHERNET, snaplen=69)]),
]

VECTORS = VLAN + LINK + PCAP + PCAPNG
