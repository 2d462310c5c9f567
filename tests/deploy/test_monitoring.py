"""What deploy/ has for Prometheus and Grafana: rules that fire, and panels about metrics that there are."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.metrics import NAMES

DEPLOY = Path(__file__).parents[2] / "deploy"
promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool (Debian's package prometheus)")


@promtool
@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "prometheus/prometheus.yml"), ("test", "rules", "prometheus/crossgate.rules.test.yml")],
)
def test_promtool_is_content(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        ["promtool", *arguments[:-1], str(DEPLOY / arguments[-1])], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def names_in(text: str) -> set[str]:
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bcrossgate_[a-z_]+", text)}


def expressions() -> str:
    dashboard = json.loads((DEPLOY / "grafana/crossgate.json").read_text())
    assert dashboard["templating"]["list"]
    return "\n".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])


@pytest.mark.parametrize("text", [expressions(), (DEPLOY / "prometheus/crossgate.rules.yml").read_text()])
def test_only_metrics_that_there_are_are_asked_for(text: str) -> None:
    found = names_in(text)
    assert len(found) >= 4
    assert found <= NAMES


def test_every_metric_is_on_its_page_and_whatever_goes_up_and_down_on_a_panel() -> None:
    sources = "".join(path.read_text() for path in (DEPLOY.parent / "src").rglob("*.py"))
    assert set(re.findall(r'"(crossgate_[a-z]+_[a-z_]+)"', sources)) == {n for n in NAMES if n.count("_") > 1}
    assert {name for name in NAMES if not name.endswith(("_total", "_info"))} <= names_in(expressions())


@promtool
def test_the_dashboards_expressions_are_promql(tmp_path: Path) -> None:
    text = re.sub(r"\$__rate_interval", "5m", expressions()).replace("$instance", ".*")
    rules = [{"record": f"panel:{number}", "expr": each} for number, each in enumerate(text.splitlines())]
    path = tmp_path / "panels.yml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    done = subprocess.run(["promtool", "check", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
