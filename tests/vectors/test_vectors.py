"""The vectors themselves: made as their scripts make them, complete, and true to the schema.

Whether our programs print what stands here is asked elsewhere; this is about the specification.
"""

import collections
import json
import sys
from pathlib import Path

import jsonschema
import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import expect  # noqa: E402
import make  # noqa: E402
from gen import event as form  # noqa: E402
from gen import store  # noqa: E402

EVENTS = sorted(HERE.glob("*.ndjson"))
SUFFIXES = (".pcap", ".pcapng", ".ndjson", ".counts.json")
SCHEMA = json.loads((HERE.parent / "schema" / "event.json").read_text())


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_synthetic_vectors_are_as_made():
    assert store.differing(make.files(), HERE) == []


def test_real_captures_are_as_decoded():
    assert store.differing(expect.files(), HERE) == []


def test_nothing_else_is_here():
    captures = {path.name for path in HERE.glob("lab-*.pcap")}
    here = {path.name for path in HERE.iterdir() if path.name.endswith(SUFFIXES)}
    assert here == {*make.files(), *expect.files(), *captures}


def test_each_vector_says_why():
    for vector in make.VECTORS:
        assert vector.reason.endswith(".") and len(vector.reason) > 20, vector.name


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_lines_follow_the_schema(path):
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for event in lines(path):
        assert [error.message for error in validator.iter_errors(event)] == []


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_counts_agree_with_the_lines(path):
    """The ledger of DESIGN.md, taken from the lines: its rows do not overlap and leave none out."""
    counts = json.loads(path.with_suffix("").with_suffix(".counts.json").read_text())
    rows, size = collections.Counter(), collections.Counter()
    for event in lines(path):
        bad = event["unreach"]["checksum"] == "bad"
        row = "bad" if bad else event["unreach"]["name"]
        rows[row] += 1
        size[row] += event["unreach"]["length"]
    assert counts["seen"] == rows.total()
    assert counts["seen"] == counts["messages"] + counts["unassigned"] + counts["bad_checksum"]
    assert (counts["bad_checksum"], counts["unassigned"]) == (rows["bad"], rows["unassigned"])
    named = {str(code): {"messages": rows[name], "bytes": size[name]}
             for code, name in enumerate(form.CODE_NAMES) if rows[name]}
    assert counts["codes"] == named
    assert counts["messages"] == sum(row["messages"] for row in named.values())
    assert counts["bytes"] == sum(row["bytes"] for row in named.values())
    assert tuple(counts["unclassified"]) == form.UNCLASSIFIED


def test_everything_that_a_line_can_say_is_said():
    events = [event for path in EVENTS for event in lines(path)]
    unreach = [event["unreach"] for event in events]
    orig = [one["orig"] for one in unreach if "orig" in one]
    assert {event["icmp_code"] for event in events} >= {*range(17), 255}
    assert {flag for one in unreach for flag in one.get("flags", ())} == set(form.FLAGS)
    assert {one["checksum"] for one in unreach} == {"ok", "bad", "unverified"}
    assert {one.get("quote", "full") for one in unreach} == {"full", "cut", "none"}
    assert {len(event.get("vlan", ())) for event in events} == {0, 1, 2, 3, 4}
    assert {key for event in events for key in event} == set(form.TOP)
    assert {key for one in unreach for key in one} == set(form.UNREACH)
    assert {key for one in orig for key in one} == set(form.ORIG)
    assert {one.get("proto") for one in orig} >= set(form.PROTOCOLS.values())


def test_every_reason_for_unclassified_is_there():
    total = collections.Counter()
    for path in HERE.glob("*.counts.json"):
        total.update(json.loads(path.read_text())["unclassified"])
    assert all(total[reason] >= 5 for reason in form.UNCLASSIFIED)
