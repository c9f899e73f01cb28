"""Rows of the benchmark: what was measured, against what, within which bound; printed and kept.

One number of each row is judged. Spread is its quartiles over the rounds. Knows nothing of how
anything is measured.
"""
import json
import os
import platform
import statistics
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

COLUMNS = ("row", "ours", "reference", "judged", "bound", "holds", "spread")


@dataclass
class Row:
    """`judged` is in `unit`; `bound` is the most or the least it may be, None: there is none."""
    name: str
    ours: str
    reference: str = ""
    judged: float | None = None
    unit: str = "x"
    bound: float | None = None
    at_most: bool = True
    low: float | None = None
    high: float | None = None
    skipped: str = ""

    @property
    def holds(self):
        if self.bound is None or self.judged is None:
            return None
        return self.judged <= self.bound if self.at_most else self.judged >= self.bound

    def cells(self):
        if self.skipped:
            return [self.name, f"skipped: {self.skipped}", "", "", "", "", ""]
        word = "<=" if self.at_most else ">="
        return [self.name, self.ours, self.reference,
                number(self.judged, self.unit),
                f"{word} {number(self.bound, self.unit)}" if self.bound is not None else "",
                {None: "", True: "yes", False: "NO"}[self.holds],
                f"{number(self.low)}..{number(self.high)}" if self.low is not None else ""]


def number(value, unit=""):
    """Three digits that count, and the unit."""
    if value is None:
        return ""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}{'' if unit in ('', 'x') else ' '}{unit}"


def quartiles(values):
    """(lower quartile, median, upper quartile)."""
    values = sorted(values)
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def judge(name, ours, reference, values, **keywords):
    """A row whose judged number is the median of `values`, one for each round."""
    low, middle, high = quartiles(values)
    return Row(name, ours, reference, middle, low=low, high=high, **keywords)


def machine():
    """What the figures were taken on."""
    def first_line(*command):
        try:
            return subprocess.run(command, capture_output=True, text=True, check=True,
                                  timeout=10).stdout.splitlines()[0]
        except (OSError, subprocess.SubprocessError, IndexError):
            return "not there"

    info = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    return {"kernel": platform.release(), "cpu": models[0] if models else platform.machine(),
            "cores": os.cpu_count(), "clang": first_line("clang", "--version")}


def heading():
    return "kernel {kernel}, {cpu}, {cores} cores, {clang}".format(**machine())


def table(rows):
    """The rows as a Markdown table, as docs/performance.md has it."""
    lines = [list(COLUMNS)] + [row.cells() for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    lines.insert(1, ["-" * width for width in widths])
    padded = ([cell.ljust(width) for cell, width in zip(line, widths)] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def save(rows, path, samples):
    """All of it as JSON: the machine, the rows, and the samples they were made from."""
    content = {"machine": machine(), "samples": samples,
               "rows": [{**asdict(row), "holds": row.holds} for row in rows]}
    Path(path).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
