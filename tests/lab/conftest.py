"""What the lab's tests share: one network for all, another with a delay, and one recorded run."""
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import sources  # noqa: E402
from cable import Spare  # noqa: E402
from capture import Capture, messages  # noqa: E402
from daemon import LOGGED, Daemon, launcher  # noqa: E402
from lab import PYTHON, Lab, until  # noqa: E402
from scrape import ask  # noqa: E402

METRICS_PORT = 10799  # of the recorded run


def pytest_collection_modifyitems(items):
    if os.geteuid() != 0:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="namespaces and XDP take root"))


@pytest.fixture(scope="session")
def lab():
    with Lab() as network:
        yield network


@pytest.fixture(scope="session")
def slow():
    """20 ms there and back, as path MTU discovery meets it."""
    with Lab(delay=10) as network:
        yield network
        network.cut_wire()


@pytest.fixture
def launch(lab):
    with launcher(lab) as start:
        yield start


@pytest.fixture(name="spare")
def spare_cable(lab):
    cable = Spare(lab)
    yield cable
    lab.call("b", "ip", "link", "del", "spare", check=False)


@pytest.fixture(name="stranger")
def strangers_link(lab):
    """Somebody else's program on `out`, with (mode): the path of its link, which holds it."""
    folder = lab.pin_dir()
    folder.mkdir()

    def put(mode):
        lab.call("b", PYTHON, HERE / "links.py", "out", mode, folder / "theirs")
        return folder / "theirs"

    yield put
    (folder / "theirs").unlink(missing_ok=True)


@pytest.fixture
def watch(slow):
    """launch() in the network with the delay, with all events in {log}, and ready."""
    with launcher(slow) as start:
        yield lambda *options, **keywords: start(*LOGGED, *options, **keywords).ready()


@pytest.fixture(scope="session")
def recorded(lab):
    """Every source and a TCP upload, watched by unreachd and by tcpdump: what both have to say."""
    daemon = Daemon(lab, "-e", "all", "-l", "{log}", "-w", "{pcapng}", "--snaplen", "1536",
                    "--listen", f"127.0.0.1:{METRICS_PORT}")
    capture = Capture(lab, "b", "out", daemon.directory / "out.pcap")
    daemon.ready()
    sent = sources.provoke_all(lab, sources.SOURCES + sources.VARIANTS,
                               lambda row, sent: daemon.await_seen(sum(sent.values())))
    arrived = sources.discover_path_mtu(lab)
    until(lambda: len(messages(capture.path)) > sum(sent.values()), "code 4 for TCP captured")
    until(lambda: len(messages(capture.path)) == daemon.seen(), "tcpdump and unreachd agree")
    daemon.await_seen(daemon.seen())
    views = {name: daemon.view(name, *words) for name, *words in
             (("codes",), ("sources", "-n", "0"), ("targets", "-n", "0"), ("senders", "-n", "0"),
              ("status",))}
    metrics = ask(lab, METRICS_PORT).body
    capture.stop()
    assert daemon.stop() == 0
    return SimpleNamespace(sent=sent, arrived=arrived, views=views, metrics=metrics, capture=capture.path,
                           log=daemon.directory / "log", pcapng=daemon.directory / "pcapng")
