"""The messages themselves as pcapng: others read it, and so do we."""
import json
import subprocess

import pytest

from capture import messages
from daemon import UNREACH, read_log


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_capinfos(recorded):
    told = run("capinfos", "-M", "-t", "-c", "-E", recorded.pcapng)
    assert "pcapng" in told
    assert f"{len(messages(recorded.capture))}" in told


def test_same_frames(recorded):
    """tshark reads the frames that tcpdump captured, in full, whatever the order."""
    def frames(path):
        return sorted(run("tshark", "-r", path, "-Y", "icmp.type == 3", "-T", "fields", "-e",
                          "frame.len", "-e", "frame.cap_len", "-e", "ip.src", "-e", "icmp.code",
                          "-e", "icmp.checksum", "-e", "ip.id").splitlines())

    assert frames(recorded.pcapng) == frames(recorded.capture)


def test_interface_is_named(recorded):
    names = run("tshark", "-r", recorded.pcapng, "-T", "fields", "-e", "frame.interface_name")
    assert set(names.split()) == {"out"}


@pytest.mark.parametrize("kind,lacking", (
    ("pcapng", ("event_id", "pcap_cnt")),
    ("capture", ("event_id", "pcap_cnt", "timestamp", "in_iface")),  # tcpdump's own clock
))
def test_read_gives_the_log(recorded, kind, lacking):
    """`read` of our file, and of tcpdump's, says what the live log said."""
    def plain(events):
        for event in events:
            event["unreach"].pop("suppressed")
        return sorted(json.dumps({key: event[key] for key in event if key not in lacking},
                                 sort_keys=True) for event in events)

    path = getattr(recorded, kind)
    lines = run(UNREACH, "read", "--show", "events", "--json", path).splitlines()
    assert plain([json.loads(line) for line in lines]) == plain(read_log(recorded.log))


def test_filter_for_path_mtu(recorded):
    """The filter by which people look for code 4 finds as many as the counters say."""
    found = run("tshark", "-r", recorded.pcapng, "-Y", "icmp.type == 3 && icmp.code == 4", "-T",
                "fields", "-e", "frame.number").split()
    told, = (row["messages"] for view in recorded.views["codes"]["interfaces"]
             for row in view["codes"] if row["code"] == 4)
    assert len(found) == told > 0
