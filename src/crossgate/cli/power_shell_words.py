"""The words of a command line as PowerShell makes them for a program. Runs nothing, fills nothing in.

Source: Microsoft, "about_Quoting_Rules", "about_Special_Characters" and "about_Parsing".
"""

import re

from crossgate.cli.cors_recorded import UsageError
from crossgate.cli.split_words import split_words

_GOES_ON = re.compile(r"`[ \t]*\r?\n")
_PROGRAM = re.compile(r"\s*(?:&\s*)?curl\.exe\s")
_SINGLE = re.compile(r"(?<=\s)'")
_VARIABLE = re.compile(r"\$(?:[A-Za-z_]\w*(?::\w+)?|\{[^}]*\}|\([^)]*\)?)")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v", "0": "\0"}
_ENDS = frozenset(";|&<>\n)")


def is_power_shell(command: str) -> bool:
    """Whether it goes on after backticks, or names `curl.exe`, as one has to there, with quotes that cmd.exe lacks."""
    return bool(_GOES_ON.search(command) or (_PROGRAM.match(command) and _SINGLE.search(command)))


def is_for_windows(command: str) -> bool:
    """Whether it names `curl.exe`."""
    return _PROGRAM.match(command) is not None


def power_shell_words(command: str) -> list[str]:
    r"""The words of the first command. Raises UsageError where a quote stays open, or a value would be filled in.

    Versions before 7.3 lose double quotes on the way to a program unless they are written `\"`: so these are taken for
    double quotes.
    """
    text = _GOES_ON.sub(" ", command).strip().removeprefix("&").lstrip()
    words, _ = split_words(text, _ENDS, _piece)
    return [one.replace('\\"', '"') for one in words]


def _piece(text: str, at: int) -> tuple[str, int]:
    """A quoted or escaped part of a word, or one character, and where it ends."""
    character = text[at]
    if character in "'\"":
        return _quoted(text, at + 1, character)
    if character == "`" and at + 1 < len(text):
        return _ESCAPED.get(text[at + 1], text[at + 1]), at + 2
    _refuse_variable(text, at)
    return character, at + 1


def _quoted(text: str, at: int, quote: str) -> tuple[str, int]:
    """Until the quote that ends it; two of them are one. Only in double quotes is a backtick more than itself."""
    found: list[str] = []
    while at < len(text):
        character = text[at]
        if character == quote:
            if text[at + 1 : at + 2] != quote:
                return "".join(found), at + 1
            at += 1
        elif quote == '"' and character == "`" and at + 1 < len(text):
            at += 1
            character = _ESCAPED.get(text[at], text[at])
        elif quote == '"':
            _refuse_variable(text, at)
        found.append(character)
        at += 1
    kind = "single" if quote == "'" else "double"
    raise UsageError(f"the curl command does not parse: a {kind} quote is not closed")


def _refuse_variable(text: str, at: int) -> None:
    found = _VARIABLE.match(text, at) if text[at] == "$" else None
    if found is not None:
        raise UsageError(f"a shell would fill in {found[0][:60]}: write its value into the curl command")
