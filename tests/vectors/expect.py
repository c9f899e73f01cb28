#!/usr/bin/python3
"""Writes the expectations of the real captures, lab-*.pcap, as tshark decodes them.

    expect.py            write every file anew
    expect.py --check    write nothing; fail where a file is missing or differs

Refuses a capture in which tshark leaves anything open: then its expectation has to be thought
out, and the frame belongs into a synthetic vector.
"""

import sys
from pathlib import Path

from gen import event, store

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import tshark  # noqa: E402


def expected(capture):
    """{suffix: bytes} of one capture."""
    if tshark.broken(capture):
        raise ValueError(f"{capture.name}: an IP header that tshark does not understand")
    frames = tshark.decode(capture)
    for frame in frames:
        if frame.is_unreachable is None or frame.later_fragment or frame.visible < 8:
            raise ValueError(f"{capture.name}, frame {frame.number}: tshark does not read it all")
    return event.files([frame.event() for frame in frames if frame.is_unreachable])


def files():
    """Both expectations of every real capture: {name: bytes}."""
    out = {}
    for capture in sorted(HERE.glob("lab-*.pcap")):
        for suffix, data in expected(capture).items():
            out[capture.stem + suffix] = data
    return out


if __name__ == "__main__":
    sys.exit(store.main(__file__, files(), HERE))
