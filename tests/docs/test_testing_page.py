"""The page on testing, done as it says: its files pass or fail as shown, its commands print what it shows."""

import re
import shlex
import subprocess
import sys

import pytest

from crossgate.cli.main import main
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs/testing.md"
BLOCKS = blocks(PAGE)
QUICK_START = next(block.text for block in blocks(ROOT / "docs/quick-start.md") if block.language == "json")
_NAMED = re.compile(r"`(\w[\w.]*\.(?:json|yaml))`[^`]*\Z")


def of(language: str) -> list[str]:
    return [block.text for block in BLOCKS if block.language == language]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "krakend.json").write_text(of("json")[0])
    return tmp_path


def without_seconds(text: str) -> str:
    return re.sub(r"in [0-9.]+ s", "in N s", text).strip()


def test_who_follows_the_page_from_the_quick_start_sees_what_it_shows(tmp_path, monkeypatch, capsys):
    """Every block in order: files are saved under the name that the text before them says, commands run, and what is
    shown as text is what the last command printed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "krakend.json").write_text(QUICK_START)
    text, printed, done = PAGE.read_text(encoding="utf-8"), "", []
    for block in BLOCKS:
        before, _, text = text.partition(f"```{block.language}\n{block.text}```")
        done.append(block.language)
        match block.language:
            case "json" | "yaml":
                named = _NAMED.search(before)
                assert named is not None, before[-200:]
                (tmp_path / named[1]).write_text(block.text)
            case "sh":
                codes = [main(shlex.split(line)[1:]) for line in block.text.splitlines()]
                printed = capsys.readouterr().out
                assert codes == [0] * len(codes) or "failing" in block.text, printed
            case "text":
                assert without_seconds(printed) == without_seconds(block.text)
            case "python":
                exec(compile(block.text, str(PAGE), "exec"), {})
            case other:
                pytest.fail(f"nothing is done with a block of {other!r}")
    assert not re.search(r"^```", text, re.MULTILINE)
    assert {"json", "yaml", "sh", "text", "python"} == set(done)


def test_fixture_is_found_where_crossgate_is_installed(folder):
    test = (
        "import pytest\n"
        "def test_it(crossgate_gateway):\n    assert crossgate_gateway.get('/users/7').status == 200\n"
        "given = ['krakend.json', {'version': 3, 'endpoints': []}]\n"
        "@pytest.mark.parametrize('crossgate_gateway', given, indirect=True)\n"
        "def test_each(crossgate_gateway):\n    assert crossgate_gateway.get('/users/7').status in (200, 404)\n"
    )
    (folder / "test_ours.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "test_ours.py"]  # it finds the fixture by itself
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
