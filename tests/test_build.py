"""Choices at build time: without libmicrohttpd there is everything but the metrics."""
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
UNBUILT = shutil.ignore_patterns("tests", "fuzz", "corpus", "sanitize", "clang")


def run(*words):
    return subprocess.run(list(map(str, words)), cwd=ROOT, capture_output=True, text=True, timeout=300,
                          check=False)


@pytest.fixture(name="without", scope="module")
def built_without(tmp_path_factory):
    """What was built, built on without it: only what knows of the choice is made anew."""
    folder = tmp_path_factory.mktemp("without") / "build"
    shutil.copytree(BUILD, folder, ignore=UNBUILT)
    done = run("make", "-s", "HTTP=0", "WERROR=1", f"B={folder}", "all")
    assert done.returncode == 0, done.stderr
    return folder


def test_not_linked(without):
    assert "libmicrohttpd" in run("ldd", BUILD / "unreachd").stdout
    said = run("ldd", without / "unreachd").stdout
    assert "libbpf" in said and "libmicrohttpd" not in said


def test_no_option(without):
    """What does not work is not accepted."""
    assert "--listen" in run(BUILD / "unreachd", "--help").stdout
    assert "--listen" not in run(without / "unreachd", "--help").stdout
    done = run(without / "unreachd", "--listen", "none")
    assert (done.returncode, done.stdout) == (64, "") and "unknown option --listen" in done.stderr


def test_and_back(without):
    """The next build does not go by what the last one left."""
    done = run("make", "-s", "WERROR=1", f"B={without}", "all")
    assert done.returncode == 0, done.stderr
    assert "--listen" in run(without / "unreachd", "--help").stdout
