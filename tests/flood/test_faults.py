"""What goes wrong around a daemon under flood: its log, interface, descriptors, readers.

Each time all that arrived is counted, and the log has each delivered event once and no other.
"""
import itertools
import json
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conftest import BUILD, ROOT, result, wait_for
from eventlog import EventLog
from test_flood import assert_identity

sys.path.append(str(ROOT / "tests/lab"))
from links import bpf  # noqa: E402

RATE = 200000  # messages a second
MESSAGES = 300000
LATER = 20000  # messages when all is over: less than the rings hold
AGAIN = 3  # times at the least that something happens under one flood
DISK = 256 << 20  # bytes
ROOM = 4 << 20  # bytes of it left to the log at first
IDLE = 300  # connections that ask nothing
TAKEN = 32  # connections at a time (docs/limits.md)
ENABLE_STATS, RUN_TIME = 32, 0  # linux/bpf.h
FOLLOWERS = 8


def start(bench):
    return bench.start("--pin-dir", "none", "-l", bench.log, "-e", "all")


def flood(bench, messages=MESSAGES, rate=RATE):
    return bench.flood("--count", str(messages), "--rate", str(rate), "--spread", "1000")


def at_rest(bench, *floods, logs=None):
    """The identity when all floods are over; counters, ledger and log agree exactly."""
    sent = sum(result(running)["flood"] for running in floods)
    identity = bench.at_rest()
    assert_identity(identity, rest=True)
    assert identity["seen"] == sent == bench.arrived()
    assert_log(identity, *(logs or (bench.log,)))
    return identity


def assert_log(identity, *paths):
    """It has what was delivered, once each; what the sink has lost is all that it lacks."""
    log = EventLog(*paths)
    assert log.distinct == log.lines == identity["delivered"] > 0
    assert log.has_gaps() == (identity["lost_by"]["sink"] > 0)


def files_of(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def said(daemon, words):
    """How many lines of stderr have them."""
    return sum(words in line for line in daemon.stderr.read_text().splitlines())


def test_rotated(bench):
    """Renamed and SIGHUP, again and again: no event is lost, torn, or in two files."""
    daemon, running = start(bench), flood(bench)
    logs = [bench.log]
    while running.poll() is None:
        wait_for(lambda: bench.log.stat().st_size or running.poll() is not None, "events")
        logs.append(bench.log.rename(bench.folder / f"events.{len(logs)}"))
        daemon.process.send_signal(signal.SIGHUP)
        wait_for(bench.log.exists, "a new log")
    assert len(logs) > AGAIN
    assert not at_rest(bench, running, logs=logs)["lost_by"]["sink"]


@pytest.fixture(name="logrotate")
def shipped_rotation(bench, monkeypatch):
    """logrotate with the configuration that is shipped, for our log and daemon; a function.

    Only places and the user differ, and a systemctl of ours does what the unit says of a reload.
    """
    bench.log = bench.folder / "events.json"
    conf, systemctl = bench.folder / "unreach", bench.folder / "systemctl"
    text = (ROOT / "contrib/logrotate/unreach").read_text(encoding="ascii")
    assert text.count("su unreach unreach\n") == 1 and text.count("/var/log/unreach/") == 2
    text = text.replace("su unreach unreach\n", "su root root\n")
    conf.write_text(text.replace("/var/log/unreach", str(bench.folder)), encoding="ascii")
    conf.chmod(0o644)
    unit = (ROOT / "contrib/systemd/unreachd.service").read_text(encoding="ascii")
    reload = re.search("^ExecReload=(.*)$", unit, re.M).group(1)
    systemctl.write_text('#!/bin/sh -e\n[ "$*" = "try-reload-or-restart unreachd.service" ]\n' + reload,
                         encoding="ascii")
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bench.folder}:{os.environ['PATH']}:/usr/sbin")

    def rotate(daemon):
        done = subprocess.run(["logrotate", "--force", "--state", bench.folder / "state", conf],
                              env=os.environ | {"MAINPID": str(daemon.process.pid)}, text=True,
                              capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")

    return rotate


def test_logrotate(bench, logrotate):
    """The same by logrotate, which compresses what is older than the last."""
    daemon, running = start(bench), flood(bench, MESSAGES // 3, RATE // 10)
    for _ in range(AGAIN):
        wait_for(lambda: bench.log.exists() and bench.log.stat().st_size, "events")
        logrotate(daemon)
        assert running.poll() is None
        wait_for(bench.log.exists, "a new log")
    logs = [bench.log, Path(f"{bench.log}.1"), *(Path(f"{bench.log}.{n}.gz") for n in range(2, AGAIN + 1))]
    assert not at_rest(bench, running, logs=logs)["lost_by"]["sink"]
    assert sorted(logs) == sorted(bench.folder.glob("events.json*"))
    assert bench.log.stat().st_mode & 0o777 == 0o640


@pytest.fixture(name="disk")
def small_disk(bench):
    path = bench.folder / "disk"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", path], check=True)
    yield path
    subprocess.run(["umount", "--lazy", path], check=True)


def test_disk_full(bench, disk):
    """What does not fit is counted as lost, line by whole line, until there is room again."""
    bench.log = disk / "events.log"
    filler = disk / "filler"
    with open(filler, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, DISK - ROOM)
    daemon, running = start(bench), flood(bench)
    wait_for(lambda: bench.identity()["lost_by"]["sink"], "a full disk")
    filler.unlink()
    full = bench.identity()
    identity = at_rest(bench, running)
    assert identity["lost_by"]["sink"] >= full["lost_by"]["sink"]
    later = at_rest(bench, running, flood(bench, LATER, LATER))
    assert later["delivered"] == identity["delivered"] + LATER
    # At the brim a short batch may fit and the next one not.
    times = said(daemon, f"cannot write events to {bench.log}: No space left on device")
    assert 0 < times == said(daemon, f"events are written to {bench.log} again")


def runs(bench):
    """How often the kernel has run the program on va, as it counts that itself."""
    number = bench.ask("status")["interfaces"][0]["program_id"]
    return json.loads(bench.run("bpftool", "-j", "prog", "show", "id", number)).get("run_cnt", 0)


def test_flapping(bench):
    """The interface goes down and up: each message that the program was run for is counted.

    The device's own count is no measure here: while it goes down and comes up veth gives frames
    to the stack past any program.
    """
    statistics = bpf(ENABLE_STATS, struct.pack("=I", RUN_TIME))
    try:
        daemon, flaps = start(bench), 0
        running = flood(bench)
        while running.poll() is None:
            bench.run("ip", "link", "set", "va", "down")
            bench.run("ip", "link", "set", "va", "up")
            flaps += 1
            before = bench.arrived()
            wait_for(lambda: bench.arrived() > before or running.poll() is not None, "frames")
        assert flaps >= AGAIN
        result(running)
        identity = bench.at_rest()
        assert_identity(identity, rest=True)
        assert 0 < identity["seen"] == runs(bench) <= bench.arrived()
        assert_log(identity, bench.log)
        assert said(daemon, "va is gone") == 0
        result(flood(bench, LATER, LATER))  # and it goes on
        assert bench.at_rest()["seen"] == identity["seen"] + LATER == runs(bench)
    finally:
        os.close(statistics)


def limit_files(daemon, limit):
    """No more descriptors for the running daemon; None: as many as ever."""
    pid = daemon.process.pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit or hard, hard))


def first_free(daemon):
    """The number of the descriptor that it would get next."""
    used = set(map(int, os.listdir(f"/proc/{daemon.process.pid}/fd")))
    return next(number for number in itertools.count() if number not in used)


def test_no_descriptors(bench):
    """It says what it cannot do, does the rest, and takes it up again when it can."""
    daemon = start(bench)
    limit_files(daemon, first_free(daemon))
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(str(bench.socket))
        wait_for(lambda: said(daemon, "cannot accept a control connection: Too many open files"),
                 "word of it")
        old = bench.log.rename(bench.folder / "events.old")
        daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: said(daemon, f"cannot open {bench.log} anew: Too many open files"),
                 "word of it")
        running = flood(bench)
        wait_for(lambda: running.poll() is not None, "the flood's end", seconds=60)
        assert old.stat().st_size
        limit_files(daemon, None)
        wait_for(lambda: bench.identity()["seen"], "an answer")
    at_rest(bench, running, logs=(old,))
    daemon.process.send_signal(signal.SIGHUP)
    wait_for(bench.log.exists, "a new log")
    identity = at_rest(bench, running, flood(bench, LATER, LATER), logs=(old, bench.log))
    assert not identity["lost_by"]["sink"]
    assert said(daemon, "cannot accept a control connection") == 1


def test_idle_connections(bench):
    """Hundreds that ask nothing: most are refused, the rest sent away, nothing is lost for them."""
    daemon = start(bench)
    before, running, peers = files_of(daemon), flood(bench), []
    try:
        for _ in range(IDLE):
            peer = socket.socket(socket.AF_UNIX)
            peers.append(peer)
            peer.settimeout(10)
            wait_for(lambda: peer.connect_ex(str(bench.socket)) == 0, "room in the queue")
        answers = [peer.recv(200) for peer in peers]
    finally:
        for peer in peers:
            peer.close()
    late = b"error no complete request line came within 5 s\n"
    refused = [answer for answer in answers if answer.startswith(b"error busy: ")]
    assert answers.count(late) >= TAKEN
    assert answers.count(late) + len(refused) == IDLE
    assert len(refused) >= IDLE - 3 * TAKEN  # a slow machine may get to take some again
    wait_for(lambda: files_of(daemon) == before, "the last connection is closed")
    assert not at_rest(bench, running)["lost_by"]["sink"]


def memory(daemon):
    """Resident bytes."""
    with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def take_all(follower, count):
    """Reads a follower that is late until it has told of `count` events; (told, missed)."""
    told = missed = 0
    timer = threading.Timer(60, follower.kill)
    timer.start()
    for line in follower.stdout:
        event = json.loads(line)
        if event["event_type"] == "unreach_missed":
            missed += event["missed"]
        else:
            told += 1
        if told + missed == count:
            break
    timer.cancel()
    return told, missed


def test_slow_followers(bench):
    """Nobody reads what `events -f` writes: the daemon goes on; each is told what he missed."""
    daemon = start(bench)
    before = files_of(daemon)
    words = [BUILD / "unreach", "events", "-f", "--json", "--socket", bench.socket]
    followers = [subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(FOLLOWERS)]
    try:
        wait_for(lambda: files_of(daemon) == before + FOLLOWERS, "followers")
        running = flood(bench)
        wait_for(lambda: bench.identity()["delivered"] > MESSAGES // 4, "events")
        early = memory(daemon)
        identity = at_rest(bench, running)
        assert not identity["lost_by"]["sink"]
        assert memory(daemon) - early < 1 << 20
        for follower in followers:
            told, missed = take_all(follower, identity["delivered"])
            assert told + missed == identity["delivered"] and told and missed
    finally:
        for follower in followers:
            follower.kill()
            follower.wait()
            follower.stdout.close()
