"""What the programs say of themselves: their commands and options, read from --help, and what values
an option takes, from the error that names them. It is all printed from the programs' own tables, so that
pages and completions can be compared with it."""
import functools
import re
import subprocess
from pathlib import Path
from typing import NamedTuple, Optional

ROOT = Path(__file__).resolve().parent.parent
DAEMON = ("unreachd",)

LINE = re.compile(r"  (?:-(?P<letter>\w), |    )--(?P<name>[\w-]+)"
                  r"(?: (?P<open>\[)?(?P<argument>[A-Z:|a-z]+)\]?)?  +(?P<help>.*)")
# "(20)" at the end, or before what is said beside it; "events (default), ...".
DEFAULT = re.compile(r"(\S+) \(default\)|\((\S+|all three)\)(?=$|;|, if)")
NUMBERS = re.compile(r"is not a number from (\d+) to (\d+)")
CHOICES = re.compile(r"is not (?:one|a comma-separated list) of (.*)")
MOST = 2**32 - 1


class Option(NamedTuple):
    letter: Optional[str]
    name: str
    argument: Optional[str]
    optional: bool  # the argument may be left out
    help: str

    @property
    def default(self):
        found = DEFAULT.search(self.help) if self.argument else None
        return found.group(1) or found.group(2) if found else None

    @property
    def signature(self):
        return (self.letter, self.name, self.argument, self.optional)


def say(*words):
    """(status, what it printed) of one of our programs."""
    done = subprocess.run([ROOT / "build" / words[0], *words[1:]], capture_output=True, text=True,
                          timeout=20, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout + done.stderr


@functools.lru_cache(maxsize=None)
def usage(*command):
    status, text = say(*command, "--help")
    assert status == 0 and text.startswith("usage: "), text
    return text


@functools.lru_cache(maxsize=None)
def options(*command):
    """{name: Option} of a command, ("unreachd",) or ("unreach", "codes"), in the order of its table."""
    lines = [line for line in usage(*command).splitlines() if re.match(r" +-", line)]
    found = [LINE.fullmatch(line) for line in lines]
    assert lines and all(found), f"not the form of an option: {lines}"
    return {m["name"]: Option(m["letter"], m["name"], m["argument"], bool(m["open"]), m["help"])
            for m in found}


def operands(command):
    """"HOST[PORT]": what the usage of a client's command names beside its options."""
    match = re.match(rf"usage: unreach {command}(.*) \[option\]\.\.\.\n", usage("unreach", command))
    return match.group(1).replace(" ", "")


@functools.lru_cache(maxsize=None)
def commands():
    found = re.findall(r"^  ([a-z]+) +\S", usage("unreach"), re.M)
    assert len(found) > 5
    return tuple(found)


@functools.lru_cache(maxsize=None)
def allowed(command, name):
    """(choices, range) of an option: a tuple of words or None, (least, most) or None.

    --help behind it keeps the program from doing anything with a value that it takes.
    """
    status, text = say(*command, f"--{name}=?", "--help")
    if status == 0:
        return None, None
    choices, numbers = CHOICES.search(text), NUMBERS.search(text)
    if choices:
        return tuple(re.split(r", | or ", choices.group(1))), None
    return None, tuple(map(int, numbers.groups())) if numbers else None


def client_options():
    """{name: {Option, ...}} over all commands of the client."""
    found = {}
    for command in commands():
        for name, option in options("unreach", command).items():
            found.setdefault(name, []).append((command, option))
    return found
