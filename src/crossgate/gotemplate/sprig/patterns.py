"""sprig's functions on regular expressions, run by RE2, whose patterns Go's are.

Source: sprig 3.2.3 `regex.go`, Go 1.25 `regexp/regexp.go`.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from crossgate.golang.literals import can_backquote, from_bytes, quote, to_bytes
from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.printing import MAX_TEXT
from crossgate.gotemplate.values import NilStringList, StringList

# What RE2 says, and what Go says to the same.
_REASONS = {
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "no argument for repetition operator": "missing argument to repetition operator",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid repetition size": "invalid repeat count",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid named capture group": "invalid named capture",
    "trailing \\": "trailing backslash at end of expression",
    "pattern too large - compile failed": "expression too large",
}
_REFERENCE = re.compile(rb"\$(?:\$|\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))?")
# RE2 has it, Go does not.
_ANY_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\C")
_META = re.compile(r"[\\.+*?()|\[\]{}^$]")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    """Raises GoError with Go's reason."""
    try:
        import re2
    except ImportError:
        raise GoError("regular expressions need: pip install 'crossgate[templates]'") from None
    if _ANY_BYTE.search(pattern):
        raise GoError("error parsing regexp: invalid escape sequence: `\\C`")
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(to_bytes(pattern), options)
    except re2.error as error:
        raise GoError(f"error parsing regexp: {_reason(error, pattern)}") from None


def _reason(error: Exception, pattern: str) -> str:
    text = error.args[0] if error.args else ""
    text = from_bytes(text) if isinstance(text, bytes) else str(text)
    if text.endswith((": (?<=", ": (?<!")):
        # Go takes what looks behind for a group with a name.
        group = pattern[pattern.find(text[-4:]) :]
        return f"invalid named capture: `{group[: group.find('>') + 1] or group}`"
    for theirs in sorted(_REASONS, key=len, reverse=True):
        if text.startswith(theirs):
            return f"{_REASONS[theirs]}{_argument(text.removeprefix(theirs), pattern)}"
    code, _, argument = text.partition(": ")
    return f"{code}: `{argument}`" if argument else f"{code}: ``"


def _argument(rest: str, pattern: str) -> str:
    argument = rest.removeprefix(": ")
    if not rest.startswith(": "):
        return ": ``" if not rest else f": `{pattern}`"
    return f": `{argument}`"


def _must(pattern: str) -> Any:
    """regexp.MustCompile: the panic says which pattern."""
    try:
        return _compiled(pattern)
    except GoError as error:
        shown = f"`{pattern}`" if can_backquote(pattern) else quote(pattern)
        raise GoError(f"regexp: Compile({shown}): {error}") from None


def _width(raw: bytes, position: int) -> int:
    """The length of the character there, 0 at the end."""
    end = position + 1
    while end < len(raw) and 0x80 <= raw[end] < 0xC0 and end - position < 4:
        end += 1
    return end - position if position < len(raw) else 0


def _matches(pattern: Any, raw: bytes, limit: int) -> Iterator[Any]:
    """All matches, an empty one right behind another left out."""
    position, previous_end, found = 0, -1, 0
    while (limit < 0 or found < limit) and position <= len(raw):
        match = pattern.search(raw, position)
        if match is None:
            return
        accepted = True
        if match.end() == position:
            accepted = match.start() != previous_end
            width = _width(raw, position)
            position = position + width if width else len(raw) + 1
        else:
            position = match.end()
        previous_end = match.end()
        if accepted:
            found += 1
            yield match


def _find(compiled: Callable[[str], Any]) -> Callable[[str, str], str]:
    def find(pattern: str, text: str) -> str:
        match = compiled(pattern).search(to_bytes(text))
        return "" if match is None else from_bytes(match.group(0))

    return find


def _find_all(compiled: Callable[[str], Any]) -> Callable[[str, str, int], StringList]:
    def find_all(pattern: str, text: str, limit: int) -> StringList:
        found = [from_bytes(match.group(0)) for match in _matches(compiled(pattern), to_bytes(text), limit)]
        return StringList(found) if found else NilStringList()

    return find_all


def _replace(compiled: Callable[[str], Any], *, literally: bool) -> Callable[[str, str, str], str]:
    def replace(pattern: str, text: str, replacement: str) -> str:
        raw, new = to_bytes(text), to_bytes(replacement)
        regexp = compiled(pattern)
        out: list[bytes] = []
        size = last_end = position = 0
        while position <= len(raw):
            match = regexp.search(raw, position)
            if match is None:
                break
            out.append(raw[last_end : match.start()])
            if match.end() > last_end or match.start() == 0:
                out.append(new if literally else _expanded(new, match, regexp))
            size += len(out[-1])
            if size > MAX_TEXT:
                raise GoError("the text is larger than 64 MiB")
            last_end = match.end()
            position = max(position + max(_width(raw, position), 1), last_end)
        return from_bytes(b"".join([*out, raw[last_end:]]))

    return replace


def _expanded(template: bytes, match: Any, regexp: Any) -> bytes:
    names = {_as_bytes(name): index for name, index in regexp.groupindex.items()}

    def value(reference: re.Match[bytes]) -> bytes:
        if reference[0] == b"$$":
            return b"$"
        name = reference[1] or reference[2]
        if name is None:
            return b"$"
        number = (
            int(name)
            if name.isdigit() and (name == b"0" or not name.startswith(b"0")) and len(name) < 9
            else names.get(name)
        )
        if number is None or number > regexp.groups:
            return b""
        return match.group(number) or b""

    return _REFERENCE.sub(value, template)


def _as_bytes(name: str | bytes) -> bytes:
    return name if isinstance(name, bytes) else name.encode()


def _split(compiled: Callable[[str], Any]) -> Callable[[str, str, int], StringList]:
    def split(pattern: str, text: str, limit: int) -> StringList:
        regexp = compiled(pattern)
        if limit == 0:
            return NilStringList()
        if pattern and not text:
            return StringList([""])
        raw = to_bytes(text)
        parts: list[str] = []
        begin = end = 0
        for match in _matches(regexp, raw, limit):
            if 0 < limit == len(parts) + 1:
                break
            end = match.start()
            if match.end() != 0:
                parts.append(from_bytes(raw[begin:end]))
            begin = match.end()
        if end != len(raw):
            parts.append(from_bytes(raw[begin:]))
        return StringList(parts)

    return split


def _must_match(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(to_bytes(text)) is not None


def _match(pattern: str, text: str) -> bool:
    try:
        return _must_match(pattern, text)
    except GoError as error:
        if not str(error).startswith("error parsing"):
            raise
        return False


PATTERNS: dict[str, Function] = {
    "mustRegexFind": go_function("string, string", _find(_compiled)),
    "mustRegexFindAll": go_function("string, string, int", _find_all(_compiled)),
    "mustRegexMatch": go_function("string, string", _must_match),
    "mustRegexReplaceAll": go_function("string, string, string", _replace(_compiled, literally=False)),
    "mustRegexReplaceAllLiteral": go_function("string, string, string", _replace(_compiled, literally=True)),
    "mustRegexSplit": go_function("string, string, int", _split(_compiled)),
    "regexFind": go_function("string, string", _find(_must)),
    "regexFindAll": go_function("string, string, int", _find_all(_must)),
    "regexMatch": go_function("string, string", _match),
    "regexQuoteMeta": go_function("string", lambda text: _META.sub(r"\\\g<0>", text)),
    "regexReplaceAll": go_function("string, string, string", _replace(_must, literally=False)),
    "regexReplaceAllLiteral": go_function("string, string, string", _replace(_must, literally=True)),
    "regexSplit": go_function("string, string, int", _split(_must)),
}
