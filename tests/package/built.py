"""Builds the package of what is committed. Its tests at build are the step `unit`: they are left out."""
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def build(folder, **environment):
    done = subprocess.run([ROOT / "scripts/package", folder], capture_output=True, text=True, check=False,
                          timeout=600, env={**os.environ, "DEB_BUILD_OPTIONS": "nocheck", **environment})
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    return folder


def deb(package):
    """The package itself, among what was built."""
    found = list(package.glob("unreach_*.deb"))
    assert len(found) == 1
    return found[0]
