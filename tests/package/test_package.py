"""The Debian package of what is committed: lint, what is in it, and its life on a system: installed, upgraded,
removed, purged. The system is this very machine's, of which nothing is changed; test_clean.py takes a new one."""
import contextlib
import os
import re
import subprocess
import time

import pytest

from built import ROOT, deb
from system import Refused, System

# What a purge takes away: a daemon that was never installed may have left some on this machine.
OWN = ["run/unreach", "var/lib/unreach", "var/log/unreach"]
LOG = "/var/log/unreach/events.json"


def test_lintian(package):
    changes = list(package.glob("*.changes"))
    done = subprocess.run(["lintian", "--info", "--display-info", "--pedantic", "--fail-on",
                           "error,warning,info,pedantic", *changes], capture_output=True, text=True,
                          timeout=300, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_build_dependencies():
    """debian/control and scripts/deps name the same packages, but for what every build has."""
    source = (ROOT / "debian/control").read_text(encoding="ascii").split("\n\n", maxsplit=1)[0]
    depends = re.findall(r"^ ([\w.+-]+)(.*),$", source, re.M)
    needed = {name for name, when in depends if "nocheck" not in when}
    shell = (ROOT / "scripts/deps").read_text(encoding="ascii")
    listed = set(re.search('^build="(.*)"$', shell, re.M).group(1).split())
    assert needed - {"debhelper-compat", "dh-sequence-installsysusers"} == listed - {
        "gcc", "make", "libc6-dev", "linux-libc-dev"}


def test_hardening(package, tmp_path):
    """The flags of the distribution came through to the programs."""
    subprocess.run(["dpkg-deb", "-x", deb(package), tmp_path], timeout=60, check=True)
    for program in ("usr/bin/unreach", "usr/sbin/unreachd"):
        text = subprocess.run(["readelf", "-hdlsW", tmp_path / program], capture_output=True, text=True,
                              timeout=60, check=True).stdout
        assert "Type:                              DYN" in text
        for sign in ("BIND_NOW", "GNU_RELRO", "__stack_chk_fail", "_chk@"):
            assert sign in text, f"{program}: {sign}"


@pytest.fixture(name="system", scope="module")
def started(tmp_path_factory, below):
    if os.geteuid():
        pytest.skip("a chroot takes root")
    if os.path.exists(os.path.join(below, "var/lib/dpkg/info/unreach.list")):
        pytest.skip("the package is installed on this machine: there is no telling what it brings")
    with open(os.path.join(below, "etc/group"), encoding="utf-8") as groups:
        if any(line.startswith("unreach:") for line in groups):
            pytest.skip("this machine has a group unreach already: there is no telling whose it is")
    try:
        system = System(below, tmp_path_factory.mktemp("system"))
    except Refused as refused:
        pytest.skip(f"no system of its own for the package: {refused}")
    try:
        system.write("usr/sbin/policy-rc.d", b"#!/bin/sh\nexit 101\n", 0o755)
        yield system
    finally:
        system.close()


def changed(system):
    ours = ("usr/sbin/policy-rc.d", "tmp/unreach.deb")
    return [path for path in system.changed() if path not in ours and
            not (path in OWN and not system.exists(path))]


def await_line(process, text):
    line = "nothing"
    while line:
        line = process.stderr.readline()
        if text in line:
            return
    raise AssertionError(f"it ended without saying {text}")


def messages(system):
    """How many messages were counted, as the client on that system says."""
    text = system.run("unreach", "codes", "--json")
    return int(text.split('"messages":')[1].split(",")[0])


@contextlib.contextmanager
def watching(system):
    """The daemon, as the package has it; stopped again, whatever comes."""
    process = subprocess.Popen(system.command("unreachd", "-i", "out0", "--log", LOG), text=True,
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        await_line(process, "ready")
        yield
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0


def refuse(system, times):
    """Sends port unreachables into the watched interface, as frames."""
    program = ("import socket\n"
               "icmp=bytes([3,3,0xfc,0xfc])+bytes(4)\n"
               "ip=bytes([69,0,0,28])+bytes(4)+bytes([64,1,0,0,192,0,2,1,198,51,100,1])\n"
               "s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW)\n"
               "s.bind(('in0',0))\n"
               f"[s.send(bytes([255]*6+[2]+[0]*5+[8,0])+ip+icmp+bytes(32)) for _ in range({times})]\n")
    system.run_beside("/usr/bin/python3", "-c", program)


def await_messages(system, count):
    deadline = time.monotonic() + 10
    while messages(system) != count:
        assert time.monotonic() < deadline, f"{messages(system)} messages, not {count}"
        time.sleep(0.05)


def version(system):
    return system.run("dpkg-query", "--show", "--showformat=${Version}", "unreach")


def test_life(system, package):
    """Installed; upgraded while it counts; removed, which ends the counting; purged, and nothing is left."""
    system.write("tmp/unreach.deb", deb(package).read_bytes())
    assert changed(system) == []
    system.run("dpkg", "--install", "/tmp/unreach.deb")
    assert system.run("unreachd", "--version") == system.run("unreach", "--version").replace("h ", "hd ", 1)
    assert "unreach" in system.run("getent", "passwd", "unreach")
    assert system.run("getent", "group", "unreach")
    assert system.run("unreach", "--version") == f"unreach {version(system)}\n"
    system.run("unreachd", "--check-config", "-c", "/etc/unreach/unreachd.conf")
    packaged = set(system.run("dpkg", "--listfiles", "unreach").split())
    assert {"/usr/bin/unreach", "/usr/sbin/unreachd", "/lib/systemd/system/unreachd.service", "/etc/unreach/unreachd.conf"} <= packaged
    assert all(system.exists(path) for path in packaged)

    system.run("mkdir", "-p", os.path.dirname(LOG))
    with watching(system):
        refuse(system, 7)
        await_messages(system, 7)
    refuse(system, 2)  # counted while nobody runs
    system.run("dpkg", "--install", "/tmp/unreach.deb")
    assert system.exists("sys/fs/bpf/unreach"), "an upgrade leaves counting on"
    with watching(system):
        await_messages(system, 9)

    system.run("dpkg", "--remove", "unreach")
    assert not system.exists("sys/fs/bpf/unreach"), "a removal ends it"
    assert "xdp" not in system.run_beside("ip", "link", "show", "out0")
    assert system.exists(LOG), "until it is purged"
    system.run("dpkg", "--purge", "unreach")
    assert not [path for path in OWN if system.exists(path)]
    assert changed(system) == []


@contextlib.contextmanager
def process_of(system, user):
    """One of that user, which a stop of the service does not reach."""
    process = subprocess.Popen(system.command("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups",
                                              "sh", "-c", "echo here; read -r end"),
                               text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == "here\n"
        yield
    finally:
        process.communicate(timeout=20)


def test_user_in_use(system, package):
    """A purge while a process of the user runs goes through: the user stays, and it says so."""
    system.write("tmp/unreach.deb", deb(package).read_bytes())
    system.run("dpkg", "--install", "/tmp/unreach.deb")
    with process_of(system, "unreach"):
        said = system.run("dpkg", "--purge", "unreach")
    assert re.search("^unreach: the user unreach stays.* userdel unreach$", said, re.M), said
    assert system.run("getent", "passwd", "unreach") and system.run("getent", "group", "unreach")
    assert not [path for path in OWN if system.exists(path)]
    system.run("dpkg", "--install", "/tmp/unreach.deb")
    assert "stays" not in system.run("dpkg", "--purge", "unreach"), "the next purge takes it away"
    assert changed(system) == []


def test_a_leftover_is_found(system):
    """The comparison sees what is new, what is other than before and what is gone."""
    system.write("etc/unreach-leftover", b"")
    system.write("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
    system.run("rm", "/etc/debian_version")
    assert changed(system) == ["etc/debian_version", "etc/passwd", "etc/unreach-leftover"]


def test_exposure(package, tmp_path):
    """systemd's judgement of the unit in the package, printed."""
    subprocess.run(["dpkg-deb", "-x", deb(package), tmp_path], timeout=60, check=True)
    unit = next(path for path in tmp_path.rglob("unreachd.service"))
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=21", unit],
                          capture_output=True, text=True, timeout=60, check=False)
    print(next(line for line in done.stdout.splitlines() if "Overall" in line))
    assert done.returncode == 0, done.stdout
