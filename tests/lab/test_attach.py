"""Which interfaces are watched, and what the daemon says where it cannot."""
import subprocess

import pytest

import sources
from daemon import by_code

OTHER = b"""
__attribute__((section("xdp"), used)) int other_program(void *frame)
{
	return 2; /* XDP_PASS */
}
char terms[] __attribute__((section("license"), used)) = "GPL";
"""
NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--inh-caps=-all")


@pytest.fixture(scope="module", name="other")
def other_program(lab):
    """Where somebody else's XDP program is pinned."""
    built, folder = lab.directory / "other.bpf.o", lab.pin_dir()
    subprocess.run(["clang", "-target", "bpf", "-g", "-O2", "-x", "c", "-", "-c", "-o", built],
                   input=OTHER, check=True, timeout=60, capture_output=True)
    folder.mkdir()
    lab.call("b", "bpftool", "prog", "load", built, folder / "other")
    return folder / "other"


def one_line(text):
    lines = text.splitlines()
    assert len(lines) == 1, text
    return lines[0]


def test_several_interfaces(lab, launch):
    """A missing one does not stop the others, and each counts for itself."""
    daemon = launch(interfaces=("out", "nosuch0", "in")).ready()
    assert daemon.stderr().count("cannot watch nosuch0") == 1
    outside, inside = sources.refuse_ports(lab, 5), sources.refuse_ports_inside(lab, 3)
    daemon.await_seen(outside + inside)
    counted = {one["name"]: by_code(one) for one in daemon.view("codes")["interfaces"]}
    # What comes in on `in` is c's word, and goes out by `out`.
    assert counted == {"out": {3: outside}, "in": {3: inside}}
    only = daemon.view("codes", "-i", "in")["interfaces"]
    assert [one["name"] for one in only] == ["in"]
    identity = {one["name"]: one["identity"] for one in daemon.view("status")["interfaces"]}
    assert identity["in"]["seen"] == inside and identity["in"]["holds"]


def test_default_interface(lab, launch):
    """Without -i it is the default route's."""
    daemon = launch(interfaces=()).ready()
    assert [one["name"] for one in daemon.view("codes")["interfaces"]] == ["out"]


def test_missing_interface(launch):
    status, said = launch(interfaces=("nosuch0",)).refused()
    assert status == 69
    assert "nosuch0" in one_line(said)


@pytest.mark.parametrize("theirs,ours", (("xdpdrv", "auto"), ("xdpdrv", "native"),
                                         ("xdpgeneric", "auto"), ("xdpgeneric", "generic"),
                                         ("xdpgeneric", "native"), ("xdpdrv", "generic")))
def test_other_program(lab, launch, other, theirs, ours):
    """It is named, and left alone."""
    lab.call("b", "bpftool", "net", "attach", theirs, "pinned", other, "dev", "out")
    try:
        status, said = launch("-m", ours).refused()
        assert "other_program" in lab.call("b", "ip", "-d", "link", "show", "out").stdout
    finally:
        lab.call("b", "bpftool", "net", "detach", theirs, "dev", "out")
    assert status == 69
    line = one_line(said)
    assert 'out has another XDP program: "other_program"' in line
    assert {"xdpdrv": "native", "xdpgeneric": "generic"}[theirs] in line


@pytest.fixture(name="many")
def more_interfaces_than_slots(lab):
    names = [f"many{number}" for number in range(17)]
    lab.ip("b", *(f"link add {name} up type veth peer name {name}x" for name in names))
    yield names
    lab.ip("b", *(f"link del {name}" for name in names))


@pytest.mark.parametrize("pinned", (True, False))
def test_more_than_slots(lab, launch, many, pinned):
    """The last one is left out; where something pinned is in its way, how to be rid of it is said."""
    pins = lab.pin_dir() if pinned else "none"
    daemon = launch("-m", "generic", interfaces=many, pin_dir=pins).ready()
    line, = [said for said in daemon.stderr().splitlines() if "cannot watch" in said]
    assert "cannot watch many16: all 16 slots are taken" in line
    assert ("--detach" in line) == (f"`unreachd --detach --pin-dir {pins}`" in line) == pinned
    assert len(daemon.view("status")["interfaces"]) == 16


@pytest.mark.parametrize("mode", ("native", "generic"))
def test_modes(lab, launch, mode):
    daemon = launch("-m", mode, "-e", "all", "-l", "{log}").ready()
    assert ("generic mode: slower" in daemon.stderr()) == (mode == "generic")
    sent = sum(sources.provoke_all(lab, sources.SOURCES[:6]).values())
    daemon.await_seen(sent)
    interface, = daemon.view("codes")["interfaces"]
    assert interface["mode"] == mode
    assert daemon.stop() == 0
    assert len(daemon.lines("log")) == sent


def test_no_permission(lab, launch):
    daemon = launch(wrap=NOBODY)
    status, said = daemon.refused()
    assert status == 77
    assert "root" in one_line(said)


def test_no_permission_to_detach(lab, launch):
    """bpffs is root's; what is to be done is said."""
    status, said = launch("--detach", pin_dir=lab.pin_dir(), wrap=NOBODY).refused()
    assert status == 77 and "run it as root" in one_line(said)


def test_usage(launch):
    status, said = launch("--snaplen", "many").refused()
    assert (status, "--snaplen" in one_line(said)) == (64, True)
