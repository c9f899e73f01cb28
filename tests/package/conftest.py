"""The package of what is committed, built once, and the systems that it is tried on."""
import signal
import tempfile

import pytest

import debian
from built import build, deb


def pytest_configure():
    """Fixtures clean up when it is terminated, as after Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(name="package", scope="session")
def built(tmp_path_factory):
    """The folder with it."""
    return build(tmp_path_factory.mktemp("package"))


@pytest.fixture(name="below", scope="module")
def this_machine():
    """The folder of the system that the package is tried on."""
    return "/"


@pytest.fixture(name="least", scope="session")
def new_debian(package):
    """The folder of a new system with what the package depends on, and nothing else."""
    if why := debian.missing():
        pytest.skip(why)
    with tempfile.TemporaryDirectory(prefix="unreach-debian-") as folder:
        if why := debian.make(folder):
            pytest.skip(why)
        debian.install_needs(folder, deb(package))
        yield folder
