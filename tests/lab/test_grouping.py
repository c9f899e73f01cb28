"""Many flows, paths and forgeries: how many alerts they are, and what these count."""
import lab as network
from alerts import (GRACE, adverts, await_alert, await_hole, await_later, firing, paths,
                    repeats)
from holes import BORDER, HOST, dug
from lab import until
from transfer import Transfer

SIZE = 500_000
IGNORED, INVALID = "pmtud-ignored", "pmtud-invalid"
OTHERS = [f"198.19.{128 + i}.1" for i in range(6)]  # each in a /24 of its own
FORGER = "198.51.100.77"


def test_four_flows(slow, watch):
    """Of one path: one alert that counts them."""
    daemon = watch()
    with dug(slow, HOST), Transfer(slow, SIZE, flows=4):
        await_hole(daemon, flows=4)
        alert = await_alert(daemon, kind=IGNORED, flows=4)
        assert firing(daemon) == [alert]
        assert {line["alert"]["id"] for line in daemon.alerts()} == {alert["id"]}


def test_short_flows(slow, watch):
    """None lives to be told twice of a segment, but each is as long as the one before."""
    daemon = watch()
    with dug(slow, HOST):
        for _ in range(4):
            before = len(adverts(daemon))
            with Transfer(slow, SIZE):
                until(lambda before=before: len(adverts(daemon)) > before, "told")
            await_later(adverts(daemon)[-1], GRACE + 0.2)
    assert max(map(len, repeats(daemon).values())) < 3
    alert = await_alert(daemon, kind=IGNORED)
    assert firing(daemon) == [alert]
    row, = paths(daemon)
    assert row["verdict"] == "ignored" and row["longer_than_told"] >= 3


def test_two_paths(slow, watch):
    """Of two hosts of ours: each has an alert of its own."""
    daemon = watch()
    pairs = ((network.CLIENT, network.SERVER), (slow.host(), OTHERS[0]))
    with dug(slow, BORDER), Transfer(slow, SIZE, flows=2, pairs=pairs):
        await_hole(daemon, flows=2)
        for ours, theirs in pairs:
            await_alert(daemon, kind=IGNORED, src=ours, dst=theirs)
        assert len(firing(daemon)) == 2


def test_deaf_host(slow, watch):
    """One host of ours, many destinations: its own firewall, so one alert."""
    daemon = watch()
    pairs = [(network.CLIENT, host) for host in OTHERS]
    with dug(slow, HOST), Transfer(slow, SIZE, flows=len(OTHERS), pairs=pairs):
        await_hole(daemon, flows=len(OTHERS))
        alert = await_alert(daemon, kind=IGNORED, destinations=len(OTHERS))
        assert firing(daemon) == [alert]
        assert alert["src"] == network.CLIENT
    assert {row["verdict"] for row in paths(daemon)} == {"ignored"}


def test_forger_of_many(slow, watch):
    """One reporter, many destinations: one alert that counts them."""
    daemon = watch()
    slow.traffic("r2", *(("advert", {"reporter": FORGER, "mtu": 40, "quoted": {
        "proto": "udp", "src": network.CLIENT, "dst": host, "length": 1500}}) for host in OTHERS))
    alert = await_alert(daemon, kind=INVALID, destinations=len(OTHERS))
    assert firing(daemon) == [alert]
    assert (alert["reporter"], alert["class"]) == (FORGER, "impossible")
