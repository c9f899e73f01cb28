"""The man pages: clean by mandoc and groff, and neither a gap nor a ghost in them. What they list is compared
in both directions with what the programs say (options, arguments, defaults, ranges, choices, commands), with
codes.def, with the schemas of the event log, with what the views show, and with the exit statuses in the sources."""
import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import helptext
from helptext import DAEMON, MOST, ROOT

MAN = ROOT / "docs/man"
PAGES = sorted(MAN.glob("*.[1-9]"))
INLINE = {"Fl", "Ar", "Cm", "Pa", "Va", "Dv", "Ev", "Sy", "Nm", "Xr", "Sq", "Ql", "Li", "Em"}


def page(name):
    return (MAN / name).read_text(encoding="ascii")


def words(line):
    """A line of a page as text: macros taken away, options with their dashes."""
    out, dashes = [], ""
    for word in line.lstrip(".").split() if line.startswith(".") else [line]:
        if word == "Fl":
            dashes += "-"
        elif word in INLINE or word in ("Pp", "Op", "Pq"):
            continue
        else:
            out.append(dashes + word)
            dashes = ""
    return re.sub(r" ([.,;:)])", r"\1", " ".join(out))


def section(text, kind, title):
    """The lines of `.Sh TITLE` or `.Ss Title`."""
    match = re.search(rf"^\.{kind} {title}\n(.*?)(?=^\.S[hs] |\Z)", text, re.M | re.S)
    assert match, f"there is no section {title}"
    return match.group(1)


def items(text):
    """[(heading, body as text, words set as .Cm)] of the list in a section."""
    found = []
    for block in re.split(r"^\.It ", text, flags=re.M)[1:]:
        head, *lines = re.split(r"^\.El", block, flags=re.M)[0].splitlines()
        marked = {word for line in lines if line.startswith(".Cm ")
                  for word in line.split()[1:] if re.match(r"\w", word) and word not in INLINE}
        found.append((head, " ".join(filter(None, map(words, lines))), marked))
    return found


def read_option(head):
    """(letter, name, argument, optional) of `Fl i , Fl Fl interface Ar IFACE`."""
    match = re.fullmatch(r"(?:Fl (\w) , )?Fl Fl ([\w-]+)(?: (Op )?Ar (\S+))?", head)
    assert match, f"not the form of an option: {head}"
    letter, name, optional, argument = match.groups()
    return letter, name, argument, bool(optional)


def stated_default(body):
    match = re.search(r"[Tt]he default is (.+?)\.(?:\s|$)", body)
    return match.group(1) if match else None


def value_faults(name, body, marked, told):
    """What one option's text gets wrong about its values: `told` is [(command, Option)]."""
    faults = []
    defaults = {option.default for _, option in told} - {None}
    if defaults != {stated_default(body)} - {None}:
        faults.append(f"--{name}: default {stated_default(body)}, not {defaults}")
    for command, option in told:
        choices, numbers = helptext.allowed(command, name) if option.argument else (None, None)
        if choices and set(choices) != marked:
            faults.append(f"--{name}: choices {sorted(marked)}, not {choices}")
        if numbers and numbers[1] != MOST and f"{numbers[0]} to {numbers[1]}" not in body:
            faults.append(f"--{name}: {numbers[0]} to {numbers[1]} is not said")
    return faults


def option_faults(text, told):
    """`told`: {name: [(command, Option)]}; the page's list of options against it."""
    listed = items(section(text, "Ss", "Options"))
    signatures = [read_option(head) for head, _, _ in listed]
    true = {option.signature for uses in told.values() for _, option in uses}
    faults = [f"missing: {signature}" for signature in true - set(signatures)]
    faults += [f"there is no {signature}" for signature in set(signatures) - true]
    faults += [f"twice: {signature}" for signature in signatures if signatures.count(signature) > 1]
    for (_, name, _, _), (_, body, marked) in zip(signatures, listed):
        faults += value_faults(name, body, marked, told.get(name, []))
    return faults


def daemon_faults(text):
    return option_faults(text, {name: [(DAEMON, option)]
                                for name, option in helptext.options(*DAEMON).items()})


def client_faults(text):
    told = {name: [(("unreach", command), option) for command, option in uses]
            for name, uses in helptext.client_options().items()}
    version = helptext.Option("V", "version", None, False, "")
    assert helptext.say("unreach", "--version") == helptext.say("unreach", "-V")
    return option_faults(text, {**told, "version": [(("unreach",), version)]})


def synopses(text):
    """{command: (operands, {(option, argument, optional)})} of the SYNOPSIS."""
    found = {}
    for block in re.split(r"^\.Nm$", section(text, "Sh", "SYNOPSIS"), flags=re.M)[1:]:
        command = re.search(r"^\.Cm (\w+)", block, re.M)
        if not command:
            continue
        places = [f"[{m[2]}]" if m[1] else m[2] for m in re.finditer(r"^\.(Op )?Ar (.*)", block, re.M)]
        given = re.findall(r"^\.Op Fl (?:Fl )?(\S+)(?: (Op )?Ar (\S+))?", block, re.M)
        found[command.group(1)] = ("".join(places).replace(" ", ""),
                                   {(name, argument or None, bool(optional))
                                    for name, optional, argument in given})
    return found


def synopsis_faults(text):
    found, faults = synopses(text), []
    for command in helptext.commands():
        told = {(o.letter or o.name, o.argument, o.optional)
                for o in helptext.options("unreach", command).values() if o.name != "help"}
        if found.pop(command, None) != (helptext.operands(command), told):
            faults.append(command)
    return faults + list(found)


def command_faults(text):
    listed = [head for head, body, _ in items(section(text, "Ss", "Commands")) if body]
    return [] if listed == [f"Cm {c}" for c in helptext.commands()] else listed


def code_faults(text):
    source = (ROOT / "include/unreach/codes.def").read_text(encoding="ascii")
    told = re.findall(r'^UNREACH_CODE\((\d+), "([^"]*)", "([^"]*)"', source, re.M)
    assert len(told) == 16
    listed = [(*re.fullmatch(r"(\d+) Cm (\S+)", head).groups(), body)
              for head, body, _ in items(section(text, "Ss", "Codes"))]
    return [row for row in told + listed if row not in told or row not in listed] or (
        [] if told == listed else ["order"])


def schema_keys(schema):
    """{dotted key: its enumerated words} of a schema's objects."""
    found = {}

    def walk(node, prefix):
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]] if "$ref" in node else node
        for key, value in node.get("properties", {}).items():
            inner = value.get("items", value)
            enumerated = inner.get("enum", [inner["const"]] if "const" in inner else [])
            found[prefix + key] = {word for word in enumerated if isinstance(word, str)}
            walk(value, prefix + key + ".")

    walk(schema, "")
    return found


def key_faults(text, title, name):
    schema_text = (ROOT / "tests/schema" / name).read_text(encoding="ascii")
    told = schema_keys(json.loads(schema_text))
    faults, listed = [], {}
    for head, body, marked in items(section(text, "Ss", title)):
        key = head.replace("Va ", "", 1)
        listed[key] = body
        if not told.get(key, set()) <= marked:
            faults.append(f"{key}: missing {told[key] - marked}")
        faults += [f"{key}: there is no {word}" for word in marked if f'"{word}"' not in schema_text]
    return faults + sorted(set(told) ^ set(listed)) + [key for key, body in listed.items() if not body]


def daemon_statuses():
    source = "".join(path.read_text(encoding="ascii") for path in (ROOT / "user").glob("*.c"))
    return {0} | {getattr(os, name) for name in re.findall(r"\bEX_[A-Z]+\b", source)}


def client_statuses():
    files = [ROOT / "user/unreach.c", *(ROOT / "user/cli").glob("*.[ch]")]
    source = "".join(path.read_text(encoding="ascii") for path in files)
    value = {"EXIT_SUCCESS": 0, "EXIT_FAILURE": 1}
    value.update((name, int(n)) for name, n in re.findall(r"(EXIT_[A-Z]+) = (\d+)", source))
    return {value[name] for name in re.findall(r"\bEXIT_[A-Z]+\b", source)}


def may_stand_in_file(option, folder):
    """Whether the daemon takes it from a file, by its own word."""
    choices, numbers = helptext.allowed(DAEMON, option.name)
    value = choices[0] if choices else numbers[0] if numbers else "none" if option.argument else "yes"
    path = Path(folder) / "unreachd.conf"
    path.write_text(f"[unreachd]\n{option.name} = {value}\n", encoding="ascii")
    status, text = helptext.say(*DAEMON, "-c", str(path), "--check-config")
    assert status == 0 or "belongs on the command line" in text, text
    return status == 0


def file_faults(text):
    with tempfile.TemporaryDirectory() as folder:
        told = {name: option for name, option in helptext.options(*DAEMON).items()
                if may_stand_in_file(option, folder)}
    faults, listed = [], {}
    for head, body, marked in items(section(text, "Ss", "Options")):
        name, argument, flag = re.fullmatch(r"Va (\S+) No = (?:Ar (\S+)|(Cm yes \| no))", head).groups()
        listed[name] = argument
        if name in told:
            faults += value_faults(name, body, marked, [(DAEMON, told[name])])
            faults += [] if bool(flag) == (told[name].argument is None) else [f"{name}: is it a flag?"]
    return faults + sorted(set(listed.items()) ^ {(name, o.argument) for name, o in told.items()})


def status_faults(text, told):
    listed = [int(head) for head, body, _ in items(section(text, "Sh", "EXIT STATUS")) if body]
    return [] if listed == sorted(told) else [listed, sorted(told)]


def environment_faults(text, client=False):
    """Variables that the sources read, those of the client's commands or the others, against a page."""
    files = [path for path in (ROOT / "user").rglob("*.c") if (path.parent.name == "cli") == client]
    source = "".join(path.read_text(encoding="ascii") for path in files)
    told = set(re.findall(r'(?:getenv|number_of)\("([A-Z_]+)"', source))
    listed = {word for head, body, _ in items(section(text, "Sh", "ENVIRONMENT")) if body
              for word in re.findall(r"[A-Z][A-Z_]+", head)}
    return sorted(told ^ listed)


def metric_faults(text):
    source = (ROOT / "user/view/metrics.c").read_text(encoding="ascii")
    suffix = {"COUNTER": "_total", "INFO": "_info", "GAUGE": ""}
    told = [name + suffix[kind] for name, kind in re.findall(r'{ "(unreach_\w+)", METRIC_(\w+)', source)]
    assert len(told) > 10
    listed = [head.replace("Va ", "", 1) for head, body, _ in items(section(text, "Ss", "Metrics")) if body]
    return [] if listed == told else sorted(set(listed) ^ set(told)) or ["order"]


def schema_names(node):
    """(keys, enumerated words) of all objects of a schema."""
    keys, words_ = set(), set()
    if isinstance(node, dict):
        keys = {*node.get("properties", {}), *node.get("required", [])}
        words_ = {word for word in [*node.get("enum", []), node.get("const")] if isinstance(word, str)}
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        more = schema_names(inner)
        keys, words_ = keys | more[0], words_ | more[1]
    return keys, words_


def source_names(file):
    """(keys, words) that a view writes, by its source: what only few answers hold is there too."""
    source = (ROOT / "user/view" / file).read_text(encoding="ascii")
    calls = re.findall(r'\b(?:writer_\w+|show_time)\(w, (?:json \? )?"(\w+)"(?: : "(\w+)")?', source)
    assert len(calls) > 2
    return {key for pair in calls for key in pair} - {""}, set(re.findall(r'\] = "([a-z-]+)"', source))


def written_anywhere():
    files = ("codes", "hosts", "paths", "alerts", "status")
    schemas = [json.loads((ROOT / f"tests/schema/{file}.json").read_text(encoding="ascii")) for file in files]
    return set().union(*(schema_names(schema)[0] for schema in schemas),
                       *(source_names(f"{file}.c")[0] for file in files))


@functools.lru_cache(maxsize=None)
def text_names(view):
    """Headings as keys, and keys, of the text for people."""
    vectors = ROOT / "tests/vectors"
    inside = ["--inside", str(vectors / "inside/lab-B3-up4.pcap")] if view == "paths" else []
    status, text = helptext.say("unreach", "read", str(vectors / "mtu-all-flags.pcap"),
                                str(vectors / "lab-B3-up4.pcap"), *inside[1:], "--show", view, *inside)
    assert status == 0, text
    names = set()
    for line in text.splitlines():
        if re.fullmatch(r"[A-Z ]+", line):
            names |= {heading.lower().replace(" ", "_") for heading in re.split("  +", line.strip())}
        elif re.match(r"[a-z_]+ \S", line):
            names |= set(re.findall(r"(?:^|  )([a-z_]+) ", line)) | set(re.findall(r" ([a-z-]+):\d", line))
    assert {"view", "messages", "last_seen"} < names
    return names


def explained(text, *titles):
    """(keys, words) that these subsections explain."""
    keys, words_ = set(), set()
    for head, body, marked in (item for title in titles for item in items(section(text, "Ss", title))):
        assert body, f"nothing is said of {head}"
        keys |= {re.sub("^(Va|Li) ", "", key) for key in head.split(" , ")}
        words_ |= marked
    return {key.lower().replace(" ", "_") for key in keys}, words_


def view_faults(text, title, file, schema, shown=()):
    """What a view prints against the page; the keys of an alert stand in unreach-events(5)."""
    keys, words_ = schema_names(json.loads((ROOT / "tests/schema" / schema).read_text(encoding="ascii")))
    keys, words_ = [a | b for a, b in zip((keys, words_), source_names(file))]
    keys = keys.union(*map(text_names, shown))
    words_ -= set(helptext.commands()) | {head.split()[-1] for head, _, _ in items(section(text, "Ss", "Codes"))}
    elsewhere = {head.partition("alert.")[2] for head, _, _ in items(section(page("unreach-events.5"), "Ss", "Alerts"))
                 } if title == "View alerts" else set()
    listed, marked = explained(text, title, "All views")
    faults = [f"missing: {key}" for key in keys - elsewhere - listed - marked]
    faults += [f"missing: {word}" for word in words_ - listed - marked]
    own, own_marked = explained(text, title)
    faults += [f"there is no {key}" for key in (own - keys) | (listed - own - written_anywhere())]
    return faults + [f"there is no {word}" for word in own_marked - words_ - keys - set(helptext.commands())]


def top_faults(text):
    source = "".join(path.read_text(encoding="ascii") for path in (ROOT / "user/cli").glob("top_*.c"))
    told = set(re.findall(r'{ "([A-Z/ ]+)", \d+, (?:true|false) }', source))
    assert len(told) > 15
    return sorted({heading.lower().replace(" ", "_") for heading in told}
                  - explained(text, "Screen of top")[0])


def filter_faults(text):
    """The filter for code 0 finds what the counters say, also where another one takes a quoted ping."""
    line, = re.findall(r"^\.Dl tshark -r FILE -Y '(.*)'$", text, re.M) or [""]
    faults = [] if line else ["no filter"]
    for name in ("lab-A-code0.pcap", "quote-icmp.pcap") if line else ():
        path = ROOT / "tests/vectors" / name
        found = [len(subprocess.run(["tshark", "-r", path, "-Y", how, "-T", "fields", "-e", "frame.number"],
                                    capture_output=True, text=True, timeout=30, check=True).stdout.split())
                 for how in (line, "icmp.type == 3 && icmp.code == 0")]
        counted = json.loads(path.with_suffix(".counts.json").read_text(encoding="ascii"))["codes"]
        told = counted.get("0", {"messages": 0})["messages"]
        faults += [] if found[0] == told else [f"{name}: {found[0]}, not {told}"]
        faults += [] if (found[1] == told) == (name == "lab-A-code0.pcap") else [f"{name}: no need for it"]
    return faults


# Each check with its page, and a line of the page that it must miss.
CHECKS = {
    "options": ("unreachd.8", daemon_faults, ".It Fl Fl wait"),
    "range": ("unreachd.8", daemon_faults, "Events a second for one source, 1 to 1000000, when limited."),
    "choice": ("unreachd.8", daemon_faults, ".Cm generic ,"),
    "default": ("unreachd.8", daemon_faults, ".Pa /sys/fs/bpf/unreach ."),
    "file": ("unreachd.conf.5", file_faults, ".It Va snaplen No = Ar N"),
    "file range": ("unreachd.conf.5", file_faults, "Bytes of each frame that are kept for it, 64 to 1536."),
    "file flag": ("unreachd.conf.5", file_faults, ".It Va wait No = Cm yes | no"),
    "file default": ("unreachd.conf.5", file_faults, ".Cm limited ."),
    "environment": ("unreachd.8", environment_faults, ".It Ev JOURNAL_STREAM"),
    "client environment": ("unreach.8", lambda text: environment_faults(text, True), ".It Ev NO_COLOR"),
    "metrics": ("unreachd.8", metric_faults, ".It Va unreach_events_pending"),
    "statuses": ("unreachd.8", lambda text: status_faults(text, daemon_statuses()), ".It 69"),
    "client options": ("unreach.8", client_faults, ".It Fl Fl target Ar ADDRESS"),
    "client default": ("unreach.8", client_faults, "The default is 20."),
    "client statuses": ("unreach.8", lambda text: status_faults(text, client_statuses()), ".It 2"),
    "synopsis": ("unreach.8", synopsis_faults, ".Op Fl n Ar N"),
    "operands": ("unreach.8", synopsis_faults, ".Op Ar PORT"),
    "commands": ("unreach.8", command_faults, ".It Cm paths"),
    "codes": ("unreach.8", code_faults, "nobody listens on the port"),
    "event keys": ("unreach-events.5", lambda text: key_faults(text, "Events", "event.json"),
                   ".It Va unreach.orig.tcp_seq"),
    "event words": ("unreach-events.5", lambda text: key_faults(text, "Events", "event.json"),
                    ".Cm no-df"),
    "view codes": ("unreach.8", lambda text: view_faults(text, "View codes", "codes.c", "codes.json", ("codes",)),
                   ".It Va bad-header"),
    "view hosts": ("unreach.8", lambda text: view_faults(text, "Views sources, targets and senders", "hosts.c",
                                                         "hosts.json", ("sources", "targets", "senders")),
                   ".It Va evicted"),
    "view sources": ("unreach.8", lambda text: view_faults(text, "Views sources, targets and senders", "hosts.c",
                                                           "hosts.json"),
                     ".It Va owed"),
    "view paths": ("unreach.8", lambda text: view_faults(text, "View paths", "paths.c", "paths.json", ("paths",)),
                   ".It Li QUOTED , Va quoted_length"),
    "path words": ("unreach.8", lambda text: view_faults(text, "View paths", "paths.c", "paths.json"),
                   ".Cm udp-goes-on :"),
    "view alerts": ("unreach.8", lambda text: view_faults(text, "View alerts", "alerts.c", "alerts.json"),
                    ".It Va overflow"),
    "alert words": ("unreach.8", lambda text: view_faults(text, "View alerts", "alerts.c", "alerts.json"),
                    ".Cm scan :"),
    "view status": ("unreach.8", lambda text: view_faults(text, "View status", "status.c", "status.json"),
                    ".It Va at_rest"),
    "status words": ("unreach.8", lambda text: view_faults(text, "View status", "status.c", "status.json"),
                     ".Cm no-consumer ,"),
    "top": ("unreach.8", top_faults, ".It Li RATE/S , PEAK/S , HISTORY"),
    "filter": ("unreachd.8", filter_faults, ".Dl tshark -r FILE -Y 'icmp.type#1 == 3 && icmp.code#1 == 0'"),
    "alert keys": ("unreach-events.5", lambda text: key_faults(text, "Alerts", "alert.json"),
                   ".It Va alert.passes"),
}


@pytest.mark.parametrize("name", CHECKS)
def test_page(name):
    file, check, _ = CHECKS[name]
    assert check(page(file)) == []


@pytest.mark.parametrize("name", CHECKS)
def test_a_gap_is_found(name):
    """Without one line, and with one that is about nothing."""
    file, check, line = CHECKS[name]
    text = page(file)
    assert text.count(line + "\n") >= 1
    assert check(text.replace(line + "\n", "", 1)) != []


@pytest.mark.parametrize("file, check, line, ghost", [
    ("unreachd.8", "options", ".It Fl Fl detach", ".It Fl Fl colour Ar NAME\nPaint it.\n"),
    ("unreach.8", "synopsis", ".Op Fl Fl socket Ar PATH", ".Op Fl z\n"),
    ("unreach.8", "commands", ".It Cm status", ".It Cm undo\nTake it back.\n"),
    ("unreach-events.5", "event keys", ".It Va unreach.mtu", ".It Va unreach.mood\nIts mood.\n"),
    ("unreach-events.5", "event words", ".Cm no-df", ".Cm yes-df\n"),
    ("unreachd.conf.5", "file", ".It Va wait No = Cm yes | no", ".It Va detach No = Cm yes | no\nDetach.\n"),
    ("unreach.8", "view paths", ".It Va verdict", ".It Va mood\nIts mood.\n"),
    ("unreach.8", "view codes", ".It Va first_seen , last_seen", ".It Va last_mood\nIts mood.\n"),
    ("unreach.8", "status words", ".Cm no-consumer ,", ".Cm no-mood ,\n"),
    ("unreachd.8", "statuses", ".It 69", ".It 66\nNo input.\n"),
])
def test_a_ghost_is_found(file, check, line, ghost):
    assert CHECKS[check][1](page(file).replace(line + "\n", ghost + line + "\n", 1)) != []


def test_pages_refer_to_what_there_is():
    for path in PAGES:
        for name, number in re.findall(r"^\.Xr (unreach\S*) (\d)", path.read_text(encoding="ascii"), re.M):
            assert (MAN / f"{name}.{number}").exists(), f"{path.name}: {name}({number})"
        assert path.read_text(encoding="ascii").count(f".Dt {path.stem.upper()} {path.suffix[1:]}\n") == 1


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed")
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_mandoc(path):
    """Which pages of other packages are installed here is not this page's matter."""
    done = subprocess.run(["mandoc", "-T", "lint", path], capture_output=True, text=True, timeout=30,
                          check=False)
    said = [line for line in done.stdout.splitlines() if "referenced manual not found" not in line]
    assert said == []


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_groff(path):
    done = subprocess.run(["groff", "-mdoc", "-ww", "-z", "-Tutf8", path], capture_output=True, text=True,
                          timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
