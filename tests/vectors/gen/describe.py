"""Descriptions: one object says how a frame is built and what is expected of it.

The middle of make.py: the tables hold these, frames.py makes bytes of them, event.py lines. The
judgements (outcome, flags, quote, checksum) are written down in the table by hand; the plain
fields are the values that the frame was built from, present where enough bytes are. Nothing here
reads a frame back.
"""

import struct
from dataclasses import dataclass, field

from . import captures, event, frames

ICMP, TCP, UDP, DCCP, SCTP, UDPLITE = 1, 6, 17, 33, 132, 136
ROUTER, OURS, FAR = "192.0.2.1", "198.51.100.7", "203.0.113.9"
EPOCH = 1795228000 * 10**9  # 2026-11-21T02:26:40Z
MILLISECOND = 10**6


@dataclass(frozen=True)
class Quote:
    """The datagram that could not be delivered, before it is cut for the quote."""

    proto: int = UDP
    length: int = 60  # the whole datagram
    src: str = OURS
    dst: str = FAR
    sport: int = 50000
    dport: int = 33434
    seq: int = 7
    kind: int = 8  # of a quoted ICMP
    code: int = 0
    ttl: int = 60
    tos: int = 0
    ident: int = 4711
    df: bool = True
    mf: bool = False
    reserved: bool = False
    offset: int = 0  # in bytes
    options: bytes = b""
    says: int = None  # what its length field says, if not the length
    says_udp: int = None  # the same for the UDP length

    @property
    def header(self):
        return 20 + len(self.options)

    @property
    def told_length(self):
        return self.length if self.says is None else self.says

    @property
    def udp_length(self):
        return self.length - self.header if self.says_udp is None else self.says_udp

    def payload(self):
        size = self.length - self.header
        if self.offset:
            return frames.fill(size)
        if self.proto == TCP:
            return frames.tcp(self.sport, self.dport, self.seq, size)[:size]
        if self.proto == UDP:
            data = frames.udp(self.sport, self.dport, self.udp_length)
            return (data + frames.fill(size - len(data)))[:size]
        if self.proto == ICMP:
            return frames.echo(self.kind, self.code, size=max(size, 8))[:size]
        if self.proto in event.WITH_PORTS:
            return frames.ports_only(self.sport, self.dport, size)[:size]
        return frames.fill(size)

    def datagram(self):
        flags = (frames.DF * self.df) | (frames.MF * self.mf) | (frames.RESERVED * self.reserved)
        return frames.ipv4(self.src, self.dst, self.proto, self.told_length, ttl=self.ttl,
                           tos=self.tos, ident=self.ident, flags=flags, offset=self.offset,
                           options=self.options) + self.payload()

    def _network(self):
        """key: (value, the quoted byte that completes it)"""
        return {
            "tos": (self.tos or None, 2),
            "length": (self.told_length, 4),
            "id": (self.ident, 6),
            "df": (self.df, 8),  # one 16-bit word with the offset
            "frag_offset": (self.offset or None, 8),
            "ttl": (self.ttl, 9),
            "proto": (event.protocol_name(self.proto), 10),
            "src_ip": (self.src, 16),
            "dest_ip": (self.dst, 20),
        }

    def _transport(self):
        if self.offset:
            return {}
        at, keys = self.header, {}
        if self.proto in event.WITH_PORTS:
            keys["src_port"] = (self.sport, at + 2)
            keys["dest_port"] = (self.dport, at + 4)
        if self.proto == TCP:
            keys["tcp_seq"] = (self.seq, at + 8)
        if self.proto == UDP:
            keys["udp_length"] = (self.udp_length, at + 6)
        if self.proto == ICMP:
            keys["icmp_type"] = (self.kind, at + 1)
            keys["icmp_code"] = (self.code, at + 2)
        return keys

    def seen(self, visible):
        """What the first visible bytes of the quote hold completely."""
        keys = {**self._network(), **self._transport()}
        return {key: value for key, (value, end) in keys.items()
                if value is not None and end <= visible}


@dataclass(frozen=True)
class Unreach:
    """One frame with a Destination Unreachable, or with what is left of one."""

    code: int
    quote: Quote = Quote()  # or bytes, where it is no IPv4 header
    # what is expected
    flags: str = ""  # separated by blanks
    is_quote: str = "full"
    is_checksum: str = "ok"
    outcome: str = "event"  # or nothing, truncated, bad-header, fragment
    # the ICMP message
    kind: int = 3
    mtu: int = 0
    unused: int = 0  # the two bytes before the MTU
    keep: int = None  # bytes of the quote; None is its header and 8 bytes
    after: bytes = b""  # behind the quote, inside the datagram
    wrong: int = 0  # added to the checksum
    # the outer IPv4 header
    src: str = ROUTER
    dst: str = OURS
    proto: int = ICMP
    ttl: int = 62
    tos: int = 0
    ident: int = 1
    ip_flags: int = 0
    offset: int = 0
    options: bytes = b""
    version: int = 4
    ihl: int = None  # what the header says, if not its length
    total: int = None  # the same for the whole datagram
    # the frame around it
    tags: tuple = ()
    padding: bytes = b""
    there: int = None  # bytes from the outer IP header on that the frame holds; None is all
    snapped: bool = False  # the capture tool cut it there, the wire had all
    # the record
    time: int = None
    interface: int = 0

    def message(self):
        if isinstance(self.quote, Quote):
            keep = self.quote.header + 8 if self.keep is None else self.keep
            quoted = self.quote.datagram()[:keep]
            if len(quoted) < keep and self.keep is not None:
                raise ValueError(f"the datagram is shorter than {keep} bytes")
        else:
            quoted = self.quote
        rest = struct.pack(">HH", self.unused, self.mtu)
        return frames.icmp(self.kind, self.code, rest, quoted + self.after, self.wrong)

    @property
    def header(self):
        return 20 + len(self.options)

    def told_length(self, message):
        return self.header + len(message) if self.total is None else self.total

    def datagram(self):
        """The IP datagram as on the wire, and as much of it as there is."""
        message = self.message()
        whole = frames.ipv4(self.src, self.dst, self.proto, self.told_length(message),
                            ttl=self.ttl, tos=self.tos, ident=self.ident, flags=self.ip_flags,
                            offset=self.offset, options=self.options, version=self.version,
                            ihl=self.ihl) + message + self.padding
        return whole, whole if self.there is None else whole[:self.there]

    def record(self, link, time):
        whole, there = self.datagram()
        frame = link(frames.IPV4, there, self.tags)
        wire = len(frame) + (len(whole) - len(there) if self.snapped else 0)
        return captures.Record(time, frame, wire, self.interface)

    def event(self, number, time, name):
        """The expected event, from the values above and the number of bytes that are there."""
        message = self.message()
        total = self.told_length(message)
        there = self.header + len(message) + len(self.padding)
        if self.there is not None:
            there = min(there, self.there)
        visible = min(total, there) - self.header
        unreach = {"name": event.code_name(self.code), "ttl": self.ttl, "length": total,
                   "checksum": self.is_checksum, "suppressed": 0}
        if self.tos:
            unreach["tos"] = self.tos
        if self.is_quote != "full":
            unreach["quote"] = self.is_quote
        if self.code == 4 and visible >= 8:
            unreach["mtu"] = self.mtu
        if self.flags:
            unreach["flags"] = self.flags.split()
        if self.is_quote != "none":
            unreach["orig"] = self.quote.seen(visible - 8)
        out = {"timestamp": event.timestamp(time), "event_type": "icmp_unreach",
               "pcap_cnt": number, "src_ip": self.src, "dest_ip": self.dst, "proto": "ICMP",
               "icmp_type": 3, "icmp_code": self.code, "unreach": unreach}
        if name is not None:
            out["in_iface"] = name
        if self.tags:
            out["vlan"] = [tci & 0xFFF for _, tci in self.tags]
        return out


@dataclass(frozen=True)
class Packet:
    """Any other frame: the network layer's bytes under an ethertype; nothing is expected."""

    kind: int
    data: bytes
    outcome: str = "nothing"
    tags: tuple = ()
    time: int = None
    interface: int = 0

    def record(self, link, time):
        frame = link(self.kind, self.data, self.tags)
        return captures.Record(time, frame, len(frame), self.interface)


@dataclass(frozen=True)
class Bytes:
    """A frame too short for its own link header."""

    data: bytes
    outcome: str = "nothing"
    time: int = None
    interface: int = 0

    def record(self, _link, time):
        return captures.Record(time, self.data, len(self.data), self.interface)


LINKS = {
    captures.ETHERNET: frames.ethernet,
    captures.RAW: frames.bare,
    captures.RAW_BSD: frames.bare,
    captures.IPV4: frames.bare,
    captures.SLL: frames.cooked,
    captures.SLL2: frames.cooked2,
}


@dataclass(frozen=True)
class Vector:
    """One capture: a name, the reason in a sentence, its frames, the form of the file."""

    name: str
    reason: str
    frames: list
    link: int = captures.ETHERNET
    pcap: dict = field(default_factory=dict)  # further arguments of captures.pcap
    interfaces: list = None  # makes it a pcapng
    extras: bool = False
    order: str = "<"

    def _interface(self, frame):
        return self.interfaces[frame.interface] if self.interfaces else None

    def _timed(self):
        for index, frame in enumerate(self.frames):
            time = EPOCH + (index + 1) * MILLISECOND if frame.time is None else frame.time
            yield index + 1, frame, time

    def _records(self):
        for _, frame, time in self._timed():
            interface = self._interface(frame)
            yield frame.record(LINKS[interface.link if interface else self.link], time)

    def capture(self):
        """(suffix, bytes)"""
        records = list(self._records())
        if self.interfaces is None:
            return ".pcap", captures.pcap(records, self.link, self.order, **self.pcap)
        return ".pcapng", captures.pcapng(records, self.interfaces, self.order, self.extras)

    def expected(self):
        """{suffix: bytes}"""
        events, reasons = [], []
        for number, frame, time in self._timed():
            interface = self._interface(frame)
            if frame.outcome == "event":
                events.append(frame.event(number, time, interface.name if interface else None))
            elif frame.outcome != "nothing":
                reasons.append(frame.outcome)
        return event.files(events, reasons)

    def files(self):
        """All files of this vector: {name: bytes}."""
        suffix, capture = self.capture()
        out = {self.name + suffix: capture}
        out.update({self.name + key: value for key, value in self.expected().items()})
        return out
