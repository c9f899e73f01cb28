"""Sends what gets refused, and what does the refusing, from inside a namespace.

usage: traffic.py JSON      a list of [KIND, {argument: value}]; KIND is a function in KINDS

Here: each packet leaves once and is not waited for, so what comes back can be counted. TCP is in
streams.py, forged messages are in forge.py. Knows nothing of the lab's addresses. `source` is the
sender's address, where that is not left to the kernel.
"""
import errno
import fcntl
import json
import os
import socket
import struct
import sys
import time

from forge import advert, checksum, glimpse, segments
from streams import converse, crowd, serve

# From <linux/in.h>, which Python's socket module does not have.
IP_MTU_DISCOVER, IP_MTU, PROBE, DO = 10, 14, 3, 2
SSRR = 137
ECHO = 8
# From <linux/if_tun.h>.
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 0x0001, 0x1000


def never_smaller(sock):
    """DF is set, and what the kernel has learned of the path is not minded."""
    sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, PROBE)


def udp(host, port=40000, size=64, count=1, source=""):
    """Datagrams of `size` bytes with their headers, each from a port of its own."""
    for i in range(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((source, 0))
            never_smaller(sock)
            sock.sendto(b"u" * (size - 28), (host, port + i))


def probe(host, port, size, count, pause):
    """As DPLPMTUD does it (RFC 8899): datagrams from one port, at a pace of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        never_smaller(sock)
        for _ in range(count):
            sock.sendto(b"d" * (size - 28), (host, port))
            time.sleep(pause)


def heed(host, port, size, count, pause):
    """Datagrams with DF of a sender that minds what it is told; prints the size of the last."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, DO)
        sock.connect((host, port))
        for _ in range(count):
            try:
                sock.send(b"h" * (size - 28))
            except OSError as error:
                if error.errno != errno.EMSGSIZE:
                    raise
                size = sock.getsockopt(socket.IPPROTO_IP, IP_MTU)
            time.sleep(pause)
    print(size)


def syn(host, port=80, count=1, source=""):
    """TCP: one SYN each, given up at once."""
    for i in range(count):
        with socket.socket() as sock:
            sock.bind((source, 0))
            sock.setblocking(False)
            sock.connect_ex((host, port + i))


def echo(host, size=84, count=1, source=""):
    """Echo requests of `size` bytes with their headers."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as sock:
        sock.bind((source, 0))
        never_smaller(sock)
        for i in range(count):
            rest = struct.pack("!HH", os.getpid() & 0xffff, i + 1) + b"e" * (size - 28)
            total = checksum(struct.pack("!BBH", ECHO, 0, 0) + rest)
            sock.sendto(struct.pack("!BBH", ECHO, 0, total) + rest, (host, 0))


def protocol(host, number, count=1, source=""):
    """IP datagrams of a protocol that has no ports."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, number) as sock:
        sock.bind((source, 0))
        for _ in range(count):
            sock.sendto(b"p" * 32, (host, 0))


def strict_route(host, hops, port=40000, count=1, source=""):
    """UDP with a strict source route (RFC 791 section 3.1) over `hops`."""
    route = b"".join(map(socket.inet_aton, hops))
    option = struct.pack("!BBB", SSRR, 3 + len(route), 4) + route + b"\0"
    for i in range(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((source, 0))
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, option)
            sock.sendto(b"s" * 36, (host, port + i))


def ask(host, seconds=5):
    """Is the other end there? Sends an echo request until it answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as sock:
        sock.settimeout(0.2)
        for _ in range(int(seconds / 0.2)):
            echo(host)
            try:
                if sock.recvfrom(2048)[1][0] == host:
                    return
            except TimeoutError:
                pass
    sys.exit(f"{host} does not answer")


def tun(device, packets):
    """Lets packets (hex) come in on a tun device, as a VPN's program would."""
    with open("/dev/net/tun", "r+b", buffering=0) as end:
        fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
        for packet in packets:
            end.write(bytes.fromhex(packet))


KINDS = {one.__name__: one for one in
         (udp, probe, heed, syn, echo, protocol, strict_route, ask, tun, serve, converse, crowd,
          glimpse, advert, segments)}

if __name__ == "__main__":
    for kind, arguments in json.loads(sys.argv[1]):
        KINDS[kind](**arguments)
