"""`unreach explain --json`: by its schema, all of it or what a word selects."""
import json
import subprocess
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = json.loads((ROOT / "tests/schema/explain.json").read_text(encoding="utf-8"))
NAMES = [json.loads((ROOT / "tests/schema/codes.json").read_text())["$defs"]["interface"]["properties"]
         ["codes"]["prefixItems"][code]["properties"]["name"]["const"] for code in range(16)]


def explain(*words):
    done = subprocess.run([ROOT / "build/unreach", "explain", "--json", *words], capture_output=True,
                          text=True, timeout=10, check=True)
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    return document


def test_all():
    document = explain()
    assert [row["code"] for row in document["codes"]] == list(range(16))
    assert [row["name"] for row in document["codes"]] == NAMES
    assert {row["mtu"] for row in document["links"]} == {
        1500, 1496, 1492, 1480, 1476, 1472, 1450, 1438, 1420, 9000, 576, 1280}
    assert len(document["topics"]) == 4


@pytest.mark.parametrize("word, key, value", [
    ("4", "codes", {"code": 4, "name": "fragmentation-needed", "nft": None}),
    ("port-unreachable", "codes", {"code": 3, "nft": "reject"}),
    ("1476", "links", {"mtu": 1476, "link": "GRE"}),
    ("1480", "links", {"mtu": 1480, "link": "IP in IP"}),
    ("1400", "links", {"mtu": 1400, "link": None}),
    ("no-reply", "topics", {"topic": "no-reply"}),
])
def test_one(word, key, value):
    document = explain(word)
    row, = document[key]
    assert value.items() <= row.items()
    assert not any(document[other] for other in {"codes", "links", "topics"} - {key})


def test_unknown():
    done = subprocess.run([ROOT / "build/unreach", "explain", "nonsense"], capture_output=True, text=True,
                          timeout=10, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    line, = done.stderr.splitlines()
    assert "nonsense" in line and "unreach explain" in line
