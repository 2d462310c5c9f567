"""Questions about a file: what is one, and that a process answers it, whatever becomes of that process."""

import asyncio
import json
import sys
from typing import Any

import pytest

from crossgate.demo import file_question
from crossgate.demo.explanation import CallError
from crossgate.demo.file_question import FileQuestions, command_of

QUESTION: dict[str, Any] = {"text": "{}", "request": {"url": "/a"}}
ECHO = "import sys, json, os; q = json.load(sys.stdin); print(json.dumps({**q, 'environ': dict(os.environ)}))"


def ask(script: str, data: Any = None) -> dict[str, Any]:
    return asyncio.run(FileQuestions((sys.executable, "-I", "-c", script)).ask(QUESTION if data is None else data))


def test_process_is_given_the_question_whole_and_no_environment(monkeypatch):
    monkeypatch.setenv("CANARY", "1")
    said = ask(ECHO)
    assert said["request"] == {
        "curl": "", "method": "", "url": "/a", "origin": "", "headers": "", "credentials": "", "client": "", "body": "",
    }  # fmt: skip
    assert (said["text"], said["format"]) == ("{}", "")
    assert "CANARY" not in said["environ"]


@pytest.mark.parametrize(
    "data",
    [[], 1, "x", {}, {"text": "{}"}, {"text": 1, "request": {}}, {"text": "{}", "request": []},
     {"text": "{}", "request": {"url": 1}}, {"text": "{}", "format": "exe", "request": {}},
     {"text": "{}", "format": ["json"], "request": {}}, {"text": "x" * 2_000_001, "request": {}},
     {"text": "{}", "request": {"body": "x" * 200_001}}],
)  # fmt: skip
def test_what_is_no_question_starts_no_process(data):
    with pytest.raises(CallError):
        asyncio.run(FileQuestions(("/nonexistent",)).ask(data))


@pytest.mark.parametrize(
    "script",
    ["", "import os; os.abort()", "import sys; sys.exit(3)", "print('no JSON')", "raise MemoryError",
     "import sys; sys.stdout.write('x' * 20_000_000)", "import sys; sys.stdin.close(); print('{')", "print('[]')"],
)  # fmt: skip
def test_process_that_fails_is_an_answer_for_the_page(script):
    with pytest.raises(CallError, match="too much time or memory"):
        ask(script)


def test_process_that_never_answers_is_ended(monkeypatch):
    monkeypatch.setattr(file_question, "ANSWER_SECONDS", 0.3)
    with pytest.raises(CallError, match="too long"):
        ask("import sys; sys.stdin.read(); sys.stdin = open(0, closefd=False)\nimport signal; signal.pause()")


def test_questions_wait_for_each_other_and_not_without_bound():
    async def many() -> list[Any]:
        questions = FileQuestions((sys.executable, "-I", "-c", ECHO))
        return await asyncio.gather(*(questions.ask(QUESTION) for _ in range(9)), return_exceptions=True)

    answers = asyncio.run(many())
    assert [isinstance(one, CallError) for one in answers] == [False] * 5 + [True] * 4


def test_real_answer_comes_of_the_module_that_explains():
    config = {"version": 3, "host": ["http://backend:8000"], "endpoints": []}
    questions = FileQuestions(command_of("crossgate.cli.file_answer"))
    said = asyncio.run(questions.ask({"text": json.dumps(config), "request": {"url": "/b"}}))
    assert said["explanation"]["reason"] == "route.none"
