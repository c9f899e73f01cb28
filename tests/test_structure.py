"""The house's one-way dependencies, read from the includes."""
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Which of our headers the files of a place may include, by the include's first part or by its name.
# The longest place that fits a file counts.
RULES = {
    "include/unreach": {"unreach"},
    "bpf": {"unreach", "bpf"},
    "user/base": {"unreach", "base"},
    "user/state": {"unreach", "base", "state"},
    "user/source": {"unreach", "base", "state", "source"},
    "user/detect": {"unreach", "base", "state", "detect"},
    "user/sink": {"unreach", "base", "state", "sink"},
    "user/view": {"unreach", "base", "state", "view"},
    "user/serve": {"unreach", "base", "state", "view", "serve"},
    "user/pipeline": {"unreach", "base", "state", "detect", "sink", "pipeline.h"},
    "user/attach": {"unreach", "base", "state", "source", "attach.h"},
    "user/lookout": {"unreach", "base", "state", "detect", "sink", "pipeline.h", "lookout.h"},
    "user/cli": {"unreach", "base", "state", "detect", "view", "cli", "pipeline.h", "sink/sink.h",
                 "source/pcap.h", "source/frame.h"},
    "user/config": {"unreach", "base", "state", "source", "config.h"},
    "user/privileges": {"privileges.h"},
    "user/daemon": {"privileges.h", "unreach", "base", "state", "detect", "view", "serve", "source", "sink",
                    "pipeline.h", "lookout.h", "attach.h", "config.h", "daemon.h"},
    "user/unreachd.c": {"unreach", "base", "source", "daemon.h", "privileges.h"},
    "user/unreach.c": {"unreach", "base", "cli"},
}

# System headers: freestanding places take few; libbpf belongs to two sources alone.
SYSTEM = {"include/unreach": r"linux/types\.h", "bpf": r"(linux|bpf)/.*|stdbool\.h"}
LOCK_PLACE = "include/unreach/hosts.h"  # a map's value, with the kernel's lock in it
LIBBPF = re.compile(r"bpf/.*|.*\.skel\.h")
LIBMNL = re.compile(r"libmnl/.*")
LIBMNL_PLACES = {f"user/source/{name}" for name in ("netlink.c", "netlink.h", "links.c")}
INIH_PLACE = "user/base/opts_file.c"
LIBMHD = "microhttpd.h"
LIBTERM = re.compile(r"n?curses\.h|term\.h")
LIBTERM_PLACES = {"user/cli/top_term.c"}
LIBBPF_PLACES = re.compile(r"user/source/(xdp\w*\.[ch]|counters\.c)$|bpf/")

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def place_of(path):
    return max((p for p in RULES if path.startswith(p)), key=len, default=None)


def judge(path, place, quote, name, folder):
    """What is wrong with one include of one file, or None."""
    if LIBBPF.match(name) and not LIBBPF_PLACES.match(path):
        return "libbpf belongs to source/xdp and source/counters"
    if LIBMNL.match(name) and path not in LIBMNL_PLACES:
        return "libmnl belongs to source/netlink and source/links.c"
    if name == "ini.h" and path != INIH_PLACE:
        return f"inih belongs to {INIH_PLACE}"
    if name == LIBMHD and path != "user/serve/http.c":
        return "libmicrohttpd belongs to serve/http.c"
    if quote == "<" and LIBTERM.fullmatch(name) and path not in LIBTERM_PLACES:
        return "ncurses belongs to cli/top_term.c"
    if name == "linux/bpf.h" and path == LOCK_PLACE:
        return None
    if quote == "<":
        allowed = SYSTEM.get(place)
        return f"system header outside {allowed}" if allowed and not re.fullmatch(allowed, name) else None
    if name.endswith(".skel.h"):
        return None
    own = (folder / name).exists() and "/" not in name  # a neighbour in the same folder
    if own or name.split("/")[0] in RULES[place] or name in RULES[place]:
        return None
    return f"{place} must not know {name.split('/')[0]}"


def violations(root):
    found = []
    for file in sorted([*root.glob("include/**/*.[ch]"), *root.glob("bpf/**/*.[ch]"),
                        *root.glob("user/**/*.[ch]")]):
        path = str(file.relative_to(root))
        place = place_of(path)
        if place is None:
            found.append(f"{path}: no rule for this place")
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            wrong = match and judge(path, place, *match.groups(), file.parent)
            if wrong:
                found.append(f"{path}:{number}: {match.group(2)}: {wrong}")
    return found


def test_dependencies_point_one_way():
    assert violations(ROOT) == []


@pytest.mark.parametrize("path, line", [
    ("include/unreach/parse.h", "#include <stdio.h>"),
    ("include/unreach/parse.h", '#include "state/event.h"'),
    ("bpf/count.h", "#include <string.h>"),
    ("user/base/buf.c", '#include "state/event.h"'),
    ("user/state/event.c", '#include "view/view.h"'),
    ("user/sink/eve.c", '#include "view/view.h"'),
    ("user/detect/ignored.c", '#include "source/route.h"'),
    ("user/state/alerts.c", '#include "detect/detect.h"'),
    ("user/view/codes.c", '#include "source/xdp.h"'),
    ("user/cli/read.c", '#include "source/xdp.h"'),
    ("user/cli/read.c", "#include <bpf/libbpf.h>"),
    ("user/source/pcap.c", '#include "sink/sink.h"'),
    ("user/source/iface.c", "#include <libmnl/libmnl.h>"),
    ("user/config.c", "#include <ini.h>"),
    ("user/serve/control.c", "#include <microhttpd.h>"),
    ("user/cli/top_screen.c", "#include <ncurses.h>"),
])
def test_a_planted_include_is_found(tmp_path, path, line):
    for folder in ("include", "bpf", "user"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    file = tmp_path / path
    file.write_text(file.read_text() + line + "\n")
    assert [v for v in violations(tmp_path) if v.startswith(path + ":")]
