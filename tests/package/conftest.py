"""The package of what is committed, built once, and the system that it is tried on."""
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def build(folder, **environment):
    done = subprocess.run([ROOT / "scripts/package", folder], capture_output=True, text=True, check=False,
                          timeout=600, env={**os.environ, "DEB_BUILD_OPTIONS": "nocheck", **environment})
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    return folder


@pytest.fixture(name="package", scope="session")
def built(tmp_path_factory):
    """The folder with it. Its tests at build are the step `unit`: they are left out."""
    return build(tmp_path_factory.mktemp("package"))


@pytest.fixture(name="below", scope="module")
def this_machine():
    """The folder of that system."""
    return "/"
