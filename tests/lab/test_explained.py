"""What `unreach explain` says a rule looks like, put into a kernel: does it send that code?"""
import json
import shutil
import subprocess

import pytest

import lab as network
from daemon import UNREACH

CODES = json.loads(subprocess.run([UNREACH, "explain", "--json"], capture_output=True, text=True,
                                  timeout=10, check=True).stdout)["codes"]
TARGET = "198.18.77.1"


def code_of(lab):
    """The code that c gets for TARGET, and from whom."""
    document = json.loads(lab.call("c", UNREACH, "diagnose", "--json", TARGET, timeout=40).stdout)
    probe, = (row for row in document["probes"] if row["probe"] == "tcp")
    return probe["code"], probe["reporter"]


@pytest.mark.parametrize("row", [row for row in CODES if row["nft"]], ids=lambda row: row["name"])
def test_nft(lab, row):
    lab.call("r2", "nft", "add table ip explained")
    try:
        lab.call("r2", "nft", "add chain ip explained here { type filter hook forward priority 0; }")
        lab.call("r2", "nft", f"add rule ip explained here ip daddr {TARGET} {row['nft']}")
        assert code_of(lab) == (row["code"], network.ROUTER)
    finally:
        lab.call("r2", "nft", "delete table ip explained")


@pytest.mark.skipif(not shutil.which("iptables"), reason="iptables is not installed")
@pytest.mark.parametrize("row", [row for row in CODES if row["iptables"]], ids=lambda row: row["name"])
def test_iptables(lab, row):
    rule = ("FORWARD", "-d", TARGET, "-j", *row["iptables"].split())
    lab.call("r2", "iptables", "-A", *rule)
    try:
        assert code_of(lab) == (row["code"], network.ROUTER)
    finally:
        lab.call("r2", "iptables", "-D", *rule)
