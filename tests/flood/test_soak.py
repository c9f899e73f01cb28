"""Flood, churn and questions for a while: memory and descriptors stay flat, nothing is lost.

SOAK_SECONDS=1800 is the long form.
"""
import itertools
import os
import signal
import socket
import subprocess
import time

from conftest import BUILD, result, wait_for
from eventlog import EventLog
from test_flood import assert_identity

SECONDS = int(os.environ.get("SOAK_SECONDS", "24"))
RATE = 150000  # messages a second
CHUNK = 200000  # messages of one flood
# One after the other: random sources, random adverts, one flow's adverts (an alert), known sources.
FLOODS = ((), ("--advert", "random"), ("--advert", "fixed"), ("--spread", "5000"))
VIEWS = ("codes", "sources rows=0", "targets rows=5", "senders rows=20 code=3", "paths rows=0",
         "alerts", "events rows=50 code=4", "status")
QUESTIONS = 3  # of each view, as JSON and as text, between two looks at the process
GROWTH = 1 << 20  # bytes that the last third may be above the second


def ask(bench, request):
    """The answer's bytes, by the socket itself: a question costs little, so there are many."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(30)
        peer.connect(str(bench.socket))
        peer.sendall(request.encode() + b"\n")
        answer = b"".join(iter(lambda: peer.recv(1 << 16), b""))
    assert answer.startswith(b"ok\n"), answer[:200]
    return len(answer)


def ask_all(bench):
    for view in VIEWS * QUESTIONS:
        ask(bench, f"{view} json=1")
        ask(bench, f"{view} json=0")


def look(daemon):
    """(resident bytes, open descriptors)"""
    folder = f"/proc/{daemon.process.pid}"
    with open(f"{folder}/statm", encoding="ascii") as file:
        pages = int(file.read().split()[1])
    return pages * os.sysconf("SC_PAGESIZE"), len(os.listdir(f"{folder}/fd"))


def rotate(bench, daemon, log):
    """The log so far, read and removed; what comes goes to a new one."""
    old = bench.log.rename(bench.folder / "events.old")
    daemon.process.send_signal(signal.SIGHUP)
    wait_for(bench.log.exists, "a new log")
    log.read(old)
    old.unlink()


def followers(bench):
    """Three that follow, one of which nobody reads."""
    words = [BUILD / "unreach", "--socket", bench.socket]
    return [subprocess.Popen([words[0], *command, *words[1:]], stdout=out)
            for command, out in ((("events", "-f", "--json"), subprocess.DEVNULL),
                                 (("alerts", "-f"), subprocess.DEVNULL),
                                 (("events", "-f"), subprocess.PIPE))]


def end(processes):
    for process in processes:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def soak(bench, daemon, log):
    """Goes on for SECONDS; (messages sent, what was seen of the process each time)."""
    deadline, kinds, sent, looks = time.monotonic() + SECONDS, itertools.cycle(FLOODS), 0, []
    while time.monotonic() < deadline:
        flood = bench.flood("--count", str(CHUNK), "--rate", str(RATE), *next(kinds))
        following = followers(bench)
        try:
            while flood.poll() is None:
                ask_all(bench)
                looks.append(look(daemon))
        finally:
            end(following)
        sent += result(flood)["flood"]
        rotate(bench, daemon, log)
    return sent, looks


def test_soak(bench):
    daemon = bench.start("--pin-dir", "none", "-l", bench.log, "--table-size", "1024")
    log = EventLog()
    files = look(daemon)[1]
    sent, looks = soak(bench, daemon, log)
    identity = bench.at_rest()
    assert_identity(identity, rest=True)
    assert identity["seen"] == sent == bench.arrived()
    assert not identity["lost_by"]["sink"]
    wait_for(lambda: look(daemon)[1] == files, "all connections are closed")
    assert daemon.stop() == 0
    log.read(bench.log)
    assert log.distinct == log.lines == identity["delivered"] and not log.has_gaps()

    third = len(looks) // 3
    assert third
    second, last = looks[third:-third], looks[-third:]
    assert max(rss for rss, _ in last) <= max(rss for rss, _ in second) + GROWTH
    assert max(count for _, count in looks) <= files + 4  # three follow, one asks
    print(f"\n{SECONDS} s: {sent} messages, {len(looks) * len(VIEWS) * QUESTIONS * 2} questions, "
          f"resident {looks[0][0] >> 10} KiB at first, at most {max(second)[0] >> 10} KiB in the "
          f"second third and {max(last)[0] >> 10} KiB in the last, {files} descriptors")
