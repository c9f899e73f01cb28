"""HTTP as a scraper speaks it, from sockets that stand in a node of the lab.

Knows nothing of what is served but Prometheus' text format.
"""
import ctypes
import http.client
import os
import re
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass

CLONE_NEWNET = 0x40000000  # from <linux/sched.h>
PROM = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
SAMPLE = re.compile(r'(\w+)(?:\{(.*)\})? (\d+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@contextmanager
def inside(lab, node):
    """Sockets that are made in the context belong to the node, for as long as they live."""
    libc = ctypes.CDLL(None, use_errno=True)

    def enter(path):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if libc.setns(fd, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), path)
        finally:
            os.close(fd)

    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    enter(f"/run/netns/{lab.namespace(node)}")
    try:
        yield
    finally:
        enter(f"/proc/self/fd/{home}")
        os.close(home)


def connect(lab, port, host="127.0.0.1", node="b", seconds=5):
    """A connected socket of a node; OSError where nobody listens."""
    with inside(lab, node):
        return socket.create_connection((host, port), seconds)


@dataclass
class Answer:
    status: int
    headers: dict
    body: str


def ask(lab, port, path="/metrics", method="GET", body=None, seconds=5, host="127.0.0.1", **headers):
    """One request and its answer."""
    connection = http.client.HTTPConnection(host, port)
    connection.sock = connect(lab, port, host, seconds=seconds)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read().decode())
    finally:
        connection.close()


def samples(text):
    """{(name, ((label, value), ...)): value} of a document; each sample stands there once."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.fullmatch(line).groups()
        key = (name, tuple(LABEL.findall(labels or "")))
        assert key not in found, line
        found[key] = int(value)
    return found


def scrape(lab, port, **keywords):
    """The samples as they are now."""
    answer = ask(lab, port, **keywords)
    assert answer.status == 200, answer
    return samples(answer.body)


def get(found, metric, **labels):
    """One sample's value; None: there is none."""
    return found.get((metric, tuple(labels.items())))


def promtool(*words, stdin=""):
    """promtool with these words, done."""
    return subprocess.run(["promtool", *map(str, words)], input=stdin, capture_output=True, text=True,
                          timeout=30, check=False)
