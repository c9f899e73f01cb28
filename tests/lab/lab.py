"""A network of namespaces on one machine: what the tests and the demonstration run in.

    c (eth0) -- (in) b (out) -- (left) r2 (right) -- narrow link -- (left) r3 (right) -- (eth0) s

c is a host of ours, b the border where the monitor watches `out`, s a server. Where time matters, w
stands between b and r2: a wire that takes its time, and is worse where a test wants it. Real
kernels forward and refuse; sources.py tells them what to refuse, holes.py what not to hear.
Everything made here is undone by down(), however the program ends. Knows nothing of the programs
under test.
"""
import atexit
import json
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
WIRE = HERE.parent.parent / "build/tests/tools/wire"
PYTHON = "/usr/bin/python3"
NODES = ("c", "b", "r2", "r3", "s")
ROUTERS = ("b", "r2", "r3")
# (node, interface, address) at each end of a link.
LINKS = (
    (("c", "eth0", "192.0.2.2/24"), ("b", "in", "192.0.2.1/24")),
    (("b", "out", "198.51.100.1/30"), ("r2", "left", "198.51.100.2/30")),
    (("r2", "right", "198.51.100.5/30"), ("r3", "left", "198.51.100.6/30")),
    (("r3", "right", "203.0.113.1/24"), ("s", "eth0", "203.0.113.2/24")),
)
# What becomes of the second link where w is between its ends.
DELAYED = ((LINKS[1][0], ("w", "left", None)), (("w", "right", None), LINKS[1][1]))
INSIDE = "10.0.0.0/16"  # all of it is c: hosts of ours, as many as one likes
AWAY = "198.19.128.0/17"  # all of it is s: servers, as many as one likes
ROUTES = {
    "c": ("default via 192.0.2.1", f"local {INSIDE} dev lo"),
    "b": ("default via 198.51.100.2", f"{INSIDE} via 192.0.2.2"),
    "r2": ("default via 198.51.100.6", "192.0.2.0/24 via 198.51.100.1",
           f"{INSIDE} via 198.51.100.1"),
    "r3": ("default via 198.51.100.5", f"{AWAY} via 203.0.113.2"),
    "s": ("default via 203.0.113.1", f"local {AWAY} dev lo"),
}
NARROW = 1400  # MTU between r2 and r3, in bytes
CLIENT, BORDER, ROUTER, SERVER = "192.0.2.2", "198.51.100.1", "198.51.100.2", "203.0.113.2"
PORT = 8080  # of the servers
# Every message is wanted: no rate limit. Kernels lack one or the other of these; -e skips it.
SYSCTL = (
    "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1",
    "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0",
    "net.ipv4.icmp_ratelimit=0", "net.ipv4.icmp_ratemask=0",
    "net.ipv4.icmp_msgs_per_sec=1000000", "net.ipv4.icmp_msgs_burst=1000000",
)
STOP_SECONDS = 10
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class LabError(Exception):
    """A command failed, or something did not happen in time."""


class Interrupted(KeyboardInterrupt):
    """A signal asked us to stop; .signal is its number."""

    happened = False

    def __init__(self, number):
        Interrupted.happened = True
        super().__init__(f"signal {number}")
        self.signal = number


def until(condition, what, seconds=10):
    """Polls until `condition()` is true and returns that; LabError naming `what` if it is late."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise LabError(f"after {seconds} s still not: {what}")
        time.sleep(0.02)


def ignore_signals():
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def interrupt(number, _frame):
    """One signal is enough: later ones must not disturb the teardown that follows."""
    ignore_signals()
    raise Interrupted(number)


class Lab:
    """The network; `with Lab() as lab`, or up() and down().

    `delay`: milliseconds that each way between b and r2 takes, by a wire (make tests builds it).
    """

    def __init__(self, delay=0):
        self.nodes = (*NODES, "w") if delay else NODES
        self.links = (LINKS[0], *DELAYED, *LINKS[2:]) if delay else LINKS
        self.delay, self.wire = delay, None
        self.prefix = f"unr{os.getpid():x}-{secrets.token_hex(2)}"
        self.processes = []
        self.undo = []  # functions, called in reverse order
        self.handlers = {}
        self.directory = Path(tempfile.gettempdir()) / self.prefix
        self.hosts = self.servers = 0
        atexit.register(self.down)

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *_exception):
        self.down()

    def namespace(self, node):
        """The full name of a node's namespace."""
        return f"{self.prefix}-{node}"

    def enter(self, node):
        """Words before a command that is to run in a node (None: outside), and to die with us.

        nsenter and not `ip netns exec`: the latter mounts a fresh /sys, without the bpffs.
        """
        inside = ["nsenter", f"--net=/run/netns/{self.namespace(node)}"] if node else []
        return ["setpriv", "--pdeathsig", "KILL", *inside]

    def call(self, node, *command, stdin="", check=True, timeout=30):
        """Runs a command in a node and returns it done, with its output as text."""
        done = subprocess.run(self.enter(node) + [str(word) for word in command], input=stdin,
                              capture_output=True, text=True, timeout=timeout, check=False,
                              start_new_session=True)
        if check and done.returncode:
            raise LabError(f"in {node}: {shlex.join(map(str, command))}: "
                           f"{done.stderr.strip() or done.stdout.strip() or done.returncode}")
        return done

    def start(self, node, *command, **options):
        """Starts a command in a node in the background; down() ends it."""
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(self.enter(node) + [str(word) for word in command],
                                   start_new_session=True, **options)
        self.processes.append(process)
        return process

    def stop(self, process, number=signal.SIGTERM):
        """Ends a process that start() started; its exit status."""
        if process.poll() is None:
            process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise LabError(f"{process.args}: had to be killed") from None
        finally:
            if process in self.processes:
                self.processes.remove(process)

    def traffic(self, node, *steps):
        """Sends from a node; steps are (kind, {argument: value}), see traffic.py."""
        return self.call(node, PYTHON, HERE / "traffic.py", json.dumps(steps)).stdout

    def start_traffic(self, node, *steps):
        """The same in the background, its output to be read from .stdout."""
        return self.start(node, PYTHON, HERE / "traffic.py", json.dumps(steps),
                          stdout=subprocess.PIPE, text=True)

    def serve(self, node, port=PORT):
        """Starts a server (see streams.py) and waits until it listens."""
        return self.await_word(self.start_traffic(node, ("serve", {"port": port})), "listening")

    @staticmethod
    def await_word(process, word):
        """The process, once it has said that it is ready."""
        if process.stdout.readline() != f"{word}\n":
            raise LabError(f"{process.args}: does not say {word}")
        return process

    def pin_dir(self):
        """A bpffs folder of our own (not made yet) that down() empties and removes."""
        path = Path("/sys/fs/bpf") / f"{self.prefix}-{len(self.undo)}"
        self.undo.append(lambda: shutil.rmtree(path, ignore_errors=True))
        return path

    def small_disk(self, size):
        """A folder that is a file system of `size` bytes; down() unmounts it."""
        path = self.directory / f"disk-{len(self.undo)}"
        path.mkdir()
        self.undo.append(lambda: self.call(None, "umount", "--lazy", path, check=False))
        self.call(None, "mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path)
        return path

    def host(self):
        """The address of one more host of ours, not used before."""
        self.hosts += 1
        return f"10.0.{self.hosts // 250}.{self.hosts % 250 + 1}"

    def away(self):
        """The address of one more server, in a /24 of its own, not used before."""
        self.servers += 1
        return f"198.19.{128 + self.servers % 128}.{self.servers // 128 + 1}"

    def up(self):
        """Makes all of it; after an exception down() still has to be called."""
        if not self.handlers:
            self.handlers = {number: signal.signal(number, interrupt) for number in STOP_SIGNALS}
        self.undo.append(lambda: shutil.rmtree(self.directory, ignore_errors=True))
        self.directory.mkdir()
        for node in self.nodes:
            self.add_namespace(node)
        for (a, a_if, a_ip), (b, b_if, b_ip) in self.links:
            self.add_veth(a, a_if, b, b_if)
            for node, interface, address in ((a, a_if, a_ip), (b, b_if, b_ip)):
                addresses = [f"addr add {address} dev {interface}"] if address else []
                self.ip(node, *addresses, f"link set {interface} up")
        self.narrow(NARROW)
        for node, routes in ROUTES.items():
            self.ip(node, *(f"route add {route}" for route in routes))
        for node in ROUTERS:
            self.call(node, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        if self.delay:
            self.string_wire()
        self.traffic("c", ("ask", {"host": SERVER}))

    def string_wire(self, *words, delay=None):
        """Starts the wire; words as wire.c takes them, `delay` (ms) instead of the lab's own."""
        self.wire = self.start("w", WIRE, "left", "right", f"delay={delay or self.delay}", *words,
                               text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.await_word(self.wire, "ready")

    def cut_wire(self):
        """Ends the wire, and what is on it; it must not have lost anything of its own accord."""
        status = self.stop(self.wire)
        self.wire.stdin.close()
        self.wire.stdout.close()
        if status:
            raise LabError("the wire has lost frames")

    @contextmanager
    def wired(self, *words, delay=None):
        """Another wire (see string_wire) for the time of the context."""
        self.cut_wire()
        self.string_wire(*words, delay=delay)
        try:
            yield
        finally:
            self.cut_wire()
            self.string_wire()

    @contextmanager
    def tuned(self, node, **values):
        """Other values in net.ipv4 of a node, for the time of the context."""
        values = {f"net.ipv4.{name}": value for name, value in values.items()}
        before = {name: self.call(node, "sysctl", "-n", name).stdout.strip() for name in values}
        try:
            self.call(node, "sysctl", "-qw", *(f"{name}={value}" for name, value in values.items()),
                      check=bool(values))
            yield
        finally:
            for name, value in before.items():
                self.call(node, "sysctl", "-qw", f"{name}={value}", check=False)

    @contextmanager
    def widened(self, mtu):
        """The narrow link takes packets of `mtu` bytes, for the time of the context."""
        self.narrow(mtu)
        try:
            yield
        finally:
            self.narrow(NARROW)

    def narrow(self, mtu):
        """The narrow link takes packets of `mtu` bytes from now on."""
        for node, interface in (("r2", "right"), ("r3", "left")):
            self.ip(node, f"link set {interface} mtu {mtu}")

    def forget(self):
        """Both ends know nothing of any path any more."""
        for node in ("c", "s"):
            self.call(node, "ip", "route", "flush", "cache")
            self.call(node, "ip", "tcp_metrics", "flush", "all")

    def add_namespace(self, node):
        """One more node, with nothing in it but a loopback."""
        name = self.namespace(node)
        self.undo.append(lambda: self.delete_namespace(name))
        self.call(None, "ip", "netns", "add", name)
        self.call(node, "sysctl", "-eqw", *SYSCTL)
        self.ip(node, "link set lo up")

    def add_veth(self, a, a_if, b, b_if):
        """A cable between two nodes, down yet, its offloads off: sizes on it are real."""
        self.call(None, "ip", "link", "add", a_if, "netns", self.namespace(a), "type", "veth",
                  "peer", "name", b_if, "netns", self.namespace(b))
        for node, interface in ((a, a_if), (b, b_if)):
            self.offload(node, interface, "off")

    def offload(self, node, interface, state):
        """What puts segments together, and takes them apart, behind the sender's back: on, off."""
        words = (word for what in ("tx", "tso", "gso", "gro") for word in (what, state))
        self.call(node, "ethtool", "-K", interface, *words)

    def ip(self, node, *lines):
        """Lines of ip(8), in a node."""
        self.call(node, "ip", "-batch", "-", stdin="".join(f"{line}\n" for line in lines))

    @staticmethod
    def delete_namespace(name):
        if Path("/run/netns", name).exists():
            subprocess.run(["ip", "netns", "del", name], check=False, timeout=30,
                           start_new_session=True)

    @staticmethod
    def await_strays():
        """Waits for commands that a signal made us lose sight of: one may yet make a namespace."""
        def none_left():
            try:
                os.waitpid(-1, os.WNOHANG)
                return False
            except ChildProcessError:
                return True

        try:
            until(none_left, "all commands have ended", STOP_SECONDS)
        except LabError as error:
            print(f"lab: {error}", file=sys.stderr)

    def down(self):
        """Undoes all of it; may be called more than once, and half-way up."""
        if self.handlers:
            ignore_signals()
        for process in reversed(list(self.processes)):
            try:
                self.stop(process)
            except LabError as error:
                print(f"lab: {error}", file=sys.stderr)
        if Interrupted.happened:
            self.await_strays()
        while self.undo:
            self.undo[-1]()
            self.undo.pop()
        atexit.unregister(self.down)
        for number, handler in self.handlers.items():
            signal.signal(number, handler)
        self.handlers = {}
