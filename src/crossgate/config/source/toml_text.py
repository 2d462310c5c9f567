"""TOML text to a plain tree. Dates become text, since nothing in a configuration is one."""

import datetime
import re
import tomllib
from typing import Any

from crossgate.config.source.problem import TextProblem

_WHERE = re.compile(r" \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)\Z")


def parse_toml(text: str) -> dict[str, Any]:
    """The tree. Raises TextProblem."""
    try:
        return _plain(tomllib.loads(text.replace("\r\n", "\n")))
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        match = _WHERE.search(words)
        start = len(text)
        if match is not None and match[1] is not None:
            start = _offset(text, int(match[1]), int(match[2]))
        words = _WHERE.sub("", words)
        raise TextProblem("CFG102", start, start + 1, words, krakend="refuses to start") from None
    except RecursionError:
        raise TextProblem("CFG106", 0, 0, "tables and lists are nested too deep", krakend="refuses to start") from None
    except ValueError as error:  # a number of thousands of digits
        raise TextProblem("CFG105", 0, 0, str(error), krakend="refuses to start") from None


def _offset(text: str, line: int, column: int) -> int:
    position = 0
    for _ in range(line - 1):
        position = text.find("\n", position) + 1
    return position + column - 1


def _plain(tree: Any) -> Any:
    if isinstance(tree, dict):
        for key, value in tree.items():
            tree[key] = _plain(value)
    elif isinstance(tree, list):
        tree[:] = [_plain(item) for item in tree]
    elif isinstance(tree, (datetime.date, datetime.time)):
        return tree.isoformat()
    elif isinstance(tree, int) and abs(tree) >= 1 << 64:
        return float(tree) if abs(tree) < 1 << 1000 else float("inf")
    return tree
