"""Questions that a process of its own answers, whatever becomes of that process."""

import asyncio
import sys
from typing import Any

import pytest

from crossgate.demo import own_process
from crossgate.demo.explanation import CallError
from crossgate.demo.file_question import decode_file_question
from crossgate.demo.own_process import OwnProcess, command_of

QUESTION: dict[str, Any] = {"text": "{}", "url": "/a"}
FAILING = "This takes too {}."
ECHO = "import sys, json, os; q = json.load(sys.stdin); print(json.dumps({**q, 'environ': dict(os.environ)}))"


def asked(script: str) -> OwnProcess:
    return OwnProcess((sys.executable, "-I", "-c", script), FAILING)


def ask(script: str) -> dict[str, Any]:
    return asyncio.run(asked(script).ask(QUESTION))


def test_process_is_given_the_question_whole_and_no_environment(monkeypatch):
    monkeypatch.setenv("CANARY", "1")
    said = ask(ECHO)
    assert {key: said[key] for key in QUESTION} == QUESTION
    assert "CANARY" not in said["environ"]


@pytest.mark.parametrize(
    "script",
    ["", "import os; os.abort()", "import sys; sys.exit(3)", "print('no JSON')", "raise MemoryError",
     "import sys; sys.stdout.write('x' * 20_000_000)", "import sys; sys.stdin.close(); print('{')", "print('[]')"],
)  # fmt: skip
def test_process_that_fails_is_an_answer_for_the_page(script):
    with pytest.raises(CallError, match="too much time or memory"):
        ask(script)


def test_process_that_never_answers_is_ended(monkeypatch):
    monkeypatch.setattr(own_process, "ANSWER_SECONDS", 0.3)
    with pytest.raises(CallError, match="too long"):
        ask("import sys; sys.stdin.read(); sys.stdin = open(0, closefd=False)\nimport signal; signal.pause()")


def test_without_a_program_nobody_answers():
    with pytest.raises(CallError, match="Nobody answers"):
        asyncio.run(OwnProcess((), FAILING).ask(QUESTION))


def test_questions_wait_for_each_other_and_not_without_bound():
    async def many() -> list[Any]:
        questions = asked(ECHO)
        return await asyncio.gather(*(questions.ask(QUESTION) for _ in range(9)), return_exceptions=True)

    answers = asyncio.run(many())
    assert [isinstance(one, CallError) for one in answers] == [False] * 5 + [True] * 4


@pytest.mark.parametrize(
    ("module", "question", "key"),
    [
        ("crossgate.cli.file_answer", decode_file_question({"text": "{}", "request": {"url": "/a"}}), "problem"),
        ("crossgate.cli.policy_answer", {"policy": "{}", "version": 3}, "config"),
    ],
)
def test_real_answers_come_of_the_modules_for_them(module, question, key):
    assert key in asyncio.run(OwnProcess(command_of(module), FAILING).ask(question))
