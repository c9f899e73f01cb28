"""A real Prometheus and a real Alertmanager with what contrib/prometheus ships: a black hole in the
lab becomes an alert that somebody would be woken by.

Both run in the border's namespace, beside unreachd, and keep what they keep in the lab's folder.
"""
import json
import re
import shutil
import subprocess
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from alerts import await_alert
from daemon import ROOT, watching
from holes import HOST, dug
from lab import until
from scrape import ask
from test_metrics import DOTTED
from transfer import Transfer

SHIPPED = ROOT / "contrib/prometheus"
PROGRAMS = ("prometheus", "prometheus-alertmanager")
PROMETHEUS, ALERTMANAGER = 9090, 9093  # ports of a namespace of ours
SIZE = 500_000
START, IN_TIME = 25, 15  # seconds: until all is set up; from the daemon's alert to Alertmanager's

pytestmark = [pytest.mark.skipif(not shutil.which(program), reason=f"{program} is not installed")
              for program in PROGRAMS]

# Everything at once and every second; else as shipped.
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: ['{rules}']
alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{alertmanager}']}}]}}]}}
{scrape}
"""
RECEIVERS = """
route: {receiver: somebody, group_wait: 0s, group_interval: 1s}
receivers: [{name: somebody}]
"""


class Monitoring:
    """The two programs, started; an answer of theirs by path."""

    def __init__(self, network):
        self.network, self.folder = network, network.directory / "prometheus"
        self.folder.mkdir()
        config = self.place("prometheus.yml", CONFIG.format(
            rules=SHIPPED / "unreach.rules.yml", alertmanager=ALERTMANAGER,
            scrape=(SHIPPED / "scrape.yml").read_text(encoding="utf-8")))
        receivers = self.place("alertmanager.yml", RECEIVERS)
        self.processes = [
            self.start("prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.folder}/tsdb",
                       f"--web.listen-address=127.0.0.1:{PROMETHEUS}", "--log.level=warn"),
            self.start("prometheus-alertmanager", f"--config.file={receivers}",
                       f"--storage.path={self.folder}/alertmanager", "--cluster.listen-address=",
                       f"--web.listen-address=127.0.0.1:{ALERTMANAGER}", "--log.level=warn")]

    def place(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, *words):
        with open(self.folder / f"{words[0]}.log", "wb") as log:
            return self.network.start("b", *words, stdout=log, stderr=subprocess.STDOUT)

    def stop(self):
        for process in self.processes:
            self.network.stop(process)
        shutil.rmtree(self.folder)

    def said(self):
        return "\n".join(path.read_text(encoding="utf-8") for path in self.folder.glob("*.log"))

    def ask(self, port, path):
        """The answer, or None while there is none."""
        assert all(process.poll() is None for process in self.processes), self.said()
        try:
            answer = ask(self.network, port, path)
        except OSError:
            return None
        return json.loads(answer.body) if answer.status == 200 else None

    def alerts(self):
        """What Alertmanager has active, by name and kind; None while it does not answer."""
        rows = self.ask(ALERTMANAGER, "/api/v2/alerts?active=true")
        return rows if rows is None else \
            {(row["labels"]["alertname"], row["labels"].get("kind")): row for row in rows}

    def targets(self):
        answer = self.ask(PROMETHEUS, "/api/v1/targets?state=active")
        return answer and answer["data"]["activeTargets"]

    def rules(self):
        answer = self.ask(PROMETHEUS, "/api/v1/rules")
        return answer and [rule for group in answer["data"]["groups"] for rule in group["rules"]]

    def value(self, query):
        """Of the one sample that a query has; None: there is none."""
        rows = self.ask(PROMETHEUS, f"/api/v1/query?query={query}")["data"]["result"]
        return rows[0]["value"][1] if rows else None

    def is_up(self):
        """Scraped, every rule tried once, and Alertmanager known."""
        targets, rules = self.targets(), self.rules()
        managers = self.ask(PROMETHEUS, "/api/v1/alertmanagers")
        return targets and targets[0]["health"] == "up" and self.alerts() is not None and \
            all(rule["health"] == "ok" for rule in rules) and managers["data"]["activeAlertmanagers"]


@pytest.fixture(scope="module", name="scene")
def whole_scene(slow):
    """All of them, quiet yet."""
    with ExitStack() as stack:
        daemon = stack.enter_context(watching(slow))
        monitoring = Monitoring(slow)
        stack.callback(monitoring.stop)
        until(monitoring.is_up, "Prometheus scrapes and knows Alertmanager", START)
        yield SimpleNamespace(lab=slow, daemon=daemon, monitoring=monitoring)


def test_scraped(scene):
    """As OpenMetrics, without a complaint, and each metric that a rule wants is there."""
    target, = scene.monitoring.targets()
    assert (target["health"], target["lastError"]) == ("up", "")
    known = {name for name in re.findall(r"^unreach_\w+", ask(scene.lab, 10792).body, re.M)}
    rules = (SHIPPED / "unreach.rules.yml").read_text(encoding="utf-8")
    wanted = set(re.findall(r"(?<!:)\bunreach_\w+(?=[{\[) ])", rules))
    assert len(wanted) >= 5 and wanted <= known
    assert scene.monitoring.value("unreach_attach_info") == "1"
    assert scene.monitoring.value("scrape_samples_scraped") == str(len(
        [line for line in ask(scene.lab, 10792).body.splitlines() if line[0] != "#"]))


def test_black_hole(scene):
    """Nothing before; then one alert, in seconds, that says what to run, and names no address."""
    assert scene.monitoring.alerts() == {}
    with dug(scene.lab, HOST), Transfer(scene.lab, SIZE):
        await_alert(scene.daemon, kind="pmtud-ignored", seconds=10)
        row = until(lambda: scene.monitoring.alerts().get(("UnreachBlackHole", "pmtud-ignored")),
                    "the alert is Alertmanager's", IN_TIME)
    assert row["status"]["state"] == "active"
    assert row["labels"]["severity"] == "critical"
    assert row["labels"].pop("instance") == "127.0.0.1:10792"
    assert "`unreach alerts`" in row["annotations"]["description"]
    assert row["annotations"].pop("summary").startswith("127.0.0.1:10792: 1 path MTU black hole")
    assert not DOTTED.search(json.dumps([row["labels"], row["annotations"]]))
    assert set(scene.monitoring.alerts()) == {("UnreachBlackHole", "pmtud-ignored")}
