"""The configuration file as users have it: what the program says of it, and the one that is shipped."""
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
UNREACHD = ROOT / "build/unreachd"
SHIPPED = ROOT / "contrib/unreachd.conf"
ONLY_SAID = {"config", "check-config", "detach", "help", "version"}  # on the command line
OK = "the configuration is OK\n"
NOBODY = 65534


def check(*words, wrap=()):
    """(exit status, stdout, lines of stderr) of unreachd that only looks at its options."""
    done = subprocess.run([*wrap, UNREACHD, "--check-config", *words], capture_output=True, text=True,
                          timeout=20, check=False)
    lines = done.stderr.splitlines()
    assert all(line.startswith("unreachd: ") for line in lines)
    return done.returncode, done.stdout, [line.removeprefix("unreachd: ") for line in lines]


def options():
    """Every option's long name, as --help has it."""
    done = subprocess.run([UNREACHD, "--help"], capture_output=True, text=True, timeout=20, check=True)
    found = re.findall(r"^  (?:-\w, |    )--([\w-]+)", done.stdout, re.M)
    assert len(found) > 20
    return found


@pytest.fixture(name="conf")
def configuration(tmp_path):
    """A file of lines below [unreachd]."""
    path = tmp_path / "conf"

    def write(*lines):
        path.write_text("[unreachd]\n" + "".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write


def test_shipped_as_it_is():
    assert check("-c", SHIPPED) == (0, OK, [])


def every_line_counts():
    """The shipped file, and nothing in it set off."""
    return re.sub(r"^#(?=[a-z-]+ = )", "", SHIPPED.read_text(encoding="ascii"), flags=re.M)


def test_shipped_has_every_option():
    names = re.findall(r"^([a-z-]+) = ", every_line_counts(), re.M)
    assert sorted(names) == sorted(set(options()) - ONLY_SAID)


def test_shipped_with_every_line(tmp_path):
    path = tmp_path / "conf"
    path.write_text(every_line_counts(), encoding="ascii")
    assert check("-c", path) == (0, OK, [])


def test_shipped_defaults():
    """Where --help names a default, the file names the same; the service's two are its own."""
    done = subprocess.run([UNREACHD, "--help"], capture_output=True, text=True, timeout=20, check=True)
    shown = dict(re.findall(r"--([\w-]+) .*\(([^()]+)\)$", done.stdout, re.M))
    assert len(shown) > 8
    lines = dict(re.findall(r"^([a-z-]+) = (.*)$", every_line_counts(), re.M))
    shown["track"] = "sources, targets, senders"  # "all three"
    assert {name: lines[name] for name in shown} == shown


@pytest.mark.parametrize("name", sorted(ONLY_SAID))
def test_belongs_on_the_command_line(conf, name):
    path = conf(f"{name} = yes")
    assert check("-c", path) == (78, "", [f"{path}:2: {name}: belongs on the command line, not into a file"])


def test_every_mistake(conf):
    path = conf("mode = fast", "nosuch = 1", "event-rate = 0")
    assert check("-c", path) == (78, "", [
        f"{path}:2: mode: 'fast' is not one of auto, native or generic",
        f"{path}:3: unknown option 'nosuch'; --help lists them",
        f"{path}:4: event-rate: '0' is not a number from 1 to 1000000"])


def test_a_start_is_refused_the_same(conf):
    path = conf("mode = fast")
    done = subprocess.run([UNREACHD, "-c", path], capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stderr) == (
        78, f"unreachd: {path}:2: mode: 'fast' is not one of auto, native or generic\n")


def test_command_line(conf):
    """A mistake in it is usage, whatever the file; its words win over the file's, which stay checked."""
    assert check("-m", "fast") == (64, "", ["--mode: 'fast' is not one of auto, native or generic"])
    assert check("-m", "fast", "-c", "/nosuch")[0] == 64
    assert check("extra") == (64, "", ["extra is not an option; interfaces are named with -i"])
    assert check() == (0, OK, [])
    assert check("-m", "native", "-c", conf("mode = fast"))[0] == 78
    assert check("-m", "native", "-c", conf("mode = generic")) == (0, OK, [])


def test_help_needs_no_file():
    done = subprocess.run([UNREACHD, "-c", "/nosuch", "--version"], capture_output=True, text=True,
                          timeout=20, check=False)
    assert (done.returncode, done.stderr) == (0, "") and "unreachd " in done.stdout


def test_list_is_replaced(conf):
    """64 in the file, which is full, and one more on the command line: that one counts."""
    path = conf("interface = " + ",".join(["e"] * 64))
    assert check("-c", path) == (0, OK, [])
    assert check("-c", path, "-i", "eth0") == (0, OK, [])


def test_touches_nothing(conf, tmp_path):
    """What a start would make is not made."""
    path = conf(*(f"{name} = {tmp_path / name}" for name in ("log", "pcap", "socket", "pin-dir")))
    assert check("-c", path) == (0, OK, [])
    assert list(tmp_path.iterdir()) == [path]


def test_there_is_none(tmp_path):
    path = tmp_path / "nosuch"
    assert check("-c", path) == (78, "", [f"cannot read {path}: No such file or directory"])
    assert check("-c", tmp_path) == (78, "", [f"cannot read {tmp_path}: Is a directory"])


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root, to give a file away")
def test_may_not_be_read(conf):
    path = conf()
    os.chown(path, NOBODY, NOBODY)
    path.chmod(0o600)
    assert check("-c", path) == (0, OK, [])  # root may
    wrap = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    assert check("-c", path, wrap=wrap) == (77, "", [f"cannot read {path}: Permission denied"])
