"""What is pinned: what a start adopts, takes away or refuses, and what --detach leaves alone."""
import json
import os
import signal

import pytest

import sources
from lab import HERE, PYTHON, LabError, until

MAPS = {"counters", "sources", "targets", "senders", "paths", "heads", "adverts", "cells",
        "instance", "acks", "rings", "layout", "carried"}


@pytest.fixture(name="pins")
def pin_dir(lab):
    return lab.pin_dir()


@pytest.fixture(name="spare")
def spare_interface(lab):
    """An interface of the border that may be renamed."""
    lab.add_veth("b", "spare", "s", "spare")
    for node, address in (("b", "198.51.100.9"), ("s", "198.51.100.10")):
        lab.ip(node, f"addr add {address}/30 dev spare", "link set spare up")
    yield "spare"
    lab.ip("s", "link del spare")


def refuse_on_spare(lab, count):
    """`count` messages of code 3 that come in on the spare interface, whatever its name."""
    lab.traffic("b", ("udp", {"host": "198.51.100.10", "count": count}))
    return count


def refuse_on_loopback(lab, count):
    lab.traffic("b", ("udp", {"host": "127.0.0.1", "count": count}))
    return count


def attached(lab, interface="out"):
    """(mode, program id) of what is attached in b, or None."""
    link, = json.loads(lab.call("b", "ip", "-j", "-d", "link", "show", interface).stdout)
    xdp = link.get("xdp")
    return xdp and ({1: "native", 2: "generic"}[xdp["mode"]], xdp["prog"]["id"])


def interfaces(daemon):
    return {one["name"]: one for one in daemon.view("status")["interfaces"]}


def pinned(pins):
    return {path.name for path in pins.iterdir()} if pins.exists() else set()


def settled(lab, launch, pins, count=3, **keywords):
    """Has a daemon count some messages on `out` and stop; how many."""
    daemon = launch("-e", "all", pin_dir=pins, **keywords).ready()
    before = daemon.seen()
    daemon.await_seen(before + sources.refuse_ports(lab, count))
    assert daemon.stop() == 0
    return count


def test_not_named_any_more(lab, launch, pins):
    """It is detached, that is said, and its counters go on when it is named again."""
    first = launch("-e", "all", interfaces=("out", "in"), pin_dir=pins).ready()
    inside = sources.refuse_ports_inside(lab, 3)
    first.await_seen(inside)
    assert first.stop() == 0 and attached(lab, "in")
    second = launch("-e", "all", "-l", "{log}", pin_dir=pins).ready()
    assert second.stderr().count("in is no longer watched; its counters are kept") == 1
    until(lambda: not attached(lab, "in"), "in is left alone")
    sources.refuse_ports_inside(lab, 2)
    second.await_seen(sources.refuse_ports(lab, 4))
    assert second.stop() == 0
    assert {line["in_iface"] for line in second.lines("log")} == {"out"}
    third = launch("-e", "all", interfaces=("in",), pin_dir=pins).ready()
    third.await_seen(inside + sources.refuse_ports_inside(lab, 1))


def test_a_start_in_vain(lab, launch, pins):
    """A start that can watch nothing takes nothing away."""
    settled(lab, launch, pins)
    before = attached(lab)
    status, said = launch(interfaces=("nosuch0",), pin_dir=pins).refused()
    assert status == 69 and "no longer" not in said
    assert attached(lab) == before


@pytest.mark.parametrize("before", (None, set(), {"theirs"}))
def test_a_first_start_in_vain(lab, launch, pins, before):
    """It leaves nothing that was not there: no pin, and no folder where there was none."""
    if before is not None:
        pins.mkdir()
    for name in before or ():
        lab.call("b", "bpftool", "map", "create", pins / name, "type", "array", "key", 4, "value",
                 4, "entries", 1, "name", "theirs")
    assert launch(interfaces=("nosuch0",), pin_dir=pins).refused()[0] == 69
    assert pins.exists() == (before is not None) and pinned(pins) == (before or set())


def test_what_cannot_be_written_is_found_first(lab, launch):
    """Before an interface is touched, which some drivers reset their rings for; and without traces."""
    folder, taken = lab.directory / "nosuch", lab.directory / "taken"
    torn, kept = lab.directory / "torn", lab.directory / "unmade"
    torn.write_bytes(b"{}\nevidence")
    launch("-l", taken).ready()
    for lost, why in ((folder / "log", "make its folder"), (lab.directory, "Is a directory"),
                      (taken, "another process")):
        for words in (("-l", lost, "-w", kept), ("-l", torn, "-w", lost)):
            status, said = launch(*words, interfaces=("in",)).refused()
            assert status == 71 and str(lost) in said and why in said
            assert "watched in" not in said and not attached(lab, "in")
    assert not folder.exists() and not kept.exists() and torn.read_bytes() == b"{}\nevidence"


@pytest.mark.parametrize("late", ("program", "pipe"))
def test_a_start_that_ends_late(lab, launch, pins, late):
    """Nor does one that has attached already: some of what it needs is looked at after that."""
    lost = lab.directory / late
    if late == "pipe":
        os.mkfifo(lost)  # that nobody reads
    option = {"program": "--alert-exec", "pipe": "-l"}[late]
    status, said = launch(option, lost, "--inside", "in", pin_dir=pins).refused()
    assert status == 71 and str(lost) in said and "watched in" in said
    assert not pins.exists() and not attached(lab)
    settled(lab, launch, pins)
    before = pinned(pins)
    status, said = launch(option, lost, interfaces=("out", "in"), pin_dir=pins).refused()
    assert status == 71 and str(lost) in said
    assert pinned(pins) == before and attached(lab) and not attached(lab, "in")
    settled(lab, launch, pins)


def test_a_start_in_vain_keeps_the_capture(lab, launch):
    """The last run's messages are not given away for a start that can't run what it is to."""
    capture = lab.directory / "kept.pcapng"
    capture.write_bytes(b"evidence")
    status, said = launch("-w", capture, "--alert-exec", "/nosuch/program").refused()
    assert status == 71 and "/nosuch/program" in said and "--alert-exec" in said
    assert capture.read_bytes() == b"evidence"


@pytest.mark.parametrize("words,keywords,expected", (
    ((), {"interfaces": ("nosuch0",)}, 69),
    (("-l", "/nosuch/log"), {}, 71),
    (("--alert-exec", "/nosuch/program"), {}, 71),
), ids=("interface", "log", "program"))
def test_a_start_in_vain_after_a_kill(lab, launch, pins, words, keywords, expected):
    """What a killed daemon left in the rings is not taken by a start that has nowhere to put it."""
    first = launch("-e", "all", pin_dir=pins).ready()
    lab.stop(first.process, signal.SIGKILL)
    sent = sources.refuse_ports(lab, 3)
    assert launch(*words, pin_dir=pins, **keywords).refused()[0] == expected
    second = launch("-e", "all", "-l", "{log}", pin_dir=pins).ready()
    second.await_seen(sent)
    assert second.stop() == 0
    assert len(second.lines("log")) == sent


def test_renamed(lab, launch, pins, spare):
    """The slot follows the device: a new name, the old counters, the same link."""
    first = launch("-e", "all", interfaces=(spare,), pin_dir=pins).ready()
    sent = refuse_on_spare(lab, 2)
    first.await_seen(sent)
    assert first.stop() == 0
    lab.ip("b", "link set spare name other")  # up as it is
    sent += refuse_on_spare(lab, 1)
    second = launch("-e", "all", "-l", "{log}", interfaces=("other",), pin_dir=pins).ready()
    assert "spare is called other now" in second.stderr()
    sent += refuse_on_spare(lab, 4)
    second.await_seen(sent)
    assert list(interfaces(second)) == ["other"] and second.identity()["holds"]
    assert second.stop() == 0
    assert {line["in_iface"] for line in second.lines("log")} == {"other"}
    third = launch(interfaces=("other",), pin_dir=pins).ready()
    assert "is called" not in third.stderr() and third.seen() == sent


def test_renamed_but_named_as_it_was(lab, launch, pins, spare):
    """The old program goes on: it was asked for by the name that it knows; listed by the new one."""
    first = launch("-e", "all", interfaces=(spare,), pin_dir=pins).ready()
    assert first.stop() == 0
    lab.ip("b", "link set spare name other")
    mode, program = attached(lab, "other")
    second = launch("-e", "all", interfaces=(spare, "out"), pin_dir=pins).ready()
    assert "cannot watch spare: no such interface" in second.stderr()
    assert "spare is called other now" in second.stderr()
    assert f"other stays as an earlier start attached it ({mode} mode, program {program})" \
        in second.stderr()
    second.await_seen(refuse_on_spare(lab, 2))
    listed = interfaces(second)
    assert set(listed) == {"other", "out"}
    assert (listed["other"]["mode"], listed["other"]["program_id"]) == (mode, program)
    assert listed["other"]["identity"]["seen"] == 2


def test_detach_leaves_what_is_not_ours(lab, launch, pins):
    """Theirs stays and is named, and so does the folder; ours goes."""
    pins.mkdir()
    for name in ("theirs", "ring-x", "link-"):
        lab.call("b", "bpftool", "map", "create", pins / name, "type", "array", "key", 4, "value",
                 4, "entries", 1, "name", "theirs")
    settled(lab, launch, pins)
    status, said = launch("--detach", pin_dir=pins).refused()
    assert status == 0
    assert all(name in said for name in (str(pins), "theirs", "ring-x", "link-"))
    assert pinned(pins) == {"theirs", "ring-x", "link-"}
    until(lambda: not attached(lab), "out is left alone")


@pytest.mark.parametrize("missing", sorted(MAPS - {"instance"}) + ["ring-0"])
def test_a_set_with_a_hole(lab, launch, pins, missing):
    """It is refused by name, as it is; --detach removes what there is."""
    settled(lab, launch, pins)
    (pins / missing).unlink()
    before = pinned(pins), attached(lab)
    status, said = launch(pin_dir=pins).refused()
    assert status == 78 and len(said.splitlines()) == 1
    assert f"{pins}/{missing} is missing" in said and "`unreachd --detach" in said
    assert (pinned(pins), attached(lab)) == before
    assert launch("--detach", pin_dir=pins).refused() == (0, "")
    assert not pins.exists()


def entries(lab, pin):
    """How many a map has room for; bytes, where it is a ring."""
    return json.loads(lab.call("b", "bpftool", "-j", "map", "show", "pinned", pin).stdout)["max_entries"]


@pytest.mark.parametrize("name,kind,sizes", (
    ("ring-0", "ringbuf", (0, 0, 4096)), ("ring-0", "ringbuf", (0, 0, None)),
    ("ring-0", "array", (4, 4, 4096)), ("acks", "array", (4, 8, 32)),
    ("counters", "array", (4, 8, 16))))
def test_a_set_with_a_stranger(lab, launch, pins, name, kind, sizes):
    """So is one with another map in the place of ours, of its size (None) or not."""
    settled(lab, launch, pins)
    room = sizes[2] or entries(lab, pins / name)
    (pins / name).unlink()
    lab.call("b", "bpftool", "map", "create", pins / name, "type", kind, "key", sizes[0], "value",
             sizes[1], "entries", room, "name", "stranger")
    status, said = launch(pin_dir=pins).refused()
    assert status == 78 and f"{pins}/{name} is" in said and "`unreachd --detach" in said


def test_a_set_of_another_size(lab, launch, pins):
    """So is one whose tables are not of the size that is asked for; what is told to do is enough."""
    settled(lab, launch, pins)
    status, said = launch("--table-size", 2048, pin_dir=pins).refused()
    assert status == 78 and len(said.splitlines()) == 1
    assert "65536" in said and "2048" in said and f"`unreachd --detach --pin-dir {pins}`" in said
    assert launch("--detach", pin_dir=pins).refused() == (0, "")
    launch("--table-size", 2048, pin_dir=pins).ready()
    assert entries(lab, pins / "sources") == 2048 // 16  # sets of so many


def test_leftovers(lab, launch, pins):
    """Without the instance the rest is worth nothing: cleared, said, and counted from 0."""
    settled(lab, launch, pins)
    (pins / "instance").unlink()
    daemon = launch("-e", "all", pin_dir=pins).ready()
    assert daemon.stderr().count("cut short") == 1
    daemon.await_seen(sources.refuse_ports(lab, 2))
    identity = daemon.identity()
    assert (identity["delivered"], identity["holds"]) == (2, True)


def test_start_cut_short(lab, launch, pins):
    """Wherever a start ends, what it leaves is whole or known to be nothing."""
    for files in range(8, 64):
        daemon = launch("-e", "all", pin_dir=pins, wrap=("prlimit", f"--nofile={files}"))
        until(lambda: daemon.process.poll() is not None or "ready;" in daemon.stderr(), "the end")
        if "instance" in pinned(pins):
            assert MAPS < pinned(pins) and "ring-0" in pinned(pins)
            break
        assert daemon.process.poll()
    assert files > 12
    daemon.stop()
    settled(lab, launch, pins)


def test_detach_cut_short(lab, launch, pins):
    """What it has left is no set any more."""
    settled(lab, launch, pins)
    lab.call(None, "mount", "--bind", pins / "counters", pins / "acks")  # can't be unlinked now
    try:
        status, said = launch("--detach", pin_dir=pins).refused()
    finally:
        lab.call(None, "umount", pins / "acks")
    assert status and "cannot remove" in said
    assert "acks" in pinned(pins) and "instance" not in pinned(pins)
    daemon = launch("-e", "all", pin_dir=pins).ready()
    daemon.await_seen(sources.refuse_ports(lab, 2))
    assert daemon.identity()["delivered"] == 2


def test_mode_that_the_driver_refuses(lab, launch, pins):
    """Where only generic mode goes, a start that asks for native leaves what there was."""
    first = launch("-e", "all", interfaces=("lo",), pin_dir=pins).ready()
    assert "lo: native mode was refused (Operation not supported)" in first.stderr()
    sent = refuse_on_loopback(lab, 2)
    until(lambda: first.seen() >= sent, "messages on lo")
    assert first.stop() == 0
    second = launch("-e", "all", "-m", "native", interfaces=("lo",), pin_dir=pins).ready()
    assert "lo cannot be watched in native mode: Operation not supported; it stays in generic " \
        "mode" in second.stderr()
    sent += refuse_on_loopback(lab, 2)
    second.await_seen(sent)
    assert attached(lab, "lo") == ("generic", interfaces(second)["lo"]["program_id"])
    assert interfaces(second)["lo"]["mode"] == "generic"


@pytest.mark.parametrize("modes", (("native", "generic"), ("generic", "native")))
def test_mode_changes(lab, launch, pins, modes):
    for mode in modes:
        settled(lab, launch, pins)
        daemon = launch("-m", mode, pin_dir=pins).ready()
        assert interfaces(daemon)["out"]["mode"] == mode
        assert daemon.stop() == 0
        assert attached(lab)[0] == mode and "link-0" in pinned(pins)


def make_link(lab, path, mode="native"):
    """Somebody else's link on `out`."""
    lab.call("b", PYTHON, HERE / "links.py", "out", mode, path)


def test_link_that_takes_no_program(lab, launch, pins):
    """What the kernel does not let us update stays, and is listed as it is."""
    settled(lab, launch, pins)
    (pins / "link-0").unlink()
    until(lambda: not attached(lab), "out is left alone")
    make_link(lab, pins / "link-0")
    before = attached(lab)
    daemon = launch(pin_dir=pins).ready()
    assert "cannot attach to out: Invalid argument" in daemon.stderr()
    assert "out stays as an earlier start attached it" in daemon.stderr()
    assert attached(lab) == before
    assert interfaces(daemon)["out"]["program_id"] == before[1]


def test_other_link(lab, launch):
    """The advice fits: `ip link … xdp off` takes no link away."""
    folder = lab.pin_dir()
    folder.mkdir()
    make_link(lab, folder / "theirs")
    program = attached(lab)[1]
    try:
        status, said = launch().refused()
        assert attached(lab)[1] == program
        with pytest.raises(LabError):
            lab.call("b", "ip", "link", "set", "dev", "out", "xdp", "off")
        word = said.split("bpftool link detach id ")[1].split("`")[0]
        lab.call("b", "bpftool", "link", "detach", "id", word)
    finally:
        (folder / "theirs").unlink()
    assert status == 69 and "xdp off" not in said
    assert f'another XDP program: "stranger", id {program}, native mode' in said
    until(lambda: not attached(lab), "out is left alone")


def test_other_unreachd(lab, launch, pins):
    """Nor is our own program in another folder to be taken off by `ip link`."""
    settled(lab, launch, pins)
    status, said = launch().refused()
    assert status == 69 and "xdp off" not in said
    assert "another unreachd watches out" in said and "--detach" in said


@pytest.mark.parametrize("roles", ((("out",), "in"), (("out", "in"), None)))
def test_inside_and_outside_change(lab, launch, pins, roles):
    """An interface that is the one for a start may be the other for the next."""
    other = (("out", "in"), None) if roles[1] else (("out",), "in")
    for names, inside in (roles, other):
        options = ("--inside", inside) if inside else ()
        daemon = launch(*options, interfaces=names, pin_dir=pins).ready()
        assert list(interfaces(daemon)) == list(names)
        assert "another XDP program" not in daemon.stderr()
        assert daemon.view("status").get("flows", {}).get("inside") == inside
        assert attached(lab, "in") and daemon.stop() == 0
    assert launch("--detach", pin_dir=pins).refused() == (0, "")
    until(lambda: not attached(lab, "in"), "in is left alone")
