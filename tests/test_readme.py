"""What README shows is what the programs print: each block that begins with "$ command" is run."""
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"


def examples():
    """(command, shown output) of each indented block whose first line is a command."""
    found, block = [], []
    for line in [*README.read_text().splitlines(), "end"]:
        if line.startswith("    ") or (not line and block):
            block.append(line[4:])
            continue
        if block and block[0].startswith("$ "):
            found.append((block[0][2:], "\n".join(block[1:]).strip("\n")))
        block = []
    return found


def test_there_are_examples():
    assert len(examples()) >= 2


@pytest.mark.parametrize("command, shown", examples(), ids=lambda value: value[:40])
def test_example(command, shown):
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=30,
                          env={**os.environ, "PATH": f"{ROOT}/build:{os.environ['PATH']}"})
    assert done.returncode == 0, done.stderr
    printed = "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines())
    assert printed == shown
