"""The lab for people: what scripts/lab and scripts/run --lab do.

The same network, sources and programs as in the tests, in the foreground. Every way out, a signal
too, goes through the lab's teardown.
"""
import os
import signal
import sys

import lab as network
import sources
from alerts import await_alert
from daemon import Daemon, by_code
from holes import HOST, dug
from transfer import Transfer

NAMES = {"c": "inside host", "b": "border, its interface `out` is watched", "r2": "router",
         "r3": "router behind the narrow link", "s": "server"}


def say(text=""):
    print(text, flush=True)


def show_view(daemon, name):
    say(f"\n$ unreach {name}\n{daemon.ask(name).rstrip()}")


def total(lab, daemon):
    """Provokes everything, and says what it was when it has come; (messages by code, bytes)."""
    def settled(row, sent):
        daemon.await_seen(sum(sent.values()))
        say(f"   that was code {row.code}: {row.how}")

    sent = sources.provoke_all(lab, settled=settled)
    arrived = sources.discover_path_mtu(lab)
    network.until(lambda: daemon.seen() > sum(sent.values()), "code 4 for TCP counted")
    daemon.await_seen(daemon.seen())
    say(f"   that was TCP from c to s, finding out that the path takes {network.NARROW} bytes")
    return sent, arrived


def compare(sent, counted, arrived):
    """The table of what was provoked and what was counted; whether they agree."""
    expected = {code if code < sources.UNASSIGNED else "unassigned": number
                for code, number in sent.items()}
    say(f"\n{'CODE':>10}  PROVOKED  COUNTED  HOW")
    right = True
    for row in sources.SOURCES:
        code = row.code if row.code < sources.UNASSIGNED else "unassigned"
        number = counted.get(code, 0)
        more = number - expected[code]
        right = right and (more > 0 if code == 4 else more == 0)
        note = f"; {more} more for TCP, of which {arrived} bytes arrived" if code == 4 else ""
        say(f"{code:>10}  {expected[code]:8}  {number:7}  {row.how}{note}")
    return right


def black_hole(lab, daemon):
    """Lets one happen; whether the alert came."""
    say(f"\nNow a black hole: {HOST.how}, and c uploads to s. What does not fit is sent again and")
    say("again, for nobody hears r2 say that it does not fit.")
    with dug(lab, HOST), Transfer(lab, size=100000):
        try:
            await_alert(daemon, seconds=5, kind="pmtud-ignored")
        except network.LabError:
            return False
        show_view(daemon, "paths")
        show_view(daemon, "alerts")
    return True


def codes(lab):
    """Provokes every code and prints the table; 0 where all were counted."""
    daemon = Daemon(lab, "-e", "all", pin_dir=lab.pin_dir()).ready()
    sent, arrived = total(lab, daemon)
    show_view(daemon, "codes")
    right = compare(sent, by_code(daemon.view("codes")["interfaces"][0]), arrived)
    daemon.stop()
    return 0 if right else 1


def show(lab):
    """The demonstration: event lines as they come, the codes, the status, an alert."""
    say(f"{len(network.NODES)} namespaces: c (our host) - b (border) - r2 - r3 - s (server).")
    say("Real kernels refuse what c sends, in every way there is, and unreachd watches `out` of b.")
    say("A line with a time is a message that came in: who reports it, why, and which packet of")
    say("ours it is about.")
    daemon = Daemon(lab, "-e", "all", "--text", stdout=sys.stdout).ready()
    sent, arrived = total(lab, daemon)
    # At rest the identity is an equation; under way only its bounds can be told.
    network.until(lambda: daemon.identity()["at_rest"], "at rest")
    show_view(daemon, "codes")
    show_view(daemon, "status")
    right = compare(sent, by_code(daemon.view("codes")["interfaces"][0]), arrived)
    identity = daemon.identity()
    alert = black_hole(lab, daemon)
    daemon.stop()
    say("\nevery message is accounted for" if identity["holds"] else "\nTHE IDENTITY IS BROKEN")
    say("every code was counted" if right else "SOME CODES ARE MISSING")
    say("the alert came" if alert else "NO ALERT CAME")
    return 0 if right and identity["holds"] and alert else 1


def shell(lab):
    """Keeps the lab up until it is interrupted."""
    for node, what in NAMES.items():
        say(f"{node:3} {what + ':':42} nsenter --net=/run/netns/{lab.namespace(node)}")
    say(f"\nFrom c, {network.SERVER} is the server; for 198.18.N.1 code N comes back once r2 is")
    say("told to refuse it: see tests/lab/sources.py. Ctrl-C takes all of it down.")
    row = next(row for row in sources.SOURCES if row.code == 13)
    row.set_up(lab)
    say("Now up: " + row.how + f", {sources.prefix(row.code)}")
    while True:
        signal.pause()


COMMANDS = {"codes": codes, "show": show, "shell": shell}


def main(command):
    """Runs a command in a lab of its own; an exit status."""
    lab = network.Lab()
    try:
        lab.up()
        return COMMANDS[command](lab)
    except network.Interrupted as interrupted:
        return 0 if command == "shell" else 128 + interrupted.signal
    except network.LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # nobody reads on; nor may the interpreter's last flush complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        lab.down()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
