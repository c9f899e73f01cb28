"""Millions of messages a second: what is counted, attributed and told adds up exactly."""
import json
import os
import re
import signal
import subprocess

from conftest import add, result, sent_by_source, wait_for

MESSAGES = int(os.environ.get("FLOOD_MESSAGES", "4000000"))
STEADY = "10.9.0.0:100:10:0"  # 100 sources, 10 messages a second each
LATE = "10.8.0.0:20:10"


def assert_identity(i, rest):
    total = i["delivered"] + i["pending"] + i["suppressed"] + i["lost"]
    assert i["holds"]
    assert i["suppressed"] == sum(i["suppressed_by"].values())
    assert i["lost"] == sum(i["lost_by"].values())
    if rest:
        assert i["at_rest"]
        assert i["seen"] == total


def assert_tables(bench, seen):
    for table in bench.ask("status")["tables"]:
        if table["name"] in ("sources", "targets", "senders"):
            assert table["attributed"] + table["unattributed"] == seen


def told_by_source(log):
    """Events of each source, and the messages that they say were suppressed before them."""
    events, suppressed = {}, {}
    with open(log) as lines:
        for line in lines:
            event = json.loads(line)
            if event["event_type"] == "unreach_alert":  # that it is a flood
                continue
            source = event["src_ip"]
            events[source] = events.get(source, 0) + 1
            suppressed[source] = suppressed.get(source, 0) + event["unreach"]["suppressed"]
    return events, suppressed


def watch_identity(bench, flood):
    """Asks for the status until the flood ends; how often."""
    asked = 0
    while True:
        try:
            flood.wait(timeout=0.05)
            return asked
        except subprocess.TimeoutExpired:
            assert_identity(bench.identity(), rest=False)
            asked += 1


def test_random_sources_and_steady_ones(bench):
    daemon = bench.start("--pin-dir", "none", "-l", bench.log)
    before = result(bench.flood("--count", "0", "--group", STEADY, "--tail", "1"))
    flood = bench.flood("--count", str(MESSAGES), "--group", STEADY, "--group", LATE + ":1")
    asked = watch_identity(bench, flood)
    during = result(flood)
    after = result(bench.flood("--count", "0", "--group", LATE + ":0", "--tail", "1"))

    identity = bench.at_rest()
    sources = {row["address"]: row for row in bench.ask("sources", "-n", "0")["rows"]}
    daemon.stop()

    groups = before["groups"] + during["groups"] + after["groups"]
    sent = during["flood"] + sum(g["sent"] for g in groups)
    assert identity["seen"] == sent == bench.arrived()
    assert_identity(identity, rest=True)
    assert asked >= 5

    events, suppressed = told_by_source(bench.log)
    steady = add(sent_by_source(before["groups"][0]), sent_by_source(during["groups"][0]))
    assert len(steady) == 100
    for source, count in steady.items():
        row = sources[source]
        assert row["messages"] == count
        assert events[source] > 0
        assert events[source] + suppressed[source] + row["owed"] == count

    late, last = sent_by_source(during["groups"][1]), sent_by_source(after["groups"][0])
    assert len(late) == 20 and min(late.values()) > 0
    for source in late:
        assert last[source] <= sources[source]["messages"] <= late[source] + last[source]
    print(f"\n{sent} messages in {during['seconds']} s of flood, identity held {asked} times")


def test_late_sources_and_the_unattributed_add_up(bench):
    daemon = bench.start("--pin-dir", "none", "--table-size", "1024")
    flood = bench.flood("--count", str(MESSAGES // 2), "--group", LATE + ":0.2")
    during = result(flood)
    bench.at_rest()
    answer = bench.ask("sources", "-n", "0")
    daemon.stop()
    late = sent_by_source(during["groups"][0])
    rows = sum(r["messages"] for r in answer["rows"] if r["address"] in late)
    assert rows + answer["unattributed"] + answer["evicted"] >= sum(late.values())
    assert answer["attributed"] + answer["unattributed"] == during["flood"] + sum(late.values())
    assert answer["evicted"] == answer["attributed"] - sum(r["messages"] for r in answer["rows"])
    assert answer["entries"] <= 1024


def test_two_cpus_on_the_same_sources(bench):
    daemon = bench.start("--pin-dir", "none")
    floods = [bench.flood("--count", str(MESSAGES // 4), "--spread", "50", "--targets", "30", cpu=cpu)
              for cpu in (0, 1)]
    for flood in floods:
        result(flood)
    identity = bench.at_rest()
    assert_identity(identity, rest=True)
    assert identity["seen"] == bench.arrived()
    assert_tables(bench, identity["seen"])
    for table, entries in (("sources", 50), ("targets", 30), ("senders", 1)):
        answer = bench.ask(table, "-n", "0")
        assert answer["entries"] == len(answer["rows"]) == entries
        assert answer["evicted"] == 0
        assert sum(r["messages"] for r in answer["rows"]) == answer["attributed"] == identity["seen"]
    daemon.stop()


def numbers_by_ring(log):
    """The numbers that stand in the log, by instance and ring; every line is whole."""
    numbers = {}
    with open(log, "rb") as lines:
        for line in lines:
            assert line.endswith(b"}}\n"), f"torn line: {line!r}"
            ring, number = re.match(rb'\{"timestamp":"[^"]*","event_id":"(\w+-\d+)-(\d+)"', line).groups()
            numbers.setdefault(ring, []).append(int(number))
    return numbers


def test_kill_in_the_middle(bench):
    options = ("--pin-dir", bench.pins, "-l", bench.log, "-e", "all")
    daemon = bench.start(*options)
    flood = bench.flood("--count", str(MESSAGES // 4), "--rate", "250000", "--spread", "1000")
    for _ in range(3):
        seen = bench.identity()["seen"]
        wait_for(lambda: bench.identity()["seen"] > seen + MESSAGES // 40, "flood")
        daemon.stop(signal.SIGKILL)
        daemon = bench.start(*options)
    sent = result(flood)["flood"]

    identity = bench.at_rest()
    assert_identity(identity, rest=True)
    assert identity["seen"] == sent == bench.arrived()
    assert identity["suppressed"] == 0
    daemon.stop()

    numbers = numbers_by_ring(bench.log)
    assert len({ring.split(b"-")[0] for ring in numbers}) == 1  # one instance: adopted
    for found in numbers.values():
        assert sorted(set(found)) == list(range(1, max(found) + 1))  # nothing missing between ring and log
    assert sum(max(found) for found in numbers.values()) == identity["delivered"]
    repeated = sum(len(found) - len(set(found)) for found in numbers.values())
    print(f"\n{identity['delivered']} events, {identity['lost']} lost (ring), {repeated} written twice")
