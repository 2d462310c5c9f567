"""Colour and wrapping: at a terminal, and nowhere else."""

import io

import pytest

from crossgate.cli.terminal import BOLD, RED, Page, columns_of


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_are_wrapped_at_the_terminals_width_and_not_beyond_120(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    assert columns_of(Terminal()) == 72
    monkeypatch.setenv("COLUMNS", "400")
    assert columns_of(Terminal()) == 120
    assert columns_of(io.StringIO()) == 0


def test_a_wrapped_paragraph_hangs_under_its_first_line() -> None:
    page = Page(colour=True, columns=40)
    page.add("one two three four five six seven eight nine ten", first=f"  {page.paint('note:', BOLD)} ")
    first, second = page.text().split("\n")
    assert first == "  \x1b[1mnote:\x1b[0m one two three four five six"
    assert second == "        seven eight nine ten"


def test_without_a_width_a_paragraph_stays_one_line() -> None:
    page = Page()
    page.add("word " * 100, first="  ")
    assert "\n" not in page.text()
    assert page.paint("x", RED) == "x"


def test_what_a_server_sends_commands_no_terminal() -> None:
    page = Page(colour=True, columns=40)
    page.add("\x1b[2J\u202e", ink=RED)
    assert page.text() == "\x1b[1;31m\\x1b[2J\\u202e\x1b[0m"
