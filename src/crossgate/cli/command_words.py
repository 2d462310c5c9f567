"""The words of a command line as shells make them: Unix, cmd.exe, PowerShell. Runs nothing, fills nothing in.

Source: POSIX.1-2024 chapter 2.2 with bash's `$'...'`; Microsoft, "Parsing C++ command-line arguments".
"""

import re
from contextlib import suppress

from crossgate.cli.cors_recorded import UsageError
from crossgate.cli.power_shell_words import is_for_windows, is_power_shell, power_shell_words
from crossgate.cli.split_words import SPACES, split_words

_ESCAPE = re.compile(
    r"(?P<bytes>(?:\\(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3}))+)"
    r"|\\(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c(.)|(.))",
    re.DOTALL,
)
_BYTE = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3}))")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_ANSI_C = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:[A-Za-z_]\w*|\{[^}]*\}|\([^)]*\)?)|`[^`]*`?")
_ENDS = frozenset(";|&<>\n")
_CARET_LINE = re.compile(r"\^[ \t]*\r?\n|\^\"")
_CARETS = re.compile(r"\^(\r?\n)?(\r?\n|.)?", re.DOTALL)


def command_words(command: str) -> list[str]:
    """The words of the first command. Raises UsageError where a quote stays open, or a shell would fill in a value."""
    if is_power_shell(command):
        return power_shell_words(command)
    if _CARET_LINE.search(command) or is_for_windows(command):
        return _windows_words(command)
    return _unix_words(command.replace("\\\r\n", "").replace("\\\n", "").strip())


def _unix_words(text: str) -> list[str]:
    words, end = split_words(text, _ENDS, _piece)
    is_redirected = text[end : end + 1] in ("<", ">")
    if is_redirected and words and text[end - 1] not in SPACES and words[-1].isdigit():
        words.pop()  # the number of what is redirected
    return words


def _piece(text: str, at: int) -> tuple[str, int]:
    """A quoted or escaped part of a word, or one character, and where it ends."""
    character = text[at]
    if character == "'":
        end = text.find("'", at + 1)
        if end < 0:
            raise UsageError("the curl command does not parse: a single quote is not closed")
        return text[at + 1 : end], end + 1
    if character == '"':
        return _in_double_quotes(text, at + 1)
    if character == "\\" and at + 1 < len(text):
        return text[at + 1], at + 2
    if text.startswith("$'", at):
        found = _ANSI_C.match(text, at + 1)
        if found is None:
            raise UsageError("the curl command does not parse: $'...' is not closed")
        return _unescaped(found[1]), found.end()
    if text.startswith('$"', at):
        return _in_double_quotes(text, at + 2)
    _refuse_variable(text, at)
    return character, at + 1


def _in_double_quotes(text: str, at: int) -> tuple[str, int]:
    found = ""
    while at < len(text):
        character = text[at]
        if character == '"':
            return found, at + 1
        if character == "\\" and text[at + 1 : at + 2] in ("$", "`", '"', "\\"):
            at += 1
        else:
            _refuse_variable(text, at)
        found += text[at]
        at += 1
    raise UsageError("the curl command does not parse: a double quote is not closed")


def _refuse_variable(text: str, at: int) -> None:
    found = _VARIABLE.match(text, at) if text[at] in "$`" else None
    if found is not None:
        raise UsageError(f"a shell would fill in {found[0][:60]}: write its value into the curl command")


def _unescaped(text: str) -> str:
    """What bash makes of the text between `$'` and `'`. Browsers write characters beyond 16 bits as surrogates.

    Bytes are UTF-8, or else, as Firefox writes them, characters below 256.
    """

    def unescape(escape: re.Match[str]) -> str:
        if escape["bytes"]:
            data = bytes(int(x, 16) if x else int(o, 8) & 0xFF for x, o in _BYTE.findall(escape["bytes"]))
            with suppress(UnicodeDecodeError):
                return data.decode()
            return data.decode("latin-1")
        if number := escape[2] or escape[3]:
            value = int(number, 16)
            return chr(value) if value <= 0x10FFFF else "\ufffd"
        if escape[4]:
            return chr(ord(escape[4]) & 0x1F)
        return _ESCAPED.get(escape[5], escape[5])

    found = _ESCAPE.sub(unescape, text).partition("\0")[0]  # where a string ends for a program
    return found.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _windows_words(command: str) -> list[str]:
    """Of a command for cmd.exe: first its carets, then how programs split what is left."""
    return _argv(_without_carets(command).strip())


def _without_carets(command: str) -> str:
    """A caret escapes what follows it, and itself goes; before a line's end it joins the lines. In quotes it stays."""
    found: list[str] = []
    is_quoted = False
    at = 0
    while at < len(command):
        character = command[at]
        if character == "^" and not is_quoted:
            escaped = _CARETS.match(command, at)
            if escaped is not None:
                found.append("\n" if (escaped[2] or "").endswith("\n") else escaped[2] or "")
                at = escaped.end()
                continue
        if character in "\r\n" and not is_quoted:
            break
        is_quoted ^= character == '"'
        found.append(character)
        at += 1
    return "".join(found)


def _argv(line: str) -> list[str]:
    """By the rules of Microsoft's C runtime: backslashes are only special before a double quote."""
    words: list[str] = []
    word: str | None = None
    is_quoted = False
    at = 0
    while at < len(line):
        slashes = len(line) - at - len(line[at:].lstrip("\\"))
        following = line[at + slashes : at + slashes + 1]
        if following == '"':
            word = (word or "") + "\\" * (slashes // 2)
            at += slashes + 1
            if slashes % 2:
                word += '"'
            elif is_quoted and line[at : at + 1] == '"':
                word += '"'
                at += 1
            else:
                is_quoted = not is_quoted
        elif slashes:
            word = (word or "") + "\\" * slashes
            at += slashes
        elif following in " \t" and not is_quoted:
            if word is not None:
                words.append(word)
            word = None
            at += 1
        else:
            word = (word or "") + following
            at += 1
    if is_quoted:
        raise UsageError("the curl command does not parse: a double quote is not closed")
    return words if word is None else [*words, word]
