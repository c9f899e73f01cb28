"""Forged "fragmentation needed" (RFC 792, RFC 1191), as traffic.py sends it from a router, and
segments of flows that there are not.

glimpse() shows a packet of a flow that passes by; advert() refuses such a packet, in whatever way
an attacker or a broken box might. Addresses are text, numbers in host order.
"""
import json
import socket
import struct
import sys

UNREACHABLE, FRAGMENTATION_NEEDED, ECHO_REPLY = 3, 4, 0
DF = 0x4000
ETH_P_IP = 0x0800
FLOW_PORTS = 60000  # that flows are from, and then from the next port on
TCP_WORDS, PSH, ACK = 5, 8, 16
LEAST_DATA = 100  # bytes of a segment that is worth a glimpse, with its headers


def checksum(data):
    """RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def header(src, dst, protocol, length, df=True):
    """An IPv4 header without options."""
    fields = (0x45, 0, length, 0x1234, DF if df else 0, 60, protocol)
    addresses = socket.inet_aton(src) + socket.inet_aton(dst)
    total = checksum(struct.pack("!BBHHHBBH", *fields, 0) + addresses)
    return struct.pack("!BBHHHBBH", *fields, total) + addresses


def transport(quoted):
    """(protocol, its first 8 bytes) of the packet that is said not to have fitted."""
    ports = (quoted.get("sport", 0), quoted.get("dport", 0))
    match quoted["proto"]:
        case "tcp":
            return socket.IPPROTO_TCP, struct.pack("!HHI", *ports, quoted["seq"])
        case "udp":
            return socket.IPPROTO_UDP, struct.pack("!HHHH", *ports, quoted["length"] - 20, 0)
        case "echo-reply":  # Linux believes these without looking for who sent the packet
            return socket.IPPROTO_ICMP, struct.pack("!BBHHH", ECHO_REPLY, 0, 0, 1, 1)


def advert(reporter, quoted, mtu, to="", count=1):
    """`reporter` tells the packet's source, or `to`, that it did not fit into `mtu`.

    `quoted`, the packet: proto, src, dst, length, and where they matter sport, dport, seq, df.
    """
    protocol, start = transport(quoted)
    packet = header(quoted["src"], quoted["dst"], protocol, quoted["length"],
                    quoted.get("df", True)) + start
    rest = struct.pack("!HH", 0, mtu) + packet
    total = checksum(struct.pack("!BBH", UNREACHABLE, FRAGMENTATION_NEEDED, 0) + rest)
    message = struct.pack("!BBH", UNREACHABLE, FRAGMENTATION_NEEDED, total) + rest
    to = to or quoted["src"]
    outer = header(reporter, to, socket.IPPROTO_ICMP, 20 + len(message), df=False)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sock:
        for _ in range(count):
            sock.sendto(outer + message, (to, 0))


def segments(src, dst, size, count):
    """Flows of one TCP segment each, `size` bytes long with its headers, DF set, all zeros."""
    both = socket.inet_aton(src) + socket.inet_aton(dst)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sock:
        for i in range(count):
            ports = (1024 + i % FLOW_PORTS, 1024 + i // FLOW_PORTS)
            tcp = struct.pack("!HHIIBBH", *ports, i, 1, TCP_WORDS << 4, PSH | ACK, 1024)
            total = checksum(both + struct.pack("!HH", socket.IPPROTO_TCP, size - 20) + tcp)
            sock.sendto(header(src, dst, socket.IPPROTO_TCP, size) + tcp +
                        struct.pack("!HH", total, 0) + bytes(size - 40), (dst, 0))


def glimpse(device, port, seconds=10):
    """Prints the next TCP segment with data from a port that comes in on a device, as JSON."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as sock:  # deaf until bound
        sock.bind((device, ETH_P_IP))
        sock.settimeout(seconds)
        while True:
            packet, (_device, _type, direction, *_rest) = sock.recvfrom(2048)
            length, _id, fragment, _ttl, protocol = struct.unpack_from("!HHHBB", packet, 2)
            start = 4 * (packet[0] & 15)
            if direction == socket.PACKET_OUTGOING or protocol != socket.IPPROTO_TCP:
                continue
            sport, dport, seq = struct.unpack_from("!HHI", packet, start)
            if sport == port and length >= LEAST_DATA:
                break
    json.dump({"proto": "tcp", "src": socket.inet_ntoa(packet[12:16]), "seq": seq,
               "dst": socket.inet_ntoa(packet[16:20]), "sport": sport, "dport": dport,
               "length": length, "df": bool(fragment & DF)}, sys.stdout)
