"""A daemon that is stopped under flood (SIGSTOP) loses events, says how many, and goes on.

STOP_SECONDS=10 is the long form.
"""
import os
import signal

from conftest import result, wait_for
from eventlog import EventLog
from test_flood import assert_identity

SECONDS = int(os.environ.get("STOP_SECONDS", "2"))
RATE = 400000  # messages a second
LATER = 20000  # messages when all is over: less than the rings hold


def test_stopped(bench):
    daemon = bench.start("--pin-dir", "none", "-l", bench.log, "-e", "all")
    flood = bench.flood("--count", str((SECONDS + 2) * RATE), "--rate", str(RATE),
                        "--spread", "1000")
    wait_for(lambda: bench.identity()["delivered"], "events")
    daemon.process.send_signal(signal.SIGSTOP)
    before = bench.arrived()
    wait_for(lambda: bench.arrived() >= before + SECONDS * RATE, "flood", seconds=5 * SECONDS + 10)
    daemon.process.send_signal(signal.SIGCONT)
    assert_identity(bench.identity(), rest=False)
    sent = result(flood)["flood"]
    full = bench.at_rest()
    assert_identity(full, rest=True)
    assert full["seen"] == sent == bench.arrived()
    assert full["lost_by"]["ring"] > 0 == full["lost_by"]["sink"]

    result(bench.flood("--count", str(LATER), "--rate", str(LATER)))
    again = bench.at_rest()
    assert again["lost"] == full["lost"]
    assert again["delivered"] == full["delivered"] + LATER
    assert daemon.stop() == 0
    log = EventLog(bench.log)
    assert not log.has_gaps() and not log.repeated
    assert log.distinct == again["delivered"]
    print(f"\nstopped for {SECONDS} s of {RATE} messages a second: {sent} messages, "
          f"{full['delivered']} delivered, {full['lost']} lost (ring)")
