"""A cable that tests may cut, and what the daemon says and shows of its interface."""
import json


class Spare:
    """A cable from the border to s that tests may cut: one end of it is `spare` in both."""

    def __init__(self, lab):
        self.lab = lab

    def make(self, index=None):
        """`index`: the ifindex that it is to get in b; else the kernel chooses."""
        self.lab.call("b", "ip", "link", "add", "name", "spare",
                      *(("index", index) if index else ()), "type", "veth",
                      "peer", "name", "spare", "netns", self.lab.namespace("s"))
        for node, address in (("b", "198.51.100.9"), ("s", "198.51.100.10")):
            self.lab.offload(node, "spare", "off")
            self.lab.ip(node, f"addr add {address}/30 dev spare", "link set spare up")
        return self.index()

    def cut(self):
        self.lab.ip("b", "link del spare")

    def index(self):
        link, = json.loads(self.lab.call("b", "ip", "-j", "link", "show", "spare").stdout)
        return link["ifindex"]

    def refuse(self, count):
        """`count` messages of code 3 that come in on it."""
        self.lab.traffic("b", ("udp", {"host": "198.51.100.10", "count": count}))
        return count


def state_of(daemon, name):
    one, = (one for one in daemon.view("status")["interfaces"] if one["name"] == name)
    return one["state"]


def said(daemon, *words):
    """How many lines of stderr have all these words."""
    return sum(all(word in line for word in words) for line in daemon.stderr().splitlines())
