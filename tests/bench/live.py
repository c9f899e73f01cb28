"""Rows of the daemon under live load: what it takes to run, what it writes, what a message costs
the receiver. Files stand on a tmpfs. CPU time is the kernel's, of the process that is measured.
"""
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

from place import BUILD, NODE, WATCHED, Daemon, Place, at_rest, busy, rotate, seconds, until
from table import Row, judge, number, quartiles

LAST_CPU = os.cpu_count() - 1
APART = ("taskset", "-c", LAST_CPU)  # from the flood, which has the first CPU
EVENTS_FASTER, PCAP_FASTER, CHEAPER = 6, 1, 0.25
MEMORY, START, IDLE, ANSWER = 32, 0.5, 0.2, 0.2  # MiB, s, % of a CPU, s
REFERENCE = BUILD / "tests/bench/reference.bpf.o"
FEW = ("--spread", "1000")  # sources that all fit any table
TOP = 20
ASKED = 10  # times, at least
SHORT = 128 << 20  # bytes of a log that nobody is to wait for: of more, a part is the host's again
NFT = """table netdev bench {
  %s
  map codes { type icmp_code : counter; elements = { %s } }
  set sources { type ipv4_addr; size 65536; flags dynamic; counter; }
  chain in {
    type filter hook ingress device %s priority 0;
    icmp type destination-unreachable counter name icmp code map @codes update @sources { ip saddr }
  }
}"""


def children():
    """CPU seconds of the children that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def millions(per_second):
    return f"{number(per_second / 1e6)} M/s"


def memory(daemon):
    """The most that the daemon ever held, MiB."""
    status = Path(f"/proc/{daemon.process.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


def start_seconds(place):
    """From exec until it says that it is attached."""
    began = time.monotonic()
    daemon = Daemon(place, interfaces=(WATCHED,), node=NODE)
    while "ready;" not in daemon.stderr():
        if daemon.process.poll() is not None:
            raise RuntimeError(daemon.stderr())
        time.sleep(0.001)
    took = time.monotonic() - began
    daemon.stop()
    return took


def idle_percent(daemon, wait):
    before, began = busy(daemon.process.pid), time.monotonic()
    time.sleep(wait)
    return 100 * (busy(daemon.process.pid) - before) / (time.monotonic() - began)


def daemon(settings):
    """At default sizes and options."""
    with Place() as place:
        starts = [start_seconds(place) for _ in range(settings.rounds)]
        watcher = place.watch()
        idle = [idle_percent(watcher, 1 if settings.quick else 4) for _ in range(3)]
        place.told(place.flood(settings.messages))
        at_rest(watcher)
        most = memory(watcher)
        watcher.stop()
    return [
        Row("resident memory, after a flood", number(most, "MiB"), "", most, "MiB", MEMORY),
        judge("start until attached", number(quartiles(starts)[1], "s"), "", starts, unit="s",
              bound=START),
        judge("CPU when idle", number(quartiles(idle)[1], "%"), "", idle, unit="%", bound=IDLE),
    ], {"start": starts, "idle": idle, "memory": most}


def all_written(path):
    """Bytes of the file once the daemon, which looks into its rings every 50 ms, adds no more."""
    size = -1
    while path.stat().st_size != size:
        size = path.stat().st_size
        time.sleep(0.5)
    return size


def written(place, path, messages, *options):
    """One flood with the daemon writing to `path`: events a CPU second, lost, the full rate.

    Our own questions come afterwards: each has the daemon read its full tables, to count the rows.
    """
    stdout = open(path, "wb") if "-t" in options else None
    watcher = place.watch("--events", "all", *options, wrap=APART, stdout=stdout)
    before, flood = busy(watcher.process.pid), place.flood(messages)
    while flood.poll() is None:
        if not stdout:
            rotate(path, watcher)
        time.sleep(0.02)
    told, size = place.told(flood), all_written(path)
    used, identity = busy(watcher.process.pid) - before, at_rest(watcher)
    if (watcher.stop() or identity["seen"] != told["flood"] or not identity["holds"]
            or path.stat().st_size != size):
        raise RuntimeError(f"the daemon counted {identity}, the flood {told}; {size} bytes of {path}")
    path.unlink()
    return {"rate": identity["delivered"] / used, "lost": identity["lost"],
            "full": told["flood"] / told["seconds"]}


def dumped(place, path, messages, *options):
    """One flood with tcpdump writing to `path`: packets a CPU second."""
    said = place.directory / "tcpdump"
    with open(said, "wb") as stderr, open(path, "wb") as stdout:
        dump = place.start(NODE, *APART, "tcpdump", "-nn", "-i", WATCHED, *options, "icmp",
                           stdout=stdout, stderr=stderr)
    until(lambda: "listening" in said.read_text(encoding="utf-8"), "tcpdump listens")
    before = busy(dump.pid)
    place.told(place.flood(messages))
    waited = children()
    place.stop(dump, signal.SIGINT)
    used = children() - waited - before
    path.unlink()
    captured = re.search(r"(\d+) packets captured", said.read_text(encoding="utf-8"))
    return int(captured.group(1)) / used


def events(settings):
    """--events all, at the full rate of the flood."""
    has_tcpdump = shutil.which("tcpdump")
    few = settings.messages // 4
    with Place() as place:
        path = place.disk(settings.messages) / "out"
        tools = {"log": lambda messages: written(place, path, messages, "-l", path),
                 "text": lambda messages: written(place, path, messages, "-t"),
                 "pcapng": lambda messages: written(place, path, messages, "-w", path)}
        if has_tcpdump:
            tools["tcpdump text"] = lambda _: dumped(place, path, few)
            tools["tcpdump -w"] = lambda _: dumped(place, path, few, "-w", path, "-s", "256")
        samples = {name: [] for name in tools}
        for _ in range(1 if settings.quick else 3):
            for name, tool in tools.items():
                samples[name].append(tool(settings.messages))
        for _ in range(0 if settings.quick else 4):  # these two are near each other
            for name in filter(tools.get, ("pcapng", "tcpdump -w")):
                samples[name].append(tools[name](few))
    rows = [Row(f"{name}, {settings.messages / 1e6:g} M messages at the full rate",
                f"{max(s['lost'] for s in samples[name])} lost",
                f"{millions(quartiles([s['full'] for s in samples[name]])[1])} sent",
                max(s["lost"] for s in samples[name]), "lost", 0) for name in ("log", "pcapng")]
    for name, other, bound in (("log", "tcpdump text", EVENTS_FASTER),
                               ("text", "tcpdump text", EVENTS_FASTER),
                               ("pcapng", "tcpdump -w", PCAP_FASTER)):
        row = f"{name}, events a CPU second"
        if not has_tcpdump:
            rows.append(Row(row, "", skipped="no tcpdump"))
            continue
        a, b = [s["rate"] for s in samples[name]], samples[other]
        rows.append(judge(row, millions(quartiles(a)[1]), f"{millions(quartiles(b)[1])} {other}",
                          [x / y for x, y in zip(a, b)], bound=bound, at_most=False))
    return rows, samples


def softirq_seconds():
    """CPU seconds of the threads that finish what the flood has begun."""
    found = 0
    for name in Path("/proc").glob("[0-9]*/comm"):
        try:
            if name.read_text(encoding="utf-8").startswith("ksoftirqd/"):
                found += busy(name.parent.name)
        except OSError:
            continue
    return found


def receiver_ns(place, messages):
    """CPU ns of a message, sent and received."""
    before = children() + softirq_seconds()
    place.told(place.flood(messages, *FEW))
    return 1e9 * (children() + softirq_seconds() - before) / messages


def with_unreach(place, messages, *options):
    watcher = place.watch("--events", "none", *options, wrap=APART)
    receiver_ns(place, messages // 10)
    ns = receiver_ns(place, messages)
    counted = watcher.seen()
    watcher.stop()
    if counted != messages // 10 + messages:
        raise RuntimeError(f"the daemon counted {counted} of {messages + messages // 10} messages")
    return ns


def with_reference(place, messages, program):
    """What XDP itself takes, by a program that passes everything; or the bare primitives."""
    place.ip(NODE, f"link set {WATCHED} xdpdrv obj {REFERENCE} program {program}")
    receiver_ns(place, messages // 10)
    ns = receiver_ns(place, messages)
    counted = tallied(place)
    place.ip(NODE, f"link set {WATCHED} xdpdrv off")
    if program == "primitives" and counted != messages // 10 + messages:
        raise RuntimeError(f"the primitives counted {counted} of {messages + messages // 10} messages")
    return ns


def tallied(place):
    """Messages that the attached reference program has counted."""
    def bpftool(*words):
        return json.loads(place.call(NODE, "bpftool", "-j", *words).stdout)

    link, = json.loads(place.call(NODE, "ip", "-j", "link", "show", "dev", WATCHED).stdout)
    for number_of in bpftool("prog", "show", "id", link["xdp"]["prog"]["id"])["map_ids"]:
        if bpftool("map", "show", "id", number_of)["name"] == "tallies":
            rows = bpftool("map", "dump", "id", number_of)
            return sum(value["value"]["messages"] for row in rows
                       for value in row["formatted"]["values"])
    return 0


def with_nft(place, messages):
    counters = "\n  ".join(f"counter c{code} {{ }}" for code in range(16))
    codes = ", ".join(f'{code} : "c{code}"' for code in range(16))
    place.call(NODE, "nft", "-f", "-", stdin=NFT % (counters, codes, WATCHED))
    receiver_ns(place, messages // 10)
    ns = receiver_ns(place, messages)
    listed = json.loads(place.call(NODE, "nft", "-j", "list", "counters").stdout)["nftables"]
    counted = sum(item["counter"]["packets"] for item in listed if "counter" in item)
    place.call(NODE, "nft", "delete", "table", "netdev", "bench")
    if counted != messages // 10 + messages:
        raise RuntimeError(f"nftables counted {counted} of {messages + messages // 10} messages")
    return ns


def netfilter(settings):
    """What a message costs more than with nobody who counts it."""
    name = "added cost of a message on veth"
    if not shutil.which("nft"):
        return [Row(name, "", skipped="no nft")], {}
    samples = {"nothing": [], "empty": [], "primitives": [], "sources": [], "all": [], "nft": []}
    messages = settings.messages // 10
    with Place() as place:
        for _ in range(settings.rounds):
            receiver_ns(place, messages // 10)
            samples["nothing"].append(receiver_ns(place, messages))
            for program in ("empty", "primitives"):
                samples[program].append(with_reference(place, messages, program))
            samples["sources"].append(with_unreach(place, messages, "--track", "sources"))
            samples["all"].append(with_unreach(place, messages))
            samples["nft"].append(with_nft(place, messages))

    def added(kind):
        return [a - b for a, b in zip(samples[kind], samples["nothing"])]

    nft = added("nft")
    return [judge(f"{name}, {words}", number(quartiles(added(kind))[1], "ns"),
                  f"{number(quartiles(nft)[1])} ns nftables",
                  [a / b for a, b in zip(added(kind), nft)], bound=bound) for kind, words, bound in
            (("sources", "sources only", CHEAPER), ("all", "three tables", None),
             ("primitives", "the bare primitives, sources only", None),
             ("empty", "an empty XDP program", None))], samples


def fill_tables(place, pins, patience):
    """Floods until the table of sources takes nobody new without putting somebody out.

    Not for longer than `patience` seconds; how many rows it has then.
    """
    watcher = place.watch("--events", "none", pin_dir=pins)
    size = 65536

    def rows():
        return len(watcher.view("sources", "-n", "0")["rows"])

    deadline = time.monotonic() + patience
    while rows() < 0.95 * size and time.monotonic() < deadline:
        floods = [place.flood(4000000, cpu=cpu) for cpu in {0, LAST_CPU}]
        for flood in floods:
            place.told(flood)
    found = rows()
    watcher.stop()
    return found


def ask_under_flood(settings, *options):
    """How long each answer took while it floods, the rows of the table, the events lost."""
    with Place() as place:
        pins, disk = place.pin_dir(), place.disk(settings.messages)
        filled = fill_tables(place, pins, settings.fill)
        watcher = place.watch("-l", disk / "log", *options, pin_dir=pins)
        flood, took = place.flood(settings.messages), []
        while flood.poll() is None or len(took) < ASKED:
            took.append(seconds(lambda: watcher.ask("sources", "-n", str(TOP)))[1])
            rotate(disk / "log", watcher, SHORT)
        place.told(flood)
        identity = at_rest(watcher)
        watcher.stop()
        Daemon(place, "--detach", pin_dir=pins, node=NODE, interfaces=()).refused()
    return took, filled, identity["lost"]


def sources(settings):
    """Asks for the top sources, tables full, while it floods: with events as they are by default,
    and with all of them in the log."""
    rows, samples = [], {}
    for words, options in (("", ()), (", --events all", ("--events", "all"))):
        name = f"`unreach sources -n {TOP}`, full tables, under flood{words}"
        if settings.fill is None:
            rows.append(Row(name, "", skipped="not in QUICK"))
            continue
        samples[name], filled, lost = ask_under_flood(settings, *options)
        low, _, high = quartiles(samples[name])
        slowest = max(samples[name])
        rows += [Row(f"{name}, slowest", number(slowest, "s"), f"{filled} rows", slowest, "s",
                     ANSWER, low=low, high=high),
                 Row(f"events lost meanwhile{words}", f"{lost} lost", "", lost, "lost", 0)]
    return rows, samples

