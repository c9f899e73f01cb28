"""Networks that are bad, but no black holes: chance, slowness and death are never taken for one.

SILENT_FLOWS: how many flows in all are lost by chance (200); SILENT_SEED: tells a run again.
"""
import os
import random
import re
import signal
from contextlib import ExitStack
from dataclasses import replace
from itertools import cycle, islice

import pytest

import lab as network
from alerts import assert_calm
from lab import until
from silent import FULL, await_backoff, both_sides, silent_rows, sockets
from streams import Flow
from transfer import Crowd, Mix

FLOWS = int(os.environ.get("SILENT_FLOWS", "200"))
SEED = int(os.environ.get("SILENT_SEED", random.randrange(1 << 32)))
BIG = 500_000
# Percent of packets lost each way: seconds that the flows have, and the share of them that must get
# through in that time.
LOSSES = {5: (10, 0.95), 10: (12, 0.9), 20: (20, 0.7), 40: (30, 0.2)}
STARTS = 0.25  # of these seconds: in the meantime the flows start
# At this loss the first flows of all can be taken for a hole, as nothing has been measured yet: see
# docs/limits.md. So many, with so many seconds, come before and are left out.
LOSSY, FIRST, FIRST_SECONDS = 40, 12, 12
SMALL = [Flow(network.SERVER, size, tail=tail) for size, tail in (
    (2000, (0, 0, 0)), (4000, (0, 0, 0)), (20_000, (0, 0, 0)), (1448, (5, 200, 0.05)))]


def whole(flow):
    """Bytes of it."""
    return flow.size + flow.tail[0] * flow.tail[1]


def listed_until_over(daemon, all_of_them, seconds=60):
    """Waits until they are over; what was listed as silent at any time in between, how grave."""
    listed = set()

    def over():
        listed.update((*pair, row["level"]) for pair, row in silent_rows(daemon).items())
        return all(one.over() for one in all_of_them)

    until(over, "the transfers are over", seconds)
    return listed


def crowds_of(lab, count, apart):
    """So many flows up and down, each with a server of its own (`apart`) or all with one."""
    ups = [replace(flow, host=lab.away() if apart else flow.host)
           for flow in islice(cycle(SMALL), count)]
    downs = [Flow(network.CLIENT, flow.size, lab.away() if apart else "", "get", tail=flow.tail)
             for flow in ups]
    return (ups, False), (downs, True)


def measured_before(lab, daemon):
    """Lets some flows be lost by chance; the hosts that they went to."""
    flows = crowds_of(lab, FIRST, True)[0][0]
    with Crowd(lab, flows, False, FIRST_SECONDS, 1) as crowd:
        listed_until_over(daemon, [crowd], FIRST_SECONDS + 15)
    return {flow.host for flow in flows}


@pytest.mark.parametrize("apart", (False, True), ids=("one-server", "a-server-each"))
@pytest.mark.parametrize("percent", LOSSES)
def test_loss(slow, percent, apart):
    """Many flows both ways, every packet of which may be lost on its way."""
    seconds, share = LOSSES[percent]
    count = FLOWS // len(LOSSES) // 4
    words = f"loss={percent},seed={SEED}"
    slow.forget()
    with both_sides(slow) as daemon, slow.widened(FULL), slow.wired(words), ExitStack() as stack:
        left_out = measured_before(slow, daemon) if percent == LOSSY else set()
        known = silent_rows(daemon)
        both = crowds_of(slow, count, apart)
        crowds = [stack.enter_context(Crowd(slow, flows, served, seconds, seconds * STARTS))
                  for flows, served in both]
        listed = listed_until_over(daemon, crowds, seconds + 15)
        assert {row for row in listed if row[1] not in left_out} == set(), words
        if not known:
            assert_calm(daemon)
        for crowd, (flows, _served) in zip(crowds, both):
            connected, arrived = crowd.arrived()
            assert connected >= share * count, words
            done = [got for got, flow in zip(arrived, flows) if got == whole(flow)]
            assert len(done) >= share * count, words


def transfers(*flows, count=1):
    """So many of each at the same time, and all of it arrives."""
    def run(lab, daemon):
        flows_now = flows * count
        with Mix(lab, flows_now) as mix:
            assert listed_until_over(daemon, [mix]) == set()
            assert mix.arrived() == [whole(flow) for flow in flows_now]
    return run


def each_learns(lab, daemon):
    """Adverts are lost, too, and each flow has to be told of a path of its own."""
    flows = [Flow(lab.away(), 50_000) for _ in range(16)]
    with Mix(lab, flows) as mix:
        assert listed_until_over(daemon, [mix]) == set()
        assert mix.arrived() == [flow.size for flow in flows]
    assert len(daemon.events()) >= len(flows)


def peer_dies(lab, daemon):
    """In mid transfer, of bulk and of small writes; c goes on for a while."""
    flows = [Flow(network.SERVER, 100 * BIG, pace=BIG),
             Flow(network.SERVER, 3000, tail=(1000, 200, 0.02))]

    def large_arrived():
        acked = [int(count) for count in re.findall(r"bytes_acked:(\d+)", sockets(lab))]
        return len(acked) == len(flows) and min(acked) > 4000

    with Mix(lab, flows) as mix:
        until(large_arrived, "large segments have arrived")
        lab.wire.send_signal(signal.SIGUSR1)
        await_backoff(lab, len(flows))
        assert not mix.over() and silent_rows(daemon) == {}


BULK = Flow(network.SERVER, BIG)
SCENARIOS = {
    "slow-reader": ((), transfers(Flow(network.SERVER, BIG, reader=("slow", 100_000)))),
    "zero-window": ((), transfers(Flow(network.SERVER, BIG, reader=("late", 5)))),
    "reordering": (("reorder=10,gap=15",), transfers(BULK, *SMALL, count=4)),
    "jitter": (("jitter=40",), transfers(BULK, *SMALL, count=4)),
    "duplication": (("dup=20",), transfers(BULK, *SMALL, count=4)),
    "bufferbloat": (("rate=4000,queue=1500",), transfers(BULK, *SMALL, count=4)),
    "short-queue": (("rate=4000,queue=20",), transfers(BULK, *SMALL, count=4)),
    "each-learns": (("loss=10",), each_learns),
    "peer-dies": ((), peer_dies),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_hole(slow, name):
    words, run = SCENARIOS[name]
    slow.forget()
    with both_sides(slow) as daemon, slow.wired(*words, f"seed={SEED}"):
        run(slow, daemon)
        assert_calm(daemon)
        assert silent_rows(daemon) == {}
