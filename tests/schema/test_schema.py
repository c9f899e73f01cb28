"""The schemas themselves: valid, take what the contract shows, refuse what it does not allow."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest

HERE = Path(__file__).parent
TIME = "2026-11-21T02:26:40.001000Z"
NAMES = [json.loads((HERE / "codes.json").read_text())["$defs"]["interface"]["properties"]["codes"]
         ["prefixItems"][code]["properties"]["name"]["const"] for code in range(16)]

EVENT = {
    "timestamp": "2026-11-21T02:26:40.001000+0000", "event_id": "9f2c41d0-1-88123",
    "in_iface": "eth0", "event_type": "icmp_unreach", "pcap_cnt": 12, "vlan": [100],
    "src_ip": "192.0.2.1", "dest_ip": "198.51.100.7", "proto": "ICMP", "icmp_type": 3,
    "icmp_code": 4,
    "unreach": {
        "name": "fragmentation-needed", "ttl": 62, "length": 56, "checksum": "ok", "mtu": 1400,
        "flags": ["pointless"], "suppressed": 0,
        "orig": {"src_ip": "198.51.100.7", "dest_ip": "203.0.113.9", "proto": "TCP",
                 "src_port": 50000, "dest_port": 443, "tcp_seq": 7, "length": 1500, "ttl": 60,
                 "id": 4711, "df": True},
        "mpls": [{"label": 16004, "exp": 0, "s": True, "ttl": 1}],
    },
}
CODES = {
    "view": "codes", "time": TIME,
    "interfaces": [{
        "name": "eth0", "mode": "native", "seen": 3, "messages": 1, "bytes": 56,
        "codes": [{"code": code, "name": name, "messages": int(code == 3),
                   "bytes": 56 * (code == 3), "rate": 0.1 * (code == 3),
                   "last_seen": TIME if code == 3 else None} for code, name in enumerate(NAMES)],
        "unassigned": 1, "bad_checksum": 1,
        "unclassified": {"truncated": 0, "bad-header": 0, "fragment": 0},
    }],
}
HOSTS = {
    "view": "sources", "time": TIME, "attributed": 1, "unattributed": 0, "evicted": 0,
    "entries": 1, "size": 65536,
    "rows": [{"interface": "eth0", "address": "2001:db8::1", "messages": 1, "codes": {"3": 1},
              "first_seen": TIME, "last_seen": TIME}],
}
IDENTITY = {
    "seen": 4, "delivered": 1, "pending": 0, "suppressed": 2,
    "suppressed_by": {"budget": 1, "off": 0, "no-consumer": 1}, "lost": 1,
    "lost_by": {"ring": 1, "sink": 0}, "at_rest": True, "holds": True,
}
STATUS = {
    "view": "status", "version": "0.1.0", "uptime": 1.5,
    "interfaces": [{"name": "eth0", "slot": 0, "state": "attached", "mode": "generic", "program_id": 17,
                    "frags": False, "identity": IDENTITY}],
    "identity": IDENTITY, "rings": [{"name": "ring0", "used": 0, "size": 4194304}],
    "tables": [{"name": "sources", "attributed": 1, "unattributed": 0, "evicted": 0, "entries": 1,
                "size": 65536},
               {"name": "paths", "attributed": 1, "unattributed": 0, "entries": 1}],
    "flows": {"inside": "eth1", "mode": "native", "state": "works", "program_id": 18,
              "size": 65536, "sample": 1, "sent": 5, "answered": 5, "refused": 0, "too_long": 0},
}
PATHS = {
    "view": "paths", "time": TIME, "attributed": 1, "unattributed": 0, "entries": 1,
    "rows": [{"interface": "eth0", "src": "198.51.100.7", "dst": "203.0.113.9",
              "reporter": "192.0.2.1", "mtu": 1476, "messages": 40, "longer_than_told": 7,
              "quoted_length": 1500, "first_seen": TIME, "last_seen": TIME, "link": "GRE",
              "verdict": "ignored", "flags": ["tiny"], "note": "udp-goes-on"}],
    "unattributed_by": {"admission": 0, "table": 0},
}
ALERT = {
    "id": "340ded2e2d85b2e6", "kind": "pmtud-invalid", "class": "tiny", "state": "firing",
    "severity": "critical", "level": "confirmed", "interface": "eth0", "path": "203.0.113.0/24",
    "src": "198.51.100.7", "dst": "203.0.113.9", "reporter": "192.0.2.1", "mtu": 68, "link": None,
    "messages": 1, "flows": 0, "hosts": 1, "destinations": 1, "at_least": True,
    "first": TIME, "last": TIME, "evidence": "what was seen", "meaning": "what it means",
    "unknown": "what it can't tell", "advice": "what is to be done",
}
CHANGE = {"timestamp": EVENT["timestamp"], "in_iface": "eth0", "event_type": "unreach_alert",
          "alert": ALERT}
ALERTS = {"view": "alerts", "time": TIME, "overflow": {"pmtud-ignored": 0, "pmtud-invalid": 0, "pmtud-silent": 0,
                                                       "flood": 0, "scan": 0},
          "rows": [ALERT]}
SAMPLES = {"event": EVENT, "codes": CODES, "hosts": HOSTS, "paths": PATHS, "alerts": ALERTS,
           "alert": CHANGE, "status": STATUS}
# Keys that may be absent. Others of `orig` follow from those before them (dest_port: src_port).
OPTIONAL = {("event_id",), ("in_iface",), ("pcap_cnt",), ("vlan",), ("unreach", "mtu"),
            ("unreach", "flags"), ("unreach", "mpls")}
OPTIONAL |= {("unreach", "orig", key) for key in EVENT["unreach"]["orig"]
             if key not in ("src_ip", "src_port", "dest_port")}


def validator(name):
    schema = json.loads((HERE / f"{name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def places(node, path=()):
    """The path of every key in a document."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items:
        if isinstance(node, dict):
            yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from places(value, (*path, key))


@pytest.mark.parametrize("name, place", [("paths", PATHS["rows"][0]), ("alert", ALERT)])
def test_silence_has_no_reporter(name, place):
    """Nobody tells an MTU: there are two sizes instead."""
    silent = {**place, "reporter": None, "mtu": None, "passes": 1076, "stuck": 1500}
    silent.update({"verdict": "silent", "level": "suspect"} if name == "paths" else
                  {"kind": "pmtud-silent"})
    silent.pop("class", None)
    wrap = (lambda row: {**PATHS, "rows": [row]}) if name == "paths" else (
        lambda row: {**CHANGE, "alert": row})
    assert validator(name).is_valid(wrap(silent))
    assert not validator(name).is_valid(wrap({**silent, "mtu": 1400}))
    assert not validator(name).is_valid(wrap({k: v for k, v in silent.items() if k != "stuck"}))
    assert not validator(name).is_valid(wrap({**place, "reporter": None}))


# What tells the two kinds that are about no path from the others.
CROWD = {key: value for key, value in ALERT.items() if key not in ("class", "link", "at_least")} | {
    "path": None, "src": None, "dst": None, "reporter": None, "mtu": None}
FLOOD = CROWD | {"kind": "flood", "hosts": 0, "destinations": 0, "rate": 250}


@pytest.mark.parametrize("right, wrong", [
    (FLOOD | {"reporter": "192.0.2.1"}, {"code": 3}), (FLOOD | {"code": 3}, {"mtu": 1400}),
    (CROWD | {"kind": "scan", "src": "198.51.100.7", "destinations": 120, "at_least": True},
     {"src": None})])
def test_no_path(right, wrong):
    def wrap(alert):
        return {**CHANGE, "alert": alert}

    assert [error.message for error in validator("alert").iter_errors(wrap(right))] == []
    assert not validator("alert").is_valid(wrap({**right, **wrong}))
    assert not validator("alert").is_valid(wrap({**right, "kind": "pmtud-ignored"}))


def holder(document, path):
    for key in path[:-1]:
        document = document[key]
    return document


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_valid(name):
    assert [error.message for error in validator(name).iter_errors(SAMPLES[name])] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_more_keys_are_allowed(name):
    document = copy.deepcopy(SAMPLES[name])
    document["later_work"] = {"any": "thing"}
    assert validator(name).is_valid(document)


@pytest.mark.parametrize("name", SAMPLES)
def test_required_keys_are_required(name):
    checked = 0
    for path in places(SAMPLES[name]):
        if path[:2] == ("unreach", "mpls") and len(path) > 2:  # nothing is said of it yet
            continue
        document = copy.deepcopy(SAMPLES[name])
        del holder(document, path)[path[-1]]
        if (name == "event" and path in OPTIONAL) or path == ("flows",) or path[-1] in (
                "in_iface", "at_least", "note"):
            assert validator(name).is_valid(document), path
        else:
            assert not validator(name).is_valid(document), path
            checked += 1
    assert checked >= 8


@pytest.mark.parametrize("name", SAMPLES)
def test_values_of_another_type_are_refused(name):
    for path in places(SAMPLES[name]):
        if "mpls" in path:
            continue
        document = copy.deepcopy(SAMPLES[name])
        node = holder(document, path)
        node[path[-1]] = 1 if isinstance(node[path[-1]], dict) else {"of": "no"}
        assert not validator(name).is_valid(document), path


@pytest.mark.parametrize("change", [
    {"icmp_code": 3}, {"icmp_code": 256}, {"icmp_type": 11}, {"vlan": []}, {"vlan": [4096]},
    {"timestamp": TIME}, {"proto": "icmp"}, {"pcap_cnt": 0}, {"src_ip": "host"},
])
def test_events_that_cannot_be(change):
    assert not validator("event").is_valid({**EVENT, **change})


@pytest.mark.parametrize("change", [
    {"flags": []}, {"flags": ["odd"]}, {"flags": ["tiny", "tiny"]}, {"tos": 0}, {"ttl": 256},
    {"quote": "full"}, {"quote": "none"}, {"checksum": "good"}, {"name": "port-unreachable"},
    {"orig": {"frag_offset": 8, "src_port": 1}}, {"orig": {"frag_offset": 0}},
])
def test_unreach_objects_that_cannot_be(change):
    assert not validator("event").is_valid({**EVENT, "unreach": {**EVENT["unreach"], **change}})
