"""The programs under test as users start them: unreachd in a namespace, unreach asking it.

Readiness is the daemon's own word on stderr, never a pause.
"""
import json
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from lab import until

ROOT = Path(__file__).resolve().parent.parent.parent
UNREACHD = ROOT / "build/unreachd"
UNREACH = ROOT / "build/unreach"
LOGGED = ("-e", "all", "-l", "{log}")
EVENT, ALERT = "icmp_unreach", "unreach_alert"  # what a line of the log is about


class Daemon:
    """unreachd on `out` of the border; an option {name} is a file in self.directory.

    `wrap`: a command that is to run the daemon.
    """

    def __init__(self, lab, *options, interfaces=("out",), pin_dir="none", socket=None,
                 stdout=None, node="b", wrap=()):
        self.lab = lab
        self.directory = Path(tempfile.mkdtemp(dir=lab.directory))
        self.socket = Path(socket or self.directory / "sock")
        self.said = self.directory / "stderr"
        words = [*wrap, UNREACHD, "--socket", self.socket, "--pin-dir", pin_dir]
        for interface in interfaces:
            words += ["-i", interface]
        with open(self.said, "w", encoding="utf-8") as stderr:
            self.process = lab.start(node, *words, *self.place(options), stderr=stderr,
                                     stdout=stdout or subprocess.DEVNULL)

    def place(self, options):
        """Options with the names of our files filled in."""
        return [self.directory / word[1:-1] if str(word).startswith("{") else word
                for word in options]

    def stderr(self):
        return self.said.read_text(encoding="utf-8")

    def ready(self):
        """Waits until it says so; returns itself."""
        until(lambda: self.process.poll() is not None or "ready;" in self.stderr(), "ready")
        if self.process.poll() is not None:
            raise AssertionError(f"exit status {self.process.poll()}: {self.stderr()}")
        return self

    def refused(self):
        """Waits until it has given up; (exit status, stderr)."""
        until(lambda: self.process.poll() is not None, f"refused: {self.stderr()}")
        return self.lab.stop(self.process), self.stderr()

    def stop(self):
        """A clean stop; the exit status."""
        return self.lab.stop(self.process)

    def ask(self, *words, check=True):
        """`unreach` with these words; its stdout."""
        done = subprocess.run([UNREACH, *words, "--socket", self.socket], capture_output=True,
                              text=True, timeout=20, check=False)
        if check:
            assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout if check else done

    def view(self, name, *words):
        """A view as JSON."""
        return json.loads(self.ask(name, "--json", *words))

    def seen(self):
        """Messages counted on all interfaces."""
        return sum(one["seen"] for one in self.view("codes")["interfaces"])

    def await_seen(self, count):
        """Waits until so many messages are counted and each is accounted for."""
        until(lambda: self.seen() >= count, f"{count} messages seen")
        until(lambda: self.identity()["pending"] == 0, "nothing pending")
        if self.seen() != count:
            raise AssertionError(f"{self.seen()} messages seen, expected {count}")

    def identity(self):
        return self.view("status")["identity"]

    def lines(self, name):
        """The events of a log of ours."""
        return read_log(self.directory / name)

    def events(self):
        """The events of {log} while it grows."""
        return read_log(self.directory / "log", growing=True)

    def alerts(self):
        """The alert lines of {log} while it grows."""
        return read_log(self.directory / "log", ALERT, growing=True)


@contextmanager
def launcher(network):
    """Daemon(network, …) that does not outlive the context, nor does what it has pinned."""
    started, pinned = [], set()

    def start(*options, **keywords):
        pinned.add(keywords.get("pin_dir", "none"))
        started.append(Daemon(network, *options, **keywords))
        return started[-1]

    try:
        yield start
    finally:
        for daemon in started:
            if daemon.process.poll() is None:
                daemon.stop()
        for path in pinned - {"none"}:
            Daemon(network, "--detach", pin_dir=path).refused()


@contextmanager
def watching(network):
    """A daemon with all events in {log}, for the time of the context."""
    with launcher(network) as start:
        yield start(*LOGGED).ready()


def read_log(path, kind=EVENT, growing=False):
    """The lines of a kind; of one that grows the last may be in the making."""
    with open(path, encoding="utf-8") as log:
        text = log.read()
    if growing:
        text = text[:text.rfind("\n") + 1]
    lines = [json.loads(line) for line in text.splitlines()]
    return [line for line in lines if line["event_type"] == kind]


def by_code(interface):
    """{code: messages} of one interface of the view codes, and of all that are unassigned."""
    counted = {row["code"]: row["messages"] for row in interface["codes"] if row["messages"]}
    if interface["unassigned"]:
        counted["unassigned"] = interface["unassigned"]
    return counted
