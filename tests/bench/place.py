"""Where live load runs: one cable in a network namespace of its own, a flood on one end, and on the
other whatever is measured. All of it goes away with down(), however the program ends (see lab.py).
"""
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build"
sys.path.insert(0, str(HERE.parent / "lab"))

from daemon import UNREACH, Daemon  # noqa: E402
from lab import STOP_SIGNALS, Lab, interrupt, until  # noqa: E402

FLOOD = BUILD / "tests/tools/flood"
NODE, WATCHED, SENDING = "x", "va", "vb"
QUEUES = "numrxqueues 2 numtxqueues 2"
LINE = 512  # bytes that an event takes in a file, at the most
CHUNK = 1 << 20
ROTATED = 1 << 30  # bytes of a file after which it begins anew


class Place(Lab):
    """`with Place() as place`; files stand on a tmpfs, so that no disk is measured."""

    def up(self):
        self.handlers = {number: signal.signal(number, interrupt) for number in STOP_SIGNALS}
        self.undo.append(lambda: shutil.rmtree(self.directory, ignore_errors=True))
        self.directory.mkdir()
        self.add_namespace(NODE)
        self.ip(NODE, f"link add {WATCHED} {QUEUES} type veth peer name {SENDING} {QUEUES}",
                f"link set {WATCHED} up", f"link set {SENDING} up")
        # Else a veth takes no frames of the flood while there is no XDP program on it.
        self.call(NODE, "ethtool", "-K", WATCHED, "gro", "on")

    def disk(self, events):
        """A tmpfs with room for so many events, three times over.

        Its memory is written to once: the first time takes much longer on virtual machines.
        """
        path, size = self.small_disk(3 * events * LINE + 64 * CHUNK), events * LINE
        with open(path / "first", "wb") as first:
            for _ in range(size // CHUNK):
                first.write(bytes(CHUNK))
        (path / "first").unlink()
        return path

    def flood(self, count, *words, cpu=0):
        """Starts a flood of so many messages; told() waits for it."""
        return self.start(NODE, "taskset", "-c", cpu, FLOOD, SENDING, "--count", int(count), *words,
                          stdout=subprocess.PIPE, text=True)

    def told(self, flood):
        """What the flood says it has done."""
        out, _ = flood.communicate(timeout=300)
        self.processes.remove(flood)
        if flood.returncode:
            raise RuntimeError(f"the flood ended with status {flood.returncode}")
        return json.loads(out)

    def watch(self, *options, **keywords):
        """unreachd on the cable, ready."""
        return Daemon(self, *options, interfaces=(WATCHED,), node=NODE, **keywords).ready()


def busy(pid):
    """CPU seconds that the threads of a process have had."""
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text(encoding="ascii").split()[0]) for file in files) / 1e9


def rotate(log, daemon, most=ROTATED):
    """Begins a log or capture anew that has `most` bytes, as logrotate does.

    So what a flood leaves stays in memory that was written to before: what a virtual machine has not had
    for a while is given to it again at a fraction of the speed.
    """
    if not log.exists() or log.stat().st_size < most:
        return
    old = log.with_name(f"{log.name}.1")
    log.rename(old)
    daemon.process.send_signal(signal.SIGHUP)
    until(log.exists, "a new log")
    old.unlink()


def at_rest(daemon):
    """The identity once nothing stands in the rings any more."""
    return until(lambda: (i := daemon.identity())["at_rest"] and not i["pending"] and i, "rest", 60)


def seconds(function):
    """(what it returns, wall-clock seconds)."""
    start = time.monotonic()
    return function(), time.monotonic() - start
