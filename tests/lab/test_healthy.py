"""Path MTU discovery that works, in all its shapes: listed as told, and never an alert."""
import pytest

import lab as network
from alerts import GRACE, adverts, assert_calm, await_later, paths, repeats, when
from daemon import watching
from lab import until
from transfer import Transfer

SIZE = 2_000_000
PACE = 500_000  # bytes a second
PROBES = {"host": network.SERVER, "port": network.PORT, "size": 1500}


def told(daemon, mtu=network.NARROW):
    return [event for event in adverts(daemon) if event["unreach"]["mtu"] == mtu]


def assert_all_arrives(transfer, flows, size):
    assert transfer.arrived() == [size] * flows


def plain(flows, served=False):
    """A number of flows at full speed."""
    def run(lab, daemon):
        with Transfer(lab, SIZE, flows, served=served) as transfer:
            assert_all_arrives(transfer, flows, SIZE)
        assert len(told(daemon)) >= flows
    return run


def mtu_falls(lab, daemon):
    """1400, then 1300, then 1200 in mid transfer; each is told."""
    with Transfer(lab, 10 * SIZE, pace=10 * PACE) as transfer:
        try:
            for mtu in (1400, 1300, 1200):
                lab.narrow(mtu)
                until(lambda mtu=mtu: told(daemon, mtu), f"{mtu} told")
            assert not transfer.over()
            assert_all_arrives(transfer, 1, 10 * SIZE)
        finally:
            lab.narrow(network.NARROW)


def cache_flushed(lab, daemon):
    """16 flows forget the path, long after they were first told."""
    with Transfer(lab, 4 * PACE, 16, PACE) as transfer:
        until(lambda: told(daemon), "told")
        late = await_later(told(daemon)[0], GRACE + 0.2)
        lab.forget()
        until(lambda: when(told(daemon)[-1]["timestamp"]) > late, "told again")
        assert_all_arrives(transfer, 16, 4 * PACE)


def heeding_udp(lab, daemon):
    """A sender that minds EMSGSIZE comes down to the path's MTU."""
    server = lab.serve("s")
    last = lab.traffic("c", ("heed", {**PROBES, "count": 20, "pause": 0.05}))
    lab.stop(server)
    assert int(last) == network.NARROW and told(daemon)


def probing_udp(lab, daemon):
    """A prober goes on at its pace, whatever it is told: one flow, many quotes."""
    server = lab.serve("s")
    lab.traffic("c", ("probe", {**PROBES, "count": 80, "pause": 0.05}))
    lab.stop(server)
    until(lambda: len(told(daemon)) == 80, "each probe is refused")


def ping(lab):
    """As people do it: too long a packet, then the kernel knows."""
    return lab.call("c", "ping", "-M", "do", "-s", "1472", "-c", "5", "-i", "0.2", network.SERVER,
                    check=False).stdout


def honest_ping(lab, daemon):
    assert "frag needed" in ping(lab).lower()
    assert "ICMP" in {event["unreach"]["orig"]["proto"] for event in told(daemon)}


def ping_beside_tcp(lab, daemon):
    """Whichever is told first; and a ping that wants to be told."""
    with Transfer(lab, 2 * PACE, pace=PACE) as transfer:
        lab.forget()
        ping(lab)
        lab.traffic("c", ("echo", {"host": network.SERVER, "size": 1500}))
        assert_all_arrives(transfer, 1, 2 * PACE)
    assert {"ICMP", "TCP"} == {event["unreach"]["orig"]["proto"] for event in told(daemon)}


def mtu_monitor(lab, daemon):
    """Pings that ask again and again how much the path takes."""
    for _ in range(5):
        lab.traffic("c", ("echo", {"host": network.SERVER, "size": 1500}))
    until(lambda: len(told(daemon)) == 5, "each is refused")


SCENARIOS = {"upload-1": plain(1), "upload-4": plain(4), "upload-16": plain(16),
             "served-4": plain(4, served=True), "mtu-falls": mtu_falls,
             "cache-flushed": cache_flushed, "heeding-udp": heeding_udp,
             "probing-udp": probing_udp, "ping": honest_ping, "ping-beside-tcp": ping_beside_tcp,
             "mtu-monitor": mtu_monitor}


@pytest.fixture(scope="module", params=SCENARIOS, name="healthy")
def healthy_daemon(request, slow):
    """What watched one of the scenarios."""
    with watching(slow) as daemon:
        slow.forget()
        SCENARIOS[request.param](slow, daemon)
        yield daemon


def test_no_segment_twice(healthy):
    """This is what healthy means: TCP resends nothing that it was told about."""
    assert [one for one, times in repeats(healthy).items() if len(times) > 1] == []


def test_no_alert(healthy):
    assert_calm(healthy)
    assert "pmtud-" not in healthy.stderr()


def test_listed_as_told(healthy):
    rows = paths(healthy)
    assert {(row["src"], row["dst"], row["reporter"], row["verdict"]) for row in rows} == \
        {(network.CLIENT, network.SERVER, network.ROUTER, "told")}
    assert sum(row["messages"] for row in rows) == len(adverts(healthy))
