"""Interfaces that go and come back under a running daemon, and those that are waited for."""
import ctypes
import os
import struct

import pytest

import sources
from daemon import by_code
from cable import said, state_of
from lab import until
from test_pins import attached


MOVED_TO, CREATED, DELETED = 0x80, 0x100, 0x200  # inotify(7)


@pytest.fixture(name="pins", params=("pinned", "not pinned"))
def pin_dir(lab, request):
    return lab.pin_dir() if request.param == "pinned" else "none"


@pytest.mark.parametrize("anew", ("another ifindex", "the same ifindex"))
def test_made_anew(lab, launch, pins, spare, anew):
    """The daemon waits and takes the new device up by itself: one line each way, same slot."""
    index = spare.make()
    daemon = launch("-e", "all", "-l", "{log}", interfaces=("spare", "out"), pin_dir=pins).ready()
    sent = spare.refuse(3)
    daemon.await_seen(sent)
    spare.cut()
    until(lambda: state_of(daemon, "spare") == "waiting", "spare is waited for")
    sent += sources.refuse_ports(lab, 2)  # the other one goes on meanwhile
    daemon.await_seen(sent)
    again = spare.make(index if anew == "the same ifindex" else None)
    assert (again == index) == (anew == "the same ifindex")
    until(lambda: state_of(daemon, "spare") == "attached", "spare is watched again")
    sent += spare.refuse(4)
    daemon.await_seen(sent)
    counted = {one["name"]: by_code(one) for one in daemon.view("codes")["interfaces"]}
    assert counted == {"spare": {3: 7}, "out": {3: 2}}
    assert said(daemon, "spare", "is gone") == said(daemon, "spare", "is watched now") == 1
    identity = daemon.identity()
    assert identity["holds"] and identity["delivered"] == sent
    assert daemon.stop() == 0
    assert len({line["event_id"] for line in daemon.lines("log")}) == sent


def test_made_anew_unseen(launch, pins, spare):
    """Where it is back before anybody looked, the new one is watched all the same."""
    spare.make()
    daemon = launch("-e", "all", interfaces=("spare",), pin_dir=pins).ready()
    for times in range(1, 4):
        spare.cut()
        spare.make()
        until(lambda times=times: said(daemon, "spare", "is watched now") >= times and
              state_of(daemon, "spare") == "attached", "watched again")
    daemon.await_seen(spare.refuse(2))


def test_flapping(lab, launch, pins, spare):
    """Up and down loses nothing that came in, and nothing is said of it."""
    spare.make()
    daemon = launch("-e", "all", interfaces=("spare",), pin_dir=pins).ready()
    sent = 0
    for _ in range(10):
        lab.ip("b", "link set spare down", "link set spare up")
        until(lambda: '"LOWER_UP"' in lab.call("b", "ip", "-j", "link", "show", "spare").stdout,
              "spare has a carrier")
        sent += spare.refuse(1)
    daemon.await_seen(sent)
    assert state_of(daemon, "spare") == "attached"
    assert said(daemon, "spare", "is gone") == said(daemon, "spare", "is watched now") == 0


def test_inside_made_anew(lab, launch, pins, spare):
    """The flow watcher comes back too."""
    spare.make()
    daemon = launch("--inside", "spare", pin_dir=pins).ready()
    spare.cut()
    until(lambda: said(daemon, "spare", "is gone") == 1, "the inside interface is missed")
    spare.make()
    until(lambda: said(daemon, "spare", "is watched now") == 1, "it is watched again")
    assert daemon.view("status")["flows"]["mode"] == "native"
    daemon.await_seen(sources.refuse_ports(lab, 2))


def changes(folder, name):
    """Lists what happens to a name in a folder; call it to end that and to get the list."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    assert watch >= 0
    assert libc.inotify_add_watch(watch, str(folder).encode(), MOVED_TO | CREATED | DELETED) >= 0

    def end():
        data, found = os.read(watch, 1 << 16), []
        os.close(watch)
        while data:
            _, mask, _, length = struct.unpack("iIII", data[:16])
            if data[16:16 + length].rstrip(b"\0").decode() == name:
                found.append(mask)
            data = data[16 + length:]
        return found

    return end


def test_no_moment_without_a_pin(launch, lab, spare):
    """A kill at any moment leaves a pinned link: the new one takes the old one's name at once."""
    pins = lab.pin_dir()
    spare.make()
    daemon = launch(interfaces=("spare",), pin_dir=pins).ready()
    spare.cut()
    until(lambda: said(daemon, "spare", "is gone") == 1, "spare is missed")
    happened = changes(pins, "link-0")
    spare.make()
    until(lambda: said(daemon, "spare", "is watched now") == 1, "spare is watched again")
    assert happened() == [MOVED_TO]


def test_next_daemon(launch, lab, spare):
    """What was taken up again is adopted like anything else."""
    pins = lab.pin_dir()
    spare.make()
    first = launch("-e", "all", interfaces=("spare",), pin_dir=pins).ready()
    sent = spare.refuse(1)
    first.await_seen(sent)
    spare.cut()
    until(lambda: said(first, "spare", "is gone") == 1, "spare is missed")
    spare.make()
    until(lambda: said(first, "spare", "is watched now") == 1, "spare is watched again")
    assert first.stop() == 0
    sent += spare.refuse(2)  # counted without a daemon
    second = launch("-e", "all", interfaces=("spare",), pin_dir=pins).ready()
    second.await_seen(sent)
    assert not {path.name for path in pins.iterdir()} & {"link-new"}


def test_wait_for_a_device(lab, launch, pins, spare):
    """--wait: it starts without, says why, and takes it up; the others are watched meanwhile."""
    daemon = launch("--wait", "-e", "all", interfaces=("spare", "out"), pin_dir=pins).ready()
    assert said(daemon, "cannot watch spare: no such interface") == 1
    assert state_of(daemon, "spare") == "waiting" and state_of(daemon, "out") == "attached"
    sent = sources.refuse_ports(lab, 2)
    spare.make()
    until(lambda: state_of(daemon, "spare") == "attached", "spare is watched")
    daemon.await_seen(sent + spare.refuse(3))
    assert said(daemon, "spare", "is watched now") == 1


def test_wait_for_all(launch, pins, spare):
    """Even where there is nothing else to watch."""
    daemon = launch("--wait", interfaces=("spare",), pin_dir=pins).ready()
    spare.make()
    until(lambda: state_of(daemon, "spare") == "attached", "spare is watched")
    daemon.await_seen(spare.refuse(2))


@pytest.mark.parametrize("mode", ("native", "generic"))
def test_wait_for_a_stranger(lab, launch, pins, stranger, mode):
    """Another program is named, once, and as soon as it leaves the interface is watched."""
    theirs = stranger(mode)
    daemon = launch("--wait", pin_dir=pins).ready()
    assert said(daemon, 'out has another XDP program: "stranger", id ', f"{mode} mode") == 1
    assert state_of(daemon, "out") == "waiting"
    sources.refuse_ports(lab, 1)
    theirs.unlink()
    until(lambda: state_of(daemon, "out") == "attached", "out is watched")
    daemon.await_seen(sources.refuse_ports(lab, 3))
    assert said(daemon, "another XDP program") == said(daemon, "out is watched now") == 1


def mode_inside(daemon):
    return daemon.view("status")["flows"]["mode"]


def test_inside_of_another_kind(lab, launch, pins, spare):
    """Its frames may start otherwise now: it is read by another program, or not at all."""
    spare.make()
    daemon = launch("--inside", "spare", pin_dir=pins).ready()
    spare.cut()
    until(lambda: mode_inside(daemon) == "none", "the inside interface is missed")
    program = daemon.view("status")["flows"]["program_id"]
    lab.ip("b", "tuntap add dev spare mode tun")
    refusal = "the kernel refused the program for spare"  # privileges are given up by now
    until(lambda: said(daemon, refusal) or said(daemon, "spare is watched now"), "it is looked at")
    now = attached(lab, "spare")
    assert (now is None) == bool(said(daemon, refusal)) and (not now or now[1] != program)


def test_inside_missing(launch, pins, spare):
    """Without --wait that is said, and flows are not watched."""
    daemon = launch("--inside", "spare", pin_dir=pins).ready()
    assert said(daemon, "cannot watch flows on spare: no such interface") == 1
    assert "flows" not in daemon.view("status")
    spare.make()
    assert not said(daemon, "watched now")


def test_wait_for_the_inside_one(lab, launch, pins, spare):
    """--wait: it starts without, and takes it up as soon as it is there."""
    daemon = launch("--wait", "--inside", "spare", pin_dir=pins).ready()
    assert said(daemon, "cannot watch flows on spare: no such interface") == 1
    assert said(daemon, "spare is watched as soon as that can be") == 1
    assert mode_inside(daemon) == "none" and state_of(daemon, "out") == "attached"
    daemon.await_seen(sources.refuse_ports(lab, 2))
    spare.make()
    until(lambda: mode_inside(daemon) == "native", "flows are watched")
    assert said(daemon, "spare is watched now") == 1
    spare.cut()
    until(lambda: mode_inside(daemon) == "none", "the inside interface is missed")
    spare.make()
    until(lambda: mode_inside(daemon) == "native", "flows are watched again")
    assert daemon.stop() == 0


@pytest.mark.parametrize("mode", ("native", "generic"))
def test_wait_for_a_stranger_inside(launch, pins, stranger, mode):
    """Another program on it is named, once, and as soon as it leaves flows are watched."""
    theirs = stranger(mode)
    daemon = launch("--wait", "--inside", "out", interfaces=("in",), pin_dir=pins).ready()
    assert said(daemon, 'out has another XDP program: "stranger", id ', f"{mode} mode") == 1
    assert mode_inside(daemon) == "none"
    theirs.unlink()
    until(lambda: mode_inside(daemon) == "native", "flows are watched")
    assert said(daemon, "another XDP program") == said(daemon, "out is watched now") == 1


def test_inside_never_waits_for_an_outside_one(launch, pins):
    """One that is named with -i too is refused: that does not pass."""
    daemon = launch("--wait", "--inside", "out", pin_dir=pins).ready()
    assert said(daemon, "cannot watch flows on out: it is named with -i too") == 1
    assert "flows" not in daemon.view("status")


def test_inside_that_waits_leaves_nothing_behind(lab, launch, spare):
    """What an earlier start watched flows on is left alone, as with any other interface."""
    pins = lab.pin_dir()
    assert launch("--inside", "in", pin_dir=pins).ready().stop() == 0
    daemon = launch("--wait", "--inside", "spare", pin_dir=pins).ready()
    until(lambda: not attached(lab, "in"), "in is left alone")
    spare.make()
    until(lambda: mode_inside(daemon) == "native", "flows are watched")
