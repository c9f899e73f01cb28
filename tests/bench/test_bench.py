"""The benchmark works: it measures everything for a moment, and says so. No time is judged."""
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import table  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "build/tests/bench/bench"
ALL = [sys.executable, ROOT / "tests/bench", "--moment"]
GROUPS = {"not-icmp": 8, "hot": 4, "random": 5, "growth": 16, "cpus": 4, "daemon": 3, "events": 5,
          "netfilter": 4, "sources": 4, "read": 2}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="XDP and namespaces take root")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@needs_root
@pytest.mark.parametrize("group", GROUPS)
def test_every_row_is_measured(tmp_path, group):
    kept = tmp_path / "rows.json"
    done = run(*ALL, "--json", kept, group)
    assert done.returncode == 0, done.stderr
    rows = json.loads(kept.read_text())["rows"]
    assert len(rows) == GROUPS[group]
    for row in rows:
        assert f"| {row['name']} " in done.stdout
        assert row["skipped"] or isinstance(row["judged"], (int, float))
        assert row["holds"] in (None, True, False)


@needs_root
def test_rounds_and_cells_are_those_asked_for():
    cells = ["program=empty", "program=ours,tables=3,events=1,length=576,vlans=2,options=8"]
    done = run(BENCH, "--rounds", "3", "--runs", "40000", *cells)
    found = json.loads(done.stdout)
    assert found["rounds"] == 3 and list(found["cells"]) == cells
    assert all(len(ns) == 3 and min(ns) > 0 for ns in found["cells"].values())
    empty, ours = (sorted(ns)[1] for ns in found["cells"].values())
    assert ours > empty


@pytest.mark.parametrize("words", ["program=other", "length", "length=57", "tables=4", "cpus=0",
                                   "speed=9", "sum=0"])
def test_a_cell_that_cannot_be_is_refused(words):
    done = run(BENCH, f"program=ours,{words}")
    assert done.returncode == 2
    assert words in done.stderr


@needs_root
def test_an_interrupt_leaves_nothing_behind():
    bench = subprocess.Popen([*ALL, "events"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    mine = re.compile(f"unr{bench.pid:x}-")

    def left():
        folders = [Path("/run/netns"), Path("/tmp")]
        mounts = Path("/proc/mounts").read_text(encoding="utf-8")
        return [name for folder in folders if folder.is_dir() for name in os.listdir(folder)
                if mine.match(name)] + mine.findall(mounts)

    deadline = time.monotonic() + 30
    while not left():
        assert bench.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    bench.send_signal(signal.SIGTERM)
    assert bench.wait(timeout=60) == 128 + signal.SIGTERM
    assert left() == []


def test_a_bound_is_the_most_or_the_least():
    assert table.Row("a", "", judged=1.2, bound=1.25).holds
    assert not table.Row("a", "", judged=1.3, bound=1.25).holds
    assert table.Row("a", "", judged=6, bound=6, at_most=False).holds
    assert not table.Row("a", "", judged=5.9, bound=6, at_most=False).holds
    assert table.Row("a", "", judged=1).holds is None


def test_median_and_quartiles():
    row = table.judge("a", "", "", [5, 1, 4, 2, 3])
    assert (row.low, row.judged, row.high) == (2, 3, 4)
    assert table.judge("a", "", "", [7]).judged == 7
