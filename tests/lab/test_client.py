"""unreach against a daemon that is there: live events, who may ask, and who gets what error."""
import json
import os
import shutil
import signal
import subprocess

import jsonschema
import pytest

import sources
from daemon import ROOT, UNREACH
from lab import until
from test_community import expected

AS_NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup")


@pytest.fixture(name="follow")
def follower(lab):
    """Starts `unreach events -f` with its output in a file; (process, function: its lines)."""
    running = []

    def start(daemon, *words):
        path = daemon.directory / f"follow-{len(running)}"
        with open(path, "w", encoding="utf-8") as out:
            running.append(lab.start(None, UNREACH, "events", "-f", *words, "--socket",
                                     daemon.socket, stdout=out))
        return running[-1], lambda: path.read_text(encoding="utf-8").splitlines()

    yield start
    for process in running:
        if process.poll() is None:
            lab.stop(process)


def test_events_stream(lab, launch, follow):
    """Each event comes while the follower runs: what was before it, then what happens."""
    daemon = launch("-e", "all").ready()
    daemon.await_seen(sources.refuse_ports(lab, 2))
    process, lines = follow(daemon, "--json")
    until(lambda: len(lines()) == 2, "the recent events")
    for number in range(3, 6):
        sources.refuse_ports(lab, 1)
        until(lambda: len(lines()) == number, f"event {number}", 3)
    events = [json.loads(line) for line in lines()]
    form = jsonschema.Draft202012Validator(
        json.loads((ROOT / "tests/schema/event.json").read_text(encoding="utf-8")))
    for event in events:
        form.validate(event)
    assert len({event["event_id"] for event in events}) == 5
    lab.stop(process, signal.SIGINT)


def test_community_ids(lab, launch):
    """--community-id: in the log, and in live views alike."""
    daemon = launch("-e", "all", "--community-id", "-l", "{log}").ready()
    daemon.await_seen(sources.refuse_ports(lab, 3))
    live = [json.loads(line) for line in daemon.ask("events", "--json").splitlines()]
    assert daemon.stop() == 0
    logged = daemon.lines("log")
    assert logged == live and len(logged) == 3
    for line in logged:
        assert line["community_id"] == expected(line["unreach"]["orig"])


def test_events_filtered(lab, launch, follow):
    daemon = launch("-e", "all").ready()
    _all, every = follow(daemon)
    _four, only = follow(daemon, "--code", "4")
    _none, none = follow(daemon, "--source", "192.0.2.99")
    sent = sources.provoke_all(lab, sources.SOURCES[3:5])
    until(lambda: len(every()) == sum(sent.values()), "all events")
    until(lambda: len(only()) == sent[4], "those of code 4")
    assert all("fragmentation-needed mtu 1400" in line for line in only())
    assert none() == []


def test_follower_ends_with_the_daemon(lab, launch, follow):
    daemon = launch("-e", "all").ready()
    process, lines = follow(daemon)
    sources.refuse_ports(lab, 1)
    until(lambda: len(lines()) == 1, "an event")
    daemon.stop()
    until(lambda: process.poll() is not None, "the follower ends")
    assert process.returncode == 1


def as_nobody(path, socket, *words, groups="--clear-groups"):
    return subprocess.run([*AS_NOBODY, groups, path, *words, "--socket", socket],
                          capture_output=True, text=True, timeout=20, check=False)


@pytest.fixture(name="public")
def public_copy(lab, launch):
    """(daemon, client): where everybody may reach both, as after installation."""
    daemon = launch("-e", "all").ready()
    os.chmod(daemon.directory, 0o755)
    client = daemon.directory / "unreach"
    shutil.copy(UNREACH, client)
    daemon.await_seen(sources.refuse_ports(lab, 2))
    return daemon, client


def test_stranger(public):
    """Without the group: one line that names it."""
    daemon, client = public
    done = as_nobody(client, daemon.socket, "codes")
    assert (done.returncode, done.stdout) == (1, "")
    line, = done.stderr.splitlines()
    assert "no permission" in line and "group" in line and "unreach" in line


def test_member_of_the_group(public):
    """Whoever is in the socket's group needs nothing else."""
    daemon, client = public
    group = 54321
    os.chown(daemon.socket, 0, group)
    done = as_nobody(client, daemon.socket, "codes", "--json", groups=f"--groups={group}")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["interfaces"][0]["seen"] == 2


def test_no_daemon(lab):
    done = subprocess.run([UNREACH, "codes", "--socket", lab.directory / "none"],
                          capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    line, = done.stderr.splitlines()
    assert "unreachd -i" in line


def test_filters_of_tables(lab, launch):
    daemon = launch().ready()
    sent = sources.provoke_all(lab, sources.SOURCES[2:5])
    daemon.await_seen(sum(sent.values()))
    rows = daemon.view("targets", "--code", "protocol-unreachable")["rows"]
    assert [(row["address"], row["messages"]) for row in rows] == [("203.0.113.2", sent[2])]
    assert len(daemon.view("senders", "-n", "1")["rows"]) == 1
    assert len(daemon.view("senders", "-n", "0")["rows"]) == 3
