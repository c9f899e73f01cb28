"""What takes minutes and a mirror: the package is built again elsewhere, and its life is tried on a new Debian
of the least size. Run by `tests/run clean`."""
import os
import shutil
import subprocess

import pytest

from built import build, deb
from test_package import started, test_life, test_user_in_use  # noqa: F401  the same on another system


def mirror():
    """(address, release) of what this machine itself is installed from; None where apt doesn't say."""
    with open("/etc/os-release", encoding="utf-8") as text:
        named = dict(line.rstrip().split("=", 1) for line in text if "=" in line)
    told = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
                           "Created-By: Packages"], capture_output=True, text=True, timeout=60, check=False)
    for line in told.stdout.splitlines():
        address, release, component = line.split()
        if (release, component) == (named.get("VERSION_CODENAME"), "main"):
            return address, release
    return None


def inside(folder, *words):
    """Runs it in the new system, with this machine's network."""
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", f"--mount-proc={folder}/proc", "chroot",
                           folder, *words], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=400, check=False,
                          env={**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
                               "DEBIAN_FRONTEND": "noninteractive"})
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(name="below", scope="module")
def new_debian(tmp_path_factory, package):
    """A new system with what the package depends on, by its own word, and nothing else."""
    if os.geteuid() or not shutil.which("debootstrap"):
        pytest.skip("a new system takes root and debootstrap")
    source = mirror()
    if not source:
        pytest.skip("apt does not say which mirror this machine is installed from")
    folder = tmp_path_factory.mktemp("debian")
    made = subprocess.run(["debootstrap", "--variant=minbase", source[1], folder, source[0]], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, check=False)
    if made.returncode:
        pytest.skip(f"debootstrap: {made.stdout.splitlines()[-1]}")
    shutil.copy(deb(package), folder / "tmp/unreach.deb")
    plan = inside(folder, "apt-get", "--simulate", "--no-install-recommends", "install", "/tmp/unreach.deb")
    needed = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
    inside(folder, "apt-get", "-qq", "--no-install-recommends", "install",
           *[name for name in needed if name != "unreach"])
    (folder / "tmp/unreach.deb").unlink()
    yield str(folder)
    shutil.rmtree(folder)


def test_reproducible(package, tmp_path, monkeypatch):
    """In another folder, language, time zone and umask, later, the same bytes."""
    elsewhere = tmp_path / "quite/another/place"
    elsewhere.mkdir(parents=True)
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    before = os.umask(0o077)
    try:
        again = build(tmp_path / "again", TZ="Pacific/Kiritimati", LC_ALL="C", LANGUAGE="fr")
    finally:
        os.umask(before)
    names = sorted(path.name for path in package.glob("*.deb"))
    assert len(names) == 2, "the package, and its debugging symbols"
    for name in names:
        assert (package / name).read_bytes() == (again / name).read_bytes(), name
