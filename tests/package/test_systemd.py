"""The package's service under a running systemd: a new Debian is the initial file system of a guest (tests/vm), in
which guest-checks installs the package and tries its life. Run by `tests/run clean`."""
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

import debian
from built import ROOT, deb

sys.path.append(str(ROOT / "tests/vm"))

import guest  # noqa: E402
import kernels  # noqa: E402

HERE = ROOT / "tests/package"
CHECKS = re.search("^for life in (.*); do$", (HERE / "guest-checks").read_text(encoding="ascii"), re.M).group(1).split()
SYSTEM = ("systemd", "systemd-sysv", "iproute2", "kmod")  # beside what the package depends on
# Not needed in a guest that lives in memory.
LARGE = ("usr/share/doc", "usr/share/locale", "usr/share/man", "usr/share/zoneinfo", "var/cache/apt", "var/lib/apt/lists")
MEBIBYTES = 2048
CONSOLE_LINES = 60  # shown of a guest in which something failed
SETTINGS = "rdinit=/lib/systemd/systemd systemd.log_target=console systemd.log_color=0 systemd.show_status=0"


def furnish(root, package):
    """Puts into the system what the guest is for."""
    debian.install(root, *SYSTEM)
    for path in LARGE:
        shutil.rmtree(root / path)
    (root / "guest").mkdir()
    shutil.copy(deb(package), root / "guest/unreach.deb")
    shutil.copy(ROOT / "tests/vm/common", root / "guest")
    shutil.copy(HERE / "guest-checks", root / "guest")
    units = root / "etc/systemd/system"
    shutil.copy(HERE / "guest-checks.service", units)
    wants = units / "multi-user.target.wants"
    wants.mkdir(exist_ok=True)
    (wants / "guest-checks.service").symlink_to("../guest-checks.service")


@pytest.fixture(name="life", scope="module")
def a_guests_life(least, package):
    """{check: (pass|fail, why)}, and its console's last lines."""
    if why := guest.missing():
        pytest.skip(why)
    try:
        kernel = kernels.get(debian.mirror()[1])
    except kernels.Unavailable as error:
        pytest.skip(str(error))
    with tempfile.TemporaryDirectory(prefix="unreach-systemd-") as work:
        root = Path(work) / "root"
        subprocess.run(["cp", "-a", least, root], timeout=120, check=True)
        furnish(root, package)
        base = guest.archive(root, Path(work) / "base")
        start = time.monotonic()
        said, console, again = guest.boot(kernel, base, SETTINGS, MEBIBYTES)
    print(f"\nvm systemd {kernel.release} {time.monotonic() - start:.1f} s{again}")
    found = guest.results(said, CHECKS)
    for name, result, seconds, why in found:
        print(f"vm   {result:4} {seconds:6.1f}s  {name:14} {why}".rstrip())
    return {name: (result, why) for name, result, _, why in found}, console.splitlines()[-CONSOLE_LINES:]


@pytest.mark.parametrize("name", CHECKS)
def test_service(life, name):
    checks, console = life
    result, why = checks[name]
    assert result == "pass", "\n".join([why, *console])
