"""`unreach top` in a real terminal multiplexer: what stands on its screen, and what keys do."""
import json
import os
import re
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

import sources
from daemon import ROOT, UNREACH
from lab import until
from screen import Screen

FLOOD = ROOT / "build/tests/tools/flood"
# 11.0.0.0 and on, each 5000 times, about 203.0.113.9 and on, each 8000 times, in four seconds.
SOURCES, TARGETS, MESSAGES, RATE = 40, 25, 200000, 50000
BARS = "▁▂▃▄▅▆▇█"
SMALL, LARGE = (80, 24), (200, 50)


@pytest.fixture(name="top")
def top_on_screen(lab):
    """Starts `unreach top` at 80x24, asking a daemon; waits until it shows something."""
    screens = []

    def start(daemon, *words, **environment):
        screens.append(Screen(lab, UNREACH, "top", "--socket", daemon.socket, *words, **environment))
        screens[-1].await_line("seen")
        return screens[-1]

    yield start
    for screen in screens:
        screen.close()


@contextmanager
def flood(lab, *options):
    """Messages from r2 for the time of the context; at its end all of them have been sent."""
    with lab.start("r2", FLOOD, "left", *options, stdout=subprocess.PIPE, text=True) as process:
        yield
        sent = json.loads(process.communicate(timeout=60)[0])
    lab.stop(process)
    assert sent["flood"] == int(options[options.index("--count") + 1])


def fits(screen, size):
    """Each line that is there stands on its own row, and the last row has the keys."""
    lines = screen.lines()
    assert (screen.cols, screen.rows) == size and len(lines) == screen.rows
    assert all(len(line) <= screen.cols for line in lines)
    assert lines[0].startswith(" unreach ") and lines[-1].startswith(" q quit  h help")
    return lines


def code_rows(screen):
    """{code: [messages, rate, last]} of the rows that stand there."""
    found = {}
    for line in screen.lines():
        match = re.match(r" +(\d+) +([a-z-]+) +(\d+) +([\d.]+M?|-) +(\d+[smhd]|-)(?: |$)", line)
        if match:
            found[int(match[1])] = match.groups()[1:]
    return found


def counts(screen):
    return {code: int(row[1]) for code, row in code_rows(screen).items()}


def rows_of(screen, first):
    """The rows of the only table, as words, below the heading that begins with `first`."""
    lines = screen.lines()
    heading = next((number for number, line in enumerate(lines) if line.split()[:1] == [first]), len(lines))
    return [line.split() for line in lines[heading + 1:-1] if line.strip()]


def refreshed(screen):
    """The screen, after three more refreshes: time for another to have had some too."""
    titles = set()
    until(lambda: titles.add(screen.lines()[0]) or len(titles) > 3, "three refreshes")
    return screen


def test_during_a_flood(lab, launch, top):
    """At 80x24 and at 200x50: rates and bars while it lasts, and then what was sent, to the last one."""
    daemon = launch().ready()
    sent = sources.provoke_all(lab, sources.SOURCES[:6])
    daemon.await_seen(sum(sent.values()))
    screen = top(daemon)
    with flood(lab, "--count", str(MESSAGES), "--rate", str(RATE), "--spread", str(SOURCES),
               "--targets", str(TARGETS)):
        screen.await_line("port-unreachable", BARS[-1])
        until(lambda: float(code_rows(screen)[3][2]) > 1000, "a rate")
        until(lambda: sum(c in BARS for c in screen.line("port-unreachable")) > 1, "two bars")
        print(*fits(screen, SMALL), sep="\n")
        screen.resize(*LARGE)
        screen.await_line("precedence-cutoff")
        screen.await_line("── sources ──", "── targets ──", "── senders ──")
        print(*fits(screen, LARGE), sep="\n")
    total = sum(sent.values()) + MESSAGES
    daemon.await_seen(total)
    screen.await_line(f" seen {total} ")
    expected = {code: sent.get(code, 0) + (MESSAGES if code == 3 else 0) for code in range(16)}
    until(lambda: counts(screen) == expected, "the counts of all codes")
    screen.await_line("11.0.0.0 ", f" {MESSAGES // SOURCES} ", "203.0.113.9 ", f" {MESSAGES // TARGETS} ")
    screen.await_line("told", "198.51.100.2", "1400")
    identity = daemon.identity()
    screen.await_line(f" = lost 0 + delivered {identity['delivered']} + pending 0 + suppressed "
                      f"{identity['suppressed']} ", "holds")
    screen.resize(*SMALL)
    screen.await_line("10 never seen are hidden")
    assert counts(screen) == {code: count for code, count in expected.items() if count}
    assert rows_of(screen, "ADDRESS")[0][:2] == ["11.0.0.0", str(MESSAGES // SOURCES)]
    fits(screen, SMALL)


def test_alert_and_paths(lab, launch, top):
    """What fires is seen at once, in red; the tables below are a key away."""
    daemon = launch().ready()
    screen = top(daemon)
    screen.await_line("0 alerts")
    with flood(lab, "--count", "200", "--rate", "80", "--advert", "fixed"):
        screen.await_line(" 1 alert")
        screen.press("t", "t", "t")
        screen.await_line("ignored", "203.0.113.9", "1400", "198.51.100.2")
        screen.press("Tab")
        screen.await_line("firing", "critical", "pmtud-ignored", "203.0.113.0/24")
    screen.await_line("the same TCP segment (1500 bytes) was quoted")
    assert "\033[31m" in screen.raw()
    fits(screen, SMALL)


def test_pause(lab, launch, top):
    """Nothing moves, and what came meanwhile is there afterwards."""
    daemon = launch().ready()
    daemon.await_seen(sources.refuse_ports(lab, 3))
    screen = top(daemon)
    screen.await_line(" seen 3 ")
    screen.press("p")
    screen.await_line("PAUSED", "sort messages")
    before = screen.lines()
    daemon.await_seen(3 + sources.refuse_ports(lab, 4))
    refreshed(top(daemon)).await_line(" seen 7 ")
    assert screen.lines() == before
    screen.press("t")
    screen.await_line("paused, nothing is asked; p goes on")
    screen.press("p")
    screen.await_line(" seen 7 ")
    assert screen.line("PAUSED") is None


def test_filters(lab, launch, top):
    """By code and by interface, in the codes, the tables and the totals."""
    daemon = launch(interfaces=("out", "in")).ready()
    sent = sources.provoke_all(lab, sources.SOURCES[2:5])
    inside = sources.refuse_ports_inside(lab, 5)
    daemon.await_seen(sum(sent.values()) + inside)
    screen = top(daemon)
    until(lambda: counts(screen) == {**sent, 3: sent[3] + inside}, "all codes")
    screen.press("c", "4", "Enter")
    screen.await_line("code 4")
    until(lambda: counts(screen) == {4: sent[4]}, "one code")
    until(lambda: [row[:2] for row in rows_of(screen, "ADDRESS")] == [["198.51.100.2", str(sent[4])]],
          "its sources")
    screen.press("c", *"port-unreachable", "Enter")
    until(lambda: counts(screen) == {3: sent[3] + inside}, "another by name")
    screen.press("i")
    screen.await_line("interface out", "code 3")
    until(lambda: counts(screen) == {3: sent[3]}, "of one interface")
    screen.press("i")
    screen.await_line("interface in ")
    screen.await_line(f" seen {inside} ")
    until(lambda: [row[:2] for row in rows_of(screen, "ADDRESS")] == [["192.0.2.2", str(inside)]],
          "the inside's only source")
    screen.press("c", *"sixteen", "Enter")
    screen.await_line("no code is called 'sixteen'")
    screen.press("i", "c", "Enter")
    screen.await_line("interface all  code all")
    until(lambda: counts(screen) == {**sent, 3: sent[3] + inside}, "all codes again")


def test_interface_option(lab, launch, top):
    """One to begin with; one that isn't watched is said to be none, by the daemon."""
    daemon = launch(interfaces=("out", "in")).ready()
    daemon.await_seen(sources.refuse_ports(lab, 2) + sources.refuse_ports_inside(lab, 1))
    screen = top(daemon, "-i", "out")
    screen.await_line(" seen 2 ")
    screen = top(daemon, "-i", "eth9")
    screen.await_line("interface 'eth9' is not watched; watched: out in")


def test_sort(lab, launch, top):
    """By messages, then by rate, then by what came last."""
    daemon = launch().ready()
    screen = top(daemon)
    sent = sources.provoke_all(lab, sources.SOURCES[:1] * 3)
    daemon.await_seen(sent[0] + sources.refuse_ports(lab, 1))

    def first():
        return rows_of(screen, "ADDRESS")[0][0]

    until(lambda: len(rows_of(screen, "ADDRESS")) == 2, "both sources")
    assert first() == "198.51.100.2"
    screen.press("s")
    screen.await_line("sort rate")
    until(lambda: sources.refuse_ports(lab, 1) and first() == "203.0.113.2", "the one that goes on")
    screen.press("s")
    screen.await_line("sort last")
    assert first() == "203.0.113.2"
    screen.press("s")
    screen.await_line("sort messages")


def test_help(launch, top):
    screen = top(launch().ready())
    screen.press("h")
    screen.await_line("t Tab", "the next table")
    screen.await_line("alerts", "black holes, forged adverts, floods, scans")
    fits(screen, SMALL)
    screen.press("x")
    screen.await_line("never seen are hidden")


def test_sizes(launch, top):
    """From nearly nothing to a wall; what is there is drawn, and it goes on."""
    screen = top(launch().ready())
    for size in ((20, 3), (2, 2), (300, 100), (100, 12), SMALL):
        screen.resize(*size)
        until(lambda: screen.lines()[-1].startswith(" q quit"[:size[0] - 1]), f"keys at {size}")
    screen.press("h")
    screen.await_line("q  ", "quit")


def test_daemon_ends_and_comes_back(lab, launch, top):
    """Killed: it says so, with what was known; there again: it goes on, by itself."""
    pins = lab.pin_dir()
    daemon = launch(pin_dir=pins).ready()
    daemon.await_seen(sources.refuse_ports(lab, 3))
    screen = top(daemon)
    screen.await_line(" seen 3 ")
    lab.stop(daemon.process, signal.SIGKILL)
    screen.await_line("no daemon (Connection refused) for", "asking on:")
    assert counts(screen) == {3: 3}
    screen.press("h")
    screen.await_line("this; any key leaves it")
    screen.press("h")
    again = launch(pin_dir=pins, socket=daemon.socket).ready()
    again.await_seen(3 + sources.refuse_ports(lab, 2))
    screen.await_line(" seen 5 ")
    screen.await_line("= lost 0", "holds")
    assert screen.line("no daemon") is None


def test_daemon_that_is_stuck(launch, top):
    """It neither answers nor refuses: keys work, and it is said; then it goes on."""
    daemon = launch().ready()
    screen = top(daemon)
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        screen.press("h")
        screen.await_line("this; any key leaves it", seconds=2)
        screen.press("h")
        screen.await_line("the daemon does not answer for")
    finally:
        daemon.process.send_signal(signal.SIGCONT)
    screen.await_line("= lost 0", "holds")


def in_shell(lab, daemon, **environment):
    """`top` started from a shell that says how the terminal is before and after."""
    script = f"trap : INT; echo settings $(stty -g); {UNREACH} top --socket {daemon.socket}; " \
             "echo status $?; echo settings $(stty -g); read line"
    return Screen(lab, "sh", "-c", script, **environment)


def child_of(screen):
    """The process that the window's shell runs."""
    pid = screen.shell_says("pane_pid")
    return int(until(lambda: Path(f"/proc/{pid}/task/{pid}/children").read_text().split(), "a child")[-1])


def has_ended(process):
    """Gone, or waiting for whoever inherited it to take notice."""
    try:
        return "State:\tZ" in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return True


def processor_time(process):
    """Seconds that it has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("how, status", [("q", 0), ("C-c", 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_terminal_is_given_back(lab, launch, how, status):
    """Settings, cursor, the lines that stood there: whatever ends it."""
    with in_shell(lab, launch().ready()) as screen:
        screen.await_line("seen 0 ")
        assert screen.shell_says("alternate_on") == "1" and screen.shell_says("cursor_flag") == "0"
        assert screen.line("settings") is None
        if isinstance(how, str):
            screen.press(how)
        else:
            os.kill(child_of(screen), how)
        screen.await_line(f"status {status}")
        assert screen.shell_says("alternate_on") == "0" and screen.shell_says("cursor_flag") == "1"

        def settings():
            return [line for line in screen.lines() if line.startswith("settings ")]

        until(lambda: len(settings()) == 2, "the settings after it")
        assert len(set(settings())) == 1


def test_stopped_terminal(lab, launch, top):
    """Ctrl-S: nothing is shown, nothing spins; a signal ends it in order all the same."""
    daemon = launch().ready()
    with in_shell(lab, daemon) as screen:
        screen.await_line("seen 0 ")
        screen.press("C-s", "h")
        before, process = screen.lines(), child_of(screen)
        refreshed(top(daemon))
        assert screen.lines() == before
        assert processor_time(process) < 0.5
        os.kill(process, signal.SIGTERM)
        screen.await_line("status 143")
        assert screen.shell_says("alternate_on") == "0"


def test_suspended(lab, launch):
    """Ctrl-Z gives the terminal to the shell; afterwards all is drawn again."""
    with Screen(lab, "bash", "--norc", "-i", PS1="$ ") as screen:
        screen.await_line("$")
        screen.press(f"{UNREACH} top --socket {launch().ready().socket}", "Enter")
        screen.await_line("seen 0 ")
        screen.press("C-z")
        screen.await_line("Stopped")
        assert screen.shell_says("alternate_on") == "0"
        screen.press("fg", "Enter")
        screen.await_line("seen 0 ")
        screen.press("q")
        until(lambda: screen.shell_says("alternate_on") == "0", "the shell again")


def test_hang_up(lab, launch):
    """The terminal goes away: so does it."""
    with in_shell(lab, launch().ready()) as screen:
        screen.await_line("seen 0 ")
        process = child_of(screen)
    until(lambda: has_ended(process), "the end of it")


@pytest.mark.parametrize("name, why", [
    ("no-such-terminal", "the terminal 'no-such-terminal' (TERM) is not known"),
    ("dumb", "the terminal 'dumb' (TERM) is not known, or can't place its cursor"),
    ("", "TERM is not set"),
])
def test_terminals_that_will_not_do(lab, launch, name, why):
    with in_shell(lab, launch().ready(), TERM=name) as screen:
        screen.await_line("status 1")
        assert why in "".join(screen.lines())


def run(*words):
    done = subprocess.run([UNREACH, "top", *words], capture_output=True, text=True, timeout=20, check=False)
    assert done.stdout == "" or done.returncode == 0
    return done.returncode, done.stderr.splitlines()


def test_no_terminal(launch):
    status, (line,) = run("--socket", launch().ready().socket)
    assert status == 1 and "takes a terminal" in line and "unreach codes --watch" in line


def test_usage(lab):
    status, (line,) = run("--socket", lab.directory / "none")
    assert status == 1 and "unreachd -i" in line
    for words in (("eth0",), ("--json",), ("-i", "not a name")):
        status, (line,) = run(*words)
        assert status == 2
    assert run("--help") == (0, [])


def test_no_colour_and_no_unicode(lab, launch, top):
    """NO_COLOR, and a locale that knows ASCII alone: both are minded, and bars are there yet."""
    daemon = launch().ready()
    daemon.await_seen(sources.refuse_ports(lab, 3))
    screen = top(daemon, NO_COLOR="1", LC_ALL="C")
    daemon.await_seen(3 + sources.refuse_ports(lab, 3))
    until(lambda: "@" in screen.line("port-unreachable"), "a bar")
    assert "".join(screen.lines()).isascii()
    assert not re.search(r"\033\[(\d+;)*3[1-7]m", screen.raw())
    assert screen.line("--[sources] targets")
