"""Measures how close unreach is to what the kernel's own parts cost, and prints one table.

usage: python3 tests/bench [--quick] [--json FILE] [GROUP]...

Without a GROUP all are run, which takes about ten minutes, --quick one. Exit status: 0 when all
was measured, whether the bounds hold or not. Takes root; build first (make bench does).
"""
import argparse
import os
import signal
import sys
from dataclasses import dataclass

import captures
import kernel
import live
import table


@dataclass
class Settings:
    """How long to measure."""
    quick: bool
    rounds: int
    runs: int  # of a program in one round
    messages: int  # of a live flood
    captured: int  # messages in a capture
    fill: float | None  # seconds for filling the tables; None: leave that out


FULL = Settings(False, 15, 1000000, 10000000, 5000000, 60)
QUICK = Settings(True, 5, 200000, 1000000, 200000, None)
MOMENT = Settings(True, 2, 20000, 50000, 20000, 0)
GROUPS = {
    "not-icmp": kernel.not_icmp, "hot": kernel.hot, "random": kernel.random_sources,
    "growth": kernel.growth, "cpus": kernel.two_cpus, "daemon": live.daemon, "events": live.events,
    "netfilter": live.netfilter, "sources": live.sources, "read": captures.read,
}


def arguments():
    parser = argparse.ArgumentParser(prog="tests/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one minute instead of ten")
    parser.add_argument("--moment", action="store_true", help="only to see that it works")
    parser.add_argument("--json", metavar="FILE", help="keep rows and samples there")
    parser.add_argument("groups", metavar="GROUP", nargs="*", help=", ".join(GROUPS))
    chosen = parser.parse_args()
    unknown = [name for name in chosen.groups if name not in GROUPS]
    if unknown:
        parser.error(f"no group is called {unknown[0]}; there are {', '.join(GROUPS)}")
    return chosen


def main():
    chosen = arguments()
    if os.geteuid() != 0:
        sys.exit("tests/bench: programs in the kernel and namespaces take root")
    settings = MOMENT if chosen.moment else QUICK if chosen.quick else FULL
    rows, samples = [], {}
    try:
        for name in chosen.groups or GROUPS:
            print(f"{name} ...", file=sys.stderr, flush=True)
            found, samples[name] = GROUPS[name](settings)
            rows += found
    except KeyboardInterrupt as stop:
        sys.exit(128 + getattr(stop, "signal", signal.SIGINT))
    print(table.heading())
    print()
    print(table.table(rows))
    failed = [row.name for row in rows if row.holds is False]
    print(f"\n{len(rows)} rows, {len(failed)} out of bounds")
    if chosen.json:
        table.save(rows, chosen.json, samples)


main()
