"""The systemd unit: what systemd says of it, and that the daemon speaks to who started it."""
import re
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

import sources
from alerts import await_alert
from daemon import ROOT, UNREACHD, read_log
from lab import until
from test_alert_life import forge
from test_top import flood

FOLDER = ROOT / "contrib/systemd"
UNIT = FOLDER / "unreachd.service"
EXPOSURE = 21  # tenths; systemd's own judgement of the unit, 0 to 100

analyzed = pytest.mark.skipif(not shutil.which("systemd-analyze"),
                              reason="systemd-analyze is not installed (package systemd)")


def analyze(*words):
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60,
                          check=False)


@pytest.fixture(name="unit")
def built_unit(tmp_path):
    """The unit as installed, but for the program, which is the one that was built."""
    text = UNIT.read_text(encoding="ascii")
    assert text.count("ExecStart=/usr/sbin/unreachd ") == 1
    path = tmp_path / UNIT.name
    path.write_text(text.replace("/usr/sbin/unreachd", str(UNREACHD)), encoding="ascii")
    return path


@analyzed
def test_verify(unit):
    done = analyze("verify", "--man=no", unit)
    assert (done.returncode, done.stderr) == (0, "")
    unit.write_text(unit.read_text(encoding="ascii") + "\n[Service]\nProtectEverything=yes\n",
                    encoding="ascii")
    assert "ProtectEverything" in analyze("verify", "--man=no", unit).stderr


@analyzed
def test_exposure(unit):
    words = ("security", "--offline=true", f"--threshold={EXPOSURE}", unit)
    done = analyze(*words)
    assert done.returncode == 0, done.stdout
    text = unit.read_text(encoding="ascii")
    unit.write_text(text.replace("ProtectSystem=strict", ""), encoding="ascii")
    assert analyze(*words).returncode  # a check that can fail


def test_not_root():
    text = UNIT.read_text(encoding="ascii")
    assert re.search("^User=unreach$", text, re.M)
    assert re.search('^u unreach ', (FOLDER / "unreach.sysusers").read_text(encoding="ascii"), re.M)


def test_command_line(lab, launch):
    """The unit's options are ours, and with the file that is shipped it watches and logs."""
    command = re.search("^ExecStart=/usr/sbin/unreachd (.*)$", UNIT.read_text(encoding="ascii"),
                        re.M).group(1)
    assert command == "-c /etc/unreach/unreachd.conf"
    conf = lab.directory / "unreachd.conf"
    text = (ROOT / "contrib/unreachd.conf").read_text(encoding="ascii")
    conf.write_text(text.replace("/var/log/unreach", str(lab.directory)), encoding="ascii")
    daemon = launch("-c", conf).ready()
    daemon.await_seen(sources.refuse_ports(lab, 1))
    assert len(read_log(lab.directory / "events.json")) == 1


class Manager:
    """Who started the daemon and wants to hear of it: the socket, and how to run a daemon for it."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))

    def wrap(self, *variables):
        return "env", f"NOTIFY_SOCKET={self.path}", *variables

    def hear(self, seconds=10.0):
        """The next word; None where there is none for that long."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(4096).decode()
        except TimeoutError:
            return None

    def hear_all(self):
        """What stands in the queue; nothing is waited for."""
        self.socket.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                self.socket.recv(4096)


@pytest.fixture(name="manager")
def listening(lab):
    path = lab.directory / "notify"
    one = Manager(path)
    yield one
    one.socket.close()
    path.unlink()


def test_notify(lab, launch, manager):
    """READY=1 when it watches and not before, STOPPING=1 when it is told to stop."""
    daemon = launch(wrap=manager.wrap())
    assert manager.hear() == "STATUS=watching out (native)"
    assert manager.hear() == "READY=1"
    daemon.await_seen(sources.refuse_ports(lab, 1))
    assert daemon.stop() == 0
    assert manager.hear() == "STOPPING=1"
    assert manager.hear(0.1) is None


def test_status(lab, launch, manager, spare):
    """It names what is watched and what is waited for, and follows both."""
    daemon = launch("--wait", "-m", "generic", interfaces=("out", "spare"), wrap=manager.wrap())
    assert manager.hear() == "STATUS=watching out (generic); waiting for spare"
    assert manager.hear() == "READY=1"
    spare.make()
    assert manager.hear() == "STATUS=watching out (generic), spare (generic)"
    spare.cut()
    assert manager.hear() == "STATUS=watching out (generic); waiting for spare"
    assert daemon.stop() == 0


def test_status_of_flows(launch, manager, spare):
    """The interface that flows are watched on has its place in it, there or not yet."""
    launch("--wait", "--inside", "spare", wrap=manager.wrap())
    assert manager.hear() == "STATUS=watching out (native); flows from spare (waiting)"
    assert manager.hear() == "READY=1"
    spare.make()
    assert manager.hear() == "STATUS=watching out (native); flows from spare (native)"


def test_reload(launch, manager):
    """Announced, its time told, and over; what it does not do is said."""
    daemon = launch("-l", "{log}", "-w", "{pcap}", wrap=manager.wrap()).ready()
    assert [manager.hear(), manager.hear()][1] == "READY=1"
    before = time.monotonic_ns() // 1000
    for name in ("log", "pcap"):
        (daemon.directory / name).rename(daemon.directory / f"{name}.1")
    daemon.process.send_signal(signal.SIGHUP)
    word, moment = manager.hear().split("\nMONOTONIC_USEC=")
    assert word == "RELOADING=1"
    assert before <= int(moment) <= time.monotonic_ns() // 1000
    assert manager.hear() == "READY=1"
    assert (daemon.directory / "log").exists() and (daemon.directory / "pcap").exists()
    assert "options are read at the next start" in daemon.stderr()


WATCHED_USEC = 400000


def test_watchdog(launch, manager):
    """Twice in the time that it has, not once while it stands still, and again when it goes on."""
    daemon = launch(wrap=manager.wrap(f"WATCHDOG_USEC={WATCHED_USEC}")).ready()
    assert [manager.hear(), manager.hear()][1] == "READY=1"
    heard = []
    for _ in range(6):
        assert manager.hear() == "WATCHDOG=1"
        heard.append(time.monotonic())
    assert 0.8 < (heard[-1] - heard[0]) / (5 * WATCHED_USEC / 2e6) < 2
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        until(lambda: Path(f"/proc/{daemon.process.pid}/stat").read_text().split()[2] == "T", "stopped")
        manager.hear_all()
        assert manager.hear(3 * WATCHED_USEC / 1e6) is None
    finally:
        daemon.process.send_signal(signal.SIGCONT)
    assert manager.hear() == "WATCHDOG=1"


# Sources of a table that takes the daemon several times WATCHED_LONG_USEC to read.
MANY, WATCHED_LONG_USEC = 240000, 30000


def test_watchdog_long_answer(lab, launch, manager):
    """Who asks for a large table does not make it look dead: between two pieces it drains its rings."""
    daemon = launch("--table-size", "1048576", "--track", "sources", "--events", "none",
                    wrap=manager.wrap(f"WATCHDOG_USEC={WATCHED_LONG_USEC}")).ready()
    with flood(lab, "--count", str(2 * MANY), "--rate", "100000", "--spread", str(2 * MANY)):
        until(lambda: manager.hear_all() or daemon.seen() >= 2 * MANY, "all sources", 30)
    manager.hear_all()
    before = time.monotonic()
    rows = next(table["entries"] for table in daemon.view("status")["tables"] if table["name"] == "sources")
    took = time.monotonic() - before
    assert rows >= MANY and took > 2 * WATCHED_LONG_USEC / 1e6
    heard = [word for word in iter(lambda: manager.hear(0.01), None) if word == "WATCHDOG=1"]
    assert len(heard) >= 3


@pytest.mark.parametrize("variables", (("WATCHDOG_USEC=100000", "WATCHDOG_PID=1"), ()))
def test_not_watched(launch, manager, variables):
    """Nobody asked, or another process was."""
    launch(wrap=manager.wrap(*variables)).ready()
    assert [manager.hear(), manager.hear()][1] == "READY=1"
    assert manager.hear(0.5) is None


def test_unit_watches(unit):
    assert re.search(r"^WatchdogSec=\d+$", unit.read_text(encoding="ascii"), re.M)


AS_JOURNAL = ("sh", "-c", 'JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$@"', "sh")
LEVELS = {"critical": 2, "warning": 4}


def test_journal(slow, watch):
    """What goes to the journal has its priority in front, an alert by its severity."""
    daemon = watch("-m", "generic", interfaces=("out", "nosuch0"), wrap=AS_JOURNAL)
    forge(slow)
    alert = await_alert(daemon, kind="pmtud-invalid")
    lines = [re.fullmatch(r"<(\d)>(.+)", line) for line in daemon.stderr().splitlines()]
    assert all(lines), daemon.stderr()
    levels = {line.group(2): int(line.group(1)) for line in lines}

    def level(words):
        found = [number for line, number in levels.items() if words in line]
        assert found, words
        return set(found)

    assert level("nosuch0") == {3}
    assert level("out is watched in generic mode") == {4}
    assert level("ready;") == {6}
    assert level(alert["reporter"]) == {LEVELS[alert["severity"]]}


def test_nobody_listens(launch, lab):
    """It is said, and costs nothing."""
    daemon = launch(wrap=("env", f"NOTIFY_SOCKET={lab.directory}/nosuch")).ready()
    until(lambda: "cannot tell STATUS=" in daemon.stderr(), "said")
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: "opened anew" in daemon.stderr(), "SIGHUP is taken")
    assert daemon.stop() == 0
    assert daemon.stderr().count("cannot tell ") == 1


def test_start_in_vain(lab, launch):
    """Nobody is told that it is ready when it is not."""
    path = str(lab.directory / "vain")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        listener.setblocking(False)
        status, _ = launch(interfaces=("nosuch0",),
                           wrap=("env", f"NOTIFY_SOCKET={path}")).refused()
        assert status == 69
        with pytest.raises(BlockingIOError):
            listener.recv(100)
