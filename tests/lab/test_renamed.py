"""Devices that are called otherwise under a running daemon: it follows them, and so do its words."""
import pytest

import sources
from cable import Spare, said, state_of
from lab import until
from test_pins import attached

GROUP = 77  # of devices: what it is needed for is to find one whatever its name

@pytest.fixture(name="pins", params=("pinned", "not pinned"))
def pin_dir(lab, request):
    return lab.pin_dir() if request.param == "pinned" else "none"


@pytest.fixture(name="spare")
def cable_by_any_name(lab):
    """A cable whose end in b may be called otherwise: `spare` stays its name in s."""
    yield Spare(lab)
    lab.call("s", "ip", "link", "del", "spare", check=False)


@pytest.fixture(name="add")
def devices_by_any_name(lab):
    """add(name): another device in b, which may be called otherwise."""
    def add(name):
        lab.ip("b", f"link add {name} group {GROUP} type veth peer name peer", f"link set {name} up")
        return name

    yield add
    lab.call("b", "ip", "link", "del", "group", GROUP, check=False)


def rename(lab, name, new):
    """Down for that, as most kernels want it; its addresses stay."""
    lab.ip("b", f"link set {name} down", f"link set {name} name {new}", f"link set {new} up")


def names(daemon):
    """As all views have them."""
    shown = [one["name"] for one in daemon.view("status")["interfaces"]]
    assert [one["name"] for one in daemon.view("codes")["interfaces"]] == shown
    return shown


def test_renamed(lab, launch, pins, spare):
    """At once, everywhere, said once; what is asked for by the old name is not there any more."""
    spare.make()
    daemon = launch("-e", "all", "-l", "{log}", "-w", "{pcapng}", interfaces=("out", "spare"),
                    pin_dir=pins).ready()
    sent = spare.refuse(2)
    daemon.await_seen(sent)
    rename(lab, "spare", "other")
    until(lambda: names(daemon) == ["out", "other"], "the new name is shown")
    daemon.await_seen(sent + spare.refuse(3))
    assert said(daemon, "spare is called other now") == 1 and not said(daemon, "is gone")
    assert daemon.view("sources", "-i", "other")["rows"][0]["interface"] == "other"
    assert "spare" in daemon.ask("codes", "-i", "spare", check=False).stderr
    assert daemon.stop() == 0
    assert [line["in_iface"] for line in daemon.lines("log")] == ["spare"] * 2 + ["other"] * 3
    shown = lab.call(None, "tshark", "-r", daemon.directory / "pcapng", "-T", "fields", "-e",
                     "frame.interface_name").stdout
    assert shown.split() == ["spare"] * 2 + ["other"] * 3


def test_names_change_hands(lab, launch, pins, spare, add):
    """Two that swap their names keep their counters."""
    spare.make()
    extra = add("extra")
    daemon = launch("-e", "all", interfaces=("spare", extra), pin_dir=pins).ready()
    sent = spare.refuse(2)
    daemon.await_seen(sent)
    for name, new in ((extra, "third"), ("spare", extra), ("third", "spare")):
        rename(lab, name, new)
    until(lambda: names(daemon) == [extra, "spare"], "the names have changed hands")
    daemon.await_seen(sent + spare.refuse(1))
    counted = {one["name"]: one["seen"] for one in daemon.view("codes")["interfaces"]}
    assert counted == {extra: 3, "spare": 0}


def test_the_old_name_comes_back(lab, launch, spare, add):
    """Another device by the old name is nobody's until the next start, which goes by names."""
    pins = lab.pin_dir()
    spare.make()
    daemon = launch("-e", "all", interfaces=("spare", "out"), pin_dir=pins).ready()
    rename(lab, "spare", "other")
    until(lambda: names(daemon) == ["other", "out"], "the new name is shown")
    add("spare")
    lab.ip("b", "link del other")
    until(lambda: state_of(daemon, "other") == "waiting", "it is waited for by its new name")
    assert not attached(lab, "spare") and daemon.stop() == 0
    again = launch(interfaces=("spare", "out"), pin_dir=pins).ready()
    assert names(again) == ["spare", "out"] and attached(lab, "spare")


def test_renamed_to_one_that_is_waited_for(lab, launch, pins, spare, add):
    """Then both that were asked for are there, or waited for: the other one now."""
    spare.make()
    daemon = launch("--wait", "-e", "all", interfaces=("spare", "other"), pin_dir=pins).ready()
    rename(lab, "spare", "other")
    until(lambda: names(daemon) == ["other", "spare"], "the new name is shown")
    assert (state_of(daemon, "other"), state_of(daemon, "spare")) == ("attached", "waiting")
    daemon.await_seen(spare.refuse(2))
    add("spare")
    until(lambda: state_of(daemon, "spare") == "attached", "spare is watched")
    assert not said(daemon, "another XDP program")


def test_inside_renamed(lab, launch, pins, spare):
    """The flow watcher's too, and it is waited for by its new name."""
    spare.make()
    daemon = launch("--inside", "spare", pin_dir=pins).ready()
    program = attached(lab, "spare")
    rename(lab, "spare", "other")
    until(lambda: daemon.view("status")["flows"]["inside"] == "other", "the new name is shown")
    assert attached(lab, "other") == program and said(daemon, "spare is called other now") == 1
    lab.ip("b", "link del other")
    until(lambda: said(daemon, "other is gone") == 1, "the inside interface is missed")


def test_another_name_besides(lab, launch, pins, spare, add):
    """One that was named by an altname (ip-link(8)) is called by it, whatever happens to it."""
    spare.make()
    lab.ip("b", "link property add dev spare altname second")
    extra = add("extra")
    daemon = launch("-e", "all", interfaces=("second", extra), pin_dir=pins).ready()
    rename(lab, "spare", "other")
    rename(lab, extra, "third")
    until(lambda: names(daemon)[1] == "third", "the other one's new name is shown")
    assert names(daemon) == ["second", "third"]
    daemon.await_seen(spare.refuse(2))
