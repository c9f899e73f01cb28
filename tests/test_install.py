"""make install and uninstall: what is put where, that it runs, and that nothing of it is left."""
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONFIG = "etc/unreach/unreachd.conf"
SHARE = "usr/local/share"


def make(target, dest, *variables):
    done = subprocess.run(["make", "-s", target, f"DESTDIR={dest}", *variables], cwd=ROOT, check=False,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def files(dest):
    return {str(path.relative_to(dest)): path.stat().st_mode & 0o7777
            for path in dest.rglob("*") if not path.is_dir()}


def expected():
    listed = {
        "usr/local/bin/unreach": 0o755,
        "usr/local/sbin/unreachd": 0o755,
        "usr/local/lib/systemd/system/unreachd.service": 0o644,
        "usr/local/lib/sysusers.d/unreach.conf": 0o644,
        f"{SHARE}/bash-completion/completions/unreach": 0o644,
        f"{SHARE}/bash-completion/completions/unreachd": 0o644,
        "etc/logrotate.d/unreach": 0o644,
        CONFIG: 0o644,
    }
    for file in ("scrape.yml", "unreach.rules.yml"):
        listed[f"{SHARE}/doc/unreach/examples/{file}"] = 0o644
    for page in ("unreach.8", "unreachd.8", "unreach-events.5", "unreachd.conf.5"):
        listed[f"{SHARE}/man/man{page[-1]}/{page}"] = 0o644
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        if path.name not in ("flow.md", "install.md"):  # of use with the source alone
            listed[f"{SHARE}/doc/unreach/{path.name}"] = 0o644
    return listed


@pytest.fixture(name="dest")
def installed(tmp_path):
    make("install", tmp_path / "dest")
    return tmp_path / "dest"


def test_files(dest):
    assert files(dest) == expected()


@pytest.mark.parametrize("program", ["bin/unreach", "sbin/unreachd"])
def test_programs_run(dest, program):
    done = subprocess.run([dest / "usr/local" / program, "--version"], capture_output=True, text=True,
                          timeout=20, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    version = re.search("^VERSION := (.*)$", (ROOT / "Makefile").read_text(encoding="ascii"), re.M).group(1)
    assert done.stdout == f"{Path(program).name} {version}\n"


def test_nothing_is_left(dest):
    make("uninstall", dest)
    assert files(dest) == {}
    assert not [path for path in dest.rglob("*") if path.name == "unreach"]
    make("uninstall", dest)  # there is nothing to do, which is no error


def test_what_was_changed_is_kept(dest):
    """By a second install and by uninstall; other people's files too."""
    (dest / CONFIG).write_text("[unreachd]\ninterface = eth9\n", encoding="ascii")
    (dest / "usr/local/bin/other").touch()
    make("install", dest)
    assert "eth9" in (dest / CONFIG).read_text(encoding="ascii")
    make("uninstall", dest)
    assert set(files(dest)) == {CONFIG, "usr/local/bin/other"}


def test_other_places(tmp_path):
    """Where everything else is put, the unit knows of it."""
    make("install", tmp_path, "PREFIX=/opt/u", "SYSCONFDIR=/opt/u/etc")
    assert {path.split("/")[0:2] == ["opt", "u"] for path in files(tmp_path)} == {True}
    unit = (tmp_path / "opt/u/lib/systemd/system/unreachd.service").read_text(encoding="ascii")
    assert "\nExecStart=/opt/u/sbin/unreachd " in unit
    assert not re.search(r"/usr/sbin|(?<!u)/etc/", unit)
