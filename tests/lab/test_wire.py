"""The wire with a delay: late, and nothing else."""
from scapy.utils import RawPcapReader

import lab as network
from capture import Capture
from lab import WIRE, until

SIZES = (60, 576, 1399, 1400, 1500)
MICROSECOND = 1e-6


def frames(capture):
    """(time, bytes) of each frame so far."""
    return [(meta.sec + meta.usec * MICROSECOND, data)
            for data, meta in RawPcapReader(str(capture.path))]


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


def test_missing_interface(slow):
    done = slow.call("w", WIRE, "left", "nosuch0", 1, check=False)
    assert done.returncode == 1 and "nosuch0" in done.stderr
