"""The page on testing, done as it says: its files pass or fail as shown, its commands print what it shows."""

import re
import shlex
import subprocess
import sys

import pytest

from crossgate.cli.main import main
from tests.docs.pages import ROOT, blocks

BLOCKS = blocks(ROOT / "docs/testing.md")


def of(language: str) -> list[str]:
    return [block.text for block in BLOCKS if block.language == language]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, *_, failing = of("yaml")
    (tmp_path / "krakend.json").write_text(of("json")[0])
    (tmp_path / "krakend.test.yaml").write_text(first)
    (tmp_path / "failing.test.yaml").write_text(failing)
    return tmp_path


def without_seconds(text: str) -> str:
    return re.sub(r"in [0-9.]+ s", "in N s", text).strip()


def test_the_first_tests_pass_and_the_report_is_the_one_shown(folder, capsys):
    assert main(["test", "krakend.test.yaml"]) == 0
    assert without_seconds(capsys.readouterr().out) == without_seconds(of("text")[0])


def test_pages_tokens_and_limits_are_as_the_page_says(folder, capsys):
    (folder / "more.test.yaml").write_text(of("yaml")[1])
    assert main(["test", "more.test.yaml"]) == 0, capsys.readouterr().out


def test_the_failing_test_fails_as_shown(folder, capsys):
    (command,) = (line for line in of("sh") if "failing.test.yaml" in line)
    assert main(shlex.split(command)[1:]) == 1
    assert without_seconds(capsys.readouterr().out) == without_seconds(of("text")[1])


def test_the_written_suite_passes(folder):
    (commands,) = (text for text in of("sh") if "--init" in text)
    assert [main(shlex.split(line)[1:]) for line in commands.splitlines()] == [0, 0]


def test_python_block_runs_and_so_does_the_fixture(folder):
    (code,) = of("python")
    exec(compile(code, "docs/testing.md", "exec"), {})
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
