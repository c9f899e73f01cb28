"""What the daemon may do, at its start and later, and what the programs may that it runs."""
import re
import shutil
from pathlib import Path

import pytest

import sources
from daemon import ROOT
from lab import until
from test_alert_life import forge
from cable import said, state_of

UNIT = ROOT / "contrib/systemd/unreachd.service"
# What the service is given: three capabilities, and one to walk a bpffs that is root's.
WANTED = re.search("^AmbientCapabilities=(.*)$", UNIT.read_text(encoding="ascii"),
                   re.M).group(1).lower().replace("cap_", "").split()
CAPS = ",".join(f"+{name}" for name in WANTED)
SERVICE = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", f"--inh-caps={CAPS}",
           f"--ambient-caps={CAPS}", f"--bounding-set=-all,{CAPS}")
BITS = {"net_admin": 12, "sys_admin": 21, "perfmon": 38, "bpf": 39}


def capabilities(text):
    """{set: bits} of a /proc/PID/status."""
    return {line.split(":")[0]: int(line.split()[1], 16)
            for line in text.splitlines() if line.startswith("Cap")}


def of_process(process):
    return capabilities(Path(f"/proc/{process.pid}/status").read_text(encoding="ascii"))


def bits(*names):
    return sum(1 << BITS[name] for name in names)


@pytest.fixture(name="service")
def service_launcher(lab, launch):
    """launch() as a user like any other but for WANTED, with what systemd would make for him.

    `service.pins` is his folder of pins, `service.folder` one to write in.
    """
    folder, pins = lab.directory / "service", lab.pin_dir()
    lab.directory.chmod(0o755)
    for path in (folder, pins):
        path.mkdir()
        path.chmod(0o700)
        shutil.chown(path, "nobody", "nogroup")

    def start(*options, wrap=SERVICE, **keywords):
        return launch(*options, wrap=wrap, pin_dir=pins, socket=folder / "sock", **keywords)

    start.pins, start.folder = pins, folder
    yield start
    shutil.rmtree(folder)


def test_given_up(lab, launch):
    """Root keeps nothing once it watches (older kernels: CAP_BPF and CAP_NET_ADMIN)."""
    daemon = launch("-e", "all", "-l", "{log}").ready()
    have = of_process(daemon.process)
    assert have["CapEff"] == have["CapPrm"] and have["CapEff"] in (0, bits("bpf", "net_admin"))
    assert have["CapInh"] == have["CapAmb"] == have["CapBnd"] == 0
    daemon.await_seen(sources.refuse_ports(lab, 3))
    assert daemon.identity()["holds"] and daemon.stop() == 0
    assert len(daemon.lines("log")) == 3


def test_kept_while_it_waits(launch, spare):
    """To load a program for an interface that is not there yet takes what it took at the start."""
    daemon = launch("--wait", interfaces=("spare",)).ready()
    assert of_process(daemon.process)["CapEff"] == bits("bpf", "net_admin", "perfmon")
    spare.make()
    until(lambda: state_of(daemon, "spare") == "attached", "spare is watched")
    assert of_process(daemon.process)["CapEff"] in (0, bits("bpf", "net_admin"))
    daemon.await_seen(spare.refuse(2))


@pytest.mark.parametrize("who", ("root", "service"))
def test_programs_get_nothing(lab, launch, service, who):
    """Not even root's: what --alert-exec runs has no capability, and can get none."""
    told, program = service.folder / "told", service.folder / "program"
    program.write_text(f"#!/bin/sh\ncat /proc/self/status >{told}.new && mv {told}.new {told}\n",
                       encoding="utf-8")
    program.chmod(0o755)
    if who == "root":  # without a capability even root may not write where somebody else is at home
        shutil.chown(service.folder, "root")
    daemon = (launch if who == "root" else service)("--alert-exec", program).ready()
    forge(lab)
    until(told.exists, f"the program has run: {daemon.stderr()}")
    text = told.read_text(encoding="ascii")
    have = capabilities(text)
    bound = have.pop("CapBnd")  # a service may not empty it: then nothing may be gained at all
    assert set(have.values()) == {0} and len(have) == 4
    assert bound == 0 if who == "root" else re.search(r"^NoNewPrivs:\s1$", text, re.M)


def test_as_a_service(service, spare):
    """A user with what the unit gives him: starts, is adopted, takes an interface up again."""
    spare.make()
    first = service("-e", "all", interfaces=("spare",)).ready()
    assert of_process(first.process)["CapEff"] in (0, bits("bpf", "net_admin"))
    sent = spare.refuse(2)
    first.await_seen(sent)
    spare.cut()
    until(lambda: state_of(first, "spare") == "waiting", "spare is missed")
    spare.make()
    until(lambda: state_of(first, "spare") == "attached", "spare is watched again")
    assert said(first, "spare", "is watched now") == 1
    sent += spare.refuse(3)
    first.await_seen(sent)
    assert first.stop() == 0
    sent += spare.refuse(1)  # alone
    second = service("-e", "all", interfaces=("spare",)).ready()
    second.await_seen(sent)
    assert second.identity()["holds"] and second.stop() == 0


def test_root_and_service(launch, service, spare):
    """Root may go on where the service was; the other way the pins have to be given to it."""
    spare.make()
    first = service("-e", "all", interfaces=("spare",)).ready()
    sent = spare.refuse(1)
    first.await_seen(sent)
    assert first.stop() == 0
    second = launch("-e", "all", interfaces=("spare",), pin_dir=service.pins).ready()
    spare.cut()
    until(lambda: said(second, "is gone") == 1, "spare is missed")
    spare.make()
    until(lambda: said(second, "is watched now") == 1, "spare is watched again")
    sent += spare.refuse(2)
    second.await_seen(sent)
    assert second.stop() == 0
    shutil.chown(service.pins, "nobody")  # the folder alone: ExecStartPre=+install
    status, text = service(interfaces=("spare",)).refused()
    assert status == 77 and "another user's" in text and "chown -R" in text
    for path in service.pins.iterdir():  # ExecStartPre=+chown
        shutil.chown(path, "nobody")
    third = service("-e", "all", interfaces=("spare",)).ready()
    third.await_seen(sent + spare.refuse(1))


@pytest.mark.parametrize("mode", ("native", "generic"))
def test_strangers_name(service, stranger, mode):
    """A service may not know it; it tells the id, and how root finds out."""
    stranger(mode)
    status, text = service().refused()
    assert status == 69
    assert re.search(f"out has another XDP program: id [1-9][0-9]*, {mode} mode; "
                     "only CAP_SYS_ADMIN may know more: as root, `bpftool prog show`", text)


@pytest.mark.parametrize("missing", ("bpf", "net_admin", "perfmon"))
def test_without_one_of_them(service, missing):
    """Each of the three is needed: it is refused, and the line says what it takes."""
    left = ",".join(f"+{name}" for name in WANTED if name != missing)
    status, text = service(wrap=(*SERVICE[:4], f"--inh-caps={left}",
                                 f"--ambient-caps={left}")).refused()
    assert status == 77, text
    assert f"CAP_{missing.upper()}" in text
