"""What the tests of silent black holes share: the daemon on both sides, its words about them, and
what the senders' kernel has to say.
"""
from contextlib import contextmanager
from dataclasses import replace

from alerts import shown
from capture import Capture
from daemon import LOGGED, launcher
from lab import PORT, until

KIND = "pmtud-silent"
INSIDE = ("--inside", "in")
LEVELS = ("none", "suspect", "probable", "confirmed")
FULL = 1500  # bytes of a full-sized packet
SNAPLEN = 128  # bytes of a frame: all headers of TCP


@contextmanager
def both_sides(network, *options):
    """A daemon that sees what goes out and what comes in, for the time of the context."""
    with launcher(network) as start:
        yield start(*LOGGED, *INSIDE, *options).ready()


@contextmanager
def captured(network, directory):
    """tcpdump on both sides of the border; (inside, outside)."""
    sides = [Capture(network, "b", side, directory / f"{side}.pcap", "ip", SNAPLEN)
             for side in ("in", "out")]
    try:
        yield [side.path for side in sides]
    finally:
        for side in sides:
            side.stop()


def spread(network, flows):
    """The flows, uploads (put) and downloads (get) alike, each between a host and a server of its
    own, since `paths` lists pairs: [(flow, (host, server))]."""
    pairs = [(network.host(), network.away()) for _ in flows]
    return [(replace(flow, source=ours, host=theirs) if flow.way == "put" else
             replace(flow, source=theirs, host=ours), (ours, theirs))
            for flow, (ours, theirs) in zip(flows, pairs)]


def sockets(network):
    """What c's kernel says of its connections to servers (ss)."""
    return network.call("c", "ss", "-tino", "dport", f"= :{PORT}").stdout


def await_backoff(network, flows=1):
    """Waits until c has sent a segment of so many flows again, and again in vain, for seconds."""
    until(lambda: sockets(network).count("backoff:4") >= flows, "resent again and again", 20)


def silent_rows(daemon):
    """{(src, dst): row} of what is listed as silent."""
    return {(row["src"], row["dst"]): row for row in shown(daemon, "paths")
            if row["verdict"] == "silent"}


def reached(row, level):
    """Is a row (None: not listed) that grave, or graver?"""
    return LEVELS.index(row["level"] if row else "none") >= LEVELS.index(level)
