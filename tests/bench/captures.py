"""Rows of `unreach read` on a capture, against tcpdump and tshark: messages a CPU second, the
output thrown away. The capture stands on a tmpfs and is made here. The others read a part of it.
"""
import random
import resource
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from place import UNREACH, Place
from table import Row, judge, number, quartiles

TCPDUMP_FASTER, TSHARK_FASTER = 4, 100
BLOCK = 20000  # different messages, repeated with other times
TCPDUMP_PART, TSHARK_PART = 5, 50
FIELDS = ("frame.time_epoch", "ip.src", "ip.dst", "icmp.type", "icmp.code", "udp.srcport",
          "udp.dstport", "tcp.srcport", "tcp.dstport")
SEED = 1122
LINK = bytes.fromhex("0200000000010200000000020800")


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def ip(protocol, length, source, target, ttl):
    head = struct.pack("!BBHHHBBHII", 0x45, 0, length, 0, 0, ttl, protocol, 0, source, target)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:]


def message(dice):
    """One frame of 70 bytes."""
    ours, reporter = 0xc0000200 + dice.randrange(250), 0x0a000000 + dice.randrange(1000)
    code, protocol = dice.choice((0, 1, 3, 9, 10, 13)), dice.choice((6, 17))
    quote = ip(protocol, 60, ours, dice.getrandbits(32), 60)
    quote += struct.pack("!HHI", dice.randrange(1024, 65536), dice.choice((53, 80, 443)),
                         40 << 16 if protocol == 17 else dice.getrandbits(32))
    icmp = struct.pack("!BBHI", 3, code, 0, 0) + quote
    icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
    return LINK + ip(1, 20 + len(icmp), reporter, ours, 60) + icmp


def write_capture(path, messages):
    """A pcap file; each repetition of the block is a second later."""
    dice = random.Random(SEED)
    frames = [message(dice) for _ in range(BLOCK)]
    size = 16 + len(frames[0])
    block = bytearray(b"".join(struct.pack("<IIII", 0, i * 1000000 // BLOCK, len(f), len(f)) + f
                               for i, f in enumerate(frames)))
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for second in range(messages // BLOCK):
            for offset, byte in enumerate((1700000000 + second).to_bytes(4, "little")):
                block[offset::size] = bytes([byte]) * BLOCK
            out.write(block)


def cpu_seconds(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rate(tool):
    """Messages a CPU second; what the tool takes for a capture without any is taken off."""
    return tool.messages / (cpu_seconds(*tool.command, tool.capture)
                            - cpu_seconds(*tool.command, tool.capture.parent / "none"))


@dataclass
class Tool:
    """A command that reads `capture`, its last word, of so many messages."""
    command: tuple
    capture: Path
    messages: int
    bound: float = 0  # how many times faster we must be


def make_tools(disk, captured):
    """All by name, each with its capture; without those that are missing."""
    fields = [word for field in FIELDS for word in ("-e", field)]
    tools = {
        "unreach": Tool((UNREACH, "read"), disk / "whole", captured),
        "tcpdump": Tool(("tcpdump", "-nn", "-r"), disk / "part", captured // TCPDUMP_PART,
                        TCPDUMP_FASTER),
        "tshark": Tool(("tshark", "-n", "-T", "fields", *fields, "-r"), disk / "few",
                       captured // TSHARK_PART, TSHARK_FASTER),
    }
    write_capture(disk / "none", 0)
    for tool in tools.values():
        tool.messages = max(tool.messages, BLOCK)
        write_capture(tool.capture, tool.messages)
    return {name: tool for name, tool in tools.items() if shutil.which(tool.command[0])}


def read(settings):
    """The text that each prints by default, one line a message."""
    rows, samples = [], {}
    with Place() as place:
        tools = make_tools(place.small_disk("2g"), settings.captured)
        for _ in range(1 if settings.quick else 5):
            for name, tool in tools.items():
                samples.setdefault(name, []).append(rate(tool))
    for name in ("tcpdump", "tshark"):
        row, tool = f"`unreach read`, against {name}", tools.get(name)
        if not tool:
            rows.append(Row(row, "", skipped=f"no {name}"))
            continue
        ours, theirs = samples["unreach"], samples[name]
        rows.append(judge(row, f"{number(quartiles(ours)[1] / 1e6)} M/s",
                          f"{number(quartiles(theirs)[1] / 1e6, 'M/s')}, {tool.messages} messages",
                          [a / b for a, b in zip(ours, theirs)], bound=tool.bound, at_most=False))
    return rows, samples
