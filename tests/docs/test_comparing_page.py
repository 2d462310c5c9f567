"""The page on comparing, done as it says: its files give the report that it shows."""

import json
import shlex

from crossgate.cli.main import main
from tests.docs.pages import ROOT, blocks

BLOCKS = blocks(ROOT / "docs/comparing.md")


def of(language: str) -> list[str]:
    return [block.text for block in BLOCKS if block.language == language]


def test_the_report_is_the_one_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, text in zip(("krakend.json", "krakend-new.json"), of("json"), strict=True):
        (tmp_path / name).write_text(text)
    assert main(shlex.split(of("sh")[0])[1:]) == 3
    assert capsys.readouterr().out.strip() == of("text")[0].strip()


def test_the_object_has_the_members_described(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, text in zip(("krakend.json", "krakend-new.json"), of("json"), strict=True):
        (tmp_path / name).write_text(text)
    main(["diff", "krakend.json", "krakend-new.json", "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    page = (ROOT / "docs/comparing.md").read_text()
    members = {*report, *report["differences"][0]} - {"old", "new", "differences"}
    assert {
        name for name in members if f"`{name}`" not in page.replace("`differences[].", "`").replace("`.", "`")
    } == set()
