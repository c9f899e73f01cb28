"""The monitor on the host itself: the kernel's own routes show what it has learned."""
from datetime import timedelta

import lab as network
from alerts import GAP, adverts, assert_calm, await_alert, await_later, firing, paths, when
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


def test_forged(slow, watch):
    """Of flows that this host does not have it has nothing to learn, though one's port is served."""
    daemon = watch(**ON_HOST)
    server = slow.serve("c")
    try:
        for copies in (1, 2):
            for port in (network.PORT, 50001):
                slow.traffic("r2", ("advert", {"reporter": network.ROUTER, "mtu": 1300, "quoted": {
                    "proto": "tcp", "src": network.CLIENT, "dst": network.SERVER, "sport": port,
                    "dport": 443, "seq": 7, "length": 1500}}))
            until(lambda: len(adverts(daemon)) == 2 * copies, "the forged adverts are logged")
            await_later(adverts(daemon)[-1], 2 * GAP.total_seconds())
        assert_calm(daemon)
    finally:
        slow.stop(server)
        server.stdout.close()
