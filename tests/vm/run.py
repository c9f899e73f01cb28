#!/usr/bin/python3
"""Runs the monitor in other kernels and closes with the counts.

usage: tests/vm/run.py [--checks NAME,...|all] [SUITE]...

Boots the kernel of each Debian suite (kernels.py) under qemu (guest.py), two at a time, and has
tests/vm/checks run in it. A kernel that can't be had is skipped and says why; a guest that dies or
stays silent has failed. Programs are expected to be built (make tests).
"""
import argparse
import os
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import guest
import kernels

SUITES = ("bullseye", "bookworm", "trixie", "trixie-backports")  # 5.10, 6.1, 6.12 and a newer one
CHECKS = ("test_vectors,test_same,test_ledger,test_paths,test_linear,test_tracked,attach-1500,attach-9000,flood,"
          "capture,restart,watcher")  # `all` has each program of tests/prog: minutes
CONSOLE_LINES = 60  # shown of a guest in which something failed
MARKS = {"pass": "ok", "fail": "FAIL", "skip": "SKIP"}


def try_suite(suite, base, checks):
    """(heading, results, console) of the suite's kernel."""
    start = time.monotonic()
    try:
        kernel = kernels.get(suite)
    except kernels.Unavailable as error:
        return suite, [("kernel", "skip", time.monotonic() - start, str(error))], ""
    except (OSError, RuntimeError) as error:
        return suite, [("kernel", "fail", time.monotonic() - start, str(error))], ""
    booted = time.monotonic()
    said, console, again = guest.boot(kernel, base, f"checks={checks}")
    heading = (f"{suite} {kernel.release} {time.monotonic() - booted:.1f} s, "
               f"its kernel {booted - start:.1f} s{again}")
    wanted = [name for name in checks.split(",") if name != "all"]
    return heading, guest.results(said, wanted), console


def show(heading, found, console):
    print(f"vm {heading}")
    for name, result, seconds, why in found:
        print(f"vm   {MARKS[result]:4} {seconds:6.1f}s  {name:14} {why}".rstrip())
    if any(result == "fail" for _, result, _, _ in found):
        print("\n".join("    | " + line for line in console.splitlines()[-CONSOLE_LINES:]))
    sys.stdout.flush()


def run_all(suites, checks):
    """Every kernel's results."""
    found = []
    with tempfile.TemporaryDirectory(prefix="unreach-vm-") as work, \
         ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        base = guest.build(Path(work))
        for answer in pool.map(lambda suite: try_suite(suite, base, checks), suites):
            show(*answer)
            found += answer[1]
    return found


def end_guests(number, _):
    """For a signal: all that runs ends now."""
    for process in list(guest.running):
        process.kill()
    sys.exit(128 + number)


def main():
    parser = argparse.ArgumentParser(description="Runs the monitor in other kernels.")
    parser.add_argument("--checks", default=CHECKS, metavar="NAME,...", help="these alone, or all")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of Debian; default: {' '.join(SUITES)}")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end_guests)
    why = guest.missing()
    if why:
        print(f"vm   SKIP every kernel: {why}")
        found = [("kernel", "skip", 0.0, why)]
    else:
        found = run_all(options.suites or SUITES, options.checks)
    number = {word: sum(result == word for _, result, _, _ in found) for word in MARKS}
    print(f"{number['pass']} passed, {number['fail']} failed, {number['skip']} skipped")
    return 1 if number["fail"] else 0


sys.exit(main())
