"""Forged and broken adverts for a flow that is alive: each class is named, and soon enough."""
import json

import pytest

import lab as network
from alerts import adverts, assert_calm, await_alert, firing, paths
from lab import until
from transfer import Transfer

PACE = 200_000  # bytes a second
FORGER = "198.51.100.77"
KIND = "pmtud-invalid"
# What is said of the flow's next packet, and how many of it in 60 s are an alert.
CLASSES = {
    "legacy": ({"mtu": 0}, {}, 3),
    "impossible": ({"mtu": 40}, {}, 1),
    "tiny": ({"mtu": 296}, {}, 1),
    "pointless": ({"mtu": 1500}, {}, 3),
    "no-df": ({"mtu": 1300}, {"df": False}, 3),
    "off-path": ({"mtu": 1300, "to": network.CLIENT}, {"src": "192.0.2.77"}, 3),
    "echo": ({"mtu": 1000}, {"proto": "echo-reply"}, 1),
}


class Victim:
    """A TCP flow from c to s that goes on; forge() tells c something of it."""

    def __init__(self, lab, daemon, transfer):
        self.lab, self.daemon = lab, daemon
        self.port, = transfer.ports
        self.forged = 0

    def segment(self):
        """Its next packet with data, as r2 sees it."""
        return json.loads(self.lab.traffic(
            "r2", ("glimpse", {"device": "left", "port": self.port})))

    def forge(self, told, changes, count=1):
        """`count` adverts from FORGER of a full segment of the flow; waits until they are seen."""
        quoted = {**self.segment(), "length": 1500, "df": True, **changes}
        self.lab.traffic("r2", ("advert", {"reporter": FORGER, "quoted": quoted, "count": count,
                                           **told}))
        self.forged += count
        until(lambda: len(self.seen()) == self.forged, "the forged adverts are logged")

    def seen(self):
        return [event for event in adverts(self.daemon) if event["src_ip"] == FORGER]


@pytest.fixture(name="victim")
def live_flow(slow, watch):
    """After its own path MTU discovery."""
    daemon = watch()
    slow.forget()
    with Transfer(slow, 60 * PACE, pace=PACE) as transfer:
        until(lambda: adverts(daemon), "told by the router")
        yield Victim(slow, daemon, transfer)


@pytest.mark.parametrize("name", CLASSES)
def test_forged(victim, name):
    """The scenario: it comes as it was meant."""
    told, changes, needed = CLASSES[name]
    victim.forge(told, changes, needed)
    for event in victim.seen():
        assert name in event["unreach"]["flags"]
        assert event["unreach"]["mtu"] == told["mtu"]


def test_echo_is_believed(victim):
    """The scenario: no check at all, and the flow's segments shrink."""
    told, changes, _needed = CLASSES["echo"]
    victim.forge(told, changes)
    until(lambda: victim.segment()["length"] == told["mtu"], "the flow has shrunk")


@pytest.mark.parametrize("name", CLASSES)
def test_alert(victim, name):
    """Not before it is enough, and then at once."""
    told, changes, needed = CLASSES[name]
    if needed > 1:
        victim.forge(told, changes, needed - 1)
        assert_calm(victim.daemon)
    victim.forge(told, changes)
    alert = await_alert(victim.daemon, kind=KIND)
    assert firing(victim.daemon) == [alert]
    assert (alert["class"], alert["reporter"], alert["mtu"]) == (name, FORGER, told["mtu"])
    assert (alert["dst"], alert["path"]) == (network.SERVER, "203.0.113.0/24")
    assert alert["src"] == changes.get("src", network.CLIENT)
    assert alert["messages"] == needed
    for key in ("evidence", "meaning", "advice"):
        assert len(alert[key]) > 20, key


@pytest.mark.parametrize("name", CLASSES)
def test_paths(victim, name):
    """The forger's row says invalid and why; the router's is as it was."""
    told, changes, needed = CLASSES[name]
    victim.forge(told, changes, needed)
    await_alert(victim.daemon, kind=KIND)
    rows = {row["reporter"]: row for row in paths(victim.daemon)}
    assert rows[FORGER]["verdict"] == "invalid" and name in rows[FORGER]["flags"]
    assert rows[FORGER]["messages"] == needed
    assert rows[network.ROUTER]["verdict"] == "told"


def test_per_destination(slow, victim):
    """Two for each of two destinations are not three for one."""
    told, changes, needed = CLASSES["pointless"]
    for host in (network.SERVER, "198.19.128.1"):
        victim.forge(told, {**changes, "dst": host}, needed - 1)
    assert_calm(victim.daemon)


def test_echo_that_tells_nothing_new(victim):
    """As much as TCP was told: what an MTU monitor's pings bring."""
    victim.forge({"mtu": network.NARROW}, CLASSES["echo"][1], 5)
    assert_calm(victim.daemon)


def test_echo_without_tcp(slow, watch):
    """Nobody to be hurt is known."""
    daemon = watch()
    slow.traffic("r2", ("advert", {"reporter": FORGER, "mtu": 1000, "count": 5, "quoted": {
        "proto": "echo-reply", "src": network.CLIENT, "dst": network.SERVER, "length": 1500}}))
    until(lambda: len(adverts(daemon)) == 5, "the forged adverts are logged")
    assert_calm(daemon)
