"""How a script's error becomes a text, a status and a content type, as krakend-lua has it.

An error's text is split at a separator: message, status, content type. A line that is told is looked up among all lines
that were loaded, sources first. Source: krakend-lua 2.13 `errors.go`, `sourcemap.go`.
"""

import re
from collections.abc import Sequence
from pathlib import PurePath

SEPARATOR = " || "
CHUNK = "<string>"
_POSITION = re.compile(rf"\A{CHUNK}:(\d+): ", re.DOTALL)
_ARGUMENT = re.compile(r"bad argument #(\d+) to '([^']*)'")
_CALL = re.compile(r"attempt to call .*\(a \w+ value\)|attempt to call a \w+ value")

Loaded = Sequence[tuple[str, bytes]]
"""What was loaded, by name, in order: the sources, then the script that runs."""


def failure(text: str, loaded: Loaded) -> tuple[str, int, str]:
    """Message, status (0: none that is one) and content type of an error's text."""
    position = _POSITION.match(text)
    line = int(position[1]) if position else 0
    message = text[position.end() :] if position else text
    parts = message.split(SEPARATOR)
    if len(parts) > 1:
        content_type = parts[2] if len(parts) > 2 else ""
        return parts[0], _status(parts[1]) if parts[0] else 0, content_type
    message = _ARGUMENT.sub(r"bad argument #\1 to \2", message)
    message = _CALL.sub("attempt to call a non-function object", message)
    return message + (_place(line, loaded) if position else ""), 0, ""


def _status(text: str) -> int:
    """DEVIATION(DEV-LUA-3): KrakenD answers 200 where a status is none."""
    try:
        status = int(text)
    except ValueError:
        return 0
    return status if 200 <= status <= 999 else 0


def _place(line: int, loaded: Loaded) -> str:
    count = 0
    for name, text in loaded:
        lines = text.strip(b"\n").count(b"\n") + 1
        count += lines
        if count >= line:
            return f" ({PurePath(name).name}:L{lines - (count - line)})"
    return ""
