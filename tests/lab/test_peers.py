"""The control socket when somebody takes more of it than is his."""
import os
import socket
import subprocess
import time

import pytest

from lab import HERE, PYTHON, until

FOLLOW = ("events", "follow=1")
OF_ONE_USER, OF_OTHERS, ALL = 8, 24, 32  # docs/limits.md
USERS = (65534, 65533, 65532, 65531)  # uids of nobody in particular


@pytest.fixture(name="daemon")
def shared_daemon(lab, launch):
    """A daemon whose socket root's group may use."""
    lab.directory.chmod(0o755)
    started = launch("-e", "all").ready()
    started.directory.chmod(0o755)
    os.chown(started.socket, 0, 0)
    return started


@pytest.fixture(name="hold")
def holder(lab, daemon):
    """hold(uid, count, request): connections of a user, and what the daemon said to each."""
    running = []

    def start(uid, count, *request):
        wrap = ("setpriv", f"--reuid={uid}", "--regid=0", "--clear-groups", "--bounding-set=-all",
                "--inh-caps=-all") if uid else ()
        # Python's path is not for everybody everywhere; the script comes by its first argument.
        running.append(lab.start(None, *wrap, PYTHON, "-I", "-c",
                                 (HERE / "peers.py").read_text(encoding="utf-8"), daemon.socket,
                                 count, *request, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 text=True))
        return [running[-1].stdout.readline().rstrip("\n") for _ in range(count)]

    yield start
    for process in running:
        process.stdin.close()
        lab.stop(process)
        process.stdout.close()


def test_one_user(hold, daemon):
    """He gets eight followers, and is told so; another user and root are not kept out."""
    said = hold(USERS[0], OF_ONE_USER + 3, *FOLLOW)
    assert said[:OF_ONE_USER] == ["ok"] * OF_ONE_USER
    assert all(line.startswith("error busy: you have as many") for line in said[OF_ONE_USER:])
    assert hold(USERS[1], 1, *FOLLOW) == ["ok"]
    assert daemon.view("status")["identity"]["holds"]


def test_many_users(hold, daemon):
    """Together they do not keep root out, who may have the rest."""
    for uid in USERS[:3]:
        assert hold(uid, OF_ONE_USER, *FOLLOW) == ["ok"] * OF_ONE_USER
    said, = hold(USERS[3], 1, *FOLLOW)
    assert said.startswith("error busy: all connections")
    assert hold(0, ALL - OF_OTHERS - 1, *FOLLOW) == ["ok"] * (ALL - OF_OTHERS - 1)
    assert daemon.view("status")["identity"]["holds"]


def test_silent_peers(hold, daemon):
    """Who asks nothing is sent away after 5 s; meanwhile root is answered."""
    hold(USERS[0], OF_ONE_USER)
    assert daemon.view("status")["identity"]["holds"]
    until(lambda: hold(USERS[0], 1, *FOLLOW) == ["ok"], "there is room again", 15)


def test_silent_root(lab, hold, daemon):
    """A connection that is never used ends by itself, and says why."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(15)
        start = time.monotonic()
        peer.connect(str(daemon.socket))
        text = peer.recv(200).decode()
        waited = time.monotonic() - start
    assert text == "error no complete request line came within 5 s\n"
    assert 5 <= waited < 8
