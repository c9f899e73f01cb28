"""Capture files from records, in the forms that capture tools write: pcap and pcapng.

The last step of make.py. A record is what a capture holds of one frame; which frame it is, and
what is expected of it, is not known here.
"""

import struct
from dataclasses import dataclass

ETHERNET, RAW_BSD, RAW, SLL, IPV4, SLL2 = 1, 12, 101, 113, 228, 276


@dataclass
class Record:
    time: int  # nanoseconds since 1970
    data: bytes  # captured
    wire: int  # bytes that were on the wire
    interface: int = 0  # pcapng only


def pcap(records, link=ETHERNET, order="<", nano=False, snaplen=65535):
    """The classic format: order is struct's '<' or '>', nano the nanosecond magic."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link)]
    for record in records:
        seconds, rest = divmod(record.time, 10**9)
        part = rest if nano else rest // 1000
        out.append(struct.pack(order + "IIII", seconds, part, len(record.data), record.wire))
        out.append(record.data)
    return b"".join(out)


def _padded(data):
    return data + bytes(-len(data) % 4)


@dataclass
class Interface:
    """One interface description block: tsresol None is the default of microseconds."""

    name: str = None
    link: int = ETHERNET
    tsresol: int = None
    snaplen: int = 0


class Pcapng:
    """Blocks of one section, written in the given byte order."""

    def __init__(self, order="<"):
        self.order = order

    def _block(self, kind, body):
        total = len(body) + 12
        return (struct.pack(self.order + "II", kind, total) + body
                + struct.pack(self.order + "I", total))

    def _option(self, code, value):
        return struct.pack(self.order + "HH", code, len(value)) + _padded(value)

    def section(self):
        return self._block(0x0A0D0D0A, struct.pack(self.order + "IHHq", 0x1A2B3C4D, 1, 0, -1))

    def interface(self, interface):
        body = struct.pack(self.order + "HHI", interface.link, 0, interface.snaplen)
        options = b""
        if interface.name is not None:
            options += self._option(2, interface.name.encode("ascii"))
        if interface.tsresol is not None:
            options += self._option(9, bytes([interface.tsresol]))
        return self._block(1, body + (options + self._option(0, b"") if options else b""))

    def packet(self, record, tsresol=None, comment=None):
        ticks = record.time // 10 ** (9 - (6 if tsresol is None else tsresol))
        head = struct.pack(self.order + "IIIII", record.interface, ticks >> 32,
                           ticks & 0xFFFFFFFF, len(record.data), record.wire)
        options = b""
        if comment:
            options = self._option(1, comment.encode("ascii")) + self._option(0, b"")
        return self._block(6, head + _padded(record.data) + options)

    def name_resolution(self, address, name):
        entry = address + name.encode("ascii") + b"\0"
        body = self._option(1, entry) + self._option(0, b"")
        return self._block(4, body)

    def statistics(self, interface, time):
        return self._block(5, struct.pack(self.order + "III", interface, time >> 32,
                                          time & 0xFFFFFFFF))

    def unknown(self, kind, body):
        return self._block(kind, _padded(body))


def pcapng(records, interfaces, order="<", extras=False):
    """One section. With extras, blocks and options that carry no packet stand between."""
    writer = Pcapng(order)
    out = [writer.section(), *(writer.interface(one) for one in interfaces)]
    for number, record in enumerate(records):
        if extras:
            out.append(writer.name_resolution(bytes([192, 0, 2, 1]), "router.example"))
            out.append(writer.unknown(0x80000001, b"not a packet"))
        comment = f"frame {number + 1}" if extras else None
        out.append(writer.packet(record, interfaces[record.interface].tsresol, comment))
    if extras:
        out.append(writer.statistics(0, records[-1].time // 1000))
    return b"".join(out)
