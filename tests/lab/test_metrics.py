"""The metrics of a daemon that is there: what views say, in Prometheus' words; and who may ask, how
often and for how long."""
import re
import resource
import shutil
import signal
import time
from pathlib import Path

import pytest

import lab as network
import sources
from cable import state_of
from daemon import by_code
from lab import until
from scrape import OPENMETRICS, PROM, ask, connect, get, promtool, samples, scrape
from test_alert_life import forge
from test_privileges import service_launcher  # noqa: F401  the fixture `service`

PORT = 10792  # the default
FIRST = 10800  # of ports that are asked for
OUT = {"interface": "out"}
DOTTED = re.compile(r"\d+\.\d+\.\d+\.\d+")
ROOM = 16  # connections at the same time
CROWD = 30  # of one who wants to keep others out: 16 have room, then 14
PATIENCE, CALM = 5, 10  # seconds until more than half the room is free; that one of few has

checked = pytest.mark.skipif(not shutil.which("promtool"),
                             reason="promtool is not installed (package prometheus)")


@pytest.fixture(name="port", scope="module")
def ports():
    """A port not asked for before, at each call."""
    numbers = iter(range(FIRST, FIRST + 100))
    return lambda: next(numbers)


@pytest.fixture(name="watched")
def watching_daemon(launch, port):
    """(daemon, its port)"""
    number = port()
    return launch("-e", "all", "--listen", f"127.0.0.1:{number}").ready(), number


def await_scraped(lab, port, seen):
    """Waits until so many messages are told; the samples."""
    def told():
        found = scrape(lab, port)
        return get(found, "unreach_seen_total", **OUT) == seen and found

    return until(told, f"{seen} messages are scraped")


def test_same_as_the_views(recorded):
    """Every figure that a view has, too; all codes came."""
    found = samples(recorded.metrics)
    one, = recorded.views["codes"]["interfaces"]
    assert get(found, "unreach_seen_total", **OUT) == one["seen"] and len(by_code(one)) == 17
    for row in one["codes"]:
        labels = {**OUT, "code": str(row["code"]), "name": row["name"]}
        for key in ("messages", "bytes"):
            assert get(found, f"unreach_{key}_total", **labels) == row[key], labels
    assert get(found, "unreach_unassigned_total", **OUT) == one["unassigned"]
    assert get(found, "unreach_bad_checksum_total", **OUT) == one["bad_checksum"]
    for reason, count in one["unclassified"].items():
        assert get(found, "unreach_unclassified_total", **OUT, reason=reason) == count
    status = recorded.views["status"]
    assert get(found, "unreach_attach_info", **OUT, mode="native") == 1
    assert get(found, "unreach_build_info", version=status["version"]) == 1
    for table in status["tables"]:
        labels = {"table": table["name"]}
        assert get(found, "unreach_table_entries", **labels) == table["entries"], labels
        assert get(found, "unreach_unattributed_total", **labels) == table["unattributed"], labels
    assert get(found, "unreach_table_entries", table="sources") > 1


def test_identity(lab, launch, port):
    """All that was seen is accounted for, whatever became of it."""
    number = port()
    daemon = launch("--event-rate", "2", "--listen", f"127.0.0.1:{number}").ready()
    daemon.await_seen(sources.refuse_ports(lab, 50))
    found = await_scraped(lab, number, 50)
    identity = daemon.identity()
    assert identity["suppressed"] and identity["delivered"]
    assert get(found, "unreach_events_delivered_total", **OUT) == identity["delivered"]
    assert get(found, "unreach_events_pending", **OUT) == 0
    for kind in ("suppressed", "lost"):
        for reason, count in identity[f"{kind}_by"].items():
            assert get(found, f"unreach_events_{kind}_total", **OUT, reason=reason) == count
    assert get(found, "unreach_identity_holds", **OUT) == 1


def test_alerts_and_paths(lab, watched):
    """What fires now, by kind and severity; and no address of anybody's in it."""
    daemon, port = watched
    forge(lab)
    labels = {"kind": "pmtud-invalid", "severity": "critical"}
    assert get(scrape(lab, port), "unreach_alerts", kind="pmtud-silent", severity="critical") == 0
    until(lambda: get(scrape(lab, port), "unreach_alerts", **labels) == 1, "the alert is scraped")
    until(lambda: get(scrape(lab, port), "unreach_paths", verdict="invalid") == 1, "and its path")
    alert, = daemon.view("alerts")["rows"]
    known = {alert[key] for key in ("src", "dst", "reporter")}
    for name in ("sources", "targets", "senders"):
        known |= {row["address"] for row in daemon.view(name)["rows"]}
    assert len(known) >= 3
    for accept in (PROM, OPENMETRICS):
        text = ask(lab, port, Accept=accept).body
        assert not [address for address in known if address in text]
        assert not DOTTED.search(text)


@checked
def test_promtool(lab, watched):
    """Well-formed, and as a metric should be called and described."""
    daemon, port = watched
    daemon.await_seen(sources.refuse_ports(lab, 3))
    text = ask(lab, port).body
    done = promtool("check", "metrics", stdin=text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    poor = text.replace("# HELP unreach_paths ", "# was ")
    assert promtool("check", "metrics", stdin=poor).returncode
    assert promtool("check", "metrics", stdin=text + "unreach_seen_total{ 1\n").returncode


def test_formats(lab, watched):
    """The same samples in both."""
    _daemon, port = watched
    plain, wanted = ask(lab, port), ask(lab, port, Accept="application/openmetrics-text")
    assert plain.headers["Content-Type"] == PROM and "# EOF" not in plain.body
    assert wanted.headers["Content-Type"] == OPENMETRICS and wanted.body.endswith("\n# EOF\n")
    assert samples(plain.body) == samples(wanted.body)


def test_requests(lab, watched):
    """GET and HEAD of one path; all else is refused, and the connection over."""
    _daemon, port = watched
    whole = ask(lab, port, path="/metrics?x=1")
    assert whole.status == 200 and whole.headers["Connection"] == "close"
    head = ask(lab, port, method="HEAD")
    assert (head.status, head.body) == (200, "")
    assert int(head.headers["Content-Length"]) == len(whole.body)
    for path in ("/", "/metrics/", "/metric", "/Metrics", "//metrics", "/x/../metrics"):
        assert ask(lab, port, path=path).status == 404, path
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get"):
        answer = ask(lab, port, method=method, body="x" * 1000)
        assert (answer.status, answer.headers.get("Allow")) == (405, "GET, HEAD"), method


def test_for_this_host_alone(lab, launch):
    """Unless somebody says otherwise."""
    launch("-e", "all").ready()
    assert ask(lab, PORT).status == 200
    for node in ("b", "r2"):
        with pytest.raises(ConnectionRefusedError):
            connect(lab, PORT, network.BORDER, node)


def test_on_another_address(lab, launch, port):
    number = port()
    launch("--listen", f"{network.BORDER}:{number}").ready()
    with connect(lab, number, network.BORDER, "r2") as peer:
        peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: border\r\n\r\n")
        assert peer.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
    with pytest.raises(ConnectionRefusedError):
        connect(lab, number)


def test_one_peer_leaves_room(lab, launch, port):
    """Where others can connect one of them does not get all there is."""
    number = port()
    launch("--listen", f"0.0.0.0:{number}").ready()
    crowd = [connect(lab, number, network.BORDER, "r2") for _ in range(CROWD)]
    began = time.monotonic()
    assert ask(lab, number).status == 200
    assert time.monotonic() - began < 1
    for peer in crowd:
        peer.close()


def test_ipv6(lab, launch, port):
    number = port()
    with_ipv6 = lab.call("b", "sysctl", "-qw", "net.ipv6.conf.lo.disable_ipv6=0", check=False)
    if with_ipv6.returncode:
        pytest.skip("this kernel has no IPv6")
    try:
        launch("--listen", f"[::1]:{number}").ready()
        assert ask(lab, number, host="::1").status == 200
        with pytest.raises(ConnectionRefusedError):
            connect(lab, number)
    finally:
        lab.call("b", "sysctl", "-qw", "net.ipv6.conf.lo.disable_ipv6=1")


def test_none(lab, launch):
    launch("--listen", "none").ready()
    with pytest.raises(ConnectionRefusedError):
        connect(lab, PORT)


def test_port_taken(lab, launch):
    """Two side by side: nobody asked for the default, so the second goes on without."""
    first = launch().ready()
    second = launch("-e", "all", interfaces=("in",)).ready()
    line, = (line for line in second.stderr().splitlines() if "metrics" in line)
    assert f"127.0.0.1:{PORT}" in line and "in use" in line and "--listen" in line
    assert "metrics" not in first.stderr()
    assert second.view("codes")["interfaces"][0]["name"] == "in"
    found = scrape(lab, PORT)
    assert get(found, "unreach_seen_total", **OUT) == 0
    status, text = launch("--listen", f"127.0.0.1:{PORT}", interfaces=("in",)).refused()
    assert (status, len(text.splitlines())) == (71, 1) and "in use" in text
    assert second.stop() == 0


def test_again_at_once(lab, launch):
    """Connections of before do not hold the port."""
    for _ in range(2):
        daemon = launch().ready()
        with connect(lab, PORT) as open_yet:
            assert ask(lab, PORT).status == 200
            assert daemon.stop() == 0
            assert open_yet.recv(1) == b""
        assert "metrics" not in daemon.stderr()


@pytest.mark.parametrize("value", ("", "10792", ":10792", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0",
                                   "127.0.0.1:65536", "127.0.0.1:http", "127.0.0.1:80x",
                                   "localhost:10792", "::1:10792", "[::1]", "[127.0.0.1]:80",
                                   "[::1:80", "1" * 200 + ":80"))
def test_no_place(launch, value):
    status, text = launch("--listen", value).refused()
    assert (status, len(text.splitlines())) == (64, 1)
    assert "--listen" in text and value in text


def test_not_here(launch):
    status, text = launch("--listen", "192.0.2.99:10792").refused()
    assert (status, len(text.splitlines())) == (71, 1) and "192.0.2.99:10792" in text


def test_as_a_service(lab, service, launch):
    """It takes no privilege, but for a low port: that is root's."""
    daemon = service().ready()
    assert ask(lab, PORT).status == 200
    assert daemon.stop() == 0
    status, text = service("--listen", "127.0.0.1:80").refused()
    assert status == 71 and "below 1024" in text
    launch("--listen", "127.0.0.1:80", interfaces=("in",)).ready()
    assert ask(lab, 80).status == 200


def test_what_is_waited_for(lab, launch, port, spare):
    """An interface without a program is told as such."""
    number = port()
    daemon = launch("--wait", "--listen", f"127.0.0.1:{number}", interfaces=("out", "spare")).ready()
    found = scrape(lab, number)
    assert get(found, "unreach_attach_info", **OUT, mode="native") == 1
    assert get(found, "unreach_attach_info", interface="spare", mode="none") == 1
    spare.make()
    until(lambda: state_of(daemon, "spare") == "attached", "spare is watched")
    until(lambda: get(scrape(lab, number), "unreach_attach_info", interface="spare", mode="native"),
          "and told so")


@pytest.mark.parametrize("sent, answered", (
    (b"GET /metrics HTTP/1.1\r\nX: " + b"y" * 50000 + b"\r\n\r\n", b"HTTP/1.1 431 "),
    (b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 10000 + b"\r\n", b"HTTP/1.1 431 "),
    (b"GET /" + b"a" * 50000 + b" HTTP/1.1\r\n\r\n", b"HTTP/1.1 414 "),
    (b"GET\r\n\r\n", b"HTTP/1.1 400 "),
), ids=("header", "headers", "path", "cut"))
def test_refused(lab, watched, sent, answered):
    """Too long or no request; and the next one is served."""
    _daemon, port = watched
    with connect(lab, port) as peer:
        try:
            peer.sendall(sent)
            answer = peer.recv(100)
        except (ConnectionResetError, BrokenPipeError):
            answer = b""
    assert not answer or answer.startswith(answered)
    assert ask(lab, port).status == 200


@pytest.mark.parametrize("sent", (b"\x16\x03\x01\x02\x00\x01\x00" + b"\0" * 600, b"\r\n" * 5000),
                         ids=("tls", "lines"))
def test_never_a_request(lab, watched, sent):
    """Nothing is said to that, and others are served."""
    _daemon, port = watched
    with connect(lab, port) as peer:
        peer.sendall(sent)
        assert ask(lab, port).status == 200
        assert not peer_sent(peer)


def peer_sent(peer):
    """What came from there so far; b"" where it has hung up, None where it is silent."""
    peer.setblocking(False)
    try:
        return peer.recv(100)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def gone(peer):
    """Was it hung up on?"""
    return peer_sent(peer) == b""


def drip(peers):
    """One byte more on each connection; those that are still there."""
    left = [peer for peer in peers if not gone(peer)]
    for peer in left:
        try:
            peer.send(b"G")
        except OSError:
            pass  # gone just now
    return left


def test_crowd(lab, watched):
    """Idle ones and slow ones, more than there is room for: messages are drained meanwhile, a
    scraper gets its turn, and in the end none of them is left. Few of them have more time, also
    the last of the crowd."""
    daemon, port = watched
    idle = [connect(lab, port) for _ in range(CROWD // 2)]
    slow = [connect(lab, port) for _ in range(CROWD // 2)]
    daemon.await_seen(sources.refuse_ports(lab, 20))
    assert daemon.identity()["delivered"] == 20
    slow = drip(slow)
    assert get(scrape(lab, port, seconds=8), "unreach_seen_total", **OUT) == 20

    def left():
        return len(drip(slow)) + sum(not gone(peer) for peer in idle)

    until(lambda: left() <= ROOM // 2, "few of them are left", PATIENCE)
    until(lambda: not left(), "all are hung up on", CALM + 4)
    few = [connect(lab, port), connect(lab, port)]
    began = time.monotonic()
    until(lambda: not drip(few), "these are, too", CALM + 4)
    assert time.monotonic() - began > CALM - 1
    for peer in idle + few:
        peer.close()
    assert ask(lab, port).status == 200


def busy(process):
    """CPU seconds it has had."""
    text = Path(f"/proc/{process.pid}/schedstat").read_text(encoding="ascii")
    return int(text.split()[0]) / 1e9


def test_no_descriptor_left(lab, watched):
    """Who cannot be accepted waits, and the daemon does not run in circles meanwhile."""
    daemon, port = watched
    pid, limits = daemon.process.pid, resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, limits[1]))
    with connect(lab, port) as peer:
        peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: b\r\n\r\n")
        began, before = time.monotonic(), busy(daemon.process)
        sent = sources.refuse_ports(lab, 5)
        until(lambda: time.monotonic() - began > 1.5, "time passes")
        assert busy(daemon.process) - before < 0.3 * (time.monotonic() - began)
        assert not peer_sent(peer)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        peer.settimeout(5)
        assert peer.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
    daemon.await_seen(sent)


def test_stopped_meanwhile(lab, watched):
    """A scraper that waits does not keep the daemon, nor a signal it."""
    daemon, port = watched
    with connect(lab, port) as peer:
        peer.sendall(b"GET /metrics HTTP/1.1\r\n")
        assert lab.stop(daemon.process, signal.SIGTERM) == 0
        assert gone(peer)
