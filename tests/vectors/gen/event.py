"""The event line and the counts of one capture: key order, names, exact bytes.

Shared by make.py (synthetic frames) and expect.py (real captures). Knows nothing of packet bytes:
both hand over values, this module only puts them into the one form that the files have.
"""

import json
from datetime import datetime, timezone

CODE_NAMES = (
    "network-unreachable",
    "host-unreachable",
    "protocol-unreachable",
    "port-unreachable",
    "fragmentation-needed",
    "source-route-failed",
    "network-unknown",
    "host-unknown",
    "source-host-isolated",
    "network-prohibited",
    "host-prohibited",
    "tos-network-unreachable",
    "tos-host-unreachable",
    "communication-prohibited",
    "host-precedence-violation",
    "precedence-cutoff",
)

PROTOCOLS = {
    1: "ICMP",
    2: "IGMP",
    4: "IPIP",
    6: "TCP",
    17: "UDP",
    33: "DCCP",
    41: "IPV6",
    46: "RSVP",
    47: "GRE",
    50: "ESP",
    51: "AH",
    58: "IPV6-ICMP",
    88: "EIGRP",
    89: "OSPF",
    103: "PIM",
    112: "VRRP",
    132: "SCTP",
    136: "UDPLITE",
}
WITH_PORTS = (6, 17, 33, 132, 136)

TOP = ("timestamp", "in_iface", "event_type", "pcap_cnt", "vlan", "src_ip", "dest_ip", "proto",
       "icmp_type", "icmp_code", "unreach")
UNREACH = ("name", "ttl", "tos", "length", "checksum", "quote", "mtu", "flags", "suppressed",
           "orig")
ORIG = ("src_ip", "dest_ip", "proto", "src_port", "dest_port", "tcp_seq", "udp_length",
        "icmp_type", "icmp_code", "length", "ttl", "tos", "id", "df", "frag_offset")
FLAGS = ("legacy", "impossible", "tiny", "pointless", "no-df", "off-path", "echo", "bad-quote")

UNCLASSIFIED = ("truncated", "bad-header", "fragment")


def code_name(code):
    return CODE_NAMES[code] if code < len(CODE_NAMES) else "unassigned"


def protocol_name(number):
    return PROTOCOLS.get(number, str(number))


def timestamp(nanoseconds):
    """Nanoseconds since 1970 as the log writes them: UTC, microseconds, cut off, never rounded."""
    seconds, rest = divmod(nanoseconds, 10**9)
    day = datetime.fromtimestamp(seconds, timezone.utc)
    return f"{day:%Y-%m-%dT%H:%M:%S}.{rest // 1000:06d}+0000"


def _ordered(values, order):
    unknown = set(values) - set(order)
    if unknown:
        raise ValueError(f"no place in the event line for {sorted(unknown)}")
    return {key: values[key] for key in order if key in values}


def line(event):
    """The event as the bytes of its line, newline included."""
    event = dict(event)
    unreach = dict(event["unreach"])
    if "orig" in unreach:
        unreach["orig"] = _ordered(unreach["orig"], ORIG)
    event["unreach"] = _ordered(unreach, UNREACH)
    return json.dumps(_ordered(event, TOP), separators=(",", ":")).encode("ascii") + b"\n"


def counts(events, unclassified=()):
    """The ledger of one capture: events as in line(), unclassified a list of reasons."""
    codes, unassigned, bad = {}, 0, 0
    for event in events:
        code, unreach = event["icmp_code"], event["unreach"]
        if unreach["checksum"] == "bad":
            bad += 1
        elif code >= len(CODE_NAMES):
            unassigned += 1
        else:
            row = codes.setdefault(code, {"messages": 0, "bytes": 0})
            row["messages"] += 1
            row["bytes"] += unreach["length"]
    return {
        "seen": len(events),
        "messages": sum(row["messages"] for row in codes.values()),
        "bytes": sum(row["bytes"] for row in codes.values()),
        "codes": {str(code): codes[code] for code in sorted(codes)},
        "unassigned": unassigned,
        "bad_checksum": bad,
        "unclassified": {reason: list(unclassified).count(reason) for reason in UNCLASSIFIED},
    }


def files(events, unclassified=()):
    """Both expectations of one capture: {suffix: bytes}."""
    return {
        ".ndjson": b"".join(line(event) for event in events),
        ".counts.json": json.dumps(counts(events, unclassified)).encode("ascii") + b"\n",
    }
