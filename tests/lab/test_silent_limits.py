"""What keeps unreachd from finding silent black holes is said, and nothing is made up instead."""
from contextlib import contextmanager

import pytest

import lab as network
from alerts import assert_calm, await_alert
from holes import SILENT, dug
from lab import until
from silent import FULL, KIND, await_backoff, both_sides, silent_rows, spread
from streams import Flow
from transfer import Mix, Transfer

BIG = 500_000
FLOOD = 10_000  # flows of one segment each
FEW = 100
JUMBO = 3000  # bytes of a packet
BACK = (("b", "back", "198.51.100.9/30"), ("r2", "other", "198.51.100.10/30"))


def state(daemon):
    """What the daemon says of its view of flows."""
    flows = daemon.view("status")["flows"]
    assert flows["inside"] == "in"
    return flows["state"]


@contextmanager
def offloads(lab):
    """Segments are put together at c, and on what comes in from it."""
    ends = (("c", "eth0"), ("b", "in"))
    try:
        for end in ends:
            lab.offload(*end, "on")
        yield
    finally:
        for end in ends:
            lab.offload(*end, "off")


def test_offload(slow):
    """In generic mode frames are seen as the stack has them: their sizes mean nothing, as long as
    segments are put together."""
    with both_sides(slow, "-m", "generic") as daemon:
        with offloads(slow):
            slow.forget()
            with Transfer(slow, BIG) as transfer:
                assert transfer.arrived() == [BIG]
            until(lambda: state(daemon) == "offload", "super-packets are noticed")
            until(lambda: "silent black holes can't be found" in daemon.stderr(),
                  "and it is said why")
            line, = (line for line in daemon.stderr().splitlines() if "can't be found" in line)
            assert line.startswith("unreachd: in ") and "MTU" in line and "gro" in line
            with dug(slow, SILENT), \
                    Mix(slow, [Flow(network.SERVER, 2000), Flow(network.SERVER, BIG)]):
                await_backoff(slow, 2)
                assert_calm(daemon)
        with Transfer(slow, BIG) as transfer:
            assert transfer.arrived() == [BIG]
        until(lambda: state(daemon) == "works", "sizes are real again")
        (flow, (ours, theirs)), = spread(slow, [Flow("", 2000)])
        with dug(slow, SILENT), Mix(slow, [flow]):
            await_alert(daemon, 20, kind=KIND, level="probable", src=ours, dst=theirs)


def test_jumbo(slow):
    """The MTU is what it is now, not what it was at the start."""
    ends = (("c", "eth0"), ("b", "in"))
    with both_sides(slow) as daemon:
        try:
            for node, interface in ends:
                slow.ip(node, f"link set {interface} mtu {JUMBO}")
            assert state(daemon) == "works"
            slow.traffic("c", ("segments", {"src": network.CLIENT, "dst": network.SERVER,
                                            "size": JUMBO, "count": FEW}))
            until(lambda: daemon.view("status")["flows"]["sent"] >= FEW, "all have been seen")
            assert daemon.view("status")["flows"]["too_long"] == 0
        finally:
            for node, interface in ends:
                slow.ip(node, f"link set {interface} mtu {FULL}")


@contextmanager
def way_back(lab):
    """Answers come back past the wire and past `out`."""
    hosts = ("192.0.2.0/24", network.INSIDE)
    lab.add_veth(*BACK[0][:2], *BACK[1][:2])
    try:
        for node, interface, address in BACK:
            lab.ip(node, f"addr add {address} dev {interface}", f"link set {interface} up")
        lab.ip("r2", *(f"route replace {host} via 198.51.100.9" for host in hosts))
        yield
    finally:
        lab.ip("r2", *(f"route replace {host} via {network.BORDER}" for host in hosts))
        lab.ip("b", f"link del {BACK[0][1]}")


def test_asymmetric(slow):
    """What c sends goes out by `out`, the answers come in elsewhere."""
    with both_sides(slow) as daemon, way_back(slow):
        slow.forget()
        with Transfer(slow, 4 * BIG) as transfer:
            assert transfer.arrived() == [4 * BIG]
        until(lambda: state(daemon) == "one-direction", "it is noticed")
        until(lambda: "silent black holes can't be found" in daemon.stderr(),
              "and it is said why")
        with dug(slow, SILENT), Mix(slow, [Flow(network.SERVER, 2000)]):
            await_backoff(slow)
            assert_calm(daemon)


@pytest.mark.parametrize("size", (FULL, 1300))
def test_flood(slow, size):
    """Flows of one large segment each, into a hole, or such as are refused by s: no alert, and
    what is a hole is found afterwards as it was before."""
    with both_sides(slow) as daemon, dug(slow, SILENT):
        slow.traffic("c", ("segments", {"src": network.CLIENT, "dst": network.SERVER,
                                        "size": size, "count": FLOOD}))
        until(lambda: daemon.view("status")["flows"]["sent"] >= FLOOD, "all have been seen")
        assert_calm(daemon)
        assert silent_rows(daemon) == {}
        (flow, (ours, theirs)), = spread(slow, [Flow("", 2000)])
        with Mix(slow, [flow]):
            await_alert(daemon, 20, kind=KIND, level="probable", src=ours, dst=theirs)
