"""The monitor on the host itself: the kernel's own routes show what it has learned."""
from datetime import timedelta

import lab as network
from alerts import adverts, assert_calm, await_alert, firing, paths, when
from holes import HOST, dug
from lab import until
from transfer import Transfer

SIZE = 500_000
ON_HOST = {"node": "c", "interfaces": ("eth0",)}
IN_TIME = timedelta(seconds=2.5)  # from the first advert to the alert


def test_dropped_here(slow, watch):
    """Told, but not learned: it is this very host that does not hear."""
    daemon = watch(**ON_HOST)
    with dug(slow, HOST), Transfer(slow, SIZE) as transfer:
        await_alert(daemon, kind="pmtud-ignored")
        until(lambda: "this host" in firing(daemon)[0]["evidence"], "its own firewall is named", 2)
        assert not transfer.over()
        alert, = firing(daemon)
        assert (alert["src"], alert["dst"], alert["reporter"], alert["mtu"]) == \
            (network.CLIENT, network.SERVER, network.ROUTER, network.NARROW)
        assert (alert["severity"], alert["level"]) == ("critical", "confirmed")
        line, = daemon.alerts()
        assert when(line["timestamp"]) - when(adverts(daemon)[0]["timestamp"]) <= IN_TIME
        assert [row["verdict"] for row in paths(daemon)] == ["ignored"]


def test_learned(slow, watch):
    """A host that hears is left alone."""
    daemon = watch(**ON_HOST)
    slow.forget()
    with Transfer(slow, SIZE) as transfer:
        assert transfer.arrived() == [SIZE]
    assert_calm(daemon)
    assert [row["verdict"] for row in paths(daemon)] == ["told"]
