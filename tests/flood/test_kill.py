"""SIGKILL again and again under a paced flood: nothing is uncounted, no delivered event is missing.

KILLS=50 KILL_MESSAGES=20000000 is the long form; without them the same in a few seconds.
"""
import os
import signal

import pytest

from conftest import result, wait_for
from eventlog import EventLog
from test_flood import assert_identity, assert_tables

KILLS = int(os.environ.get("KILLS", "5"))
MESSAGES = int(os.environ.get("KILL_MESSAGES", "1000000"))
RATE = 400000  # messages a second
STEP = 100000  # bytes that the log grows by, times 0 to 4, between a daemon's word and its end


class Load:
    """Floods, one after the other for as long as they are wanted."""

    def __init__(self, bench):
        self.bench = bench
        self.floods = []

    def running(self):
        return bool(self.floods) and self.floods[-1].poll() is None

    def go_on(self):
        if not self.running():
            self.floods.append(self.bench.flood("--count", str(MESSAGES), "--rate", str(RATE),
                                                "--spread", "1000"))

    def sent(self):
        """What all have sent, once they have."""
        return sum(result(flood)["flood"] for flood in self.floods)


def counted(bench):
    """Messages by code, as the kernel's counters have them."""
    interface, = bench.ask("codes")["interfaces"]
    return {row["code"]: row["messages"] for row in interface["codes"] if row["messages"]}


@pytest.mark.parametrize("events", ("limited", "all"))
def test_kill(bench, events):
    options = ("--pin-dir", bench.pins, "-l", bench.log, "-e", events)
    load, kills = Load(bench), 0
    daemon = bench.start(*options)
    while kills < KILLS:
        load.go_on()
        grown = bench.log.stat().st_size + kills % 5 * STEP
        wait_for(lambda: bench.log.stat().st_size >= grown or not load.running(), "events")
        assert daemon.stop(signal.SIGKILL) == -signal.SIGKILL
        kills += load.running()  # only those under load
        daemon = bench.start(*options)
    sent = load.sent()

    identity = bench.at_rest()
    assert_identity(identity, rest=True)
    assert_tables(bench, sent)
    assert identity["seen"] == sent == bench.arrived()
    assert counted(bench) == {3: sent}
    assert identity["lost_by"]["sink"] == 0
    assert daemon.stop() == 0

    log = EventLog(bench.log)
    assert len(log.instances()) == 1  # adopted each time
    assert not log.has_gaps()
    assert log.distinct == identity["delivered"] > 0
    bench.log.unlink()
    print(f"\n{events}: {len(bench.daemons) - 1} kills, {sent} messages, "
          f"{identity['delivered']} delivered, {log.repeated} of them written twice, "
          f"{identity['suppressed']} suppressed, {identity['lost']} lost (ring)")
