"""The quick start, done as it says: the file runs, the calls answer what is said, the commands say what is promised."""

import shlex
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crossgate.cli.main import main
from tests.docs.pages import ROOT, blocks
from tests.support.process import Gateway, gateway

BLOCKS = blocks(ROOT / "docs/quick-start.md")
FILE = next(block.text for block in BLOCKS if block.language == "json")
LINES = [line for block in BLOCKS if block.language == "sh" for line in block.text.splitlines()]
CALLS = [shlex.split(line) for line in LINES if line.startswith("curl ")]
ASKED = [shlex.split(line)[1:] for line in LINES if line.startswith("crossgate cors ")]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    path = tmp_path_factory.mktemp("quick") / "krakend.json"
    path.write_text(FILE.replace("8080", port))
    with gateway(path, "-d", "-p", port) as found:
        yield found


def test_the_calls_answer_what_is_said_of_them(running: Gateway) -> None:
    answers = []
    for words in CALLS:
        header = dict([words[words.index("-H") + 1].split(": ")]) if "-H" in words else {}
        status, headers, _ = running.ask("GET", urlsplit(words[-1]).path, header)
        answers.append((status, headers["Access-Control-Allow-Origin"]))
    assert answers == [(200, None), (200, "https://app.example.com"), (404, "https://app.example.com")]


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_each_question_is_answered_with_what_blocks_and_what_would_allow_it(
    words: list[str],
    running: Gateway,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "krakend.json").write_text(FILE)
    assert main([word.replace("8080", str(running.port)) for word in words]) == 3
    said = capsys.readouterr().out
    assert said.startswith("BLOCKED")
    assert "step:" in said
    assert "To allow it" in said


def test_a_misspelt_key_is_answered_with_its_line_and_what_was_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "krakend.json"
    path.write_text(FILE.replace("allow_methods", "alow_methods"))
    assert main(["check", "-c", str(path)]) == 1
    said = capsys.readouterr().out
    assert "krakend.json:8:" in said
    assert "allow_methods" in said
