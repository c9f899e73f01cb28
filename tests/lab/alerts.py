"""What unreachd says of path MTU discovery, and what its event log shows without that.

The log is the scenario's own evidence: repeats() finds in it what a black hole looks like.
"""
import json
from collections import defaultdict
from datetime import datetime, timedelta, timezone

import jsonschema

from daemon import ROOT
from lab import LabError, until

GAP = timedelta(milliseconds=150)  # two quotes of one segment that are further apart: it was resent
GRACE = 2  # seconds after an advert within which what was under way may still be too long
CALM = 1.5  # seconds after which an alert is not to be expected any more


def when(text):
    """A time of the log or of a view."""
    return datetime.fromisoformat(text)


def adverts(daemon):
    """The events of code 4 so far."""
    return [event for event in daemon.events() if event["icmp_code"] == 4]


def await_later(event, seconds):
    """Waits until an event is so long ago; that time."""
    later = when(event["timestamp"]) + timedelta(seconds=seconds)
    until(lambda: datetime.now(timezone.utc) > later, f"{seconds} s after an event")
    return later


def segment(event):
    """Which segment of which flow an advert quotes."""
    orig = event["unreach"]["orig"]
    return (orig["src_ip"], orig["dest_ip"], orig["src_port"], orig["dest_port"], orig["tcp_seq"])


def repeats(daemon):
    """{segment: times that it was quoted, each well after the one before} of TCP so far."""
    times = defaultdict(list)
    for event in adverts(daemon):
        if event["unreach"]["orig"]["proto"] == "TCP":
            at, before = when(event["timestamp"]), times[segment(event)]
            if not before or at - before[-1] >= GAP:
                before.append(at)
    return times


def await_hole(daemon, flows=1, episodes=4):
    """Waits until one segment of each flow was resent in vain; there it must have been noticed."""
    def stuck():
        deep = [one for one, times in repeats(daemon).items() if len(times) >= episodes]
        return len({one[:4] for one in deep}) >= flows

    until(stuck, f"{flows} flows resend a segment for the {episodes}th time")


def shown(daemon, view):
    """The rows of a view that is as its schema says."""
    document = daemon.view(view)
    schema = json.loads((ROOT / f"tests/schema/{view}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    return document["rows"]


def firing(daemon):
    return [row for row in shown(daemon, "alerts") if row["state"] == "firing"]


def await_alert(daemon, seconds=3, **wanted):
    """Waits for a firing alert with these values; the row."""
    def found():
        return next((row for row in firing(daemon)
                     if all(row.get(key) == value for key, value in wanted.items())), None)

    return until(found, f"an alert with {wanted}", seconds)


def assert_calm(daemon):
    """No alert comes, nor has there been one."""
    try:
        until(lambda: daemon.view("alerts")["rows"], "", CALM)
    except LabError:
        pass
    assert daemon.view("alerts")["rows"] == [] and daemon.alerts() == []


def paths(daemon):
    return shown(daemon, "paths")
