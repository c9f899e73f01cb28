"""contrib/prometheus: promtool's judgement of the rules, and that they speak of what there is."""
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "contrib/prometheus"
RULES, TESTS, SCRAPE = "unreach.rules.yml", "unreach.rules.test.yml", "scrape.yml"
# In annotations: a command and its first word, be it a subcommand or an option.
COMMAND = re.compile(r"`(unreachd?) ([\w-]+)")

checked = pytest.mark.skipif(not shutil.which("promtool"),
                             reason="promtool is not installed (package prometheus)")


def text(name):
    return (FOLDER / name).read_text(encoding="utf-8")


def promtool(*words):
    return subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, timeout=60,
                          check=False)


def alerts(rules):
    """(name, its part of the file) of each alert."""
    parts = re.split(r"^      - alert: (\w+)$", rules, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


@checked
def test_rules():
    done = promtool("test", "rules", FOLDER / TESTS)
    assert done.returncode == 0, done.stdout + done.stderr
    done = promtool("check", "rules", FOLDER / RULES)
    assert (done.returncode, done.stderr) == (0, "") and "SUCCESS" in done.stdout


@checked
def test_scrape_config(tmp_path):
    """The two snippets as one configuration."""
    shutil.copy(FOLDER / RULES, tmp_path)
    whole = tmp_path / "prometheus.yml"
    whole.write_text(f"rule_files: [{RULES}]\n{text(SCRAPE)}", encoding="utf-8")
    done = promtool("check", "config", whole)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "job_name: unreach\n" in text(SCRAPE) and 'up{job="unreach"}' in text(RULES)


@checked
@pytest.mark.parametrize("name", [name for name, _ in alerts(text(RULES))])
def test_the_tests_can_fail(tmp_path, name):
    """Each alert has a test that misses it."""
    rules, part = text(RULES), dict(alerts(text(RULES)))[name]
    never = re.sub(r"expr: .*", "expr: vector(0) > 1", part.replace("expr: >-\n", "expr: "), count=1)
    never = re.sub(r"^ +(and|>) .*instance_name.*\n", "", never, flags=re.M)
    assert never != part
    (tmp_path / RULES).write_text(rules.replace(part, never), encoding="utf-8")
    shutil.copy(FOLDER / TESTS, tmp_path)
    assert promtool("check", "rules", tmp_path / RULES).returncode == 0
    done = promtool("test", "rules", tmp_path / TESTS)
    assert done.returncode == 1 and f"alertname: {name}," in done.stdout + done.stderr


def test_every_alert_is_told_of():
    """In words that name what to run there, which is what there is."""
    said = {program: subprocess.run([ROOT / "build" / program, "--help"], capture_output=True, text=True,
                                    timeout=20, check=True).stdout for program in ("unreach", "unreachd")}
    for name, part in alerts(text(RULES)):
        assert "summary: '{{ $labels.instance }}: " in part, name
        commands = COMMAND.findall(part)
        assert commands, name
        for program, word in commands:
            assert re.search(rf"^ +(-\w, )?{word} ", said[program], re.M), (name, program, word)
