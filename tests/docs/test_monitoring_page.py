"""The page on monitoring knows the alerts that there are."""

import re

from tests.docs.pages import ROOT


def test_every_alert_is_explained_and_no_other() -> None:
    rules = (ROOT / "deploy/prometheus/crossgate.rules.yml").read_text(encoding="utf-8")
    page = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")
    alerts = re.findall(r"- alert: (\w+)", rules)
    assert alerts
    assert re.findall(r"^\| (Crossgate\w+) \|", page, re.MULTILINE) == alerts
