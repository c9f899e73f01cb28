"""Frames as bytes, packed by hand so that broken ones are possible too.

The first step of make.py: each function takes the fields of one header and returns its bytes.
Nothing is checked or repaired here, and nothing is read back.
"""

import struct

# RFC 7042: MAC addresses for documentation
ROUTER_MAC = bytes.fromhex("00005e005301")
OUR_MAC = bytes.fromhex("00005e005302")

IPV4, ARP, IPV6 = 0x0800, 0x0806, 0x86DD
DF, MF, RESERVED = 0x4000, 0x2000, 0x8000


def address(text):
    return bytes(int(part) for part in text.split("."))


def checksum(data):
    """RFC 1071, over any length: an odd last byte counts as the high one of a pair."""
    data = data + bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def fill(size, start=0x61):
    """Payload that is no run of equal bytes, so that a shifted reading shows."""
    return bytes((start + i * 7) & 0xFF for i in range(size))


def ipv4(src, dst, proto, total, *, ttl=62, tos=0, ident=0, flags=0, offset=0, options=b"",
         version=4, ihl=None):
    """The header alone. offset in bytes; ihl and total stand as given, however wrong."""
    words = 5 + len(options) // 4 if ihl is None else ihl
    head = struct.pack(">BBHHHBBH", version << 4 | words, tos, total, ident, flags | offset // 8,
                       ttl, proto, 0)
    head += address(src) + address(dst) + options
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:]


def icmp(kind, code, rest, data, wrong=0):
    """An ICMP message; wrong is added to its checksum (RFC 792)."""
    message = struct.pack(">BBH", kind, code, 0) + rest + data
    total = (checksum(message) + wrong) & 0xFFFF
    return message[:2] + struct.pack(">H", total) + message[4:]


def ethernet(kind, payload, tags=()):
    """tags: (TPID, VLAN id or whole TCI), the outermost first."""
    out = OUR_MAC + ROUTER_MAC
    for tpid, tci in tags:
        out += struct.pack(">HH", tpid, tci)
    return out + struct.pack(">H", kind) + payload


def cooked(kind, payload, tags=()):
    """Linux cooked capture, version 1: 16 bytes, tags as libpcap puts them back."""
    out = struct.pack(">HHH", 0, 1, 6) + ROUTER_MAC + bytes(2)
    for tpid, tci in tags:
        out += struct.pack(">HH", tpid, tci)
    return out + struct.pack(">H", kind) + payload


def cooked2(kind, payload, tags=()):
    """Linux cooked capture, version 2: 20 bytes."""
    if tags:
        raise ValueError("version 2 puts no tag back")
    return struct.pack(">HHIHBB", kind, 0, 2, 1, 0, 6) + ROUTER_MAC + bytes(2) + payload


def bare(_kind, payload, tags=()):
    """Link types that start at the IP header."""
    if tags:
        raise ValueError("no place for a tag")
    return payload


def tcp(sport, dport, seq, size=20):
    head = struct.pack(">HHIIBBHHH", sport, dport, seq, 0x1F2E3D4C, 5 << 4, 0x10, 502, 0, 0)
    return head + fill(size - len(head))


def udp(sport, dport, length):
    """Header and payload of a datagram that says length bytes."""
    head = struct.pack(">HHHH", sport, dport, length, 0xBEEF)
    return head + fill(max(length - 8, 0))


def echo(kind, code, ident=0x2A2A, seq=7, size=64):
    return icmp(kind, code, struct.pack(">HH", ident, seq), fill(size - 8))


def ports_only(sport, dport, size=32):
    """DCCP, SCTP and UDP-Lite begin with the two ports as UDP does."""
    return struct.pack(">HH", sport, dport) + fill(size - 4)
