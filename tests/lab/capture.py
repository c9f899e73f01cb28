"""tcpdump beside the monitor: what came in, by somebody else's account, and scapy to count it."""
from collections import Counter

from scapy.layers.inet import ICMP, IP, IPerror
from scapy.utils import PcapReader

from lab import until

UNREACHABLE = 3


class Capture:
    """What comes in on an interface of a node, into a file: `what`, so many bytes of each frame."""

    def __init__(self, lab, node, interface, path, what="icmp", snaplen=0):
        self.lab, self.path = lab, path
        said = path.with_suffix(".tcpdump")
        with open(said, "w", encoding="utf-8") as stderr:
            self.process = lab.start(node, "tcpdump", "-n", "-U", "--immediate-mode", "-Z", "root",
                                     "-Q", "in", "-s", snaplen, "-i", interface, "-w", path, what,
                                     stderr=stderr)
        until(lambda: "listening on" in said.read_text(encoding="utf-8"), "tcpdump listens")

    def stop(self):
        self.lab.stop(self.process)


def messages(path):
    """The outer IP headers of all Destination Unreachable messages in a capture."""
    with PcapReader(str(path)) as packets:
        return [packet[IP] for packet in packets
                if ICMP in packet and packet[ICMP].type == UNREACHABLE]


def tally(packets):
    """What the views should say: {"codes": …, "bytes": …, "sources": …, …}."""
    return {
        "codes": Counter(packet[ICMP].code for packet in packets),
        "bytes": Counter({code: sum(packet.len for packet in packets if packet[ICMP].code == code)
                          for code in {packet[ICMP].code for packet in packets}}),
        "sources": Counter(packet.src for packet in packets),
        "targets": Counter(packet[IPerror].dst for packet in packets),
        "senders": Counter(packet[IPerror].src for packet in packets),
    }
