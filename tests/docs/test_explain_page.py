"""The page on explanations, done as it says: each command prints what it shows."""

import json
import shlex

import pytest

import crossgate
from crossgate.cli.main import main
from tests.docs.pages import ROOT, blocks

BLOCKS = blocks(ROOT / "docs/explain.md")
COMMANDS = [block.text for block in BLOCKS if block.language == "console"]


@pytest.mark.parametrize("shown", COMMANDS, ids=[text.partition("\n")[0][:60] for text in COMMANDS])
def test_command_prints_what_is_shown(shown, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "krakend.json").write_text(next(block.text for block in BLOCKS if block.language == "json"))
    (tmp_path / "access.log").write_text(next(block.text for block in BLOCKS if block.language == "text"))
    command, _, printed = shown.partition("\n")
    assert main(shlex.split(command.removeprefix("$ crossgate "))) == (0 if printed.startswith("PASSES") else 3)
    assert crossgate.__version__ in printed or "User-Agent" not in printed
    assert capsys.readouterr().out.strip() == printed.strip()


def test_every_field_of_the_json_is_in_the_table(tmp_path, monkeypatch, capsys):

    monkeypatch.chdir(tmp_path)
    (tmp_path / "krakend.json").write_text(next(block.text for block in BLOCKS if block.language == "json"))
    main(["explain", "-c", "krakend.json", "--url", "/users/7", "--format", "json"])
    page = (ROOT / "docs/explain.md").read_text()
    for name in json.loads(capsys.readouterr().out):
        assert f"`{name}`" in page, name
