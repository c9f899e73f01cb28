"""What a right detector finds in each recorded transfer: no less, and nothing else.

The captures are vectors/lab-*.pcap, taken on the outside of a border (see vectors/README.md). What
is to be found in them was decided from how they were made, not from what the program says.
"""
import json
import os
import struct
import subprocess
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parent.parent
UNREACH = Path(os.environ.get("BUILD", ROOT / "build")) / "unreach"
VECTORS = ROOT / "tests/vectors"
SCHEMAS = {"alerts": "alert.json", "paths": "paths.json"}
HOST, SERVER, ROUTER = "192.0.2.2", "203.0.113.2", "198.51.100.2"

IGNORED = ("B2-host-up1", "B2-host-up4", "B2-udp")
# Implausible adverts: class, and whether the one that is there makes an alert.
INVALID = {"B5-mtu0": ("legacy", False), "B5-mtu68": ("tiny", True), "B5-df0": ("no-df", False),
           "B5-mtu1500": ("pointless", False)}
# Silent holes, with the capture from the inside beside it: level at the end, seconds from the first
# packet of the flow within which each level came, and the interval of the path's MTU.
SILENT = {"B3-up-2000": ("probable", 2.5, (0, 1500)), "B3-down-2000": ("probable", 2.5, (0, 1500)),
          "B3-up-20000": ("probable", 15, (0, 1500)),
          # The page comes after 5 s, and is believed when it has not come again for 2 s.
          "B3-up-500000-408": ("probable", 7.5, (0, 1500)),
          "B3-up-20000-mp1": ("confirmed", 5, (1076, 1500)), "B3-up4": ("confirmed", 15, (0, 1500)),
          "B5-mtu1500": ("probable", 5, (0, 1500)), "B5-noflow": ("probable", 5, (0, 1500))}
SUSPECT = ("B4-dpi",)
QUIET = ("B1-up1", "B1-up4", "B1-up16", "B1-udp3", "B1-expire", "B2-host-up1-probe2", "B2-lock",
         "B3-up-2000", "B3-down-2000", "B3-up-20000", "B3-up-500000-408", "B3-up-20000-mp1",
         "B3-up4", "B4-die", "B4-zerowin", "B4-reorder", "B4-dpi-small", "B4-dpi", "B4-loss5",
         "B4-loss20-small", "B5-mtu1400", "B5-noflow")


def capture(name):
    return VECTORS / f"lab-{name}.pcap"


def read(name, show, *words):
    done = subprocess.run([UNREACH, "read", "--show", show, "--json", *words, capture(name)],
                          check=True, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    schema = json.loads((ROOT / "tests/schema" / SCHEMAS[show]).read_text(encoding="utf-8"))
    for line in lines:
        jsonschema.Draft202012Validator(schema).validate(line)
    return lines


def inside(name):
    return ("--inside", VECTORS / f"inside/lab-{name}.pcap")


def alerts(name, *words):
    lines = read(name, "alerts", *words)
    assert {line["event_type"] for line in lines} <= {"unreach_alert"}
    return [line["alert"] for line in lines]


def unix(text):
    return datetime.fromisoformat(text).timestamp()


def test_each_transfer_has_its_verdict():
    there = {path.stem.removeprefix("lab-") for path in VECTORS.glob("lab-B*.pcap")}
    assert there == {*IGNORED, *INVALID, *QUIET}


@pytest.mark.parametrize("name", QUIET)
def test_nothing_is_alerted(name):
    assert alerts(name) == []
    assert {row["verdict"] for row in read(name, "paths")[0]["rows"]} <= {"told"}


@pytest.mark.parametrize("name", IGNORED)
def test_ignored_adverts_are_one_alert(name):
    (alert,) = alerts(name)
    assert {key: alert[key] for key in ("kind", "state", "severity", "level", "path", "src", "dst",
                                        "reporter", "mtu")} == {
        "kind": "pmtud-ignored", "state": "firing", "severity": "critical", "level": "confirmed",
        "path": "203.0.113.0/24", "src": HOST, "dst": SERVER, "reporter": ROUTER, "mtu": 1400}
    (row,) = read(name, "paths")[0]["rows"]
    assert row["verdict"] == "ignored"


@pytest.mark.parametrize("name", ["B2-host-up1", "B2-host-up4"])
def test_it_takes_about_a_second(name):
    """From the first advert to the time of the alert's line."""
    (line,) = read(name, "alerts")
    first = read(name, "paths")[0]["rows"][0]["first_seen"]
    assert 0.5 <= unix(line["timestamp"]) - unix(first) <= 1.1


@pytest.mark.parametrize("name", INVALID)
def test_implausible_adverts_are_named(name):
    kind, alerted = INVALID[name]
    (row,) = read(name, "paths")[0]["rows"]
    assert kind in row["flags"] and row["verdict"] == "invalid"
    assert [(a["kind"], a["class"], a["src"], a["dst"], a["reporter"]) for a in alerts(name)] == (
        [("pmtud-invalid", kind, HOST, SERVER, ROUTER)] if alerted else [])


@pytest.mark.parametrize("name", SILENT)
def test_silent_holes_are_alerted(name):
    level, seconds, (passes, stuck) = SILENT[name]
    silent = [a for a in alerts(name, *inside(name)) if a["kind"] == "pmtud-silent"]
    assert len({alert["id"] for alert in silent}) == 1  # firing, and again where it became graver
    last = silent[-1]
    assert {key: last[key] for key in ("state", "severity", "level", "path", "src", "dst",
                                       "reporter", "mtu", "passes", "stuck")} == {
        "state": "firing", "severity": "critical" if level == "confirmed" else "warning",
        "level": level, "path": "203.0.113.0/24", "src": HOST, "dst": SERVER, "reporter": None,
        "mtu": None, "passes": passes, "stuck": stuck}
    first = first_segment(VECTORS / f"inside/lab-{name}.pcap")
    assert unix(last["first"]) - first <= seconds
    rows = [row for row in read(name, "paths", *inside(name))[0]["rows"]
            if row["verdict"] == "silent"]
    assert [(row["src"], row["dst"], row["stuck"]) for row in rows] == [(HOST, SERVER, stuck)]


def first_segment(path):
    """When the first frame of a capture came, Unix time."""
    data = path.read_bytes()
    seconds, fraction = struct.unpack_from("<II", data, 24)
    return seconds + fraction / 1e6


@pytest.mark.parametrize("name", SUSPECT)
def test_suspects_are_listed_and_no_more(name):
    assert alerts(name, *inside(name)) == []
    (row,) = read(name, "paths", *inside(name))[0]["rows"]
    assert (row["verdict"], row["level"]) == ("silent", "suspect")


@pytest.mark.parametrize("name", sorted({*QUIET, *IGNORED, *INVALID} - {*SILENT, *SUSPECT}))
def test_nothing_is_silent(name):
    """Not even suspect, with both sides in sight; what was found without the inside is found."""
    assert [(a["id"], a["state"]) for a in alerts(name, *inside(name))] == [
        (a["id"], a["state"]) for a in alerts(name)]
    assert "silent" not in {row["verdict"] for row in read(name, "paths", *inside(name))[0]["rows"]}
