"""Community IDs of quoted datagrams against two others: hashlib over the specification's own words,
and tshark over the quoted datagrams alone.

Which protocols have ports, and what becomes of ICMP, is written here once more from the
specification; the numbers that it publishes are in tests/unit/test_community.c.
"""
import base64
import hashlib
import ipaddress
import json
import struct
import subprocess
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parent.parent
UNREACH = ROOT / "build/unreach"
VECTORS = sorted((ROOT / "tests/vectors").glob("*.pcap*"))
SCHEMA = json.loads((ROOT / "tests/schema/event.json").read_text())
NUMBERS = {"ICMP": 1, "IGMP": 2, "IPIP": 4, "TCP": 6, "UDP": 17, "DCCP": 33, "IPV6": 41, "RSVP": 46,
           "GRE": 47, "ESP": 50, "AH": 51, "IPV6-ICMP": 58, "EIGRP": 88, "OSPF": 89, "PIM": 103,
           "VRRP": 112, "SCTP": 132, "UDPLITE": 136}
ANSWERS = {0: 8, 8: 0, 9: 10, 10: 9, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17}
RAW_IP = 101  # link type


def read(paths, *options):
    """The events of captures."""
    done = subprocess.run([UNREACH, "read", *paths, "--show", "events", "--json", *options],
                          capture_output=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def expected(orig):
    """By the specification; None where too little of the flow is known."""
    if not {"src_ip", "dest_ip", "proto"} <= set(orig):
        return None
    proto = NUMBERS.get(orig["proto"]) or int(orig["proto"])
    source, target = (ipaddress.ip_address(orig[key]).packed for key in ("src_ip", "dest_ip"))
    ports, one_way = (), False
    if proto == 1:
        kind = orig.get("icmp_type")
        one_way = kind not in ANSWERS
        ports = (kind, orig.get("icmp_code") if one_way else ANSWERS[kind])
    elif proto in (6, 17, 132):
        ports = (orig.get("src_port"), orig.get("dest_port"))
    if None in ports or proto == 58:
        return None
    if not one_way and (source, ports[:1]) > (target, ports[1:]):
        source, target, ports = target, source, ports[::-1]
    hashed = struct.pack(">H", 0) + source + target + bytes((proto, 0))
    hashed += b"".join(struct.pack(">H", port) for port in ports)
    return "1:" + base64.b64encode(hashlib.sha1(hashed).digest()).decode()


def test_vectors():
    """Of every event; without the option there is none, and nothing else is other than with it."""
    plain, events = read(VECTORS), read(VECTORS, "--community-id")
    assert not any("community_id" in event for event in plain)
    jsonschema.validate(next(event for event in events if "community_id" in event), SCHEMA)
    found = [event.pop("community_id", None) for event in events]
    assert events == plain
    assert found == [expected(event["unreach"].get("orig", {})) for event in events]
    assert None in found and len(set(found)) > 50


def datagrams(ip, transport):
    """One of each kind, as bytes."""
    ports = {"sport": 50000, "dport": 443}
    found = [ip(proto=6) / transport.TCP(**ports), ip(proto=17) / transport.UDP(**ports),
             ip() / transport.SCTP(**ports), ip() / transport.SCTP(sport=7, dport=5)]
    found += [ip() / transport.ICMP(type=kind, code=0) for kind in (0, 3, *range(8, 21))]
    found += [ip(proto=proto) for proto in (46, 47, 50, 89)]
    return [bytes(one / bytes(40)) for one in found]


def capture(scapy, path, packets):
    with scapy.RawPcapWriter(str(path), linktype=RAW_IP) as writer:
        writer.write_header(None)
        for packet in packets:
            writer.write_packet(packet)


def test_tshark(tmp_path):
    """It knows the quoted datagrams by the same names, though it has all of them."""
    scapy = pytest.importorskip("scapy.all")
    quoted, messages = tmp_path / "quoted.pcap", tmp_path / "messages.pcap"
    whole = []
    for ends in (("198.51.100.7", "203.0.113.9"), ("203.0.113.9", "198.51.100.7")):
        whole += datagrams(lambda **fields: scapy.IP(src=ends[0], dst=ends[1], **fields), scapy)
    capture(scapy, quoted, whole)
    capture(scapy, messages, [bytes(scapy.IP(src="192.0.2.1", dst="198.51.100.7") /
                                    scapy.ICMP(type=3, code=1) / one[:28]) for one in whole])
    done = subprocess.run(["tshark", "-r", quoted, "--enable-protocol", "communityid", "-T",
                           "fields", "-e", "communityid"], capture_output=True, text=True,
                          timeout=60, check=True)
    wanted = [line.split(",")[0] for line in done.stdout.splitlines()]
    found = [event.get("community_id") for event in read([messages], "--community-id")]
    assert len(found) == len(whole) and None not in found and found == wanted
