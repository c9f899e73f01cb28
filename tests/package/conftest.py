"""The package of what is committed, built once, and the system that it is tried on."""
import pytest

from built import build


@pytest.fixture(name="package", scope="session")
def built(tmp_path_factory):
    """The folder with it."""
    return build(tmp_path_factory.mktemp("package"))


@pytest.fixture(name="below", scope="module")
def this_machine():
    """The folder of that system."""
    return "/"
