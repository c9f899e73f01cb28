"""`unreach read` as users run it: every vector through events, codes and paths, and how it takes
what is no capture, ends too early, or has no reader. Which alerts there must be is
test_verdicts.py's matter."""
import gzip
import json
import struct
import subprocess
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parent.parent
UNREACH = ROOT / "build/unreach"
VECTORS = sorted((ROOT / "tests/vectors").glob("*.pcap*"))
SCHEMAS = {name: json.loads((ROOT / "tests/schema" / f"{name}.json").read_text())
           for name in ("codes", "hosts", "event", "paths")}
TWO = ROOT / "tests/vectors/pcapng-two.pcapng"
SIXTEEN = ROOT / "tests/vectors/code-assigned.pcap"
ALERT = ROOT / "tests/vectors/lab-B5-mtu68.pcap"


def read(*arguments, data=None):
    return subprocess.run([UNREACH, "read", *map(str, arguments)], input=data, cwd=ROOT,
                          capture_output=True, timeout=60)


def expectation(path, suffix):
    return path.parent / (path.name.split(".")[0] + suffix)


@pytest.mark.parametrize("path", VECTORS, ids=lambda p: p.name)
def test_events(path):
    done = read(path, "--show", "events", "--json")
    assert done.stdout == expectation(path, ".ndjson").read_bytes()
    assert (done.returncode, done.stderr) == (0, b"")


def add_up(interfaces):
    """The codes of all interfaces in the form of counts.json."""
    total = {key: sum(i[key] for i in interfaces)
             for key in ("seen", "messages", "bytes", "unassigned", "bad_checksum")}
    total["unclassified"] = {key: sum(i["unclassified"][key] for i in interfaces)
                             for key in ("truncated", "bad-header", "fragment")}
    total["codes"] = {}
    for row in (row for i in interfaces for row in i["codes"] if row["messages"]):
        sums = total["codes"].setdefault(str(row["code"]), {"messages": 0, "bytes": 0})
        sums["messages"] += row["messages"]
        sums["bytes"] += row["bytes"]
    return total


@pytest.mark.parametrize("path", VECTORS, ids=lambda p: p.name)
def test_codes(path):
    done = read(path, "--show", "codes", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    view = json.loads(done.stdout)
    jsonschema.validate(view, SCHEMAS["codes"])
    assert add_up(view["interfaces"]) == json.loads(expectation(path, ".counts.json").read_text())
    assert all(i["mode"] == "capture" for i in view["interfaces"])


@pytest.mark.parametrize("show,key", [("sources", ("src_ip",)), ("targets", ("unreach", "orig", "dest_ip")),
                                      ("senders", ("unreach", "orig", "src_ip"))])
def test_tables(show, key):
    """Each table against the events of all vectors, read as one."""
    want = {}
    for path in VECTORS:
        for line in expectation(path, ".ndjson").read_text().splitlines():
            event = json.loads(line)
            value = event
            for part in key:
                value = value.get(part) if value else None
            if value and event["unreach"]["checksum"] != "bad":
                code = str(event["icmp_code"]) if event["icmp_code"] < 16 else "unassigned"
                codes = want.setdefault((event.get("in_iface", ""), value), {})
                codes[code] = codes.get(code, 0) + 1
    view = json.loads(read(*VECTORS, "--show", show, "--json", "-n0").stdout)
    jsonschema.validate(view, SCHEMAS["hosts"])
    assert {(r["interface"], r["address"]): r["codes"] for r in view["rows"]} == want
    assert view["attributed"] == sum(sum(codes.values()) for codes in want.values())
    assert view["unattributed"] == view["evicted"] == 0
    assert view["entries"] == len(want)


def test_paths():
    """Who told whom what, against the events of all vectors, read as one."""
    want = {}
    for path in VECTORS:
        for line in expectation(path, ".ndjson").read_text().splitlines():
            event = json.loads(line)
            message = event["unreach"]
            orig = message.get("orig", {})
            if message["checksum"] == "bad" or "mtu" not in message or "dest_ip" not in orig:
                continue
            key = event.get("in_iface", ""), orig["src_ip"], orig["dest_ip"], event["src_ip"]
            flags, messages = want.setdefault(key, (set(), []))
            flags.update(message.get("flags", ()))
            messages.append(message["mtu"])
    view = json.loads(read(*VECTORS, "--show", "paths", "--json", "-n0").stdout)
    jsonschema.validate(view, SCHEMAS["paths"])
    got = {(r["interface"], r["src"], r["dst"], r["reporter"]): r for r in view["rows"]}
    assert {k: (r["messages"], set(r["flags"])) for k, r in got.items()} == {
        k: (len(messages), flags) for k, (flags, messages) in want.items()}
    assert all(r["mtu"] in want[k][1] for k, r in got.items())
    assert view["attributed"] == sum(len(messages) for _, messages in want.values())
    assert (view["unattributed"], view["entries"]) == (0, len(want))


def test_alerts_in_text_are_the_lines_of_the_log():
    (line,) = read(ALERT, "--show", "alerts").stdout.decode().splitlines()
    log = json.loads(read(ALERT, "--show", "alerts", "--json").stdout)
    time = log["timestamp"].replace("+0000", "Z")
    alert = log["alert"]
    assert line == (f"{time} ALERT firing critical pmtud-invalid tiny {alert['src']} > "
                    f"{alert['dst']} ({alert['path']}) mtu 68 told by {alert['reporter']}: "
                    f"{alert['evidence']}")


def test_nothing_to_alert_is_no_failure():
    for words in ((SIXTEEN,), (TWO, "-i", "eth1"), (ROOT / "tests/vectors/pcap-empty.pcap",)):
        for form in ((), ("--json",)):
            done = read(*words, "--show", "alerts", *form)
            assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize("show", ["sources", "paths"])
def test_rows_default_to_twenty(show):
    view = json.loads(read(*VECTORS, "--show", show, "--json").stdout)
    assert len(view["rows"]) == min(20, view["entries"])
    assert view["rows"] == sorted(view["rows"], key=lambda r: -r["messages"])


def test_stdin_and_several_files():
    both = expectation(TWO, ".ndjson").read_bytes() + expectation(SIXTEEN, ".ndjson").read_bytes()
    assert read(TWO, "-", "--json", data=SIXTEEN.read_bytes()).stdout == both
    assert read("-", SIXTEEN, "--json", data=TWO.read_bytes()).stdout == both


def test_text_has_a_line_an_event():
    lines = read(TWO).stdout.decode().splitlines()
    assert len(lines) == 5
    assert lines[0] == ("2026-11-21T02:26:40.001000Z eth0 192.0.2.1 port-unreachable, "
                        "orig 198.51.100.7:50000 > 203.0.113.9:33434 UDP")


def events(*arguments):
    return [json.loads(line) for line in read(*arguments, "--json").stdout.splitlines()]


def test_filters():
    assert [e["pcap_cnt"] for e in events(SIXTEEN, "-n", "3")] == [1, 2, 3]
    assert [e["icmp_code"] for e in events(SIXTEEN, "--code", "13")] == [13]
    assert [e["icmp_code"] for e in events(SIXTEEN, "--code", "port-unreachable")] == [3]
    assert {e["in_iface"] for e in events(TWO, "-i", "eth1")} == {"eth1"}
    assert len(events(SIXTEEN, "--source", "192.0.2.1", "--target", "203.0.113.9")) == 16
    assert events(SIXTEEN, "--source", "203.0.113.9") == []
    assert events(SIXTEEN, "--target", "192.0.2.1") == []
    # -n counts what is shown
    assert [e["icmp_code"] for e in events(SIXTEEN, SIXTEEN, "--code", "4", "-n2")] == [4, 4]


def test_interface_of_views():
    view = json.loads(read(TWO, "--show", "codes", "--json", "-i", "eth1").stdout)
    assert [i["name"] for i in view["interfaces"]] == ["eth1"]
    assert view["interfaces"][0]["seen"] == len(events(TWO, "-i", "eth1"))


def frame(seconds, data=b"", part=0):
    return struct.pack("<IIII", seconds, part, len(data), len(data)) + data


def test_rate_is_of_the_last_ten_seconds(tmp_path):
    """Ten messages a second for a minute, nothing for an hour, then twenty within ten seconds."""
    whole = SIXTEEN.read_bytes()
    length = struct.unpack("<I", whole[32:36])[0]
    message = whole[40:40 + length]  # code 0
    data = whole[:24]
    for second in range(60):
        data += b"".join(frame(1000 + second, message, 100000 * i) for i in range(10))
    busy = tmp_path / "busy.pcap"
    busy.write_bytes(data)
    quiet = tmp_path / "quiet.pcap"
    quiet.write_bytes(whole[:24] + b"".join(frame(5000 + i // 2, message) for i in range(20)))

    def rate(*paths):
        view = json.loads(read(*paths, "--show", "codes", "--json").stdout)
        return view["interfaces"][0]["codes"][0]["rate"]

    assert 9.5 <= rate(busy) <= 10.5
    assert 1.8 <= rate(busy, quiet) <= 2.2


@pytest.mark.parametrize("show", ["events", "alerts", "codes", "paths", "sources"])
def test_no_such_interface(show):
    """Said with those that there are, as live; where nothing was read, nothing is missing."""
    one_line(read(TWO, "--show", show, "-i", "eth9"), 1, "'eth9'", "there are: eth0 eth1\n")
    one_line(read(SIXTEEN, "--show", show, "-i", "eth9"), 1, "'eth9'", "names no interface")
    assert read(ROOT / "tests/vectors/pcap-empty.pcap", "--show", show, "-i", "eth9").returncode == 0
    assert read(SIXTEEN, TWO, "--show", show, "-i", "eth1").returncode == 0


def test_empty_capture():
    path = ROOT / "tests/vectors/pcap-empty.pcap"
    assert json.loads(read(path, "--show", "codes", "--json").stdout)["interfaces"] == []
    for show in ("sources", "paths"):
        assert json.loads(read(path, "--show", show, "--json").stdout)["rows"] == []


@pytest.mark.parametrize("path", [SIXTEEN, TWO], ids=lambda p: p.suffix)
def test_cut(path, tmp_path):
    whole = path.read_bytes()
    lines = expectation(path, ".ndjson").read_bytes().splitlines(keepends=True)
    cut = tmp_path / "cut"
    cut.write_bytes(whole[:-5])
    n = json.loads(lines[-1])["pcap_cnt"]  # the last frame is a message
    done = read(cut, "--json")
    assert done.stdout == b"".join(lines[:-1])
    assert done.stderr.decode() == (f"unreach: {cut}: ends in the middle of frame {n}; "
                                    f"the {n - 1} frames before it were read\n")
    assert done.returncode == 0
    # what comes after it is read too
    assert read(cut, path, "--json").stdout == b"".join(lines[:-1] + lines)


def test_damage(tmp_path):
    whole = TWO.read_bytes()
    damaged = tmp_path / "damaged"
    damaged.write_bytes(whole + b"\1\2\3\4" * 8)
    frames = 6  # of which 5 are messages
    done = read(damaged, "--json")
    assert done.stdout == expectation(TWO, ".ndjson").read_bytes()
    assert done.stderr.decode() == (f"unreach: {damaged} is damaged after frame {frames}: "
                                    "a block's length can't be right\n")
    assert done.returncode == 1
    view = read(damaged, "--show", "codes", "--json")
    assert sum(i["seen"] for i in json.loads(view.stdout)["interfaces"]) == 5
    assert view.returncode == 1


def test_skipped_link_type(tmp_path):
    wireless = tmp_path / "wireless.pcap"
    wireless.write_bytes(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 105)
                         + frame(1) + frame(2))
    done = read(wireless)
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode().startswith(f"unreach: {wireless}: 2 of 2 frames skipped, "
                                           "their link type (105")


def one_line(done, status, *parts):
    assert done.returncode == status
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert all(part in done.stderr.decode() for part in parts)


@pytest.mark.parametrize("show", ["events", "alerts", "codes", "paths", "sources"])
def test_no_capture(show, tmp_path):
    text = tmp_path / "text"
    text.write_text("this is no capture\n")
    one_line(read(text, "--show", show), 1, str(text), "is no capture")
    one_line(read("/nonexistent", "--show", show), 1, "cannot open /nonexistent")
    one_line(read(tmp_path, "--show", show), 1, f"cannot read {tmp_path}: Is a directory")
    one_line(read("/dev/null", "--show", show), 1, "/dev/null is empty")
    packed = tmp_path / "packed.pcap.gz"
    packed.write_bytes(gzip.compress(SIXTEEN.read_bytes()))
    one_line(read(packed, "--show", show), 1, str(packed), "gzip", "zcat FILE | unreach read -")


def test_bad_file_does_not_stop_the_others():
    done = read("/nonexistent", SIXTEEN, "--json")
    assert done.stdout == expectation(SIXTEEN, ".ndjson").read_bytes()
    assert done.returncode == 1


def test_help():
    """By the word that many try first, too."""
    def said(word):
        return subprocess.run([UNREACH, word], capture_output=True, timeout=60, check=True).stdout

    assert said("help") == said("--help") != b""


def test_usage():
    one_line(read(), 2, "no capture named")
    one_line(read(SIXTEEN, "--show", "nothing"), 2, "--show", "nothing", "events")
    one_line(read(SIXTEEN, "--code", "16"), 2, "--code 16", "0 to 15")
    one_line(read(SIXTEEN, "--source", "x"), 2, "--source x", "an IP address")
    one_line(read(SIXTEEN, "-n", "x"), 2, "'x'")
    one_line(read(SIXTEEN, "--frobnicate"), 2, "--frobnicate")
    shown = read("--help")
    assert shown.returncode == 0 and b"--show" in shown.stdout and shown.stderr == b""


@pytest.mark.parametrize("show", ["events", "alerts", "codes", "paths"])
def test_full_disk(show):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([UNREACH, "read", ALERT, "--show", show], stdout=full,
                              stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1 and b"No space left" in done.stderr


def test_reader_that_goes():
    """`| head` ends the reading, without a word."""
    with subprocess.Popen([UNREACH, "read"] + [SIXTEEN] * 2000, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) != 0


@pytest.mark.parametrize("show", ("alerts", "paths"))
def test_no_inside(show):
    """What names neither a file nor an interface is not taken for an inside without a hole."""
    done = read(TWO, "--show", show, "--inside", "nosuch.pcap")
    assert done.returncode == 1 and bool(done.stdout) == (show == "paths")
    assert b"--inside nosuch.pcap: there is no such file" in done.stderr
