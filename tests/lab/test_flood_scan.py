"""Real kernels that answer too often, and a host that looks for somebody who answers."""
import itertools
import json
import struct
import subprocess
from contextlib import contextmanager

import lab as network
from alerts import assert_calm, await_alert, firing
from capture import Capture, messages
from daemon import LOGGED, UNREACH
from lab import until

CLOSED = 50000  # a port that nobody listens at
PAUSE = 0.004  # seconds between datagrams: above a hundred a second, on any machine
LATE = 25  # seconds after which a flood must have been found: 10 until it is looked at, 10 more
FORBIDDEN = "198.18.0.0/16"  # by r2
STEP = 8  # targets at once
SAME = ("kind", "state", "severity", "level", "src", "dst", "path", "reporter", "mtu", "hosts")


@contextmanager
def refused(lab):
    """Addresses that r2 lets nobody speak to. An unreachable route tells each host once a second."""
    lab.call("r2", "nft", "-f", "-", stdin=f"""table ip scan {{
        chain forward {{
            type filter hook forward priority 0
            ip daddr {FORBIDDEN} reject with icmp type host-prohibited
        }}
    }}
    """)
    try:
        yield (f"198.18.{n // 250}.{n % 250 + 1}" for n in itertools.count())
    finally:
        lab.call("r2", "nft", "delete", "table", "ip", "scan")


def look_for(lab, host, targets):
    """A datagram from our host to each."""
    lab.traffic("c", *(("udp", {"host": target, "source": host}) for target in targets))


def ordinary(lab):
    """What a healthy network sends: a few closed ports, a traceroute's end, a path MTU."""
    for host in (lab.host() for _ in range(3)):
        lab.traffic("c", ("udp", {"host": network.SERVER, "source": host, "count": 10}),
                    ("udp", {"host": network.SERVER, "source": host, "size": 1500, "count": 3}))


def append_later(path, seconds):
    """A frame so long after the last one of a capture: what makes its time pass."""
    data, place = path.read_bytes(), 24
    while place < len(data):
        last, place = place, place + 16 + struct.unpack_from("<I", data, place + 8)[0]
    when, *rest = struct.unpack_from("<IIII", data, last)
    path.write_bytes(data + struct.pack("<IIII", when + seconds, *rest) + data[last + 16:place])


def read_alerts(path):
    done = subprocess.run([UNREACH, "read", "--show", "alerts", "--json", path],
                          capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return [line["alert"] for line in map(json.loads, done.stdout.splitlines())]


def gist(alerts):
    return sorted([alert[key] or "" for key in SAME] for alert in alerts)


def test_flood_and_scan(lab, launch):
    """Under the default budget both are found, named, once; a capture tells the same, and its end."""
    host = lab.host()
    daemon = launch("-l", "{log}").ready()
    capture = Capture(lab, "b", "out", daemon.directory / "out.pcap")
    with refused(lab) as targets:
        ordinary(lab)
        flood = lab.start_traffic("c", ("probe", {"host": network.SERVER, "port": CLOSED,
                                                  "size": 64, "count": 100000, "pause": PAUSE}))

        def found():
            """Goes on looking until it is noticed: of one router ten events a second are logged."""
            look_for(lab, host, itertools.islice(targets, STEP))
            return [row for row in firing(daemon) if row["kind"] == "scan"]

        try:
            scan, = until(found, "the scan is alerted", 60)
            row = await_alert(daemon, LATE, kind="flood", reporter=network.SERVER)
        finally:
            lab.stop(flood)
    assert (scan["src"], scan["hosts"], scan["level"]) == (host, 1, "probable")
    assert scan["at_least"] and scan["destinations"] >= 50
    assert row["rate"] >= 100 and row["level"] == "confirmed" and "code" not in row
    assert row["messages"] <= daemon.seen()

    until(lambda: len(messages(capture.path)) == daemon.seen(), "tcpdump has all of it")
    capture.stop()
    assert daemon.stop() == 0
    live = [line["alert"] for line in daemon.alerts()]
    assert sorted(alert["kind"] for alert in live) == ["flood", "scan"]
    assert daemon.stderr().count(" ALERT firing warning flood ") == 1
    assert gist(read_alerts(capture.path)) == gist(live)
    append_later(capture.path, 610)
    ended = read_alerts(capture.path)
    assert [(alert["kind"], alert["state"]) for alert in ended].count(("flood", "resolved")) == 1
    assert [(alert["kind"], alert["state"]) for alert in ended].count(("scan", "resolved")) == 1
    assert len(ended) == 4


def test_threshold(lab, launch):
    """As many as were asked for; 0 is never."""
    for most, alerted in ((12, True), (13, False), (0, False)):
        host = lab.host()
        daemon = launch(*LOGGED, "--scan-targets", str(most)).ready()
        with refused(lab) as targets:
            look_for(lab, host, itertools.islice(targets, 12))
            daemon.await_seen(12)
            if alerted:
                assert await_alert(daemon, kind="scan", src=host)["destinations"] == 12
            else:
                assert_calm(daemon)
        assert daemon.stop() == 0
