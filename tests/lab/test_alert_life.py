"""What becomes of an alert: programs are told, a kill is survived, a capture tells the same."""
import json
import signal
import subprocess

import lab as network
from alerts import await_alert, await_hole
from capture import Capture, messages
from daemon import ALERT, UNREACH
from holes import HOST, dug
from lab import until
from transfer import Transfer

SIZE = 500_000
FORGERS = ("198.51.100.77", "198.51.100.78")
OTHER = "198.19.128.1"  # of s
# Of an alert: what does not depend on when somebody looks.
SAME = ("kind", "class", "state", "severity", "level", "path", "src", "dst", "reporter", "mtu")


def forge(lab, reporter=FORGERS[0], host=OTHER):
    """An impossible advert for a packet to a host: an alert at once."""
    lab.traffic("r2", ("advert", {"reporter": reporter, "mtu": 40, "quoted": {
        "proto": "udp", "src": network.CLIENT, "dst": host, "length": 1500}}))


def alert_lines(path):
    """The alerts of a log, as they stand there."""
    with open(path, encoding="utf-8") as log:
        return [line for line in log if f'"event_type":"{ALERT}"' in line]


def test_exec(slow, watch):
    """The program gets each line that the log gets, and nothing else."""
    told, program = slow.directory / "told", slow.directory / "program"
    program.write_text(f"#!/bin/sh\ncat >>{told}\n", encoding="utf-8")
    program.chmod(0o755)
    daemon = watch("--alert-exec", program)
    for reporter, host in zip(FORGERS, (network.SERVER, OTHER)):
        forge(slow, reporter, host)
        await_alert(daemon, kind="pmtud-invalid", reporter=reporter)
    until(lambda: len(alert_lines(daemon.directory / "log")) >= 2, "two alerts in the log")
    until(told.exists, "the program has run")
    until(lambda: told.read_text(encoding="utf-8").splitlines(keepends=True) ==
          alert_lines(daemon.directory / "log"), "the program was told all of it")


def test_killed(slow, watch):
    """After SIGKILL the next daemon says it again, and has forgotten nothing."""
    pins = slow.pin_dir()
    with dug(slow, HOST), Transfer(slow, SIZE):
        first = watch(pin_dir=pins)
        await_hole(first)
        before = await_alert(first, kind="pmtud-ignored")
        slow.stop(first.process, signal.SIGKILL)
        second = watch(pin_dir=pins, socket=first.socket)
        after = await_alert(second, kind="pmtud-ignored")
    for key in SAME:
        assert after.get(key) == before.get(key), key
    assert after["messages"] >= before["messages"] and after["flows"] >= before["flows"]


def test_replay(slow, watch):
    """tcpdump's capture, read later, gives the alerts of the live log."""
    capture = Capture(slow, "b", "out", slow.directory / "hole.pcap")
    daemon = watch()
    with dug(slow, HOST), Transfer(slow, SIZE):
        await_hole(daemon)
        await_alert(daemon, kind="pmtud-ignored")
        forge(slow)
        await_alert(daemon, kind="pmtud-invalid")
    seen = daemon.seen()
    until(lambda: len(messages(capture.path)) == seen, "tcpdump has all of it")
    capture.stop()
    done = subprocess.run([UNREACH, "read", "--show", "alerts", "--json", capture.path],
                          capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert gist(map(json.loads, done.stdout.splitlines())) == gist(daemon.alerts())


def gist(lines):
    """What must be the same, in the order in which they fired."""
    lines = list(lines)
    assert {line["event_type"] for line in lines} == {ALERT}
    return [[line["alert"].get(key) for key in SAME] for line in lines]
