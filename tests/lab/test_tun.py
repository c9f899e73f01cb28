"""A device without Ethernet header: its frames start at the IP header."""
from collections import Counter

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.packet import Raw

from against_tshark import check
from daemon import by_code

REPORTER, OURS, AWAY = "198.51.100.77", "192.0.2.2", "203.0.113.9"


def refusal(code, **fields):
    """A Destination Unreachable message as it comes out of a tunnel."""
    quoted = IP(src=OURS, dst=AWAY, id=code + 1, flags="DF", len=1500)
    transport = TCP(sport=50000 + code, dport=443, seq=7) if code % 2 else \
        UDP(sport=50000 + code, dport=53, len=1480)
    return bytes(IP(src=REPORTER, dst=OURS, id=code) / ICMP(type=3, code=code, **fields) /
                 Raw(bytes(quoted / transport)[:28]))


@pytest.fixture(name="tun")
def tun_device(lab):
    lab.ip("b", "tuntap add dev tunnel mode tun", "link set tunnel up")
    yield "tunnel"
    lab.ip("b", "link del tunnel")


@pytest.mark.parametrize("mode", ("auto", "generic"))
def test_frames_start_at_the_ip_header(lab, launch, tun, mode):
    daemon = launch("-m", mode, "-e", "all", "-l", "{log}", "-w", "{pcapng}", interfaces=(tun,))
    daemon.ready()
    packets = [refusal(code, nexthopmtu=1400) if code == 4 else refusal(code)
               for code in range(17)]
    others = [bytes(IP(src=REPORTER, dst=OURS) / ICMP(type=11)),
              bytes(IP(src=REPORTER, dst=OURS) / UDP() / Raw(b"x" * 60))]
    lab.traffic("b", ("tun", {"device": tun, "packets": [one.hex() for one in packets + others]}))
    daemon.await_seen(len(packets))
    assert by_code(daemon.view("codes")["interfaces"][0]) == \
        {**{code: 1 for code in range(16)}, "unassigned": 1}
    rows = daemon.view("targets")["rows"]
    assert [(row["address"], row["messages"]) for row in rows] == [(AWAY, len(packets))]
    assert daemon.stop() == 0
    events = daemon.lines("log")
    assert Counter(event["icmp_code"] for event in events) == Counter(range(17))
    assert all(event["unreach"]["checksum"] == "ok" for event in events)
    result = check(daemon.directory / "pcapng", events, live=True)
    assert result.problems == [] and result.compared > 15 * len(events)
