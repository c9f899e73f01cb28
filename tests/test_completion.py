"""bash completion: the files in contrib/completion are sourced by bash and asked, and what they offer is
compared in both directions with what the programs say of themselves."""
import json
import os
import re
import shutil
import subprocess

import pytest

import helptext
from helptext import DAEMON, ROOT

FOLDER = ROOT / "contrib/completion"
COMMANDS = [DAEMON, *(("unreach", command) for command in helptext.commands())]
FILES = {"FILE", "PATH", "PROGRAM", "NAME"}

# $1: the file; behind it the words of the command line, the last one being completed.
ASK = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
complete -p "$1" >/dev/null || exit 3
_$1 "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""

pytestmark = pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")


def complete(*words, cwd="/"):
    """What is offered for the last word."""
    done = subprocess.run(["bash", "--norc", "-c", ASK, "bash", FOLDER / f"{words[0]}.bash", *words],
                          capture_output=True, text=True, timeout=20, check=False, cwd=cwd)
    assert (done.returncode, done.stderr) == (0, "")
    return [line for line in done.stdout.splitlines() if line]


def dashes(command):
    return {text for option in helptext.options(*command).values()
            for text in (f"--{option.name}", option.letter and f"-{option.letter}") if text}


def expected(command, option, folder):
    """What to offer behind an option, by the kind of its argument."""
    choices, _ = helptext.allowed(command, option.name)
    if choices:
        return set(choices)
    if option.argument == "IFACE":
        return set(os.listdir("/sys/class/net"))
    if option.argument == "CODE":
        return code_names()
    if option.argument == "DIR":
        return {p.name for p in folder.iterdir() if p.is_dir()} | {"none"}
    return {p.name for p in folder.iterdir()} if option.argument in FILES else set()


def code_names():
    source = (ROOT / "include/unreach/codes.def").read_text(encoding="ascii")
    return set(re.findall(r'^UNREACH_CODE\(\d+, "([^"]*)"', source, re.M))


@pytest.fixture(name="folder")
def with_files(tmp_path):
    (tmp_path / "a.pcap").touch()
    (tmp_path / "b c.json").touch()
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_options(command):
    offered = complete(*command, "-")
    assert sorted(offered) == sorted(dashes(command))
    assert complete(*command, "--he") == ["--help"]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_values(command, folder):
    for option in helptext.options(*command).values():
        if not option.argument or option.optional:
            continue
        for word in filter(None, (f"--{option.name}", option.letter and f"-{option.letter}")):
            offered = complete(*command, word, "", cwd=folder)
            assert set(offered) == expected(command, option, folder), word
        assert complete(*command, f"--{option.name}", "=", cwd=folder) == offered
        assert complete(*command, f"--{option.name}", "=", "", cwd=folder) == offered


def test_an_argument_that_may_be_left_out():
    assert "--json" in complete("unreach", "codes", "-w", "--")


def test_commands():
    offered = complete("unreach", "")
    assert offered == [*helptext.commands(), "-h", "--help", "-V", "--version"]
    assert complete("unreach", "se") == ["senders"]
    assert complete("unreach", "sen", "--co") == ["--code"], "a command may be shortened"
    assert complete("unreach", "s", "-") == [], "but not to what is ambiguous"


def test_part_of_a_value():
    assert complete("unreachd", "-m", "na") == ["native"]
    assert complete("unreachd", "--mode", "=", "ge") == ["generic"]
    assert complete("unreach", "sources", "--code", "host-un") == ["host-unreachable", "host-unknown"]


def test_list():
    assert complete("unreachd", "--track", "sources,ta") == ["sources,targets"]


def test_captures(folder):
    assert sorted(complete("unreach", "read", "", cwd=folder)) == sorted(os.listdir(folder))
    assert complete("unreach", "read", "a.pcap", "b", cwd=folder) == ["b c.json"]


def test_hosts():
    """Those of /etc/hosts, as bash knows them."""
    assert set(complete("unreach", "diagnose", "")) == set(subprocess.run(
        ["bash", "--norc", "-c", "compgen -A hostname"], capture_output=True, text=True, timeout=20,
        check=False).stdout.splitlines())


def test_explain():
    _, text = helptext.say("unreach", "explain", "--json")
    told = json.loads(text)
    expected_words = {str(row["mtu"]) for row in told["links"]} | code_names() | {
        row["topic"] for row in told["topics"]}
    assert set(complete("unreach", "explain", "")) - dashes(("unreach", "explain")) == expected_words
