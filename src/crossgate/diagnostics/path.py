"""Paths into a configuration document, as people read them: `$.endpoints[0].extra_config["security/cors"]`."""

import re
from functools import lru_cache

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def child(path: str, step: str | int) -> str:
    """The path of a member or item below `path`. Names that are no plain identifiers stand in brackets and quotes."""
    return f"{path}[{step}]" if isinstance(step, int) else path + _suffix(step)


@lru_cache(maxsize=1024)
def _suffix(step: str) -> str:
    if _PLAIN.match(step):
        return f".{step}"
    escaped = step.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{escaped}"]'


def join(*steps: str | int) -> str:
    """The path of nested steps from the document's root."""
    path = "$"
    for step in steps:
        path = child(path, step)
    return path


_STEP = re.compile(r'\.([A-Za-z_][A-Za-z0-9_]*)|\[(?:([0-9]{1,18})|"((?:[^"\\]|\\.)*)")\]', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def parse_path(path: str) -> list[str | int]:
    """The steps of a path, the reverse of `join`. Stops at the first character that belongs to no path."""
    steps: list[str | int] = []
    position = 1 if path.startswith("$") else len(path)
    while (match := _STEP.match(path, position)) is not None:
        plain, index, quoted = match.groups()
        if index is not None:
            steps.append(int(index))
        else:
            steps.append(plain if plain is not None else _ESCAPE.sub(r"\1", quoted))
        position = match.end()
    return steps
