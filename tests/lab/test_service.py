"""The systemd unit: what systemd says of it, and that the daemon speaks to who started it."""
import re
import shutil
import socket
import subprocess

import pytest

import sources
from daemon import ROOT, UNREACHD, read_log

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
    done = analyze("verify", unit)
    assert (done.returncode, done.stderr) == (0, "")
    unit.write_text(unit.read_text(encoding="ascii") + "\n[Service]\nProtectEverything=yes\n",
                    encoding="ascii")
    assert "ProtectEverything" in analyze("verify", unit).stderr


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


def test_notify(lab, launch):
    """READY=1 when it watches and not before, STOPPING=1 when it is told to stop."""
    name = str(lab.directory / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(name)
        listener.settimeout(10)
        daemon = launch(wrap=("env", f"NOTIFY_SOCKET={name}"))
        assert listener.recv(100) == b"READY=1"
        daemon.await_seen(sources.refuse_ports(lab, 1))
        assert daemon.stop() == 0
        assert listener.recv(100) == b"STOPPING=1"


def test_nobody_listens(launch, lab):
    """It is said, and costs nothing."""
    daemon = launch(wrap=("env", f"NOTIFY_SOCKET={lab.directory}/nosuch")).ready()
    assert "cannot tell READY=1" in daemon.stderr()


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
