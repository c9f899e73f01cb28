"""Floods, scans and implausible adverts in captures made here, frame by frame: what is one, what is
just none, and when each is said to begin and to end. The real thing is tests/lab/test_flood_scan.py
and test_invalid.py."""
import itertools
import json
import socket
import struct
import subprocess
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parent.parent
UNREACH = ROOT / "build/unreach"
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((ROOT / "tests/schema/alert.json").read_text(encoding="utf-8")))
START = 1_795_228_000  # Unix time of the first frame
RAW_IP = 101
ICMP, UDP = 1, 17
HOST, ROUTER = "198.51.100.7", "192.0.2.1"
QUIET = 600


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def header(src, dst, protocol, length):
    def filled(total):
        return struct.pack("!BBHHHBBH4s4s", 0x45, 0, length, 1, 0, 60, protocol, total,
                           socket.inet_aton(src), socket.inet_aton(dst))

    return filled(checksum(filled(0)))


def message(source=ROUTER, code=1, host=HOST, target="203.0.113.9", ports=(50000, 53), length=64):
    """`source` tells the host that its datagram of that length did not get there."""
    quoted = header(host, target, UDP, length) + struct.pack("!HHHH", *ports, length - 20, 0)
    total = checksum(struct.pack("!BBHI", 3, code, 0, 0) + quoted)
    packet = struct.pack("!BBHI", 3, code, total, 0) + quoted
    return header(source, host, ICMP, 20 + len(packet)) + packet


def steadily(rate, seconds, begin=0.0, **fields):
    """(time, packet) of so many a second; a field that is iterable goes on with each."""
    for i in range(int(rate * seconds)):
        yield begin + i / rate, message(**{key: value if isinstance(value, (str, int, tuple))
                                           else next(value) for key, value in fields.items()})


def addresses(net):
    return (f"{net}.{n // 250 % 250}.{n % 250 + 1}" for n in itertools.count())


def alerts(*streams):
    """The alert lines of a capture of all of these."""
    data = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, RAW_IP)]
    for at, packet in sorted(itertools.chain(*streams)):
        when = round((START + at) * 1e6)
        data += [struct.pack("<IIII", when // 10**6, when % 10**6, len(packet), len(packet)), packet]
    done = subprocess.run([UNREACH, "read", "-", "--show", "alerts", "--json"], timeout=60,
                          input=b"".join(data), capture_output=True, check=True)
    assert done.stderr == b""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    for line in lines:
        SCHEMA.validate(line)
    return lines


def seconds(text):
    return datetime.fromisoformat(text).timestamp() - START


def alone(lines):
    """The one alert there is."""
    assert len(lines) == 1, lines
    return lines[0]["alert"]


def later(at):
    """One more frame, so that the time goes on."""
    return [(at, message())]


@pytest.mark.parametrize("rate, found", [(98, False), (105, True)])
def test_source(rate, found):
    lines = alerts(steadily(rate, 25))
    assert bool(lines) == found
    if found:
        alert = alone(lines)
        assert (alert["kind"], alert["reporter"], alert["src"]) == ("flood", ROUTER, None)
        assert rate - 2 <= alert["rate"] <= rate and alert["messages"] >= 10 * (rate - 2)


def test_code():
    """From sources of which none is fast; each interface's own code."""
    alert = alone(alerts(steadily(1050, 25, source=addresses("10.1"), code=3)))
    assert (alert["kind"], alert["code"], alert["reporter"]) == ("flood", 3, None)
    assert 1040 <= alert["rate"] <= 1050


def test_one_source_is_one_alert():
    alert = alone(alerts(steadily(2000, 25, code=13)))
    assert alert["reporter"] == ROUTER and "code" not in alert


def test_slow_sources_together():
    assert alerts(steadily(950, 25, source=itertools.cycle(f"10.1.0.{n}" for n in range(1, 20)))) == []


def test_flood_ends():
    """Each bout of one flood is the same alert; after the quiet it is resolved, in the frame's time."""
    lines = alerts(steadily(300, 25), steadily(300, 25, 200), later(2000))
    assert [line["alert"]["state"] for line in lines] == ["firing", "resolved"]
    assert 10 <= seconds(lines[0]["timestamp"]) <= 20
    last = seconds(lines[1]["alert"]["last"])
    assert 215 <= last <= 236
    assert seconds(lines[1]["timestamp"]) == pytest.approx(last + QUIET, abs=1e-3)
    assert lines[1]["alert"]["messages"] >= 2 * 10 * 290


@pytest.mark.parametrize("count, found", [(49, False), (50, True)])
def test_scan(count, found):
    lines = alerts(steadily(1, count, target=addresses("203.0")))
    assert bool(lines) == found
    if found:
        alert = alone(lines)
        assert (alert["kind"], alert["src"], alert["destinations"]) == ("scan", HOST, 50)
        assert alert["at_least"] and alert["level"] == "probable"
        assert (seconds(alert["first"]), seconds(lines[0]["timestamp"])) == (0, 49)


def test_slow_targets():
    """Fewer within any minute, though many in the end."""
    assert alerts(steadily(0.8, 1000, target=addresses("203.0"))) == []


def test_answers_are_no_scan():
    """A name server that is asked in others' names."""
    assert alerts(steadily(20, 20, target=addresses("203.0"), ports=(53, 40000))) == []


def test_scan_ends():
    lines = alerts(steadily(5, 40, target=addresses("203.0")), later(1500))
    assert lines == alerts(steadily(5, 40, target=addresses("203.0")), later(1500))
    assert [line["alert"]["state"] for line in lines] == ["firing", "resolved"]
    assert seconds(lines[1]["alert"]["last"]) == pytest.approx(39.8, abs=0.01)
    assert 190 <= lines[1]["alert"]["destinations"] <= 200


def test_adverts_to_several_hosts():
    """What is said of the first and of the last of them is so, and that there may be more hosts."""
    told = [(0, "10.0.4.21", 1400), (5, "10.0.4.71", 1300), (10, "10.0.4.121", 1200)]
    alert = alone(alerts((at, message(code=4, host=host, length=length)) for at, host, length in told))
    assert (alert["kind"], alert["class"], alert["mtu"]) == ("pmtud-invalid", "legacy", 0)
    assert (alert["messages"], alert["hosts"], alert.get("at_least")) == (3, 1, True)
    assert alert["evidence"] == (
        "3 adverts; for 203.0.113.9 an MTU of 0 bytes was told, the first packet quoted was from "
        "10.0.4.21, the last was 1200 bytes long")
    alert = alone(alerts((at, message(code=4, host=host)) for at, host, _length in told[:1] * 3))
    assert alert["at_least"] and "10.0.4.21" in alert["evidence"]
