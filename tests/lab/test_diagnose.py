"""`unreach diagnose` as an ordinary user, against networks that are broken in one way each."""
import json
import shlex
import shutil
import time
from contextlib import ExitStack, contextmanager

import jsonschema
import pytest

import holes
import lab as network
import sources
from daemon import ROOT, UNREACH

NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
EVERYBODY, NO_ONE = "0 2147483647", "1 0"  # who may open ping sockets
LONGEST = 30  # seconds, as --help promises
CLOSED = 9999  # of s: nobody listens there
SCHEMA = json.loads((ROOT / "tests/schema/diagnose.json").read_text(encoding="utf-8"))


@pytest.fixture(name="client", scope="module")
def public_client(lab):
    """A copy of the client that everybody may run."""
    path = lab.directory / "unreach"
    shutil.copy(UNREACH, path)
    path.chmod(0o755)
    return path


@pytest.fixture(name="ask")
def asker(lab, client):
    """diagnose on c as nobody; the process, done."""
    lab.forget()
    with ExitStack() as stack, lab.tuned("c", ping_group_range=EVERYBODY):
        def run(*words, socket="/nonexistent/sock"):
            return lab.call("c", *NOBODY, client, "diagnose", "--socket", socket, *words,
                            check=False, timeout=LONGEST + 10)

        run.stack = stack
        yield run


@pytest.fixture(name="diagnose")
def as_document(ask):
    """The same, as its JSON document."""
    def run(*words, **keywords):
        start = time.monotonic()
        done = ask("--json", *words, **keywords)
        assert (done.returncode, done.stderr) == (0, "")
        assert time.monotonic() - start < LONGEST
        document = json.loads(done.stdout)
        jsonschema.Draft202012Validator(SCHEMA).validate(document)
        return document

    run.stack = ask.stack
    return run


@contextmanager
def rule(lab, node, hook, text):
    """A rule of a node's firewall, for the time of the context."""
    lab.call(node, "nft", "add table ip diagnosed")
    try:
        lab.call(node, "nft", "add chain ip diagnosed here "
                              f"{{ type filter hook {hook} priority 0; }}")
        lab.call(node, "nft", f"add rule ip diagnosed here {text}")
        yield
    finally:
        lab.call(node, "nft", "delete table ip diagnosed")


@contextmanager
def there(lab, source):
    """What makes a kernel send a code is there, for the time of the context."""
    source.set_up(lab)
    try:
        yield
    finally:
        source.take_down(lab)


@contextmanager
def serving(lab):
    process = lab.serve("s")
    try:
        yield
    finally:
        lab.stop(process)
        process.stdout.close()


def probes(document):
    return {probe["probe"]: probe for probe in document["probes"]}


def verdict(document):
    return document["verdict"]["kind"]


def test_open_port(lab, diagnose):
    diagnose.stack.enter_context(lab.widened(1500))
    diagnose.stack.enter_context(serving(lab))
    document = diagnose(network.SERVER, network.PORT)
    assert verdict(document) == "open"
    assert {name: probe["outcome"] for name, probe in probes(document).items()} == {
        "echo": "answered", "tcp": "answered", "udp": "silent"}
    assert document["path"] == {"state": "whole", "link_mtu": 1500, "known": 1500, "passes": 1500,
                                "stuck": None, "told": None, "told_by": None}


def test_least_link(lab, diagnose):
    """Our own link takes as little as a link may (RFC 791, 3.1): no path is longer than that."""
    diagnose.stack.callback(lab.ip, "c", "link set eth0 mtu 1500")
    lab.ip("c", "link set eth0 mtu 68")
    path = diagnose(network.SERVER)["path"]
    assert (path["state"], path["link_mtu"], path["passes"]) == ("whole", 68, 68)


def test_closed_port(lab, diagnose):
    """A reset for TCP, port unreachable for UDP: the host is there."""
    diagnose.stack.enter_context(lab.widened(1500))
    document = diagnose(network.SERVER, CLOSED)
    assert verdict(document) == "closed"
    assert probes(document)["tcp"]["outcome"] == "refused"
    assert (probes(document)["udp"]["code"], probes(document)["udp"]["name"]) == \
        (3, "port-unreachable")
    assert {(row["code"], row["seen_by"]) for row in document["unreachables"]} == {(3, "here")}


@pytest.mark.parametrize("code", (9, 10, 13))
def test_rejecting_firewall(lab, diagnose, code):
    source, = (row for row in sources.SOURCES if row.code == code)
    if code == 13:
        source = sources.reject(13, "admin-prohibited")
    diagnose.stack.enter_context(there(lab, source))
    document = diagnose(f"198.18.{code}.1", network.PORT)
    assert verdict(document) == "rejected"
    for probe in probes(document).values():
        assert (probe["outcome"], probe["code"], probe["reporter"]) == \
            ("unreachable", code, network.ROUTER)
    # Linux has routes that say 13, and none for the others.
    assert ("ip route show type prohibit" in document["verdict"]["advice"]) == (code == 13)


def test_rejecting_firewall_that_plays_the_host(lab, diagnose):
    """The default of REJECT is code 3, also for TCP, which a host would have reset."""
    diagnose.stack.enter_context(
        rule(lab, "r2", "forward", f"ip daddr {network.SERVER} tcp dport {network.PORT} reject"))
    document = diagnose(network.SERVER, network.PORT)
    assert verdict(document) == "rejected"
    assert (probes(document)["tcp"]["code"], probes(document)["tcp"]["reporter"]) == \
        (3, network.ROUTER)


def test_dropping_firewall(lab, diagnose):
    """It drops everything: nobody says anything."""
    diagnose.stack.enter_context(rule(lab, "r2", "forward", f"ip daddr {network.SERVER} drop"))
    document = diagnose(network.SERVER, network.PORT)
    assert verdict(document) == "silent"
    assert {probe["outcome"] for probe in probes(document).values()} == {"silent"}
    assert document["path"]["state"] == "not-measured"


def test_filtered_port(lab, diagnose):
    """It drops this port alone: the host answers otherwise."""
    diagnose.stack.enter_context(serving(lab))
    diagnose.stack.enter_context(rule(lab, "r2", "forward", f"tcp dport {network.PORT} drop"))
    document = diagnose(network.SERVER, network.PORT)
    assert verdict(document) == "filtered"
    assert probes(document)["tcp"]["outcome"] == "silent"


def test_unroutable_network(lab, diagnose):
    source, = (row for row in sources.SOURCES if row.code == 0)
    diagnose.stack.enter_context(there(lab, source))
    document = diagnose("198.18.0.1")
    assert verdict(document) == "network-unreachable"
    assert probes(document)["tcp"]["reporter"] == network.ROUTER


def test_dead_host(lab, diagnose):
    """Nobody answers r3's ARP; with a kernel's own times, about three seconds."""
    diagnose.stack.enter_context(lab.tuned(
        "r3", **{"neigh.right.mcast_solicit": 3, "neigh.right.retrans_time_ms": 1000}))
    document = diagnose("203.0.113.78", network.PORT)
    assert verdict(document) == "host-unreachable"
    assert probes(document)["tcp"]["reporter"] == "198.51.100.6"


def test_dead_neighbour(diagnose):
    """The same on c's own link: its own kernel says so."""
    document = diagnose("192.0.2.77", network.PORT)
    assert verdict(document) == "no-neighbour"


@pytest.mark.parametrize("kind, expected", (
    ("throw", "no-route"), ("unreachable", "no-route"), ("blackhole", "no-route"),
    ("prohibit", "local-policy")))
def test_no_route(lab, diagnose, kind, expected):
    route = f"{kind} 198.18.99.0/24"
    lab.ip("c", f"route add {route}")
    diagnose.stack.callback(lab.ip, "c", f"route del {route}")
    document = diagnose("198.18.99.1")
    assert verdict(document) == expected
    assert {probe["outcome"] for probe in probes(document).values()} == {"local"}


def test_own_firewall(lab, diagnose):
    diagnose.stack.enter_context(rule(lab, "c", "output", f"ip daddr {network.SERVER} drop"))
    assert verdict(diagnose(network.SERVER)) == "local-policy"


def test_narrow_path(lab, diagnose):
    diagnose.stack.enter_context(serving(lab))
    document = diagnose(network.SERVER, network.PORT)
    assert verdict(document) == "narrow-path"
    assert document["path"] == {"state": "told", "link_mtu": 1500, "known": 1500, "passes": 1400,
                                "stuck": None, "told": 1400, "told_by": network.ROUTER}
    assert (4, network.ROUTER, 1400) in {(row["code"], row["reporter"], row["mtu"])
                                         for row in document["unreachables"]}
    assert diagnose(network.SERVER, network.PORT)["path"]["known"] == network.NARROW


def test_path_of_a_host_that_answers_no_echo(lab, diagnose):
    """Then port unreachable is the answer to long datagrams."""
    diagnose.stack.enter_context(rule(lab, "s", "input", "icmp type echo-request drop"))
    document = diagnose(network.SERVER, CLOSED)
    assert verdict(document) == "closed"
    assert (document["path"]["state"], document["path"]["passes"]) == ("told", network.NARROW)


@pytest.mark.parametrize("hole", (holes.SILENT, holes.HOST), ids=lambda hole: hole.name)
def test_black_hole(lab, diagnose, hole):
    """Nobody says that it is too narrow, or nobody is heard: the search tells how narrow it is."""
    diagnose.stack.enter_context(serving(lab))
    diagnose.stack.enter_context(holes.dug(lab, hole))
    document = diagnose(network.SERVER, network.PORT)
    assert verdict(document) == "black-hole"
    path = document["path"]
    assert (path["state"], path["passes"], path["stuck"]) == \
        ("hole", network.NARROW, network.NARROW + 1)
    assert str(network.NARROW) in document["verdict"]["advice"]


def test_deaf_host(lab, diagnose, launch):
    """The monitor saw what c's own firewall drops."""
    daemon = launch("-e", "all").ready()
    daemon.directory.chmod(0o755)
    daemon.socket.chmod(0o666)
    diagnose.stack.enter_context(serving(lab))
    diagnose.stack.enter_context(holes.dug(lab, holes.HOST))
    document = diagnose(network.SERVER, network.PORT, socket=daemon.socket)
    assert verdict(document) == "unheard"
    assert document["monitor"]["state"] == "asked"
    assert (4, network.ROUTER, 1400, "monitor") in {
        (row["code"], row["reporter"], row["mtu"], row["seen_by"])
        for row in document["unreachables"]}


def test_monitor_that_refuses(lab, diagnose, launch):
    """A stranger is told so, and gets the rest."""
    daemon = launch().ready()
    daemon.directory.chmod(0o755)
    document = diagnose(network.SERVER, CLOSED, socket=daemon.socket)
    assert (document["monitor"]["state"], verdict(document)) == ("no-permission", "closed")


def test_without_ping_sockets(lab, diagnose):
    diagnose.stack.enter_context(lab.tuned("c", ping_group_range=NO_ONE))
    document = diagnose(network.SERVER, CLOSED)
    assert probes(document)["echo"]["outcome"] == "forbidden"
    assert verdict(document) == "closed"
    assert document["path"]["passes"] == network.NARROW


def test_hole_without_ping_sockets(lab, diagnose):
    """By port unreachable alone, of which routers and hosts let few through."""
    diagnose.stack.enter_context(lab.tuned("c", ping_group_range=NO_ONE))
    diagnose.stack.enter_context(lab.tuned("s", icmp_ratelimit=1000, icmp_ratemask=6168))
    diagnose.stack.enter_context(holes.dug(lab, holes.SILENT))
    document = diagnose(network.SERVER, CLOSED)
    assert verdict(document) == "black-hole"
    assert document["path"]["passes"] <= network.NARROW < document["path"]["stuck"]


def test_no_false_hole_on_a_bad_line(slow, client):
    """Five packets of a hundred are lost, each way 10 ms: no verdict of a hole comes of it."""
    with slow.tuned("c", ping_group_range=EVERYBODY), slow.wired("ab:loss=5", "ba:loss=5"), \
            serving(slow):
        slow.forget()
        for _round in range(3):
            done = slow.call("c", *NOBODY, client, "diagnose", "--json", network.SERVER,
                             network.PORT, timeout=LONGEST + 10)
            document = json.loads(done.stdout)
            assert verdict(document) == "narrow-path"
            assert document["path"]["passes"] == network.NARROW


def test_text(lab, ask):
    """What people read: each probe, the path, the verdict and what to do, in 80 columns."""
    ask.stack.enter_context(serving(lab))
    ask.stack.enter_context(holes.dug(lab, holes.SILENT))
    done = ask(network.SERVER, network.PORT)
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 80
    for words in ("echo", "TCP 8080", "UDP 8080", "path MTU", "1400", "black-hole", "nft",
                  "no monitor"):
        assert words in done.stdout


def test_progress_on_a_terminal_only(lab, client, ask):
    words = shlex.join([*NOBODY, str(client), "diagnose", network.SERVER, str(CLOSED)])
    shown = lab.call("c", "script", "--quiet", "--command", words, "/dev/null").stdout
    assert "\x1b[K" in shown and "searching" in shown
    assert ask(network.SERVER, CLOSED).stderr == ""


def test_name(ask):
    """By the hosts file; in the lab's namespace there is no resolver."""
    done = ask("--json", "localhost", CLOSED)
    document = json.loads(done.stdout)
    assert (document["host"], document["address"]) == ("localhost", "127.0.0.1")
    assert document["verdict"]["kind"] == "closed"


@pytest.mark.parametrize("words, complaint", [
    ((), "diagnose whom"),
    (("192.0.2.1", "0"), "1 to 65535"),
    (("192.0.2.1", "http"), "1 to 65535"),
    (("192.0.2.1", "1", "2"), "takes no '2'"),
    (("2001:db8::1",), "IPv4"),
    (("224.0.0.1",), "not the address of one host"),
])
def test_wrong_words(ask, words, complaint):
    done = ask(*words)
    assert (done.returncode, done.stdout) == (2, "")
    line, = done.stderr.splitlines()
    assert complaint in line


def test_unknown_name(ask):
    done = ask("nobody.invalid")
    assert (done.returncode, done.stdout) == (1, "")
    line, = done.stderr.splitlines()
    assert "nobody.invalid" in line
