"""Why nobody acts on an advert: one row a cause. The way is too narrow, and r2 says so in vain, or
nobody says so at all.

Each is there for the time of a context, and the sender starts it without knowing the path. The
sender is c in all of them.
"""
import shlex
from contextlib import contextmanager
from dataclasses import dataclass

from lab import NARROW


@dataclass(frozen=True)
class Hole:
    """up and down: (node, command); served: c serves, and s downloads; heals: c finds out alone."""

    name: str
    how: str
    up: tuple
    down: tuple
    served: bool = False
    heals: bool = False


def deaf(node, hook):
    """(up, down) of a firewall that drops what r2 says, where it comes in or where it goes on."""
    return (((node, "nft add table ip hole"),
             (node, f"nft 'add chain ip hole {hook} {{ type filter hook {hook} priority 0; }}'"),
             (node, f"nft add rule ip hole {hook} icmp type destination-unreachable drop")),
            ((node, "nft delete table ip hole"),))


PROBING = "sysctl -qw net.ipv4.tcp_mtu_probing="
HOST = Hole("host", "c's own firewall drops ICMP", *deaf("c", "input"))
BORDER = Hole("border", "a firewall behind the border drops ICMP", *deaf("b", "forward"))
SERVED = Hole("served", "the same at c, which serves", *deaf("c", "input"), served=True)
HEALS = Hole("heals", "c drops ICMP, but tries smaller segments by itself after a while",
             (*HOST.up, ("c", PROBING + "1")), (*HOST.down, ("c", PROBING + "0")), heals=True)
HOLES = (HOST, BORDER, SERVED, HEALS)
SILENT = Hole("silent", "r2's own firewall drops what r2 says", *deaf("r2", "output"))
# The same for Lab.wired(): the wire swallows what r2 would have refused.
SHORT_WIRE = f"ab:longest={NARROW}"


@contextmanager
def dug(lab, hole):
    """The hole is there, and nothing of before is remembered."""
    lab.forget()
    try:
        for node, command in hole.up:
            lab.call(node, *shlex.split(command))
        yield hole
    finally:
        for node, command in hole.down:
            lab.call(node, *shlex.split(command), check=False)
