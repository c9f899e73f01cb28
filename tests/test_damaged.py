"""`unreach read` on captures that end anywhere, or in which a byte is wrong: what stands before
that is shown as it is, what is wrong is said in one line, and nothing ends by a signal."""
import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
UNREACH = ROOT / "build/unreach"
VECTORS = ROOT / "tests/vectors"
CUT = ("lab-A-code0.pcap", "pcap-nano-be.pcap", "pcapng-micro.pcapng")
CHANGED = ("ip-options-both.pcap", "pcapng-snaplen.pcapng", "pcapng-links.pcapng")
STEP = 3  # of the bytes that are changed, so many apart


def read(data, *words):
    """(exit status, lines of stdout, stderr)"""
    done = subprocess.run([UNREACH, "read", "-", "--json", *words], input=data, timeout=20,
                          capture_output=True, check=False)
    return done.returncode, done.stdout.splitlines(keepends=True), done.stderr.decode("ascii")


@pytest.mark.parametrize("name", CUT)
def test_cut(name):
    """At each byte: the events before it, and a word unless it is where a frame ends."""
    whole = (VECTORS / name).read_bytes()
    lines = (VECTORS / name).with_suffix(".ndjson").read_bytes().splitlines(keepends=True)
    shown, silent = 0, 0
    for length in range(len(whole)):
        status, out, said = read(whole[:length])
        assert status in (0, 1), (length, status, said)
        assert out == lines[:len(out)] and shown <= len(out), length
        assert said.count("\n") <= 1 and (not said or said.startswith("unreach: ")), length
        assert said or not status, length
        shown = len(out)
        silent += not said
    assert read(whole) == (0, lines, "")
    assert shown <= len(lines) and silent < len(whole) / 10  # at a frame's, or block's, end


@pytest.mark.parametrize("name", CHANGED)
def test_changed(name):
    """One byte after the other is another one: each line that comes is whole."""
    whole = (VECTORS / name).read_bytes()
    for at in range(0, len(whole), STEP):
        data = bytearray(whole)
        data[at] ^= 0xff
        status, out, said = read(bytes(data))
        assert status in (0, 1), (at, status, said)
        for line in out:
            assert line.endswith(b"}\n") and json.loads(line)["event_type"] == "icmp_unreach", at
        assert said or not status, at
