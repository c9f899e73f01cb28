"""The file system of the pins: not mounted, not to be mounted, none at all, taken away.

Each daemon is in a mount namespace of its own, so that nobody else's pins are touched.
"""
import re
from contextlib import contextmanager

import pytest

import sources
from lab import until
from test_life import attached

MOUNT = "/sys/fs/bpf"
UNMOUNTED = ("unshare", "--mount", "sh", "-ec", f'umount --lazy {MOUNT}; exec "$@"', "sh")
WITHOUT_MOUNTING = ("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")


@contextmanager
def running(daemon):
    """Ends with it, which is in a namespace that `--detach` from outside does not reach."""
    try:
        yield daemon
    finally:
        if daemon.process.poll() is None:
            daemon.stop()


def test_not_mounted(lab, launch):
    """It mounts it, and pins there."""
    with running(launch("-e", "all", pin_dir=f"{MOUNT}/{lab.prefix}", wrap=UNMOUNTED)) as daemon:
        daemon.ready()
        kind = lab.call(None, "nsenter", "-m", "-t", daemon.process.pid, "stat", "-f", "-c", "%T",
                        MOUNT).stdout
        assert kind == "bpf_fs\n"
        assert "link-0" in lab.call(None, "nsenter", "-m", "-t", daemon.process.pid, "ls",
                                    f"{MOUNT}/{lab.prefix}").stdout.split()
        daemon.await_seen(sources.refuse_ports(lab, 3))
        assert daemon.identity()["holds"]


def test_cannot_be_mounted(lab, launch):
    """One line: what failed, and what to do."""
    status, said = launch(pin_dir=f"{MOUNT}/{lab.prefix}",
                          wrap=(*UNMOUNTED, *WITHOUT_MOUNTING)).refused()
    assert status == 77
    assert said == (f"unreachd: cannot mount bpffs at {MOUNT}: Operation not permitted; "
                    "mount it, or use --pin-dir none\n")
    assert attached(lab) is None


def test_another_file_system(lab, launch):
    """Refused, and no folder is left there."""
    status, said = launch(pin_dir=lab.directory / "pins").refused()
    assert status == 78 and not (lab.directory / "pins").exists()
    assert re.fullmatch(f"unreachd: {lab.directory}/pins is not on a bpf file system; .*\n", said)
    assert attached(lab) is None


@pytest.fixture(name="spare")
def own_mount(lab):
    """A place to mount a bpffs at, and how to."""
    path = lab.directory / "bpffs"
    path.mkdir(exist_ok=True)
    return path, ("unshare", "--mount", "sh", "-ec", f'mount -t bpf bpf {path}; exec "$@"', "sh")


def test_unmounted(lab, launch, spare):
    """The file system goes under a running daemon: it counts on; pins end with its last user."""
    path, mounted = spare
    options = ("-e", "all", "-l", "{log}")
    with running(launch(*options, pin_dir=path / "pins", wrap=mounted)) as daemon:
        daemon.ready()
        sent = sources.refuse_ports(lab, 3)
        daemon.await_seen(sent)
        lab.call(None, "nsenter", "-m", "-t", daemon.process.pid, "umount", "--lazy", path)
        sent += sources.refuse_ports(lab, 4)
        daemon.await_seen(sent)
        identity = daemon.identity()
        assert identity["holds"] and identity["delivered"] == sent
        assert daemon.stop() == 0
        assert len(daemon.lines("log")) == sent
    until(lambda: attached(lab) is None, "nothing holds the program any more")
    with running(launch(*options, pin_dir=path / "pins", wrap=mounted)) as daemon:
        daemon.ready().await_seen(sources.refuse_ports(lab, 2))  # it begins anew
