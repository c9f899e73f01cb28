"""What takes minutes and a mirror: the package is built again elsewhere, and its life is tried on a new Debian
of the least size. Run by `tests/run clean`."""
import os

import pytest

from built import build
from test_package import started, test_life, test_user_in_use  # noqa: F401  the same on another system


@pytest.fixture(name="below", scope="module")
def on_a_new_debian(least):
    return least


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
