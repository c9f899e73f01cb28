"""Adverts that nobody acts upon: the transfer stalls, and unreachd says so in a second or so."""
from datetime import timedelta
from types import SimpleNamespace

import pytest

import lab as network
from alerts import adverts, await_alert, await_hole, firing, paths, repeats, when
from daemon import watching
from holes import HOLES, dug
from transfer import Transfer

SIZE = 500_000
IN_TIME = timedelta(seconds=1.5)  # from the first advert to the alert
PATH = "203.0.113.0/24"
KIND = "pmtud-ignored"


@pytest.fixture(scope="module", params=HOLES, ids=lambda hole: hole.name, name="ignored")
def ignored_adverts(request, slow):
    """The hole while it is there, and what watches it."""
    with watching(slow) as daemon, dug(slow, request.param) as hole, \
            Transfer(slow, SIZE, served=hole.served) as transfer:
        await_hole(daemon)
        yield SimpleNamespace(hole=hole, daemon=daemon, transfer=transfer)


def test_stalls(ignored):
    """The scenario: told, and told again of the same segment, which stays as long as it was."""
    assert not ignored.transfer.over()
    stuck = {one for one, times in repeats(ignored.daemon).items() if len(times) >= 4}
    assert len({one[:4] for one in stuck}) == 1
    for event in adverts(ignored.daemon):
        assert event["unreach"]["mtu"] == network.NARROW
        assert event["unreach"]["orig"]["length"] > network.NARROW


def test_alert(ignored):
    """One, with all that an operator needs."""
    alert = await_alert(ignored.daemon, kind=KIND)
    assert firing(ignored.daemon) == [alert]
    assert (alert["severity"], alert["level"]) == ("critical", "confirmed")
    assert (alert["src"], alert["dst"], alert["reporter"], alert["mtu"], alert["path"]) == \
        (network.CLIENT, network.SERVER, network.ROUTER, network.NARROW, PATH)
    assert alert["flows"] == 1
    assert 3 <= alert["messages"] <= len(adverts(ignored.daemon))
    assert when(alert["first"]) < when(alert["last"])
    for key in ("evidence", "meaning", "advice"):
        assert len(alert[key]) > 20, key
    assert "tcp_mtu_probing" in alert["advice"]


def test_log(ignored):
    """One line, after the adverts that prove it and before any that came later than is allowed."""
    await_alert(ignored.daemon, kind=KIND)
    line, = ignored.daemon.alerts()
    assert line["alert"]["id"] == firing(ignored.daemon)[0]["id"]
    first = when(adverts(ignored.daemon)[0]["timestamp"])
    assert when(line["timestamp"]) - first <= IN_TIME
    assert when(line["timestamp"]) > first + timedelta(milliseconds=300)


def test_paths(ignored):
    row, = paths(ignored.daemon)
    assert (row["src"], row["dst"], row["reporter"], row["mtu"], row["verdict"]) == \
        (network.CLIENT, network.SERVER, network.ROUTER, network.NARROW, "ignored")
    assert row["messages"] == len(adverts(ignored.daemon))
    assert row["quoted_length"] == 1500


def test_for_people(ignored):
    """The table, and a line on unreachd's stderr."""
    table = ignored.daemon.ask("alerts")
    assert KIND in table and PATH in table
    line, = (line for line in ignored.daemon.stderr().splitlines() if KIND in line)
    assert PATH in line


def test_finds_out_alone(ignored):
    """With tcp_mtu_probing the transfer is late, but ends; otherwise it does not."""
    if ignored.hole.heals:
        assert ignored.transfer.arrived() == [SIZE]
    else:
        assert not ignored.transfer.over()
