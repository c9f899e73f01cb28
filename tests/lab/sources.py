"""Where each code comes from: what makes a real kernel send it, one row a code.

Each row has a prefix of its own, so all can stand at the same time. provoke() says how many
messages must come back: one for each packet. Routes that refuse answer five packets of one sender
at once and then one a second, and a namespace cannot lift that: each provocation is another host's.
"""
import shlex
from dataclasses import dataclass

import lab as network
from transfer import Transfer

UNASSIGNED = 16  # the first number without a meaning


@dataclass(frozen=True)
class Source:
    """up and down: (node, command); steps: what c sends (traffic.py), one message for each."""

    code: int
    how: str
    steps: tuple
    reporter: str = network.ROUTER
    up: tuple = ()
    down: tuple = ()

    def set_up(self, lab):
        for node, command in self.up:
            lab.call(node, *shlex.split(command))

    def provoke(self, lab):
        """Sends from c; the number of messages that this makes come back."""
        source = lab.host()
        lab.traffic("c", *((kind, {**arguments, "source": source})
                           for kind, arguments in self.steps))
        return sum(arguments.get("count", 1) for _kind, arguments in self.steps)

    def take_down(self, lab):
        for node, command in self.down:
            lab.call(node, *shlex.split(command))


def prefix(code):
    return f"198.18.{code}.0/24"


def each_kind(code):
    """UDP, TCP and echo to an address of the code's prefix, in numbers that differ by code."""
    host = f"198.18.{code}.1"
    return (("udp", {"host": host, "count": 1 + code % 3}), ("syn", {"host": host}),
            ("echo", {"host": host}))


def route(code, kind, how):
    """A route of r2 that refuses."""
    return Source(code, how, each_kind(code),
                  up=(("r2", f"ip route add {kind} {prefix(code)}"),),
                  down=(("r2", f"ip route del {kind} {prefix(code)}"),))


def reject(code, word=None):
    """A rule of r2's firewall; `word` is nft's name for the code, where it has one."""
    table = f"ip code{code}"
    return Source(
        code, f"r2's firewall: reject with icmp type {word or code}", each_kind(code),
        up=(("r2", f"nft add table {table}"),
            ("r2", f"nft 'add chain {table} forward {{ type filter hook forward priority 0; }}'"),
            ("r2", f"nft add rule {table} forward ip daddr {prefix(code)} "
                   f"reject with icmp type {word or code}")),
        down=(("r2", f"nft delete table {table}"),))


def source_route(value):
    """Whether b and r2 mind source routes."""
    return tuple((node, f"sysctl -qw net.ipv4.conf.all.accept_source_route={value} "
                        f"net.ipv4.conf.{interface}.accept_source_route={value}")
                 for node, interface in (("b", "in"), ("b", "out"), ("r2", "left")))


TOO_LONG = {"host": network.SERVER, "size": 1500, "count": 2}
SOURCES = (
    route(0, "throw", "r2 has no route: ip route add throw"),
    route(1, "unreachable", "r2 cannot reach the host: ip route add unreachable"),
    Source(2, "s has no handler for the IP protocol", reporter=network.SERVER,
           steps=(("protocol", {"host": network.SERVER, "number": 253, "count": 2}),)),
    Source(3, "nobody listens on the UDP port of s", reporter=network.SERVER,
           steps=(("udp", {"host": network.SERVER, "port": 40000, "count": 4}),)),
    Source(4, f"DF is set and r2's next link takes {network.NARROW} bytes",
           steps=(("udp", TOO_LONG), ("echo", TOO_LONG))),
    Source(5, "a strict source route names a next hop that is not next to r2",
           steps=(("strict_route", {"host": network.SERVER, "count": 2,
                                    "hops": ("192.0.2.1", network.ROUTER, network.SERVER)}),),
           up=source_route(1), down=source_route(0)),
    reject(6),
    reject(7),
    reject(8),
    reject(9, "net-prohibited"),
    reject(10, "host-prohibited"),
    reject(11),
    reject(12),
    route(13, "prohibit", "r2 may not forward it: ip route add prohibit"),
    reject(14),
    reject(15),
    reject(UNASSIGNED),
)
# Other ways to some of them.
VARIANTS = (
    Source(1, "nobody answers r3's ARP for the address, on the last hop", reporter="198.51.100.6",
           steps=(("udp", {"host": "203.0.113.77", "count": 2}),),
           up=(("r3", "sysctl -qw net.ipv4.neigh.right.mcast_solicit=1 "
                      "net.ipv4.neigh.right.retrans_time_ms=100"),)),
    Source(4, "r2's route has a locked MTU of 1000 bytes",
           steps=(("udp", {"host": "198.19.0.1", "size": 1200, "count": 2}),),
           up=(("r2", "ip route add 198.19.0.0/24 via 198.51.100.6 mtu lock 1000"),),
           down=(("r2", "ip route del 198.19.0.0/24"),)),
    reject(4),  # as before RFC 1191: its MTU is 0
)


def provoke_all(lab, rows=SOURCES, settled=lambda row, sent: None):
    """Each row, one after the other; {code: messages}.

    `settled(row, sent)` may wait for a row's messages before it is taken down; `sent` is as
    returned, so far.
    """
    sent = {}
    for row in rows:
        row.set_up(lab)
        try:
            sent[row.code] = sent.get(row.code, 0) + row.provoke(lab)
            settled(row, sent)
        finally:
            row.take_down(lab)
    return sent


def refuse_ports(lab, count):
    """`count` messages of code 3, from s to hosts behind `out`."""
    lab.traffic("c", ("udp", {"host": network.SERVER, "count": count, "source": lab.host()}))
    return count


def refuse_ports_inside(lab, count):
    """The same the other way: c's messages to s come in on `in`."""
    lab.traffic("s", ("udp", {"host": network.CLIENT, "count": count}))
    return count


def discover_path_mtu(lab, size=200000):
    """A TCP upload from c to s over the narrow link; the bytes that arrived.

    The first full segments bring code 4, an unknown number of them, and c adapts.
    """
    lab.forget()
    with Transfer(lab, size=size) as transfer:
        return sum(transfer.arrived())
