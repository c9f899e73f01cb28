"""What tshark makes of a capture, as the event lines that ours should be.

An independent decoder: expect.py derives the expectations of real captures from it, and
against_tshark.py compares event lines with it. Reads tshark's PDML, which keeps the order and the
nesting of headers, and takes the bytes of each field, not the text beside them (which repairs
lengths of 0 and the like). Knows nothing of our parser.
"""

import subprocess
import sys
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "vectors"))

from gen import event as form  # noqa: E402

# No reassembly: a first fragment is read on its own.
OPTIONS = ("ip.defragment:FALSE", "tcp.relative_sequence_numbers:FALSE")
ICMP = "ip.proto == 1"
# Headers in which tshark does not get as far as the protocol, or in which it corrects a length.
BROKEN = "ip.bogus_header_length || ip.bogus_ip_length"
# What may stand before the outer IP header; behind anything else it is a tunnel's: not ours.
LOWER = ("geninfo", "frame", "pkt_comment", "eth", "sll", "raw", "ethertype", "vlan", "ieee8021ad")
TAGS = ("vlan.id", "ieee8021ad.id")
MOST_TAGS = 4
# The longest message whose checksum we take. tshark takes any.
LONGEST_SUM = 9216
CHECKSUM = {"0": "bad", "1": "ok", "2": "unverified"}


def _number(raw):
    return int(raw, 16)


def _address(raw):
    return str(IPv4Address(int(raw, 16)))


def _protocol(raw):
    return form.protocol_name(int(raw, 16))


def _eights(raw):
    return int(raw, 16) * 8


def _flag(raw):
    return int(raw, 16) != 0


# (our key, tshark's fields, of which the first that is there counts, how to read it)
# tshark shows the end of a source route as ip.dst, and what the header's field holds as ip.cur_rt.
ADDRESSES = (
    ("src_ip", ("ip.src",), _address),
    ("dest_ip", ("ip.cur_rt", "ip.dst"), _address),
    ("proto", ("ip.proto",), _protocol),
)
HEADER = (
    ("length", ("ip.len",), _number),
    ("ttl", ("ip.ttl",), _number),
    ("tos", ("ip.dsfield",), _number),
)
QUOTED = ADDRESSES + HEADER + (
    ("id", ("ip.id",), _number),
    ("df", ("ip.flags.df",), _flag),
    ("frag_offset", ("ip.frag_offset",), _eights),
)
TYPE = (("icmp_type", ("icmp.type",), _number), ("icmp_code", ("icmp.code",), _number))


def _ports(name):
    return (("src_port", (f"{name}.srcport",), _number),
            ("dest_port", (f"{name}.dstport",), _number))


TRANSPORT = {
    "tcp": _ports("tcp") + (("tcp_seq", ("tcp.seq_raw", "tcp.seq"), _number),),
    "udp": _ports("udp") + (("udp_length", ("udp.length",), _number),),
    "udplite": _ports("udp"),
    "sctp": _ports("sctp"),
    "dccp": _ports("dccp"),
    "icmp": TYPE,
}
ONLY_IF_NOT_0 = ("tos", "frag_offset")


class Header:
    """One header of a packet: its own fields, and the headers within (ICMP's quote)."""

    def __init__(self, proto):
        self.name = proto.get("name")
        self.at = int(proto.get("pos") or 0)
        self.within = [Header(child) for child in proto.findall("proto")]
        self.raw, self.shown = {}, {}
        self._take(proto)

    def _take(self, node):
        for child in node.findall("field"):
            self.shown.setdefault(child.get("name"), child.get("show"))
            if child.get("value"):
                self.raw.setdefault(child.get("name"), child.get("value"))
            self._take(child)

    def number(self, name):
        return int(self.raw[name], 16) if name in self.raw else None

    def read(self, rows):
        """{our key: value}, of what tshark found."""
        out = {}
        for key, names, convert in rows:
            raw = next((self.raw[name] for name in names if name in self.raw), None)
            value = None if raw is None else convert(raw)
            if value is not None and not (key in ONLY_IF_NOT_0 and value == 0):
                out[key] = value
        return out


@dataclass
class Decoded:
    """One frame that carries ICMP right behind its link header and tags."""

    number: int
    top: dict  # timestamp, in_iface, vlan
    ip: Header
    captured: int  # bytes of the frame
    icmp: Header = None
    quoted: Header = None  # the quoted IPv4 header, if it is one
    transport: dict = field(default_factory=dict)

    @property
    def header(self):
        """Bytes of the outer IP header."""
        return (self.ip.number("ip.hdr_len") & 0xF) * 4

    @property
    def length(self):
        return self.ip.number("ip.len")

    @property
    def there(self):
        """Bytes of the outer IP datagram that the frame holds, whatever its length says."""
        return self.captured - self.ip.at

    @property
    def visible(self):
        """Bytes of the ICMP message."""
        return min(self.length, self.there) - self.header

    @property
    def quoted_size(self):
        """Bytes of the quote."""
        return self.visible - 8

    @property
    def quoted_header(self):
        return (self.quoted.number("ip.hdr_len") & 0xF) * 4

    @property
    def believed(self):
        """Bytes of the quoted transport that tshark looks at: it believes the length fields."""
        length = self.quoted.number("ip.len") or self.quoted_size
        told = (self.icmp.number("icmp.length") or 0) * 4 or self.quoted_size
        return min(self.quoted_size, length, told) - self.quoted_header

    @property
    def later_fragment(self):
        return bool(self.ip.number("ip.frag_offset"))

    @property
    def code(self):
        return self.icmp.number("icmp.code") if self.icmp else None

    @property
    def is_unreachable(self):
        """None where tshark has not read the type: it gives up on ICMP of less than 6 bytes."""
        if self.later_fragment or self.visible < 2:
            return False
        return None if self.code is None else self.icmp.number("icmp.type") == 3

    def checksum(self):
        """tshark's verdict, but where it sums up what is there though bytes are missing."""
        whole = 8 <= self.length - self.header <= LONGEST_SUM and self.length <= self.there
        if not whole or self.ip.number("ip.flags.mf"):
            return "unverified"
        return CHECKSUM[self.icmp.shown["icmp.checksum.status"]]

    def quote(self):
        """full, cut or none."""
        if self.quoted_size <= 0 or self.quoted is None:
            return "none"
        header, length = self.quoted_header, self.quoted.number("ip.len")
        needed = header + 8
        if length is not None and header <= length < needed:
            needed = length
        return "full" if self.quoted_size >= needed else "cut"

    def orig(self):
        return {**self.transport, **self.quoted.read(QUOTED)} if self.quoted else {}

    def flags(self):
        orig, told = self.orig(), self._mtu()
        found = set()
        if told is not None:
            length = orig.get("length")
            found.add("legacy" if told == 0 else "impossible" if told < 68 else
                      "tiny" if told < 552 else None)
            found.add("pointless" if told and length is not None and told >= length else None)
        if self.code == 4:
            found.add("no-df" if orig.get("df") is False else None)
            found.add("echo" if orig.get("icmp_type") in (0, 8) and orig["proto"] == "ICMP"
                      else None)
        if "src_ip" in orig and orig["src_ip"] != self.ip.read(ADDRESSES)["dest_ip"]:
            found.add("off-path")
        if self.quoted_size > 0 and self.quoted is None:
            found.add("bad-quote")
        return [flag for flag in form.FLAGS if flag in found]

    def _mtu(self):
        return self.icmp.number("icmp.mtu") if self.code == 4 and self.visible >= 8 else None

    def _message(self):
        out = {"name": form.code_name(self.code), "checksum": self.checksum(),
               "quote": self.quote(), "mtu": self._mtu(), "flags": self.flags() or None}
        if self.quote() != "none":
            out["orig"] = self.orig()
        return {key: value for key, value in out.items() if value not in (None, "full")}

    def event(self):
        """What tshark knows of this frame's event line: all of it, but where it read no ICMP."""
        unreach = {**self.ip.read(HEADER), "suppressed": 0}
        out = {**self.top, "event_type": "icmp_unreach", "pcap_cnt": self.number,
               **self.ip.read(ADDRESSES), "unreach": unreach}
        if self.code is not None:
            out.update(self.icmp.read(TYPE))
            unreach.update(self._message())
        return out


def _run(path, display_filter):
    command = ["tshark", "-n", "-r", str(path), "-T", "pdml", "-Y", display_filter]
    for option in OPTIONS:
        command += ["-o", option]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"tshark on {path}: {done.stderr.decode(errors='replace')}")
    return xml.fromstring(done.stdout).findall("packet")


def _nanoseconds(shown):
    seconds, _, rest = shown.partition(".")
    return int(seconds) * 10**9 + int(rest.ljust(9, "0"))


def _top(headers):
    frame = next(one for one in headers if one.name == "frame")
    out = {"timestamp": form.timestamp(_nanoseconds(frame.shown["frame.time_epoch"]))}
    name = frame.shown.get("frame.interface_name", "unknown")
    if name != "unknown":  # what tshark calls an interface without a name
        out["in_iface"] = name
    tags = [one.number(tag) for one in headers for tag in TAGS if tag in one.raw]
    if tags:
        out["vlan"] = tags
    return out


def _outer(headers):
    """The IP header, if only link headers and at most four tags stand before it."""
    for index, header in enumerate(headers):
        if header.name == "ip":
            tags = sum(one.name in ("vlan", "ieee8021ad") for one in headers[:index])
            return index if tags <= MOST_TAGS else None
        if header.name not in LOWER:
            return None
    return None


def _quoted(icmp):
    """The quoted IP header, if it is of version 4, and the fields of what stands behind it."""
    for index, header in enumerate(icmp.within):
        if header.name != "ip":
            continue
        first = header.number("ip.version")
        if first is None or first >> 4 != 4 or first & 0xF < 5:
            return None, {}
        behind = icmp.within[index + 1:index + 2]
        if header.number("ip.frag_offset") or not behind:
            return header, {}
        return header, behind[0].read(TRANSPORT.get(behind[0].name, ()))
    return None, {}


def _decoded(packet):
    headers = [Header(proto) for proto in packet.findall("proto")]
    index = _outer(headers)
    if index is None or headers[index].number("ip.proto") != 1:
        return None
    frame = next(one for one in headers if one.name == "frame")
    out = Decoded(int(frame.shown["frame.number"]), _top(headers[:index]), headers[index],
                  int(frame.shown["frame.cap_len"]))
    if [one.name for one in headers[index + 1:index + 2]] == ["icmp"]:
        out.icmp = headers[index + 1]
        out.quoted, out.transport = _quoted(out.icmp)
    return out


def decode(path):
    """The frames of a capture that carry ICMP, in their order, as Decoded."""
    found = (_decoded(packet) for packet in _run(path, ICMP))
    return [one for one in found if one is not None]


def broken(path):
    """How many frames have an IP header, anywhere, that tshark cannot make sense of."""
    return len(_run(path, BROKEN))
