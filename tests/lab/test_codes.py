"""Every code from a real kernel: counters, events and tables against tcpdump's capture."""
import json
from collections import Counter

import jsonschema
import pytest

import sources
from against_tshark import check
from capture import messages, tally
from daemon import ALERT, ROOT, by_code, read_log

VIEWS = {"codes": "codes", "sources": "hosts", "targets": "hosts", "senders": "hosts",
         "status": "status"}
UPLOAD = 200000


def schema(name):
    return json.loads((ROOT / f"tests/schema/{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", name="counted")
def captured_counts(recorded):
    return tally(messages(recorded.capture))


def test_all_provoked_came(recorded, counted):
    """What the kernels were made to send is there; TCP adds some of code 4."""
    assert recorded.arrived == UPLOAD
    assert set(counted["codes"]) == set(range(17))
    more = counted["codes"] - Counter(recorded.sent)
    assert set(more) == {4} and more[4] > 0


def test_counters(recorded, counted):
    """Messages and bytes of each code, exactly."""
    view, = recorded.views["codes"]["interfaces"]
    expected = dict(counted["codes"])
    expected["unassigned"] = expected.pop(sources.UNASSIGNED)
    assert by_code(view) == expected
    assert {row["code"]: row["bytes"] for row in view["codes"]} == \
        {code: counted["bytes"][code] for code in range(16)}
    assert view["seen"] == counted["codes"].total()
    assert view["messages"] == view["seen"] - expected["unassigned"]
    assert view["bad_checksum"] == 0 and not any(view["unclassified"].values())
    assert (view["name"], view["mode"]) == ("out", "native")


@pytest.mark.parametrize("table", ("sources", "targets", "senders"))
def test_tables(recorded, counted, table):
    view = recorded.views[table]
    assert {row["address"]: row["messages"] for row in view["rows"]} == dict(counted[table])
    assert (view["attributed"], view["unattributed"], view["evicted"]) == \
        (counted["codes"].total(), 0, 0)
    assert all(sum(row["codes"].values()) == row["messages"] for row in view["rows"])


def test_reporters(recorded):
    """Each row's messages come from whom it says."""
    packets = messages(recorded.capture)
    for row in sources.SOURCES + sources.VARIANTS:
        assert row.reporter in {packet.src for packet in packets
                                if packet.payload.code == row.code}, row.how


def test_identity(recorded, counted):
    identity = recorded.views["status"]["identity"]
    assert identity["holds"]
    assert identity["seen"] == identity["delivered"] == counted["codes"].total()
    assert identity["suppressed"] == identity["lost"] == identity["pending"] == 0


def test_log(recorded, counted):
    """One line a message, each of them valid and with a number of its own."""
    lines = read_log(recorded.log)
    assert Counter(line["icmp_code"] for line in lines) == counted["codes"]
    assert len({line["event_id"] for line in lines}) == len(lines)
    form = jsonschema.Draft202012Validator(schema("event"))
    for line in lines:
        form.validate(line)
        assert line["unreach"]["suppressed"] == 0 and line["in_iface"] == "out"


def test_log_quotes_all_kinds(recorded):
    kinds = {line["unreach"]["orig"]["proto"] for line in read_log(recorded.log)}
    assert {"UDP", "TCP", "ICMP", "253"} <= kinds


def test_told_mtu(recorded):
    """The narrow link, the locked route, and the rejection as before RFC 1191."""
    told = Counter(line["unreach"]["mtu"] for line in read_log(recorded.log)
                   if line["icmp_code"] == 4)
    assert set(told) == {1400, 1000, 0}


def test_alert(recorded):
    """Of all these only the rejection without an MTU is wrong; TCP has found its path."""
    alert, = (line["alert"] for line in read_log(recorded.log, ALERT))
    assert (alert["kind"], alert["class"], alert["dst"]) == \
        ("pmtud-invalid", "legacy", "198.18.4.1")


def test_log_against_tshark(recorded):
    result = check(recorded.capture, read_log(recorded.log), live=True)
    assert result.problems == []
    assert result.compared > 15 * len(read_log(recorded.log))


@pytest.mark.parametrize("name", VIEWS)
def test_schema(recorded, name):
    jsonschema.Draft202012Validator(schema(VIEWS[name])).validate(recorded.views[name])
