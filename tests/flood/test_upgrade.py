"""Another build takes over under load: what one counted the other goes on from, to the message."""
import re
import shutil
import subprocess

import pytest

from conftest import BUILD, ROOT, result, wait_for

RATE, SECONDS = 150_000, 3
ANOTHER_MAP = """
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1);
} another SEC(".maps");
"""


def build(folder, edit):
    """unreachd of these sources, as `edit` changes them; the folder that it is built in."""
    for part in ("bpf", "include", "user"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy(ROOT / "Makefile", folder)
    edit(folder)
    subprocess.run(["make", "-C", folder, "-j2", "build/unreachd"], check=True, timeout=300,
                   capture_output=True)
    return folder / "build"


def replace(path, pattern, text):
    """Exactly one place in a file."""
    source, count = re.subn(pattern, text, path.read_text(encoding="utf-8"))
    assert count == 1, (path, pattern)
    path.write_text(source, encoding="utf-8")


def another_layout(folder):
    """The next ABI version: counters moved, one more among them, another map."""
    abi = folder / "include/unreach/abi.h"
    replace(abi, r"(#define UNREACH_ABI_VERSION) (\d+)",
            lambda match: f"{match[1]} {int(match[2]) + 1}")
    replace(abi, r"(struct unreach_counters \{\n)", r"\1\t__u64 another;\n")
    replace(abi, r".*sizeof\(struct unreach_counters\) == .*\n", "")
    replace(abi, r"(struct unreach_ack_state \{\n)", r"\1\t__u64 another;\n")
    replace(abi, r".*sizeof\(struct unreach_ack\) == .*\n", "")
    replace(abi, r"(struct unreach_instance \{\n\t__u32 abi_version;.*\n)", r"\1\t__u64 another;\n")
    replace(abi, r".*sizeof\(struct unreach_instance\) == .*\n", "")
    replace(folder / "bpf/maps.h", r"(\n#endif\n)\Z", ANOTHER_MAP + r"\1")
    replace(folder / "user/source/xdp_internal.h", r"(\tMAP_COUNTERS,\n)", r"\1\tMAP_ANOTHER,\n")
    replace(folder / "user/source/xdp_maps.h", r"(\tmaps\[MAP_COUNTERS\] = .*\n)",
            r"\1\tmaps[MAP_ANOTHER] = skel->maps.another;\n")


def another_rule(folder):
    """A program that judges otherwise, over the same maps; it would make its rings of another size."""
    replace(folder / "include/unreach/path.h", r"(#define UNREACH_IDLE_NS) \(\d+", r"\1 (131000")
    replace(folder / "user/source/xdp_set.c", r"(#define RINGS_TOTAL) \(16U", r"\1 (2U")


@pytest.fixture(name="other_program", scope="module")
def same_abi(tmp_path_factory):
    return build(tmp_path_factory.mktemp("program"), another_rule)


@pytest.fixture(name="other_layout", scope="module")
def other_abi(tmp_path_factory):
    return build(tmp_path_factory.mktemp("layout"), another_layout)


def flood(bench):
    return bench.flood("--count", str(RATE * SECONDS), "--rate", str(RATE))


def load(bench, daemon):
    """Starts the flood, and waits until some of it is counted."""
    running = flood(bench)
    wait_for(lambda: daemon.process.poll() is None and bench.identity()["seen"] > RATE // 2,
             "messages")
    return running


def tag(bench):
    """What the kernel makes of the attached program's instructions."""
    number = bench.ask("status")["interfaces"][0]["program_id"]
    return re.search("tag ([0-9a-f]+)", bench.run("bpftool", "prog", "show", "id", number))[1]


def ring_sizes(bench):
    return [ring["size"] for ring in bench.ask("status")["rings"]]


def codes(bench):
    interface, = bench.ask("codes")["interfaces"]
    return {row["code"]: row["messages"] for row in interface["codes"] if row["messages"]}


def assert_whole(bench):
    """All that arrived is counted, by code too, and accounted for."""
    identity = bench.at_rest()
    assert identity["holds"]
    assert identity["seen"] == bench.arrived() == codes(bench)[3]
    parts = [identity[part] for part in ("delivered", "pending", "suppressed", "lost")]
    assert sum(parts) == identity["seen"]
    return identity


def test_same_abi(bench, other_program):
    """A changed program takes the place of the one that counts: nothing is lost, nothing said."""
    first = bench.start("--pin-dir", bench.pins)
    before, rings = tag(bench), ring_sizes(bench)
    running = load(bench, first)
    first.stop()
    second = bench.start("--pin-dir", bench.pins, build=other_program)
    assert tag(bench) != before
    assert running.poll() is None  # it was under load
    assert result(running)["flood"] == RATE * SECONDS
    assert assert_whole(bench)["seen"] >= RATE * SECONDS
    assert "ABI" not in second.stderr.read_text()
    assert ring_sizes(bench) == rings


@pytest.mark.parametrize("end", ("stopped", "killed"))
def test_other_abi(bench, other_layout, end):
    """It is said, old totals are kept to the message, and so they are at the next starts."""
    first = bench.start("--pin-dir", bench.pins, "-e", "all")
    running = load(bench, first)
    first.stop(9 if end == "killed" else 15)
    second = bench.start("--pin-dir", bench.pins, build=other_layout)
    assert running.poll() is None
    result(running)
    said = second.stderr.read_text()
    assert said.count("its totals are carried over; sources, targets, senders") == 1
    identity = assert_whole(bench)
    assert (identity["lost_by"]["sink"] > 0) == (end == "killed")
    lost = re.search(r"(\d+) events stood in the rings of the other version", said)
    assert int(lost[1] if lost else 0) == identity["lost_by"]["sink"]
    assert not [name for name in pins(bench) if name.startswith("old-")]
    for build_again in (other_layout, BUILD, BUILD):  # adopted; back to where it began; adopted
        bench.daemons[-1].stop()
        again = bench.start("--pin-dir", bench.pins, build=build_again)
        assert assert_whole(bench)["seen"] == identity["seen"]
        result(flood(bench))
        identity = assert_whole(bench)
    assert "carried over" not in again.stderr.read_text()


def pins(bench):
    return [path.name for path in bench.pins.iterdir()]


def test_cut_short(bench, other_layout):
    """Wherever the start of the other version ends, the next one finds all that was counted."""
    first = bench.start("--pin-dir", bench.pins)
    result(flood(bench))
    seen = assert_whole(bench)["seen"]
    first.stop()
    for files in range(8, 80):
        limit = ("prlimit", f"--nofile={files}")
        process = bench.try_start("--pin-dir", bench.pins, build=other_layout, wrap=limit)
        if process.is_ready():
            break
    assert 20 < files < 79
    assert bench.at_rest()["seen"] == seen
    bench.daemons[-1].stop()
    bench.start("--pin-dir", bench.pins, build=other_layout)
    assert assert_whole(bench)["seen"] == seen
    assert not [name for name in pins(bench) if name.startswith("old-")]


def test_detached_in_between(bench, other_layout):
    """--detach takes what is left of both."""
    bench.start("--pin-dir", bench.pins).stop()
    for files in range(8, 80):
        bench.try_start("--pin-dir", bench.pins, build=other_layout,
                        wrap=("prlimit", f"--nofile={files}"))
        if [name for name in pins(bench) if name.startswith("old-")]:
            break
    assert "old-counters" in pins(bench)
    bench.daemons[-1].stop()
    bench.run(BUILD / "unreachd", "--detach", "--pin-dir", bench.pins)
    assert not bench.pins.exists()


def test_detached_by_another(bench, other_layout):
    """--detach takes all of a set whose maps it does not know: what it says are its own."""
    bench.start("--pin-dir", bench.pins, build=other_layout).stop()
    assert "another" in pins(bench)
    stranger = bench.pins / "theirs"
    bench.run("bpftool", "map", "create", stranger, "type", "array", "key", 4, "value", 4,
              "entries", 1, "name", "another")
    try:
        bench.run(BUILD / "unreachd", "--detach", "--pin-dir", bench.pins)
        assert pins(bench) == ["theirs"]
    finally:
        stranger.unlink()
    bench.run(BUILD / "unreachd", "--detach", "--pin-dir", bench.pins)
    assert not bench.pins.exists()


def test_old_program_stays(bench, other_layout):
    """Where ours cannot be loaded the other version's goes on, and what it counts is shown."""
    bench.start("--pin-dir", bench.pins).stop()
    result(flood(bench))
    no_programs = ("setpriv", "--bounding-set=-perfmon,-sys_admin")
    second = bench.start("--pin-dir", bench.pins, build=other_layout, wrap=no_programs)
    assert "va stays as an earlier start attached it" in second.stderr.read_text()
    result(flood(bench))
    assert assert_whole(bench)["seen"] >= 2 * RATE * SECONDS
    second.stop()
    bench.start("--pin-dir", bench.pins, build=other_layout)
    result(flood(bench))
    assert assert_whole(bench)["seen"] >= 3 * RATE * SECONDS
    assert not [name for name in pins(bench) if name.startswith("old-")]
