"""The wire: late, and nothing else, unless it is told to be worse."""
import signal

import pytest
from scapy.layers.inet import ICMP
from scapy.utils import PcapReader, RawPcapReader

import lab as network
from capture import Capture
from holes import SHORT_WIRE
from lab import WIRE, until

SIZES = (60, 576, 1399, 1400, 1500)
COUNT = 200
ALL = list(range(1, COUNT + 1))
SETTLED = 15  # times that until() looks
MICROSECOND = 1e-6


def frames(capture):
    """(time, bytes) of each frame so far."""
    return [(meta.sec + meta.usec * MICROSECOND, data)
            for data, meta in RawPcapReader(str(capture.path))]


def cross(lab, size=60, count=COUNT):
    """Which of so many numbered packets from c came out of the wire, in the order in which they
    did. They have once no more come for longer than any may take."""
    capture = Capture(lab, "r2", "left", lab.directory / "crossed.pcap", "icmp[0] = 8")
    lab.traffic("c", ("echo", {"host": network.SERVER, "size": size, "count": count}))
    came = []

    def settled():
        came.append(len(frames(capture)))
        return len(came) > SETTLED and came[-SETTLED] == came[-1]

    until(settled, "no more come")
    capture.stop()
    with PcapReader(str(capture.path)) as packets:
        return [packet[ICMP].seq for packet in packets]


def test_late_unchanged_in_order(slow):
    before = Capture(slow, "w", "left", slow.directory / "before.pcap")
    after = Capture(slow, "r2", "left", slow.directory / "after.pcap")
    slow.traffic("c", *(("echo", {"host": network.SERVER, "size": size, "count": 3})
                        for size in SIZES))
    until(lambda: len(frames(after)) >= 3 * len(SIZES), "all have come through")
    for capture in (before, after):
        capture.stop()
    assert [data for _at, data in frames(before)] == [data for _at, data in frames(after)]
    delays = [then - at for (at, _), (then, _) in zip(frames(before), frames(after))]
    assert min(delays) >= slow.delay / 1000 and max(delays) < 3 * slow.delay / 1000


def test_there_and_back(slow):
    done = slow.call("c", "ping", "-c", "3", "-i", "0.2", network.SERVER).stdout
    fastest = float(done.split("rtt min/avg/max/mdev = ")[1].split("/", maxsplit=1)[0])
    assert 2 * slow.delay <= fastest < 3 * slow.delay


def test_loses_the_same_again(slow):
    with slow.wired("ab:loss=20,seed=7"):
        first = cross(slow)
    with slow.wired("loss=20", "seed=7"):
        again = cross(slow)
    assert first == again == sorted(first) and COUNT * 0.7 < len(first) < COUNT * 0.9


@pytest.mark.parametrize("words, in_order", [("jitter=10", True), ("ab:reorder=20,gap=5", False)])
def test_late_by_chance(slow, words, in_order):
    with slow.wired(words):
        came = cross(slow)
    assert sorted(came) == ALL and (came == ALL) == in_order


def test_twice(slow):
    with slow.wired("ab:dup=20"):
        came = cross(slow)
    assert sorted(set(came)) == ALL and COUNT * 1.1 < len(came) < COUNT * 1.3


def test_rate(slow):
    """200 frames of 74 bytes take 118 ms; those that would wait for over 50 ms are dropped."""
    with slow.wired("ab:rate=1000,queue=50"):
        came = cross(slow)
    assert came[:80] == ALL[:80] and len(came) < COUNT * 0.7


def test_longest(slow):
    with slow.wired(SHORT_WIRE):
        assert cross(slow, network.NARROW, 3) == [1, 2, 3]
        assert cross(slow, network.NARROW + 1, 3) == []


def test_dies(slow):
    with slow.wired():
        assert cross(slow) == ALL
        slow.wire.send_signal(signal.SIGUSR1)
        assert cross(slow) == []
    with slow.wired("ba:die=1"):
        assert cross(slow) == ALL
        assert slow.call("c", "ping", "-c", "1", "-W", "1", network.SERVER, check=False).returncode


@pytest.mark.parametrize("words", [("nosuch=1",), ("ab:loss",), ("loss=5,",), ("ba:delay=-1",)])
def test_usage(slow, words):
    done = slow.call("w", WIRE, "left", "right", *words, check=False)
    assert done.returncode == 2 and done.stderr.startswith("usage: wire ")


def test_missing_interface(slow):
    done = slow.call("w", WIRE, "left", "nosuch0", check=False)
    assert done.returncode == 1 and "nosuch0" in done.stderr
