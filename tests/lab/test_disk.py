"""The event log when its disk is full, and when it is rotated."""
import os
import signal

import pytest

import lab as network
import sources
from daemon import read_log
from lab import until

DISK_SIZE = 65536


def refuse(lab, daemon, count):
    """`count` messages more, counted by the daemon; waits until each is accounted for."""
    before = daemon.seen()
    for _ in range(0, count, 10):
        sources.refuse_ports(lab, 10)
    daemon.await_seen(before + count)


def use_up_the_last_page(lab, daemon):
    """A full disk still takes what fits into the file's last page: line by line, until none does.

    The lines are shorter than any of refuse(). How many there were, of which the last is lost.
    """
    sent, counted, lost = 0, daemon.seen(), daemon.identity()["lost_by"]["sink"]
    while daemon.identity()["lost_by"]["sink"] == lost:
        assert daemon.stderr().count("cannot write") == daemon.stderr().count("again")
        sent += 1
        lab.traffic("c", ("udp", {"host": network.SERVER, "port": 1, "size": 28,
                                  "source": lab.host()}))
        daemon.await_seen(counted + sent)
    return sent


@pytest.mark.parametrize("rounds", (1, 2))
def test_full_disk(lab, launch, rounds):
    """Said once each time, counted as lost by the sink; goes on when there is room again."""
    disk = lab.small_disk(DISK_SIZE)
    daemon = launch("-e", "all", "-l", disk / "log").ready()
    refuse(lab, daemon, 10)
    sent = 10
    for number in range(1, rounds + 1):
        with pytest.raises(OSError), open(disk / "filler", "wb", buffering=0) as filler:
            while True:
                filler.write(b"f" * 4096)
        sent += use_up_the_last_page(lab, daemon)
        before = daemon.identity()
        refuse(lab, daemon, 50)
        full = daemon.identity()
        assert full["holds"] and full["lost_by"]["sink"] == before["lost_by"]["sink"] + 50
        assert full["delivered"] == before["delivered"]
        assert full["delivered"] + full["lost_by"]["sink"] == full["seen"]
        assert daemon.stderr().count("cannot write events to") == number
        os.unlink(disk / "filler")
        refuse(lab, daemon, 10)
        sent += 60
        again = daemon.identity()
        assert again["holds"] and again["delivered"] == full["delivered"] + 10
        assert daemon.stderr().count("again") == number
        assert len(read_log(disk / "log")) == again["delivered"]
    assert daemon.view("codes")["interfaces"][0]["codes"][3]["messages"] == sent
    assert daemon.stop() == 0


def test_sighup_reopens(lab, launch):
    """As logrotate does it: rename, SIGHUP; no line is lost or torn."""
    daemon = launch("-e", "all", "-l", "{log}").ready()
    log, old = daemon.directory / "log", daemon.directory / "log.1"
    refuse(lab, daemon, 10)
    log.rename(old)
    daemon.process.send_signal(signal.SIGHUP)
    until(log.exists, "a new log")
    refuse(lab, daemon, 20)
    assert (len(read_log(old)), len(read_log(log))) == (10, 20)
    daemon.process.send_signal(signal.SIGHUP)
    refuse(lab, daemon, 10)
    assert len(read_log(log)) == 30
    assert daemon.stop() == 0


def test_torn_line_is_cut(lab, launch):
    """What a crash left behind the last newline goes; what stands before it stays."""
    first = launch("-e", "all", "-l", "{log}").ready()
    refuse(lab, first, 10)
    first.stop()
    log = first.directory / "log"
    with open(log, "a", encoding="utf-8") as end:
        end.write('{"timestamp":"2026-')
    second = launch("-e", "all", "-l", log).ready()
    refuse(lab, second, 10)
    second.stop()
    assert len(read_log(log)) == 20
