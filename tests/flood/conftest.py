"""A veth pair in a namespace of its own, the daemon on one end, the flood out of the other."""
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD", ROOT / "build"))


def wait_for(condition, what, seconds=10.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    raise AssertionError(f"no {what} within {seconds} s")


class Daemon:
    """One life of unreachd, of this build or another; `wrap`: a command that is to run it."""

    def __init__(self, bench, *options, build=BUILD, wrap=()):
        self.bench = bench
        self.stderr = bench.folder / f"stderr-{len(bench.daemons)}"
        with open(self.stderr, "wb") as stderr:
            self.process = subprocess.Popen(
                bench.inside(*wrap, build / "unreachd", "-i", "va", "--socket", bench.socket,
                             *options),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr)
        bench.daemons.append(self)

    def is_ready(self):
        return self.process.poll() is None and "ready;" in self.stderr.read_text()

    def has_ended(self):
        return self.process.poll() is not None

    def stop(self, sig=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(sig)
        return self.process.wait(timeout=60)


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.name = f"unr{os.getpid():x}-{time.monotonic_ns() % 0xFFFFFF:x}"
        self.socket = folder / "sock"
        self.log = folder / "events.log"
        self.pins = Path("/sys/fs/bpf") / self.name
        self.daemons = []
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        queues = ["numrxqueues", "2", "numtxqueues", "2"]
        self.run("ip", "link", "add", "va", *queues, "type", "veth", "peer", "name", "vb", *queues)
        for device in ("va", "vb"):
            self.run("sysctl", "-qw", f"net.ipv6.conf.{device}.disable_ipv6=1")
            self.run("ip", "link", "set", device, "up")

    def inside(self, *command):
        return ["nsenter", f"--net=/run/netns/{self.name}", *map(str, command)]

    def run(self, *command, timeout=300):
        return subprocess.run(self.inside(*command), check=True, capture_output=True, text=True,
                              timeout=timeout).stdout

    def start(self, *options, **keywords):
        """A daemon that is ready."""
        daemon = self.try_start(*options, **keywords)
        assert daemon.is_ready(), daemon.stderr.read_text()
        return daemon

    def try_start(self, *options, **keywords):
        """A daemon that is ready, or has given up."""
        daemon = Daemon(self, *options, **keywords)
        wait_for(lambda: daemon.is_ready() or daemon.has_ended(), "word of the daemon")
        return daemon

    def flood(self, *options, cpu=None):
        pin = ["taskset", "-c", str(cpu)] if cpu is not None else []
        return subprocess.Popen(self.inside(*pin, BUILD / "tests/tools/flood", "vb", *options),
                                stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        done = subprocess.run([BUILD / "unreach", *words, "--json", "--socket", self.socket], check=True,
                              capture_output=True, text=True, timeout=60)
        return json.loads(done.stdout)

    def identity(self):
        return self.ask("status")["identity"]

    def at_rest(self):
        """The identity once nothing stands in the rings."""
        return wait_for(lambda: (i := self.identity())["at_rest"] and not i["pending"] and i,
                        "rest", seconds=30)

    def arrived(self):
        """Frames that the kernel says it gave to XDP programs on va."""
        statistics = self.run("ethtool", "-S", "va")
        return sum(int(line.split(":")[1]) for line in statistics.splitlines()
                   if "xdp_packets" in line)

    def close(self):
        for daemon in self.daemons:
            daemon.stop(signal.SIGKILL)
        if self.pins.is_dir():
            self.run(BUILD / "unreachd", "--detach", "--pin-dir", self.pins)
        subprocess.run(["ip", "netns", "del", self.name], check=True)


@pytest.fixture
def bench(tmp_path):
    b = Bench(tmp_path)
    yield b
    b.close()


def result(flood):
    """What the flood says it sent."""
    out, _ = flood.communicate(timeout=300)
    assert flood.returncode == 0
    return json.loads(out)


def sent_by_source(group):
    """Messages that each address of a group has sent."""
    whole, rest = divmod(group["sent"], group["sources"])
    return {address(group["base"] + i): whole + (i < rest) for i in range(group["sources"])}


def address(number):
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def add(*counts):
    total = {}
    for count in counts:
        for key, number in count.items():
            total[key] = total.get(key, 0) + number
    return total
