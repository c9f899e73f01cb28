"""Silent black holes: large packets vanish, nobody says so, and unreachd finds out all the same.

Each case is one hole with flows of many shapes in it, both ways, at the same time.
"""
import json
import signal
import subprocess
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from types import SimpleNamespace

import pytest
from scapy.layers.inet import ICMP, IP, TCP
from scapy.utils import PcapReader

import lab as network
from alerts import await_alert, firing, when
from daemon import UNREACH
from holes import SHORT_WIRE, SILENT, dug
from lab import LabError, until
from silent import FULL, KIND, both_sides, captured, reached, silent_rows, spread
from streams import Flow
from transfer import Mix

SEVERITY = {"probable": "warning", "confirmed": "critical"}
SAME = ("kind", "state", "level", "severity", "path", "src", "dst", "reporter", "mtu", "passes",
        "stuck")
LEAST_MSS = 1024  # that Linux tries when it probes (tcp_base_mss)
SILENCE = 3  # seconds after which a server says that it has waited for long enough
BELIEVED = 2  # seconds that it must not say so again, for it would if it heard nothing

# What c sends: something small arrives behind it (evidence A), or the peer gives up (C), or
# neither.
SMALL_BEHIND = {"2k": Flow("", 2000), "4k": Flow("", 4000),
                "chunked": Flow("", 3000, tail=(20, 200, 0.1))}
GIVEN_UP = {"408": Flow("", 500_000, reader=("impatient", SILENCE))}
NOTHING_ELSE = {"20k": Flow("", 20_000), "500k": Flow("", 500_000)}
SHAPES = {**SMALL_BEHIND, **GIVEN_UP, **NOTHING_ELSE}


@dataclass(frozen=True)
class Case:
    """delay: ms one way; tuning: of c's TCP; a, b: seconds within which each evidence is found (C:
    so many as the peer takes, and one)."""

    name: str
    delay: int = 10
    tuning: dict = field(default_factory=dict)
    wire: tuple = ()
    a: float = 2.5
    b: float = 5

    @property
    def probing(self):
        return bool(self.tuning.get("tcp_mtu_probing"))

    def least(self, shape):
        """What a flow of that shape must become."""
        if self.probing:
            return "confirmed"
        return "suspect" if shape in NOTHING_ELSE else "probable"

    def seconds(self, shape):
        """Within which it must, from its start."""
        if self.probing or shape in NOTHING_ELSE:
            return self.b
        return self.a if shape in SMALL_BEHIND else SILENCE + BELIEVED + 1


CASES = (
    Case("plain"),
    Case("short-wire", wire=(SHORT_WIRE,)),
    Case("no-timestamps", tuning={"tcp_timestamps": 0}),
    Case("no-sack", tuning={"tcp_sack": 0}),
    Case("probing", tuning={"tcp_mtu_probing": 1}),
    Case("far", delay=100, a=6, b=8),
    Case("far-probing", delay=100, tuning={"tcp_mtu_probing": 1}, a=6, b=12),
)


def shapes():
    """[(name, flow)]: everything uploaded by c, and downloaded from it where that makes sense."""
    return [*SHAPES.items(), *((name, replace(flow, way="get"))
                               for name, flow in SHAPES.items() if name not in GIVEN_UP)]


def alerted(case, pairs):
    """Those of which there must be an alert."""
    return {pair for pair, shape in pairs.items() if case.least(shape) != "suspect"}


def await_levels(daemon, case, pairs):
    """Waits until each flow has come as far as it must, or is late; (rows, alerts) then."""
    def told():
        return silent_rows(daemon), {(row["src"], row["dst"]): row for row in firing(daemon)}

    def all_told():
        rows, alerts = told()
        return all(reached(rows.get(pair), case.least(shape)) for pair, shape in pairs.items()) \
            and all(reached(alerts.get(pair), case.least(pairs[pair]))
                    for pair in alerted(case, pairs))

    with suppress(LabError):
        until(all_told, "", max(map(case.seconds, SHAPES)) + 1)
    return told()


def test_two_flows(slow):
    """Of one peer, both with evidence: that is no chance, and one alert."""
    with both_sides(slow) as daemon, dug(slow, SILENT), \
            Mix(slow, [Flow(network.SERVER, 2000)] * 2):
        alert = await_alert(daemon, kind=KIND, level="confirmed")
        assert firing(daemon) == [alert]
        assert (alert["severity"], alert["flows"], alert["passes"], alert["stuck"]) == \
            ("critical", 2, 0, FULL)
        assert [(row["src"], row["dst"]) for row in silent_rows(daemon).values()] == \
            [(network.CLIENT, network.SERVER)]


@contextmanager
def surroundings(lab, case):
    """The hole, and whatever else the case is about."""
    with ExitStack() as stack:
        stack.enter_context(lab.wired(*case.wire, delay=case.delay))
        stack.enter_context(lab.tuned("c", **case.tuning))
        if not case.wire:
            stack.enter_context(dug(lab, SILENT))
        yield


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.name, name="hole")
def silent_hole(request, slow, tmp_path_factory):
    """What was seen of a case, live and by tcpdump."""
    case, (names, flows) = request.param, zip(*shapes())
    flows, pairs = zip(*spread(slow, flows))
    pairs = dict(zip(pairs, names))
    slow.forget()
    with both_sides(slow) as daemon:
        with captured(slow, tmp_path_factory.mktemp("hole")) as files, surroundings(slow, case), \
                Mix(slow, [flow for flow in flows if flow.way == "put"]), \
                Mix(slow, [flow for flow in flows if flow.way == "get"], served=True):
            start = datetime.now(timezone.utc)
            rows, alerts = await_levels(daemon, case, pairs)
            # How the flows are broken off is no evidence of theirs: s would answer resets.
            slow.wire.send_signal(signal.SIGUSR1)
        yield SimpleNamespace(case=case, daemon=daemon, files=files, pairs=pairs, start=start,
                              rows=rows, alerts=alerts, alerted=alerted(case, pairs))


def heads(path):
    """{(src, dst): times that data was sent which first was a full-sized segment}, the most."""
    sent = Counter()
    with PcapReader(str(path)) as packets:
        for packet in packets:
            if TCP in packet:
                segment = (packet[IP].src, packet[IP].dst, packet[TCP].sport, packet[TCP].seq)
                if packet[IP].len == FULL or (sent[segment] and packet[IP].len > LEAST_MSS):
                    sent[segment] += 1
    most = Counter()
    for (src, dst, _port, _seq), times in sent.items():
        most[src, dst] = max(most[src, dst], times)
    return most


def test_stalls(hole):
    """The scenario: each flow sends its head again and again, and nobody says why it has to."""
    inside, outside = hole.files
    times = heads(inside)
    assert {pair: times[pair] for pair in hole.pairs if times[pair] < 4} == {}
    with PcapReader(str(outside)) as packets:
        assert not any(ICMP in packet for packet in packets)
    assert hole.daemon.events() == []


def test_listed(hole):
    """Each flow, as grave as its evidence makes it."""
    assert set(hole.rows) == set(hole.pairs)
    late = {pair: (shape, hole.rows[pair]["level"]) for pair, shape in hole.pairs.items()
            if not reached(hole.rows[pair], hole.case.least(shape))}
    assert late == {}
    for pair, row in hole.rows.items():
        assert row["reporter"] is None and row["mtu"] is None and row["stuck"] == FULL, pair


def test_alerts(hole):
    """One for each path with evidence, none for a mere suspect."""
    assert set(hole.alerts) == hole.alerted
    assert len(firing(hole.daemon)) == len(hole.alerted)
    for pair, alert in hole.alerts.items():
        assert (alert["kind"], alert["level"]) == (KIND, hole.case.least(hole.pairs[pair]))
        assert alert["severity"] == SEVERITY[alert["level"]]
        assert alert["path"] == alert["dst"].rsplit(".", 1)[0] + ".0/24"
        assert (alert["reporter"], alert["mtu"], alert["stuck"]) == (None, None, FULL)


def test_interval(hole):
    """The path's MTU lies between what passes and what does not."""
    for row in (*hole.rows.values(), *hole.alerts.values()):
        if row["level"] == "confirmed":
            assert LEAST_MSS < row["passes"] <= network.NARROW < row["stuck"]
        else:
            assert row["passes"] == 0


def test_in_time(hole):
    """From the start of the flows to the line in the log."""
    found = {}
    for line in hole.daemon.alerts():
        alert = line["alert"]
        pair = alert["src"], alert["dst"]
        if reached(alert, hole.case.least(hole.pairs[pair])):
            found.setdefault(pair, (when(line["timestamp"]) - hole.start).total_seconds())
    assert set(found) == hole.alerted
    assert {(hole.pairs[pair], at) for pair, at in found.items()
            if at > hole.case.seconds(hole.pairs[pair])} == set()


def test_for_people(hole):
    """The table, and a line on unreachd's stderr for each alert."""
    table = hole.daemon.ask("alerts")
    for alert in hole.alerts.values():
        assert alert["path"] in table
        line, *_graver = (line for line in hole.daemon.stderr().splitlines()
                          if KIND in line and f'{alert["path"]})' in line)
        assert "ALERT firing" in line


def gist(lines):
    """What must be the same, whenever the lines were written."""
    return Counter(tuple(line["alert"].get(key) for key in SAME) for line in lines)


def test_replay(hole):
    """tcpdump's captures, read later, give the alerts of the live log."""
    inside, outside = hole.files
    done = subprocess.run([UNREACH, "read", "--inside", inside, "--show", "alerts", "--json",
                           outside], capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    later, live = gist(map(json.loads, done.stdout.splitlines())), gist(hole.daemon.alerts())
    assert {"only later": [*later - live], "only live": [*live - later]} == \
        {"only later": [], "only live": []}
