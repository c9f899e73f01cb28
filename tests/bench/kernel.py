"""Rows of the program alone, by BPF_PROG_TEST_RUN (bench.c): against nothing, against the bare
primitives, and how cost grows.

Every figure is "over empty": what the empty program takes, in the same round, is taken off first.
That is the strict ratio; the one on totals stands beside it in the column of ours and reference.
"""
import json
import os
import subprocess

from place import BUILD
from table import Row, judge, number, quartiles

BENCH = BUILD / "tests/bench/bench"
EMPTY = "program=empty"
LENGTHS = (128, 256, 576, 1024, 1500)  # the first one: 72 bytes more than the least
OTHERS = {"tcp": "TCP", "udp": "UDP", "arp": "ARP", "ipv6": "IPv6"}
AGAINST_PRIMITIVES, WITH_RING, RANDOM, CHECKSUM = 1.25, 1.35, 2, 1.25
NOT_ICMP = HEADERS = 3  # ns
SCALING, SCALING_EVENTS = 1.8, 1.6


class Samples:
    """What one run of bench.c has measured: ns by cell and round."""

    def __init__(self, settings, cells):
        command = ["setpriv", "--pdeathsig", "KILL", BENCH, "--rounds", str(settings.rounds),
                   "--runs", str(settings.runs), EMPTY, *cells]
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
        if done.returncode:
            raise RuntimeError(f"{BENCH}: {done.stderr.strip() or done.returncode}")
        self.ns = json.loads(done.stdout)["cells"]

    def total(self, cell):
        """The median; None where it could not be measured."""
        values = [ns for ns in self.ns[cell] if ns is not None]
        return quartiles(values)[1] if values else None

    def over(self, cell, empty=EMPTY):
        """ns over the empty program, round by round; rounds that could not be measured left out."""
        return [a - b for a, b in zip(self.ns[cell], self.ns[empty])
                if a is not None and b is not None]


def cell(program, **words):
    return ",".join([f"program={program}"] + [f"{name}={value}" for name, value in words.items()])


def pair(**words):
    """Ours and the primitives on the same frame, sources only."""
    return [cell(program, tables=1, **words) for program in ("ours", "primitives")]


def show(ns, total):
    return f"{number(quartiles(ns)[1], 'ns')} (of {number(total)})"


def not_icmp(settings):
    cells = {name: [cell("ours", packet=kind, watch=watch) for watch in (0, 1)]
             for kind, name in OTHERS.items()}
    samples = Samples(settings, [c for both in cells.values() for c in both])
    rows = []
    for watch, words in enumerate(("", ", flow watcher on")):
        for name, both in cells.items():
            over = samples.over(both[watch])
            rows.append(judge(f"{name}, not ICMP{words}", show(over, samples.total(both[watch])),
                              number(samples.total(EMPTY), "ns"), over, unit="ns",
                              bound=None if watch else NOT_ICMP))
    return rows, samples.ns


def against(samples, name, ours, primitives, bound):
    a, b = samples.over(ours), samples.over(primitives)
    return judge(name, show(a, samples.total(ours)), show(b, samples.total(primitives)),
                 [x / y for x, y in zip(a, b)], bound=bound)


def hot(settings):
    rows = {"message, sources only": ({"tables": 1}, AGAINST_PRIMITIVES),
            "message, three tables": ({"tables": 3}, AGAINST_PRIMITIVES),
            "message and its event, sources only": ({"tables": 1, "events": 1}, WITH_RING),
            "message and its event, three tables": ({"tables": 3, "events": 1}, WITH_RING)}
    samples = Samples(settings, [cell(program, **words) for words, _ in rows.values()
                                 for program in ("primitives", "ours")])
    return [against(samples, name, cell("ours", **words), cell("primitives", **words), bound)
            for name, (words, bound) in rows.items()], samples.ns


def random_sources(settings):
    generators = {kind: cell("empty", random=kind) for kind in ("sources", "quotes")}
    rows = [("random source, sources only", 1, "sources", 0),
            ("random source, three tables", 3, "sources", 0),
            ("random source and quote, three tables", 3, "quotes", 0),
            ("random source, each let in, sources only", 1, "sources", 1),
            ("random source and quote, each let in, three tables", 3, "quotes", 1)]
    cells = [cell("ours", tables=tables, random=kind, insert=insert)
             for _, tables, kind, insert in rows]
    steady = {tables: cell("ours", tables=tables) for tables in (1, 3)}
    samples = Samples(settings, [*generators.values(), *cells, *steady.values()])
    found = []
    for (name, tables, kind, insert), made_up in zip(rows, cells):
        a, b = samples.over(made_up, generators[kind]), samples.over(steady[tables])
        found.append(judge(name, number(quartiles(a)[1], "ns"),
                           f"{number(quartiles(b)[1])} ns, hot", [x / y for x, y in zip(a, b)],
                           bound=None if insert else RANDOM))
    return found, samples.ns


def by_length(samples, lengths, least, bare):
    """All that hangs on a message's length, against a checksum of that length: what the primitives
    take more with it than without. Of ours that is what the message takes more than the least one,
    and the least one's checksum, of 36 bytes, for which is taken what the next 72 bytes add.
    Beside it all of a message against all primitives."""
    first = samples.over(lengths[LENGTHS[0]][0], least)
    rows = []
    for length, (ours, primitives) in lengths.items():
        a = [more + sum_of_least for more, sum_of_least in zip(samples.over(ours, least), first)]
        b = samples.over(primitives, bare)
        rows.append(judge(f"by length, message of {length} bytes", number(quartiles(a)[1], "ns"),
                          f"{number(quartiles(b)[1], 'ns')}, its checksum",
                          [x / y for x, y in zip(a, b)], bound=CHECKSUM))
    return rows + [against(samples, f"message of {length} bytes, sources only", *both, None)
                   for length, both in lengths.items()]


def growth(settings):
    """By length, and by tags and IP options, which the checksum does not cover: what they add."""
    kinds = [(f"VLAN depth {tags}", {"vlans": tags}) for tags in range(1, 5)]
    kinds += [(f"{size} bytes of IP options", {"options": size}) for size in (4, 40)]
    lengths = {length: pair(length=length) for length in LENGTHS}
    headers = {f"growth, {name}": pair(**words) for name, words in kinds}
    least, bare = pair(), cell("primitives", tables=1, sum=0)
    samples = Samples(settings, [*least, bare] + [c for both in (*lengths.values(), *headers.values())
                                                  for c in both])
    rows = by_length(samples, lengths, least[0], bare)
    for name, both in headers.items():
        ours, theirs = (samples.over(c, base) for c, base in zip(both, least))
        rows.append(judge(name, f"{quartiles(ours)[1]:+.1f} ns", f"{quartiles(theirs)[1]:+.1f} ns",
                          ours, unit="ns", bound=HEADERS))
    return rows, samples.ns


def two_cpus(settings):
    rows = [("two CPUs, counting, sources only", {"tables": 1}, SCALING),
            ("two CPUs, counting, three tables", {"tables": 3}, SCALING),
            ("two CPUs, events, three tables", {"tables": 3, "events": 1}, SCALING_EVENTS),
            ("two CPUs, the same source, three tables", {"tables": 3, "shared": 1}, None)]
    if os.cpu_count() < 2:
        return [Row(name, "", skipped="one CPU only") for name, _, _ in rows], {}
    both = {name: [cell("ours", bursts=1, cpus=cpus, **words) for cpus in (1, 2)]
            for name, words, _ in rows}
    empty = [cell("empty", bursts=1, cpus=cpus) for cpus in (1, 2)]
    samples = Samples(settings, empty + [c for pair in both.values() for c in pair])
    found = []
    for name, _, bound in rows:
        one, two = (samples.over(c, nothing) for c, nothing in zip(both[name], empty))
        if not one or not two:
            found.append(Row(name, "", skipped="the CPUs never ran at once for other load"))
            continue
        found.append(judge(name, number(quartiles(two)[1], "ns"),
                           f"{number(quartiles(one)[1])} ns on one",
                           [2 * a / b for a, b in zip(one, two)], bound=bound, at_most=False))
    return found, samples.ns
