"""scripts/run and scripts/lab as users start them, and as users break them off."""
import os
import re
import secrets
import signal
import subprocess
import time
from pathlib import Path

import pytest

import sources
from daemon import ROOT
from lab import until

RUN = ROOT / "scripts/run"
LAB = ROOT / "scripts/lab"
# How it may end: by the trap, before there is one, or because it was over.
STOPPED = {signal.SIGINT: (130, -signal.SIGINT, 0), signal.SIGTERM: (143, -signal.SIGTERM, 0)}


class Script:
    """A script in a session of its own, its output in a file, its processes marked."""

    def __init__(self, lab, *words, node=None):
        self.lab, self.mark = lab, secrets.token_hex(8)
        self.pids = set()  # of all that it was seen to run: a lab's names begin with its pid
        self.temporary = lab.directory / self.mark
        self.temporary.mkdir()
        self.output = self.temporary.with_suffix(".out")
        with open(self.output, "wb") as out:
            self.process = lab.start(node, *words, stdout=out, stderr=subprocess.STDOUT, cwd="/",
                                     env={**os.environ, "UNREACH_MARK": self.mark,
                                          "TMPDIR": str(self.temporary)})

    def said(self):
        return self.output.read_text(encoding="utf-8", errors="replace")

    def end(self):
        """Waits for it to end by itself; the exit status."""
        def over():
            self.processes()
            return self.process.poll() is not None

        until(over, "the script ends", 60)
        return self.lab.stop(self.process)

    def processes(self):
        """Pids of what it has started and left running."""
        found = []
        for environ in Path("/proc").glob("[0-9]*/environ"):
            try:
                if self.mark.encode() in environ.read_bytes():
                    found.append(int(environ.parent.name))
            except OSError:
                pass  # gone meanwhile, or not ours to see
        self.pids.update(found)
        return found

    def made(self):
        """Namespaces and pins of its lab that are there."""
        names = tuple(f"unr{pid:x}-" for pid in self.pids)
        return [str(path) for folder in ("/run/netns", "/sys/fs/bpf")
                for path in Path(folder).iterdir() if path.name.startswith(names)]

    def left(self):
        """All that is still there of it."""
        running = self.processes()
        return self.made() + [str(path) for path in self.temporary.iterdir()] + running

    def interrupt(self, number):
        """As a terminal does it (the whole group), or as kill(1) does it."""
        self.processes()
        try:
            if number == signal.SIGINT:
                os.killpg(self.process.pid, number)
            else:
                os.kill(self.process.pid, number)
        except ProcessLookupError:
            pass


def test_lab_ends_by_itself(lab):
    start = time.monotonic()
    script = Script(lab, RUN, "--lab")
    assert script.end() == 0, script.said()
    assert time.monotonic() - start < 60
    assert script.left() == []
    said = script.said()
    for name in ("network-unreachable", "fragmentation-needed mtu 1400", "unassigned code 16",
                 "at_rest true  holds true", "every message is accounted for",
                 "every code was counted", "pmtud-ignored", "the alert came"):
        assert name in said, name
    assert len(re.findall(r"^\d{4}-.* out .*, orig ", said, re.M)) > 60


def test_lab_codes(lab):
    script = Script(lab, LAB, "codes")
    assert script.end() == 0, script.said()
    assert "$ unreach codes" in script.said()
    rows = re.findall(r"^ *(\d+|unassigned) +(\d+) +(\d+)  ", script.said(), re.M)
    assert len(rows) == 17
    assert all(sent == counted for code, sent, counted in rows if code != "4")
    assert script.left() == []


def test_lab_shell(lab):
    script = Script(lab, LAB, "shell")
    until(lambda: "Now up" in script.said(), "the shell's help")
    names = re.findall(r"nsenter --net=(\S+)", script.said())
    assert len(names) == 5 and all(Path(name).exists() for name in names)
    script.interrupt(signal.SIGINT)
    assert script.end() == 0
    assert script.left() == []


@pytest.mark.parametrize("number", STOPPED)
@pytest.mark.parametrize("moment", ("namespace", "out ", "$ unreach codes"))
def test_lab_interrupted(lab, number, moment):
    """While the network is made, while events come, while the tables are printed."""
    script = Script(lab, RUN, "--lab")
    if moment == "namespace":
        until(lambda: script.processes() and script.made(), moment)
    else:
        until(lambda: moment in script.said(), moment)
    script.interrupt(number)
    assert script.end() in STOPPED[number]
    assert script.left() == []
    assert "Traceback" not in script.said()


@pytest.mark.parametrize("number", STOPPED)
@pytest.mark.parametrize("delay", (0.02, 0.15, 0.3, 0.45, 0.7, 1.2))
def test_lab_interrupted_at_any_time(lab, number, delay):
    """The pause is the moment, not a wait; twice, as the impatient do it."""
    script = Script(lab, RUN, "--lab")
    time.sleep(delay)
    script.interrupt(number)
    script.interrupt(number)
    assert script.end() in STOPPED[number]
    until(lambda: script.left() == [], "nothing is left")  # compilers take a moment to die


@pytest.mark.parametrize("number", STOPPED)
@pytest.mark.parametrize("named", (("out",), ()))
def test_watch(lab, number, named):
    """An interface, or that of the default route: a line an event, then the summary."""
    script = Script(lab, RUN, *named, node="b")
    until(lambda: "ready;" in script.said(), f"ready: {script.said()}")
    sent = sources.refuse_ports(lab, 3)
    until(lambda: script.said().count(" port-unreachable, orig ") == sent, "a line an event")
    script.interrupt(number)
    assert script.end() == 0
    assert f"seen {sent}" in script.said()
    assert re.search(rf"^ *3  port-unreachable +{sent} ", script.said(), re.M)
    assert "prog/xdp" not in lab.call("b", "ip", "link", "show", "out").stdout
    assert script.left() == []


def test_watch_killed(lab):
    """Even kill -9 leaves nothing attached: the daemon goes with the script."""
    script = Script(lab, RUN, "out", node="b")
    until(lambda: "ready;" in script.said(), "ready")
    lab.stop(script.process, signal.SIGKILL)
    until(lambda: script.processes() == [], "no process is left")
    assert "prog/xdp" not in lab.call("b", "ip", "link", "show", "out").stdout


def test_watch_what_is_not_there(lab):
    script = Script(lab, RUN, "nosuch0", node="b")
    assert script.end() == 69
    assert "nosuch0" in script.said() and script.left() == []


@pytest.mark.parametrize("words", ((RUN, "--what"), (RUN, "nosuch0", "nosuch1"), (LAB,),
                                   (LAB, "what"), (LAB, "codes", "shell")))
def test_usage(lab, words):
    script = Script(lab, *words)
    assert script.end() == 2
    assert script.said().startswith("usage: sudo scripts/")
