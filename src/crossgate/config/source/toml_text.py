"""TOML text to a plain tree. Dates become text, since nothing in a configuration is one."""

import datetime as dt
import re
import tomllib
from typing import Any

from crossgate.config.source.problem import TextError

_WHERE = re.compile(r" \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)\Z")


def parse_toml(text: str) -> dict[str, Any]:
    """The tree. Raises TextError."""
    try:
        tree = tomllib.loads(text)
        _make_plain(tree)
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        match = _WHERE.search(words)
        start = len(text)
        if match is not None and match[1] is not None:
            start = _offset(text, int(match[1]), int(match[2]))
        words = _WHERE.sub("", words)
        raise TextError("CFG102", start, start + 1, words, krakend="refuses to start") from None
    except RecursionError:
        raise TextError("CFG106", 0, 0, "tables and lists are nested too deeply", krakend="refuses to start") from None
    except ValueError as error:  # a number of thousands of digits
        raise TextError("CFG105", 0, 0, str(error), krakend="refuses to start") from None
    return tree


def _offset(text: str, line: int, column: int) -> int:
    position = 0
    for _ in range(line - 1):
        position = text.find("\n", position) + 1
    return position + column - 1


def _make_plain(tree: Any) -> None:
    """Turn what JSON has no word for into text, in place. The parser's own recursion bounds the depth."""
    members = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for step, value in members:
        if isinstance(value, (dict, list)):
            _make_plain(value)
        elif isinstance(value, (dt.date, dt.time)):
            tree[step] = value.isoformat()
        elif isinstance(value, int) and abs(value) >= 1 << 64:
            tree[step] = float(value) if abs(value) < 1 << 1000 else float("inf")
