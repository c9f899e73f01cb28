"""Event lines against tshark: an independent decoder must see the same in the same frames.

Takes every vector, and on top the capture and the event lines named by the environment variables
UNREACH_CAPTURE and UNREACH_EVENTS (UNREACH_LIVE=1 where the lines come from the daemon). Whether
our programs print these lines is not asked here.
"""

import copy
import functools
import json
import os
from pathlib import Path

import pytest
from against_tshark import LIMITS, check, compare, match
from tshark import decode as decode_anew

VECTORS = Path(__file__).parent / "vectors"
CAPTURES = sorted([*VECTORS.glob("*.pcap"), *VECTORS.glob("*.pcapng")])
# every line has this many at the least: time, type, number, addresses, protocol, TTL, length, ...
LEAST_PER_LINE = 9


decode = functools.cache(decode_anew)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def expected(capture):
    return lines(capture.with_suffix(".ndjson"))


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
def test_vector(capture):
    events = expected(capture)
    result = match(decode(capture), events)
    assert not result.problems, "\n".join(result.problems)
    assert result.compared >= LEAST_PER_LINE * len(events)


def test_vectors_are_there():
    assert len(CAPTURES) > 100
    assert sum(len(expected(capture)) for capture in CAPTURES) > 400


def test_given_capture():
    names = [os.environ.get(name) for name in ("UNREACH_CAPTURE", "UNREACH_EVENTS")]
    if not all(names):
        pytest.skip("UNREACH_CAPTURE and UNREACH_EVENTS are not set")
    events = [event for event in lines(Path(names[1])) if event["event_type"] == "icmp_unreach"]
    result = check(names[0], events, live=os.environ.get("UNREACH_LIVE") == "1")
    assert not result.problems, "\n".join(result.problems)
    assert events and result.compared >= LEAST_PER_LINE * len(events)


SAMPLES = ("lab-A-code4.pcap", "mtu-all-flags.pcap", "pcapng-links.pcapng", "quote-fragment.pcap",
           "quote-icmp.pcap", "ip-header.pcap", "vlan-depth.pcap", "code-assigned.pcap")


def changed(value):
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value + [0] if isinstance(value, list) else value + "x"


def variants(event, path=()):
    """(name, the event with one value changed, the event with it removed)"""
    node = event
    for key in path:
        node = node[key]
    for key, value in node.items():
        if isinstance(value, dict):
            yield from variants(event, (*path, key))
            continue
        other, less = copy.deepcopy(event), copy.deepcopy(event)
        for root in (other, less):
            inner = root
            for step in path:
                inner = inner[step]
            if root is other:
                inner[key] = changed(value)
            else:
                del inner[key]
        yield ".".join((*path, key)), other, less


@pytest.mark.parametrize("capture", [one for one in CAPTURES if one.name in SAMPLES],
                         ids=lambda path: path.name)
def test_comparison_finds_each_difference(capture):
    """Any one value changed or left out is noticed: the comparison is not an empty one."""
    frames = {frame.number: frame for frame in decode(capture)}
    for event in expected(capture):
        frame = frames[event["pcap_cnt"]]
        for name, other, less in variants(event):
            assert compare(other, frame).problems, f"{name} changed"
            assert compare(less, frame).problems, f"{name} removed"


def test_missing_and_surplus_events_are_found():
    capture = VECTORS / "code-assigned.pcap"
    frames, events = decode(capture), expected(capture)
    for live in (False, True):
        assert not match(frames, events, live).problems
        assert match(frames, events[1:], live).problems
        assert match(frames, events + events[:1], live).problems


def test_limits_are_all_needed():
    """Each excuse for tshark is used by some vector; one that isn't has to go."""
    used = set()
    for capture in CAPTURES:
        if capture.name.startswith("lab-"):
            continue
        for line in match(decode(capture), expected(capture)).excused:
            used.add(line.rsplit(": ", 1)[1])
    assert used == {why for _, _, why in LIMITS}
